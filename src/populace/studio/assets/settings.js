// Settings: sliders and fields that belong together, what is about to change, presets, saving, undoing.

import { call, during, number, refresh, say } from "./api.js";

const form = document.querySelector("[data-settings]");
const bar = document.querySelector("[data-save-bar]");
const fields = [...form.querySelectorAll("[data-kind]")];
const start = new Map(fields.map((field) => [field.name, value(field)]));

function value(field) {
  return field.dataset.kind === "switch" ? field.checked : field.dataset.kind === "number" ? Number(field.value) : field.value;
}

function put(field, given) {
  if (field.dataset.kind === "switch") field.checked = given;
  else field.value = given;
  const slider = field.closest("[data-knob]").querySelector("[data-slider]");
  if (slider) slider.value = given;
}

function changes() {
  return Object.fromEntries(fields.filter((f) => value(f) !== start.get(f.name)).map((f) => [f.name, value(f)]));
}

let waiting = 0;
let latest = 0;

/** What the changes do: the next day with and without them, once nothing has moved for a moment. */
function tryOut(found) {
  const shown = document.querySelector("[data-trial]");
  clearTimeout(waiting);
  const mine = ++latest;
  shown.textContent = "";
  if (!Object.keys(found).length) return;
  waiting = setTimeout(async () => {
    shown.textContent = "Computing the next day with and without it …";
    try {
      const { without, with: changed } = await call("POST", "/api/v1/interventions/trial", { settings: found });
      if (mine !== latest) return;
      const pairs = [["sessions", "sessions"], ["people", "people who do something"], ["total_rows", "rows"]];
      shown.textContent = "The next day: " + pairs
        .filter(([key]) => without[key] || changed[key])
        .map(([key, name]) => `${number(without[key])} → ${number(changed[key])} ${name}`)
        .join(", ");
    } catch (error) {
      if (mine === latest) shown.textContent = error.message;
    }
  }, 500);
}

function show() {
  const found = changes();
  for (const field of fields) field.closest("[data-knob]").classList.toggle("changed", field.name in found);
  const said = Object.entries(found).map(([path, to]) => `${path} ${number(start.get(path))} → ${number(to)}`);
  bar.hidden = !said.length;
  tryOut(found);
  document.querySelector("[data-save-said]").textContent = said.join(", ");
  for (const preset of document.querySelectorAll("[data-preset]"))
    preset.setAttribute("aria-pressed", String(Object.entries(JSON.parse(preset.dataset.preset)).every(([path, to]) => fields.some((f) => f.name === path && value(f) === to))));
}

form.addEventListener("input", ({ target }) => {
  const knob = target.closest("[data-knob]");
  if ("slider" in target.dataset) knob.querySelector("[data-kind]").value = target.value;
  else put(target, value(target));
  show();
});
form.addEventListener("reset", (event) => {
  event.preventDefault();
  for (const field of fields) put(field, start.get(field.name));
  show();
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  const found = changes();
  during(form.querySelector("[type=submit]"), async () => {
    await call("POST", "/api/v1/interventions", { settings: found });
    for (const [path, to] of Object.entries(found)) start.set(path, to);
    show();
    say("Saved. It counts from the next window on.");
    await again();
  });
});
for (const preset of document.querySelectorAll("[data-preset]"))
  preset.addEventListener("click", () => {
    for (const [path, to] of Object.entries(JSON.parse(preset.dataset.preset))) {
      const field = fields.find((f) => f.name === path);
      if (field) put(field, to);
    }
    show();
  });
document.addEventListener("click", ({ target }) => {
  if (target.dataset.undo)
    during(target, async () => {
      await call("DELETE", `/api/v1/interventions/${target.dataset.undo}`);
      say(`Number ${target.dataset.undo} is undone.`);
      location.reload();
    });
  if (target.dataset.back)
    during(target, async () => {
      await call("POST", "/api/v1/interventions", { settings: JSON.parse(target.dataset.back) });
      location.reload();
    });
});

/** The history, now and once the runner has had its next window. */
async function again() {
  await refresh("#history");
  setTimeout(() => refresh("#history"), 2_500);
}

show();
