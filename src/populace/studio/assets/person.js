// A person: what is about to change is shown first, with the next day as it would be, then requested.

import { Fault, call, during, number } from "./api.js";

for (const button of document.querySelectorAll("[data-ask]")) {
  const dialog = document.querySelector(`[data-dialog="${button.dataset.ask}"]`);
  const act = dialog.querySelector("[data-do]");
  const settings = JSON.parse(act.dataset.do);
  button.addEventListener("click", () => {
    dialog.showModal();
    preview(dialog.querySelector("[data-preview]"), settings);
  });
  dialog.querySelector("[data-leave]").addEventListener("click", () => dialog.close());
  act.addEventListener("click", () =>
    during(act, async () => {
      await call("POST", "/api/v1/interventions", { settings });
      location.reload();
    }).then(() => dialog.close()),
  );
}

async function preview(place, settings) {
  try {
    const { without, with: changed } = await call("POST", "/api/v1/interventions/trial", { settings });
    const parts = [
      ["sessions", without.sessions, changed.sessions],
      ["rows written", without.total_rows, changed.total_rows],
      ["people whose rows go", without.removed_people, changed.removed_people],
    ].filter(([, before, after]) => before !== after);
    place.textContent = parts.length
      ? `The next day, without and with it: ${parts.map(([what, before, after]) => `${number(before)} → ${number(after)} ${what}`).join(", ")}.`
      : "The next day is the same with it and without it.";
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    place.textContent = error.text;
  }
}
