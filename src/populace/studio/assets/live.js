// What happens now: the server's stream; where it is cut, polling every ten seconds until it is back.
//
// Events of `live`: "state" (the population), "lines" (what people did since the last ones), "minutes" (how much in each
// minute of the last hour), "link" (live, again, polling, away; with a text).

import { call } from "./api.js";

const POLL_MS = 10_000;
const SILENT_MS = 30_000;

class Live extends EventTarget {
  #source = null;
  #last = null;
  #heard = 0;
  #timer = null;
  link = "waiting";

  open() {
    if (this.#source) return;
    this.#connect();
    setInterval(() => this.#look(), 5_000);
    document.addEventListener("visibilitychange", () => document.hidden || this.#look());
    addEventListener("pagehide", () => this.#source?.close());
  }

  #connect() {
    this.#source?.close();
    const source = new EventSource("/api/v1/events");
    this.#source = source;
    for (const kind of ["now", "window", "state"]) source.addEventListener(kind, (event) => this.#hear(kind, event));
    source.addEventListener("away", (event) => this.#say("away", JSON.parse(event.data).what));
    source.addEventListener("error", () => this.#cut());
  }

  #hear(kind, event) {
    const { state, lines, minutes } = JSON.parse(event.data);
    this.#stopPolling();
    this.#heard = performance.now();
    const again = kind === "now" && this.#last !== null;
    if (event.lastEventId) this.#last = Number(event.lastEventId);
    this.#say("live", "live");
    this.#tell("state", state);
    if (kind === "now" || lines.length) this.#tell("lines", lines, { whole: kind === "now" && !again });
    this.#tell("minutes", minutes);
  }

  #cut() {
    this.#say("again", "reconnecting");
    if (!this.#timer) {
      this.#timer = setInterval(() => this.#poll(), POLL_MS);
      setTimeout(() => this.#timer && this.#poll(), 1_500);
    }
  }

  /** The stream says something at least every ten seconds; when it does not, it is dead and does not know it. */
  #look() {
    if (this.#source.readyState === EventSource.CLOSED || (this.link === "live" && performance.now() - this.#heard > SILENT_MS)) {
      this.#cut();
      this.#connect();
    }
  }

  async #poll() {
    try {
      const state = await call("GET", "/api/v1/overview");
      this.#tell("state", state);
      if (state.state === "ready") {
        const { lines, minutes, next } = await call("GET", `/api/v1/live${this.#last === null ? "" : `?since=${this.#last}`}`);
        this.#tell("lines", lines, { whole: this.#last === null });
        this.#tell("minutes", minutes);
        this.#last = next;
      }
      if (this.#timer) this.#say("polling", "every 10 seconds");
    } catch (error) {
      if (error.status === 401) location.reload();
      this.#say(error.status === 503 ? "away" : "again", error.status === 503 ? error.message : "reconnecting");
    }
  }

  #stopPolling() {
    clearInterval(this.#timer);
    this.#timer = null;
  }

  #say(link, text) {
    this.link = link;
    this.#tell("link", { link, text });
  }

  #tell(name, data, more = {}) {
    this.dispatchEvent(new CustomEvent(name, { detail: { data, ...more } }));
  }
}

export const live = new Live();
