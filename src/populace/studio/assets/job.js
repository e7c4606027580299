// Follows a job of the server: its stages as bars, until it has ended.

import { call, lasting, make, number, words, capital } from "./api.js";

const EVERY_MS = 700;
const at = (name) => document.querySelector(`[data-${name}]`);

/** Show a job until it ends; gives it as it ended. */
export async function follow(job) {
  at("job").hidden = false;
  for (;;) {
    show(job);
    if (job.state !== "running") return job;
    await new Promise((go) => setTimeout(go, EVERY_MS));
    try {
      job = await call("GET", `/api/v1/jobs/${job.job}`);
    } catch (error) {
      if (error.status !== 0 && error.status !== 503) throw error;
      at("job-said").textContent = "The server does not answer; trying again.";
    }
  }
}

/** The last job of a kind, if it is the server's memory. */
export async function latest(kind) {
  const jobs = await call("GET", "/api/v1/jobs");
  return jobs.find((job) => job.kind === kind);
}

function show(job) {
  at("job-stages").replaceChildren(
    ...job.progress.map(({ stage, text, done, total, unit, seconds_left: left }) =>
      make("div", { class: "stage" },
        make("span", {}, capital(text && text !== stage ? text : words(stage))),
        make("span", {}, total ? `${number(done)} of ${number(total)}${unit ? ` ${unit}` : ""}${left ? `, ${lasting(left)} left` : ""}` : ""),
        total ? make("progress", { max: total, value: done, "aria-label": words(stage) }) : null,
      ),
    ),
  );
  const said = { running: "At work…", done: "Done.", failed: job.error ? capital(job.error.error) : "It failed.", stopped: "Stopped; what was written stays, and the same again continues." };
  at("job-said").textContent = said[job.state];
  at("job-said").className = job.state === "failed" ? "fault-line" : "quiet";
  const stop = at("job-stop");
  if (stop) stop.hidden = job.state !== "running";
}
