// Checks: validate as a job, its verdicts by group in a few lines, then every line.

import { call, capital, during, make, number } from "./api.js";
import { follow, latest } from "./job.js";
import { load } from "./parts.js";

const at = (name) => document.querySelector(`[data-${name}]`);
const CHIPS = { ok: ["good", "holds"], failed: ["bad", "failed"], open: ["held", "open"], info: ["", "information"] };
let verdicts = [];

at("validate").addEventListener("click", () => during(at("validate"), async () => watch(await call("POST", "/api/v1/validate"))));

at("realism")?.addEventListener("click", () => during(at("realism"), async () => compare(await call("POST", "/api/v1/validate/realism"))));

async function compare(job) {
  const ended = await follow(job);
  if (ended.state !== "done") return;
  at("job").hidden = true;
  await load(document.querySelector('[data-part="/checks/realism"]'));
}

async function watch(job) {
  at("none").hidden = true;
  const ended = await follow(job);
  if (ended.state === "done") report(ended.result);
}

function report(result) {
  at("job").hidden = at("none").hidden = true;
  at("verdicts").hidden = false;
  verdicts = result.verdicts;
  at("sum").replaceChildren(
    make("span", { class: `chip ${result.ok ? "good" : "bad"}` }, result.ok ? "All hold" : `${number(result.failed)} failed`),
    ` ${number(result.checks)} checks, ${number(result.open)} still open, ${number(result.info)} lines for information`,
  );
  at("groups").replaceChildren(
    ...Object.entries(result.groups).map(([name, counts]) =>
      make("tr", {}, make("th", { scope: "row" }, capital(name)), ...["ok", "failed", "open", "info"].map((key) => make("td", { class: "end" }, counts[key] ? number(counts[key]) : "–"))),
    ),
  );
  show(result.failed ? "failed" : result.open ? "open" : "");
}

function show(status) {
  for (const button of document.querySelectorAll("[data-show]")) button.setAttribute("aria-pressed", String(button.dataset.show === status));
  const found = verdicts.filter((one) => !status || one.status === status);
  at("lines").replaceChildren(
    ...found.map((one) => {
      const [kind, text] = CHIPS[one.status];
      const title = make("td", {}, make("b", {}, one.id), ` ${one.title}`);
      if (one.note || one.documented) title.append(make("p", { class: "quiet small-text" }, [one.overridden ? `the document says ${one.documented}` : "", one.note].filter(Boolean).join("; ")));
      if (one.detail) title.append(make("details", { class: "small-text" }, make("summary", {}, "Detail"), make("pre", {}, one.detail)));
      return make("tr", {}, title, make("td", {}, one.target ?? "–"), make("td", {}, one.measured), make("td", {}, make("span", { class: `chip ${kind}` }, text)));
    }),
    ...(found.length ? [] : [make("tr", {}, make("td", { colspan: 4, class: "quiet" }, "None."))]),
  );
}

for (const button of document.querySelectorAll("[data-show]")) button.addEventListener("click", () => show(button.dataset.show));

const last = await latest("validate");
if (last?.state === "running") watch(last);
else if (last?.state === "done") report(last.result);
const compared = await latest("realism");
if (compared?.state === "running") compare(compared);
