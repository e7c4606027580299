// Events as a client of a product-analytics service sends them: kept for a moment, then posted in a batch to the host
// that the page names. Without one nothing is sent, and nothing else changes.

const body = document.body.dataset;
const LATER_MS = 1500, MOST = 50;
const DEMOS = "PostHog Demo", MARKS = { synthetic: true, source: "hogflix-bot" };
export const isDemo = (category) => category === DEMOS;

const waiting = [];
let timer = 0;

const stored = (store, name, make) => {
  let value = store.getItem(name);
  if (value === null && make) store.setItem(name, (value = make()));
  return value;
};

// The mark of a synthetic session: by the address, for as long as the tab lives; or by the account.
const search = new URLSearchParams(location.search);
if (search.get("synthetic") === "1" || search.get("syn") === "1" || "marked" in body) sessionStorage.setItem("is_synthetic", "true");
export const isSynthetic = () => sessionStorage.getItem("is_synthetic") === "true";

const utm = JSON.parse(stored(sessionStorage, "utm", () => {
  const found = {};
  for (const part of ["source", "medium", "campaign"]) if (search.get(`utm_${part}`)) found[`utm_${part}`] = search.get(`utm_${part}`);
  return JSON.stringify(found);
}));

const anonymous = () => stored(localStorage, "posthog_distinct_id", () => crypto.randomUUID());
const session = stored(sessionStorage, "posthog_session_id", () => crypto.randomUUID());

// Super-properties: they go with every event.
const always = () => ({
  is_synthetic: isSynthetic(), ...(isSynthetic() ? MARKS : {}), ...utm, ...(body.plan ? { plan: body.plan, company_plan: body.plan } : {}),
  $session_id: session, $current_url: location.href, $pathname: location.pathname, $host: location.host, $referrer: document.referrer || "$direct",
  $screen_width: screen.width, $screen_height: screen.height, $viewport_width: innerWidth, $viewport_height: innerHeight,
  $lib: "web", $device_type: innerWidth < 768 ? "Mobile" : "Desktop",
});

export function capture(event, properties = {}) {
  if (!body.host) return;
  const category = properties.category ?? body.category;
  if (isSynthetic() && (isDemo(category) || location.pathname.startsWith("/demos"))) return;
  const distinct_id = anonymous();
  waiting.push({
    event, distinct_id, timestamp: new Date().toISOString(), uuid: crypto.randomUUID(),
    properties: { distinct_id, ...always(), ...properties },
  });
  if (waiting.length >= MOST) flush();
  else timer ||= setTimeout(flush, LATER_MS);
}

export function flush() {
  clearTimeout(timer);
  timer = 0;
  if (!waiting.length) return;
  const batch = waiting.splice(0);
  // Text, and no answer that is read: so no host has to allow this page anything.
  fetch(`${body.host}/batch/`, { method: "POST", mode: "no-cors", keepalive: true, credentials: "omit",
    headers: { "content-type": "text/plain" }, body: JSON.stringify({ api_key: body.project, batch }) }).catch(() => {});
}

// Whoever has signed in goes on under their own id, and what they did before is theirs too.
if (body.host && body.who && anonymous() !== body.who) {
  const before = anonymous();
  localStorage.setItem("posthog_distinct_id", body.who);
  capture("$identify", { $anon_distinct_id: before, $set: {
    plan: body.plan, company_plan: body.plan, is_synthetic: isSynthetic(), ...(body.source ? { acq_source: body.source } : {}),
    ...(utm.utm_source ? { $initial_utm_source: utm.utm_source, $initial_utm_medium: utm.utm_medium, $initial_utm_campaign: utm.utm_campaign } : {}),
  } });
}
addEventListener("pagehide", flush);
document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && flush());
