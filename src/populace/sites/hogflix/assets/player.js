// The player: a clock of its own that a film is drawn for, and progress that is saved while it goes on.

import { capture, isDemo } from "./analytics.js";
import { scene } from "./scene.js";

const SAVE_EVERY_S = 5, MILESTONES = [25, 50, 75], COMPLETE = 95;

const body = document.body.dataset, player = document.getElementById("player"), canvas = player.querySelector("canvas");
const play = document.getElementById("play"), seek = document.getElementById("seek"), time = document.getElementById("time");
const pace = document.getElementById("pace"), said = document.getElementById("said");
const duration = Number(player.dataset.duration), session = crypto.randomUUID();
const [, , seed, hue] = player.dataset.poster.replace(".svg", "").split("/");
const video = { video_id: body.video, video_title: body.videoTitle, category: body.category, session_id: session };
const demo = (event) => isDemo(body.category) && capture(`demo_video:${event}`, video);
const draw = scene(canvas, { seed: parseInt(seed, 16) % 1e6, hue: Number(hue), name: player.dataset.name, text: player.dataset.text, duration });
const calm = matchMedia("(prefers-reduced-motion: reduce)");

let at = Number(player.dataset.starts), running = false, last = 0, saved = at, started = false, touched = false;
const passed = new Set(MILESTONES.filter((one) => one <= 100 * at / duration));

const clock = (s) => `${Math.floor(s / 60)}:${String(Math.floor(s % 60)).padStart(2, "0")}`;

function show() {
  draw(at, calm.matches);
  seek.value = String(Math.floor(at));
  seek.setAttribute("aria-valuetext", `${Math.floor(at)} of ${duration} seconds`);
  time.textContent = `${clock(at)} / ${clock(duration)}`;
}

function save(leaving = false) {
  if (!touched) return;
  saved = at;
  const fields = new URLSearchParams({ csrf: body.csrf, seconds: String(Math.floor(at)), session });
  fetch(`/watch/${encodeURIComponent(player.dataset.key)}/progress`, { method: "POST", body: fields, keepalive: leaving, headers: { accept: "application/json" } })
    .then((answer) => { player.dataset.saved = answer.ok ? String(Math.floor(saved)) : "failed"; }, () => { player.dataset.saved = "failed"; });
}

function milestones() {
  const percent = 100 * at / duration;
  for (const one of MILESTONES) if (percent >= one && !passed.has(one)) {
    passed.add(one);
    capture("video:progress_milestone", { ...video, milestone: one });
    if (one === 50) {
      capture("video:progress", { ...video, milestone: one });
      demo("progress");
    }
  }
  if (percent >= COMPLETE && !passed.has(COMPLETE)) {
    passed.add(COMPLETE);
    capture("video:completed", { ...video, total_duration: duration });
    capture("content_complete", video);
    demo("completed");
  }
}

function frame(now) {
  if (!running) return;
  at = Math.min(duration, at + (now - last) / 1000 * Number(pace.value));
  last = now;
  milestones();
  show();
  if (at >= duration) return pause("The film has ended");
  if (Math.abs(at - saved) >= SAVE_EVERY_S * Number(pace.value)) save();
  requestAnimationFrame(frame);
}

function begin() {
  if (at >= duration) at = 0;
  if (!started) {
    started = true;
    for (const one of MILESTONES) if (one <= 100 * at / duration) passed.add(one);
    capture("video:session_started", { ...video, profile_id: body.profile, has_resume_point: at > 0, source_section: sessionStorage.getItem("section") });
    capture("video:started", video);
    capture("content_start", video);
    demo("played");
  }
  running = touched = true;
  last = performance.now();
  said.textContent = "Playing";
  label();
  requestAnimationFrame(frame);
}

function pause(why = "Paused") {
  running = false;
  said.textContent = why;
  label();
  save();
}

function label() {
  play.setAttribute("aria-label", running ? "Pause" : "Play");
  player.classList.toggle("running", running);
}

function jump(to) {
  at = Math.max(0, Math.min(duration, to));
  touched = true;
  // Whoever looks for a place before they begin has watched nothing.
  if (started) milestones();
  show();
}

play.addEventListener("click", () => (running ? pause() : begin()));
canvas.addEventListener("click", () => (running ? pause() : begin()));
seek.addEventListener("input", () => jump(Number(seek.value)));
seek.addEventListener("change", () => save());
document.getElementById("full").addEventListener("click", () => (document.fullscreenElement ? document.exitFullscreen() : player.requestFullscreen()));
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select, textarea")) return;
  if (event.key === "k") running ? pause() : begin();
  else if (event.key === "j" || event.key === "l") { jump(at + (event.key === "j" ? -10 : 10)); save(); }
});
addEventListener("pagehide", () => { if (at !== saved) save(true); });
show();
