// Parts of a page that take longer than the rest: asked for once the page is there, or the drawer they lie in is open.

import { make } from "./api.js";

for (const place of document.querySelectorAll("[data-part]")) {
  const drawer = place.closest("details");
  if (drawer && !drawer.open) drawer.addEventListener("toggle", () => load(place), { once: true });
  else load(place);
}

/** Put a part in its place, again where it was there before. */
export async function load(place) {
  place.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(place.dataset.part, { headers: { accept: "text/html" } });
    const part = new DOMParser().parseFromString(await answer.text(), "text/html");
    place.replaceChildren(...part.body.childNodes);
  } catch {
    const again = make("button", { type: "button", class: "small" }, "Try again");
    again.addEventListener("click", () => load(place));
    place.replaceChildren(make("p", { class: "notice bad" }, "The server did not answer. ", again));
  }
  place.removeAttribute("aria-busy");
}

// What is wider than its place can be scrolled by keyboard too.
const sizes = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (target.scrollWidth > target.clientWidth) target.setAttribute("tabindex", "0");
    else target.removeAttribute("tabindex");
  }
});
const watch = () => document.querySelectorAll(".scroll").forEach((place) => sizes.observe(place));
new MutationObserver(watch).observe(document.querySelector("main"), { childList: true, subtree: true });
watch();
