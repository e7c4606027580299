// What every page has: the strip on top, with the simulated clock; and whether the page still hears the server.

import { day, time } from "./api.js";
import { live } from "./live.js";
import "./parts.js";

const strip = document.querySelector("[data-strip]");
const all = (selector) => document.querySelectorAll(selector);

const STEADY = 3;
const LONG_MS = 12_000;
const SHORT_MS = 2_000;

const clock = { at: null, rate: 0, heard: 0, shown: 0 };

/** A new watermark. How fast time goes is measured: a runner may be held up, or be gone. */
function hear(state) {
  if (state.state !== "ready") return;
  const at = Date.parse(state.watermark);
  const now = performance.now();
  const passed = now - clock.heard;
  const speed = state.server?.runner.speed;
  if (!state.runner || (state.ahead_seconds > 90 && !speed)) {
    clock.rate = 0;
  } else if (clock.at !== null && passed > 400) {
    const rate = (at - clock.at) / passed;
    clock.rate = Math.max(0, clock.rate && rate ? clock.rate * 0.4 + rate * 0.6 : rate);
  } else if (clock.at === null) {
    clock.rate = state.runner ? Number(state.speed) : 0;
  }
  if (passed > 400 || clock.at === null) Object.assign(clock, { at, heard: now });
  for (const chip of all("[data-running]")) {
    chip.textContent = state.enabled ? (state.runner ? "Running" : "Nobody runs it") : "Paused";
    chip.className = `chip ${state.enabled && state.runner ? "good" : "held"}`;
  }
}

function tick() {
  if (clock.at !== null) {
    // What goes fast may have stopped meanwhile: its clock does not run far ahead of what is written.
    const ahead = Math.min(performance.now() - clock.heard, clock.rate > STEADY ? SHORT_MS : LONG_MS) * clock.rate;
    const at = Math.max(clock.at + ahead, clock.at);
    clock.shown = Math.abs(at - clock.shown) < 3_000 * Math.max(1, clock.rate) ? Math.max(at, clock.shown) : at;
    for (const place of all("[data-clock]")) put(place, time(clock.shown));
    for (const place of all("[data-day]")) put(place, day(clock.shown));
  }
}

function put(place, text) {
  if (place.textContent !== text) place.textContent = text;
}

/** A page of another state of the target is not kept: where people have come meanwhile, they are shown. */
function follow({ state }) {
  const was = document.querySelector("main").dataset.state;
  if (state === was || document.querySelector("[data-job]:not([hidden])")) return;
  if (state === "ready" && location.pathname === "/seed") location.assign("/");
  else location.reload();
}

live.addEventListener("state", ({ detail }) => {
  hear(detail.data);
  follow(detail.data);
});
live.addEventListener("link", ({ detail: { data } }) => {
  const place = document.querySelector("[data-link]");
  place.dataset.link = data.link;
  put(place.querySelector("[data-link-text]"), data.text);
});

document.querySelector("[data-again]")?.addEventListener("click", () => location.reload());
if (strip.dataset.watermark) clock.at = clock.shown = Date.parse(strip.dataset.watermark), clock.heard = performance.now();
document.querySelector(".rail [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
setInterval(tick, 250);
live.open();
