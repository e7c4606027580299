// Runs: kept up to date while somebody looks, and another try for what was rejected.

import { call, during, refresh, say } from "./api.js";

const EVERY_MS = 10_000;

document.addEventListener("click", ({ target }) => {
  if (target.dataset.retry)
    during(target, async () => {
      await call("POST", "/api/v1/deliveries/retry", { channel: target.dataset.retry });
      say("What was rejected waits again.");
      await refresh("#live-parts");
    });
});
setInterval(() => document.hidden || refresh("#live-parts").catch(() => {}), EVERY_MS);
