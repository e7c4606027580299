// A person: what is about to change is shown first, then requested.

import { call, during } from "./api.js";

const dialog = document.querySelector("[data-dialog]");
document.querySelector("[data-ask]").addEventListener("click", () => dialog.showModal());
dialog.querySelector("[data-leave]").addEventListener("click", () => dialog.close());
dialog.querySelector("[data-do]").addEventListener("click", ({ target }) =>
  during(target, async () => {
    await call("POST", "/api/v1/interventions", { settings: JSON.parse(target.dataset.do) });
    location.reload();
  }).then(() => dialog.close()),
);
