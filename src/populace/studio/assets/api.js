// Calls of the API from a page: every change carries the token of this session, and every failure is an error that says
// what, where and what to do.

const token = document.querySelector('meta[name="csrf"]')?.content ?? "";

export class Fault extends Error {
  constructor(document, status) {
    super(document.what ?? "the server did not answer as expected");
    this.document = document;
    this.status = status;
  }

  /** The whole of it, for a reader. */
  get text() {
    const { what, where, given, allowed, remedy = [], faults } = this.document;
    const own = [what, where && given != null ? `${where}: ${given}` : where, allowed && `allowed: ${allowed}`];
    const lines = faults?.length ? faults.map((one) => new Fault(one).text) : [own.filter(Boolean).join(" · ")];
    return [...lines, ...remedy.map((one) => one.text)].map(capital).join("\n");
  }
}

/** The answer of a call. Raises Fault for an error, also when nothing answers. */
export async function call(method, path, body) {
  let answer;
  try {
    answer = await fetch(path, {
      method,
      headers: { accept: "application/json", ...(method === "GET" ? {} : { "x-csrf-token": token, "content-type": "application/json" }) },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Fault({ what: "the server does not answer", remedy: [{ text: "see whether populace serve still runs" }] }, 0);
  }
  let document;
  try {
    document = await answer.json();
  } catch {
    document = {};
  }
  if (!answer.ok) throw new Fault(document, answer.status);
  return document;
}

/** Do something for a button: it waits meanwhile, and a failure is shown. Gives what it gave, or undefined. */
export async function during(button, work) {
  button.disabled = true;
  button.setAttribute("aria-busy", "true");
  try {
    return await work();
  } catch (error) {
    say(error instanceof Fault ? error.text : "This page has a fault; please report it.", "bad");
    if (!(error instanceof Fault)) throw error;
  } finally {
    button.disabled = false;
    button.removeAttribute("aria-busy");
  }
}

/** A note in the corner, for a while. */
export function say(text, kind = "") {
  const note = make("p", { class: `toast ${kind}` }, text);
  document.querySelector("[data-toasts]").append(note);
  setTimeout(() => note.remove(), kind === "bad" ? 12_000 : 6_000);
}

/** An element. */
export function make(name, attributes = {}, ...content) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) if (value != null) element.setAttribute(key, value);
  element.append(...content.filter((one) => one != null));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

/** An element of a drawing. */
export function draw(name, attributes = {}, ...content) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...content);
  return element;
}

/** Text in which what stands between asterisks is a title. */
export function titled(text) {
  return text.split(/\*([^*]+)\*/).map((part, nth) => (nth % 2 ? make("em", {}, part) : part));
}

export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
export const words = (name) => name.replaceAll("_", " ");

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });
export const number = (value) =>
  typeof value === "number" ? (Number.isInteger(value) || Math.abs(value) >= 1000 ? whole : short).format(value) : String(value);

const times = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium", timeZone: "UTC" });
const days = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
const moments = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZone: "UTC" });
export const time = (at) => times.format(new Date(at));
export const hour = (at) => times.format(new Date(at)).slice(0, 5);
export const day = (at) => days.format(new Date(at)).replace(",", "");
export const moment = (at) => moments.format(new Date(at));

/** A length of time in words. */
export function lasting(seconds) {
  if (seconds < 90) return `${Math.max(0, Math.round(seconds))} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min`;
  return `${Math.round(seconds / 86_400)} days`;
}

/** Put parts of this page in place again, as the server has them now. */
export async function refresh(...selectors) {
  const answer = await fetch(location.href, { headers: { accept: "text/html" } });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const selector of selectors) {
    const [here, there] = [document.querySelector(selector), fresh.querySelector(selector)];
    if (here && there) here.replaceWith(there);
  }
}
