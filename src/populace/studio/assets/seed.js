// Seed: another world or scenario, numbers of one's own, what they come to, and the work itself.

import { Fault, call, during, lasting, make, number } from "./api.js";
import { follow, latest } from "./job.js";

const form = document.querySelector("[data-seed]");
const at = (name) => document.querySelector(`[data-${name}]`);
const fields = [...form.querySelectorAll("[data-path]")];
const start = new Map(fields.map((field) => [field.dataset.path, value(field)]));
let asked = 0;

function value(field) {
  return field.dataset.kind === "switch" ? field.checked : field.dataset.kind === "number" ? Number(field.value) : field.value;
}

function wanted() {
  const settings = Object.fromEntries(fields.filter((f) => value(f) !== start.get(f.dataset.path)).map((f) => [f.dataset.path, value(f)]));
  return { world: form.world.value, scenario: form.scenario.value, settings };
}

const size = (bytes) => {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let nth = 0;
  while (bytes >= 1000 && nth < 4) [bytes, nth] = [bytes / 1000, nth + 1];
  return `${number(bytes < 100 ? Number(bytes.toFixed(1)) : Math.round(bytes))} ${units[nth]}`;
};

async function estimate() {
  const mine = ++asked;
  const request = wanted();
  const many = Object.keys(request.settings).length;
  at("own-count").textContent = many ? `${many} changed` : "";
  for (const field of fields) field.closest("[data-own]").classList.toggle("changed", field.dataset.path in request.settings);
  const fault = at("estimate-fault");
  try {
    const { estimate: guess } = await call("POST", "/api/v1/plan", request);
    if (mine !== asked) return;
    at("rows").textContent = number(guess.total_rows);
    at("bytes").textContent = size(guess.bytes);
    at("seconds").textContent = lasting(guess.generate_seconds);
    at("by-table").replaceChildren(
      ...Object.entries(guess.rows).sort((a, b) => b[1] - a[1]).map(([table, rows]) => make("tr", {}, make("td", {}, table), make("td", { class: "end" }, number(rows)))),
    );
    fault.hidden = true;
  } catch (error) {
    if (mine !== asked || !(error instanceof Fault)) throw error;
    for (const name of ["rows", "bytes", "seconds"]) at(name).textContent = "–";
    fault.textContent = error.text;
    fault.hidden = false;
  }
  at("begin").disabled = !fault.hidden;
}

let timer;
form.addEventListener("input", ({ target }) => {
  if (target.name === "world") location.assign(`/seed?world=${encodeURIComponent(target.value)}`);
  else if (target.name === "scenario") location.assign(`/seed?world=${encodeURIComponent(form.world.value)}&scenario=${encodeURIComponent(target.value)}`);
  else if ("ownSearch" in target.dataset) search(target.value.toLowerCase());
  else {
    clearTimeout(timer);
    timer = setTimeout(estimate, 300);
  }
});

function search(text) {
  for (const one of form.querySelectorAll("[data-own]")) one.hidden = !one.dataset.own.toLowerCase().includes(text);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  during(at("begin"), async () => watch(await call("POST", "/api/v1/seed", wanted())));
});

async function watch(job) {
  at("begin").disabled = true;
  at("job").dataset.number = job.job;
  at("job").scrollIntoView({ block: "start", behavior: "smooth" });
  const ended = await follow(job);
  at("begin").disabled = false;
  if (ended.state === "done") location.assign("/");
}

at("job-stop").addEventListener("click", () => during(at("job-stop"), () => call("DELETE", `/api/v1/jobs/${at("job").dataset.number}`)));

estimate();
const running = await latest("seed");
if (running?.state === "running") watch(running);
