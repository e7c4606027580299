// Two drawings of the last hour: how many events in each minute, stacked by kind; and people, each on a line of their own,
// with a dot for everything they do.

import { draw, hour, make, number } from "./api.js";

const MINUTE = 60_000;
export const MINUTES = 60;
const ROOM = { left: 34, right: 4, top: 6, bottom: 18 };
const LANES = 12;

/** The class of each kind, the same in every drawing and list. */
export class Kinds {
  #known = [];

  of(kind) {
    let at = this.#known.indexOf(kind);
    if (at < 0) at = this.#known.push(kind) - 1;
    return `k${(at % 6) + 1}`;
  }

  /** Know these, the most frequent first, so that a world has the same colours each time. */
  learn(found) {
    const many = new Map();
    for (const kind of found) many.set(kind, (many.get(kind) ?? 0) + 1);
    for (const [kind] of [...many].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))) this.of(kind);
  }

  get all() {
    return this.#known.map((kind) => [kind, this.of(kind)]);
  }
}

/** Bars in `place`. minutes: [minute, kind, count]; until: the end, in ms. */
export function bars(place, minutes, until, kinds) {
  const { clientWidth: width, clientHeight: height } = place;
  if (width <= ROOM.left + ROOM.right) return; // not laid out yet: it is painted again when it is
  const last = Math.floor((until - 1) / MINUTE) * MINUTE;
  const first = last - (MINUTES - 1) * MINUTE;
  const sums = new Map();
  const drawn = [];
  for (const [minute, kind, count] of minutes) {
    const at = Date.parse(minute);
    if (at < first || at > last) continue;
    const below = sums.get(at) ?? 0;
    sums.set(at, below + count);
    drawn.push({ at, kind, count, below });
  }
  const most = Math.max(0, ...sums.values());
  const top = nice(most);
  const slot = (width - ROOM.left - ROOM.right) / MINUTES;
  const x = (at) => ROOM.left + ((at - first) / MINUTE) * slot;
  const y = (value) => height - ROOM.bottom - (value / top) * (height - ROOM.top - ROOM.bottom);
  const total = [...sums.values()].reduce((a, b) => a + b, 0);
  const svg = draw("svg", { role: "img", "aria-label": `${number(total)} events in the last hour, at most ${number(most)} in a minute` });
  for (const part of [0, 0.5, 1]) {
    const level = y(top * part);
    svg.append(draw("line", { class: "grid", x1: ROOM.left, x2: width - ROOM.right, y1: level, y2: level }));
    svg.append(draw("text", { x: ROOM.left - 6, y: level + 4, "text-anchor": "end" }, number(top * part)));
  }
  for (let at = Math.ceil(first / (15 * MINUTE)) * 15 * MINUTE; at <= last; at += 15 * MINUTE) {
    if (x(at) > width - 24) continue;
    svg.append(draw("text", { x: x(at) + slot / 2, y: height - 3, "text-anchor": "middle" }, hour(at)));
  }
  for (const { at, kind, count, below } of drawn) {
    const [low, high] = [y(below), y(below + count)];
    svg.append(draw("rect", { class: kinds.of(kind), x: x(at) + slot * 0.14, width: Math.max(1, slot * 0.72), y: high, height: Math.max(0, low - high - (below ? 1 : 0)), rx: Math.min(2, slot / 4) }));
  }
  const tip = place.querySelector(".tip");
  const quiet = total ? [] : [make("p", { class: "nothing" }, "Nobody did anything in this hour. This world is slow: a higher speed shows more of it.")];
  place.replaceChildren(svg, ...quiet, ...(tip ? [tip] : []));
  place.dataset.total = total;
  place.onpointermove = (event) => {
    const at = first + Math.floor((event.offsetX - ROOM.left) / slot) * MINUTE;
    const said = drawn.filter((one) => one.at === at).map((one) => `${number(one.count)} ${one.kind}`);
    hint(place, at >= first && at <= last ? `${hour(at)} · ${said.join(", ") || "nothing"}` : "", x(at) + slot / 2);
  };
  place.onpointerleave = () => hint(place, "");
}

function hint(place, text, x = 0) {
  let tip = place.querySelector(".tip");
  if (!text) return tip?.remove();
  if (!tip) place.append((tip = make("p", { class: "tip" })));
  tip.textContent = text;
  tip.style.left = `${Math.min(Math.max(x, 80), place.clientWidth - 80)}px`;
}

/** Threads in `place`. lines: {at, kind, person}; until: the end, in ms; minutes: so many before it are shown. */
export function threads(place, lines, until, kinds, minutes) {
  const { clientWidth: width, clientHeight: height } = place;
  if (width <= ROOM.left + ROOM.right) return;
  const span = minutes * MINUTE;
  const first = until - span;
  const people = new Map();
  for (const line of lines) {
    const at = Date.parse(line.at);
    if (!line.person || at < first || at > until) continue;
    if (!people.has(line.person)) people.set(line.person, []);
    people.get(line.person).push({ at, kind: line.kind });
  }
  const x = (at) => ROOM.left + ((at - first) / span) * (width - ROOM.left - ROOM.right);
  const y = (lane) => 5 + (lane / (LANES - 1)) * (height - ROOM.bottom - 10);
  const svg = draw("svg", {});
  const every = (minutes / 5) * MINUTE;
  for (let at = Math.ceil(first / every) * every; at < until; at += every) {
    svg.append(draw("line", { class: "grid", x1: x(at), x2: x(at), y1: 0, y2: height - ROOM.bottom }));
    if (x(at) < width - 24) svg.append(draw("text", { x: x(at), y: height - 3, "text-anchor": "middle" }, hour(at)));
  }
  const free = new Array(LANES).fill(-Infinity);
  const strands = [...people.values()].map((dots) => dots.sort((a, b) => a.at - b.at)).sort((a, b) => a[0].at - b[0].at);
  for (const dots of strands) {
    const wanted = free.findIndex((until_) => until_ < dots[0].at - 2 * MINUTE);
    const lane = wanted >= 0 ? wanted : free.indexOf(Math.min(...free));
    free[lane] = dots.at(-1).at;
    if (dots.length > 1) svg.append(draw("path", { class: "thread", d: `M${x(dots[0].at)} ${y(lane)} H${x(dots.at(-1).at)}` }));
    for (const { at, kind } of dots) svg.append(draw("circle", { class: kinds.of(kind), cx: x(at), cy: y(lane), r: 2.6 }));
  }
  place.replaceChildren(svg);
}

/** The next number that reads well; at least 4, so that single events do not fill the height. */
function nice(value) {
  for (let size = 1; ; size *= 10) for (const factor of [4, 6, 8, 10, 20, 30]) if (size * factor >= value) return size * factor;
}
