// The first page: tiles, the live chart, the feed, and the buttons that steer.

import { call, day, during, hour, lasting, make, moment, number, say, time, titled, words } from "./api.js";
import { Kinds, bars, threads } from "./chart.js";
import { live } from "./live.js";

const at = (name) => document.querySelector(`[data-${name}]`);
const kinds = new Kinds();
const MOST_LINES = 120;
const MOST_DOTS = 900;
let now = { state: null, minutes: [], lines: [], until: 0 };
let held = false;

live.addEventListener("state", ({ detail }) => {
  now.state = detail.data;
  if (detail.data.state !== "ready") return;
  now.until = Date.parse(detail.data.watermark);
  tiles(detail.data.tiles);
  recent(detail.data.recent);
  steering(detail.data);
});
live.addEventListener("minutes", ({ detail }) => {
  now.minutes = detail.data;
  paint();
});
live.addEventListener("lines", ({ detail }) => {
  const known = new Set(now.lines.map(name));
  const fresh = detail.data.filter((line) => !known.has(name(line)));
  kinds.learn(detail.data.map((line) => line.kind));
  now.lines = [...now.lines, ...fresh].slice(-MOST_DOTS);
  feed(fresh, detail.whole);
  paint();
});
new ResizeObserver(() => paint()).observe(at("minutes"));

const name = (line) => `${line.at} ${line.text}`;

function paint() {
  if (!now.until) return;
  bars(at("minutes"), now.minutes, now.until, kinds);
  threads(at("threads"), now.lines, now.until, kinds, span());
  const shown = kinds.all.map(([kind, key]) => make("li", { class: key }, kind));
  if (shown.length !== at("legend").children.length) at("legend").replaceChildren(...shown);
}

/** So many minutes are shown of people's lines: more where time goes fast, or little happens. */
function span() {
  const few = now.lines.filter((line) => now.until - Date.parse(line.at) < 900_000).length < 60;
  return few || rate() > 10 ? 60 : 15;
}

/** Simulated seconds a second, as asked for. */
function rate() {
  const speed = now.state?.server?.runner?.speed ?? now.state?.speed ?? 1;
  return speed === "max" ? Infinity : Number(speed);
}

function tiles(found) {
  const places = at("tiles").querySelectorAll("[data-value]");
  found.forEach((tile, nth) => {
    const text = number(Number(tile.value));
    if (places[nth] && places[nth].textContent !== text) places[nth].textContent = text;
  });
}

function recent(found) {
  if (!found.length) return;
  at("recent").replaceChildren(
    ...found.map((one) =>
      make("tr", {},
        make("th", { scope: "row" }, one.person ? make("a", { href: `/people/${one.person}` }, one.who) : one.who),
        make("td", {}, one.what),
        make("td", {}, far(one)),
        make("td", {}, make("span", { class: `chip ${{ active: "good", mailed: "good", completed: "", finished: "" }[one.state] ?? ""}` }, words(one.state))),
        make("td", { class: "quiet nowrap" }, moment(one.at)),
      ),
    ),
  );
}

function far({ done, total }) {
  if (done === null || !total) return "–";
  const part = make("progress", { max: total, value: done, "aria-label": `${done} of ${total}` });
  return make("span", { class: "bar" }, part, `${number(done)} of ${number(total)}`);
}

function feed(lines, whole) {
  if (held) return;
  const place = at("feed");
  if (whole || place.querySelector(".loading")) place.replaceChildren();
  for (const line of lines) {
    const text = line.person ? make("a", { href: `/people/${line.person}` }, ...titled(line.text)) : make("span", {}, ...titled(line.text));
    place.prepend(make("li", { class: `${kinds.of(line.kind)}${whole ? "" : " fresh"}` }, make("time", { datetime: line.at }, shown(line.at)), text));
  }
  while (place.children.length > MOST_LINES) place.lastElementChild.remove();
  if (!place.children.length) place.append(make("li", { class: "loading" }, "Nobody did anything for a day. A higher speed brings more life."));
}

const shown = (when) => (day(when) === day(now.until) ? time(when) : moment(when));

function steering(state) {
  const pause = at("pause");
  pause.dataset.enabled = state.enabled;
  pause.textContent = state.enabled ? "Pause" : "Resume";
  const runner = state.server?.runner ?? {};
  const speed = runner.speed === "max" ? "" : String(Number(runner.speed ?? state.speed));
  for (const button of document.querySelectorAll("button[data-speed]")) button.setAttribute("aria-pressed", String(button.dataset.speed === speed));
  const note = at("ahead");
  const ahead = state.ahead_seconds > 90;
  note.classList.toggle("ahead", ahead);
  const text =
    runner.speed === "max" ? `as fast as it goes, until ${moment(runner.until)}`
    : state.mode === "free" ? `a clock of its own, at ${number(Number(speed))}×`
    : ahead && !runner.speed ? `${lasting(state.ahead_seconds)} ahead of real time: it waits for the clock`
    : ahead ? `${lasting(state.ahead_seconds)} ahead of real time`
    : runner.speed ? `at ${number(Number(runner.speed))}×`
    : state.late_seconds > 90 ? `${lasting(state.late_seconds)} behind real time, catching up`
    : "real time";
  if (note.textContent !== text) note.textContent = text;
}

for (const button of document.querySelectorAll("button[data-speed]"))
  button.addEventListener("click", () => during(button, async () => {
    const speed = Number(button.dataset.speed);
    await call("PUT", "/api/v1/pace", { speed });
    say(speed === 1 ? "Simulated time goes as fast as real time." : `Simulated time goes ${number(speed)} times as fast.`);
  }));

for (const button of document.querySelectorAll("button[data-step]"))
  button.addEventListener("click", () => during(button, async () => {
    const until = new Date(now.until + Number(button.dataset.step) * 60_000).toISOString();
    await call("PUT", "/api/v1/pace", { speed: "max", until });
    say(`As fast as it goes, until ${moment(until)}.`);
  }));

at("wall").addEventListener("click", () => during(at("wall"), async () => {
  await call("PUT", "/api/v1/pace", {});
  const clock = await call("PUT", "/api/v1/clock", { mode: "wall" });
  say(clock.ahead_seconds > 90 ? `Back to the wall clock: it is ${lasting(clock.ahead_seconds)} ahead, and waits.` : "Back to the wall clock.");
}));

at("pause").addEventListener("click", () => during(at("pause"), async () => {
  const enabled = at("pause").dataset.enabled !== "true";
  await call("POST", "/api/v1/interventions", { enabled });
  steering({ ...now.state, enabled });
  say(enabled ? "Resumed: people come again." : "Paused: nobody begins; those under way end as they would.");
}));

at("run-now").addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.currentTarget;
  during(form.querySelector("[type=submit]"), async () => {
    const done = await call("POST", "/api/v1/run-now", { sessions: Number(form.sessions.value) });
    const rows = Object.values(done.will_write ?? {}).reduce((a, b) => a + b, 0);
    const said = at("run-said");
    said.textContent =
      `${number(done.sessions_created ?? done.target)} ${done.what} ${done.begins ? `begin at ${time(done.begins)}` : "begin with the next window"}` +
      `${rows ? ` and write ${number(rows)} rows` : ""}${done.ends ? `, the last until ${hour(done.ends)}` : ""}.` +
      `${done.runner ? "" : " Nobody runs this population: they wait for a runner."}`;
    said.hidden = false;
    said.className = `notice ${done.runner ? "good" : ""}`;
  });
});

at("hold").addEventListener("click", () => {
  held = !held;
  at("hold").setAttribute("aria-pressed", String(held));
  at("hold").textContent = held ? "Go on" : "Hold";
  if (!held) feed(now.lines.slice(-MOST_LINES), true);
});
