// Clean-up: counted first, confirmed by the name of the world, then done.

import { Fault, call, capital, during, make, number, say, words } from "./api.js";

const at = (name) => document.querySelector(`[data-${name}]`);
const form = at("cleanup");
const { world } = form.dataset;
let request;

function wanted() {
  const retain = form.what.value === "retain";
  return {
    ...(retain ? { retain_days: Number(form.days.value) } : { keep_referenced: form.keep_referenced.checked }),
    allow_effects: form.allow_effects.checked,
  };
}

form.addEventListener("input", () => (at("counted").hidden = true));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  request = wanted();
  clean({ ...request, dry_run: true }, form.querySelector("[type=submit]"), (counted) => {
    at("counted-title").textContent = "This would go";
    at("confirm").hidden = !show(counted);
    at("confirm").confirm.value = "";
    at("confirm").querySelector("button").disabled = true;
    at("counted").focus();
  });
});

at("confirm").addEventListener("input", ({ target }) => (at("confirm").querySelector("button").disabled = target.value !== world));
at("confirm").addEventListener("submit", (event) => {
  event.preventDefault();
  clean({ ...request, dry_run: false, confirm: at("confirm").confirm.value }, at("confirm").querySelector("button"), (gone) => {
    at("counted-title").textContent = "Deleted";
    show(gone);
    at("confirm").hidden = true;
    say("Done.");
    if (!("retain_days" in request)) setTimeout(() => location.assign("/"), 1_500);
  });
});

function clean(body, button, then) {
  at("fault").replaceChildren();
  return during(button, async () => {
    try {
      then(await call("POST", "/api/v1/cleanup", body));
    } catch (error) {
      if (!(error instanceof Fault) || error.status === 0) throw error;
      at("counted").hidden = true;
      at("fault").replaceChildren(make("section", { class: "notice bad", role: "alert" }, ...error.text.split("\n").map((line) => make("p", {}, line))));
    }
  });
}

/** Rows by table; gives how many tables have some. */
function show(done) {
  at("counted").hidden = false;
  const rows = done.deleted ?? Object.fromEntries(Object.entries(done).filter(([name, value]) => typeof value === "number" && name !== "retain_days"));
  const some = Object.entries(rows).filter(([, many]) => many).sort((a, b) => b[1] - a[1]);
  at("counted-said").textContent = done.deleted ? `${number(done.rows_deleted)} rows in ${number(some.length)} tables${done.rows_kept ? `; ${number(done.rows_kept)} are kept` : ""}.` : some.length ? `What is older than ${number(done.retain_days)} days.` : `Nothing is older than ${number(done.retain_days)} days.`;
  at("counted-rows").replaceChildren(...some.map(([name, many]) => make("tr", {}, make("td", {}, capital(words(name))), make("td", { class: "end" }, number(many)))));
  return some.length;
}
