// Every page: what it tells the analytics, and forms that need no new page.

import { capture, isDemo } from "./analytics.js";

const body = document.body.dataset, page = body.page;
const video = { video_id: body.video, title_id: body.video, video_title: body.videoTitle, category: body.category };

capture("$pageview");
capture("page:viewed", { page });
if (page === "title") capture("video:title_opened", video);
if (page === "title" && isDemo(body.category)) capture("demo_video:opened", video);
if (page === "pricing") capture("pricing:page_viewed", { current_plan: body.plan });
if (page === "checkout") capture("checkout:started", { chosen_plan: body.chosen });
if (page === "flixbuddy") capture("flixbuddy:opened");
if (page === "support" && "sent" in body) {
  capture("support:ticket_submitted", { source: "form", issue_category: body.sent });
  history.replaceState(null, "", "/support");
}
// What a form leads to is said on the page that follows, once.
const leads = (name, said) => {
  document.querySelector(`form[data-leads="${name}"]`)?.addEventListener("submit", () => sessionStorage.setItem(name, "1"));
  if (!said || !sessionStorage.getItem(name)) return;
  sessionStorage.removeItem(name);
  capture(name, said);
};
leads("signup:completed", body.who ? {} : null);
leads("checkout:completed", page === "success" ? { plan: body.plan } : null);

const seen = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) if (isIntersecting) {
    seen.unobserve(target);
    capture("section:viewed", { section: target.dataset.section, position: sections.indexOf(target) + 1 });
  }
}, { threshold: 0.4 });
const sections = [...document.querySelectorAll("[data-section]")];
sections.forEach((section) => seen.observe(section));

document.addEventListener("click", (event) => {
  const card = event.target.closest("a.card"), plan = event.target.closest("[data-plan-chosen]");
  if (card) {
    const section = card.closest("[data-section]")?.dataset.section ?? page;
    sessionStorage.setItem("section", section);
    capture("section:clicked", { section, title: card.dataset.key });
    if (page === "browse") capture("home_section_click", { section });
  }
  if (plan) capture("pricing:plan_selected", { plan: plan.dataset.planChosen, current_plan: body.plan || null, is_upgrade: "upgrade" in plan.dataset });
});

// A rating or a place on the list changes where it stands; without this script a page follows.
document.querySelectorAll("form[data-quiet]").forEach((form) => form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = event.submitter;
  const fields = new URLSearchParams(new FormData(form, button));
  const answer = await fetch(form.action, { method: "POST", body: fields, headers: { accept: "application/json" } }).catch(() => null);
  if (!answer?.ok) return form.submit();
  const done = await answer.json();
  if (form.dataset.quiet === "rating") {
    form.querySelectorAll("button").forEach((one) => {
      one.classList.toggle("on", Number(one.value) <= done.rating);
      one.setAttribute("aria-pressed", String(Number(one.value) === done.rating));
    });
    capture("video:rated", { ...video, rating: done.rating });
  } else {
    button.value = done.kept ? "0" : "1";
    button.textContent = done.kept ? "On my list ✓" : "Add to my list";
    capture(done.kept ? "watchlist:added" : "watchlist:removed", video);
  }
}));

// One open menu at a time, closed by Escape or by a click beside it.
const account = document.querySelector("details.account");
if (account) {
  document.addEventListener("click", (event) => account.contains(event.target) || account.removeAttribute("open"));
  account.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { account.removeAttribute("open"); account.querySelector("summary").focus(); }
  });
}
