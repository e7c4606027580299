"""One visit in a browser: a person's own profile, the steps of the visit, and what went wrong.

Nothing here knows a world: steps, where they are found and what they are done with are given. The browser can reach the
site's own origin (and that of its analytics, where one is configured) and nothing else: whatever else a page asks for
goes to a proxy that does not answer, redirects and sockets too.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from playwright.sync_api import Browser, BrowserContext, Error, Page, Request, Response
from playwright.sync_api import TimeoutError as Late

from populace import clock
from populace.files import put

MOST_LOOKS = 8
"""Cards that are really looked at in a row; a visit may pass more."""
PICTURED = 6
"""Pictures of a visit, at most: the first of each step, and the last thing seen."""
QUALITY = 60
_NAMED = re.compile(r"\{(\w+)\}")
_UNREACHED = ("ERR_CONNECTION", "ERR_EMPTY_RESPONSE", "ERR_ADDRESS", "ERR_NAME_NOT_RESOLVED", "ERR_SOCKET")
_GONE = ("has been closed", "crashed", "Connection closed", "disconnected")
_SEEK = """(element, percent) => {
  if (element instanceof HTMLMediaElement) { element.currentTime = element.duration * percent / 100; return; }
  element.value = String(Math.ceil(Number(element.max || 100) * percent / 100));
  for (const name of ["input", "change"]) element.dispatchEvent(new Event(name, { bubbles: true }));
}"""

_REMEMBER = """([origin, name, value]) => {
  if (location.origin === origin && !localStorage.getItem(name)) localStorage.setItem(name, value);
}"""


class Fault(Exception):
    """Why a visit fails. kind: `down`, `slow`, `broken`, `refused`, `elsewhere`, `challenge`, `changed`, `browser` or
    `profile`."""

    def __init__(self, kind: str, what: str) -> None:
        super().__init__(what)
        self.kind = kind


@dataclass(slots=True)
class Outcome:
    """How a visit went. kind, fault: of what it failed by; "" where it did not. steps: what was done, as documents.
    elsewhere: origins that the site wanted the browser to ask for. pictured: whether there are pictures.
    """

    kind: str = ""
    fault: str = ""
    steps: list[dict[str, Any]] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    pictured: bool = False
    carried: int = 0

    def document(self) -> dict[str, Any]:
        """For another process."""
        return {name: getattr(self, name) for name in self.__slots__}


def play(browser: Browser, given: Mapping[str, Any]) -> Outcome:
    """Play a visit. given: the site, its page map, the person, what they do, and how (see `assignments`)."""
    out = Outcome()
    try:
        visit = _Visit(browser, given, out)
    except Error as error:
        out.kind, out.fault = "browser", f"the browser could not begin: {_first_line(error)}"
        return out
    try:
        visit.go_through()
    except Fault as fault:
        out.kind, out.fault = fault.kind, str(fault)
    except Error as error:
        out.kind, out.fault = "browser", f"the browser failed: {_first_line(error)}"
    finally:
        visit.leave()
    return out


class _Visit:
    """A browser context with the profile of a person, and one page in it."""

    def __init__(self, browser: Browser, given: Mapping[str, Any], out: Outcome) -> None:
        self.given, self.out = given, out
        self.person: Mapping[str, Any] = given["person"]
        self.map: Mapping[str, Any] = given["map"]
        self.site: str = given["site"].rstrip("/")
        self.pictures = Path(given["pictures"])
        self.profile = Path(given["profile"])
        self.status = 200
        self.left_for = ""
        self.shots = 0
        self.began = clock.monotonic()
        self.context = self._context(browser)
        self.context.set_default_timeout(given["patience_ms"])
        self.context.tracing.start(screenshots=False, snapshots=False, sources=False)
        if given["storage"]:
            known = json.dumps([given["origins"][0], given["storage"], self.person["id"]])
            self.context.add_init_script(f"({_REMEMBER})({known})")
        self.page: Page = self.context.new_page()
        self.page.on("request", self._request)
        self.page.on("response", self._response)
        self.context.on("page", lambda other: other.close() if other is not self.page else None)
        self.page.on("dialog", lambda dialog: dialog.dismiss())

    def go_through(self) -> None:
        """From the first address to the last step."""
        query = [(self.given["marker"][0], self.given["marker"][1]), ("utm_source", str(self.person["source"]))]
        query += [("utm_medium", self.given["medium"]), ("utm_campaign", self.given["campaign"])]
        arrive = self.map["arrive"]
        self._go(f"{arrive}{'&' if '?' in arrive else '?'}{urlencode(query)}", "arriving")
        self._require_human("arriving")
        signed_in = self.map["signed_in"]
        if self.map["sign_in"] and not self.given["signs_up"] and not (signed_in and self._there(signed_in)):
            self._do("sign_in", self.map["sign_in"], {}, 1)
        for deed in self.given["deeds"]:
            self._pause(deed["at_ms"])
            self._do(deed["step"], self.map["steps"][deed["step"]], deed["fields"], deed["times"])

    def leave(self) -> None:
        """Keep the profile and the trace of what failed, and close."""
        failed = bool(self.out.fault)
        try:
            # Of a page that does not answer there is no picture; there is a trace all the same.
            with suppress(Error):
                self._picture("failed" if failed else "last", always=True)
            if failed:
                self.context.tracing.stop(path=str(self._folder() / "trace.zip"))
            else:
                self.context.tracing.stop()
            if self.out.kind != "browser":
                self._keep_profile()
        except Error as error:
            self._fails("browser", f"the browser failed: {_first_line(error)}")
        except OSError as error:
            self._fails("profile", f"the profile of the person cannot be kept: {error.strerror}")
        try:
            self.context.close()
        except Error:
            self._fails("browser", "the browser ended")

    def _fails(self, kind: str, fault: str) -> None:
        """Why the visit failed, unless that is known."""
        if not self.out.fault:
            self.out.kind, self.out.fault = kind, fault

    def _context(self, browser: Browser) -> BrowserContext:
        touch = bool(self.person["touch"])
        state = self._state()
        return browser.new_context(
            storage_state=state,
            locale=str(self.person["locale"]),
            timezone_id=str(self.person["zone"]),
            viewport={"width": int(self.person["width"]), "height": int(self.person["height"])},
            screen={"width": int(self.person["width"]), "height": int(self.person["height"])},
            has_touch=touch,
            is_mobile=touch,
            user_agent=self.given["agent"],
            service_workers="block",
            accept_downloads=False,
        )

    def _state(self) -> Any:
        """Cookies and local storage as the last visit left them; a file that is none counts as none."""
        try:
            held = json.loads(self.profile.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError):
            return None
        if not isinstance(held, dict) or not {"cookies", "origins"} <= set(held):
            return None
        self.out.carried = len(held["cookies"]) + sum(len(one.get("localStorage", ())) for one in held["origins"])
        return held

    def _keep_profile(self) -> None:
        held = self.context.storage_state()
        self.profile.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        put(self.profile, json.dumps(held).encode(), 0o600)

    def _do(self, step: str, actions: Sequence[Mapping[str, Any]], fields: Mapping[str, Any], times: int) -> None:
        """A step, and its line in the report."""
        began = clock.monotonic()
        line: dict[str, Any] = {"step": step, "times": times, "ms": 0}
        try:
            known = {**self.person, **fields, "password": self.given["password"] or ""}
            for action in actions:
                self._act(action, known, times, step)
            if name := self._picture(step):
                line["picture"] = name
        except Fault as fault:
            line["fault"] = str(fault)
            raise
        finally:
            line["ms"] = round((clock.monotonic() - began) * 1000)
            self.out.steps.append(line)

    def _act(self, action: Mapping[str, Any], known: Mapping[str, Any], times: int, step: str) -> None:
        # A page's scripts listen once it has loaded, and a click before that is lost.
        self._loaded(step)
        for guard, wanted in (("when", True), ("unless", False)):
            if action[guard] and self._there(_filled(action[guard], known, _css)) is not wanted:
                return
        verb, more = action["verb"], action["more"]
        if verb == "go":
            self._go(_filled(action["on"], known, lambda text: quote(text, safe="")), step)
            return
        on = action["on"] if verb == "press" else _filled(action["on"], known, _css)
        if action["otherwise"] and not self._there(on):
            for one in action["otherwise"]:
                self._act(one, known, times, step)
            return
        try:
            if "answers" in more:
                path = more["answers"]
                with self.page.expect_response(lambda r: urlsplit(r.url).path.endswith(path)) as answer:
                    self._perform(verb, on, more, known, times)
                if answer.value.status >= 400:
                    raise Fault(_kind(answer.value.status), f"{step}: {path} was answered with {answer.value.status}")
            else:
                self._perform(verb, on, more, known, times)
        except Late:
            raise self._missing(step, verb, on) from None
        except Error as error:
            raise self._failed(step, error) from None
        self._require_here(step)

    def _loaded(self, step: str) -> None:
        try:
            self.page.wait_for_load_state("load")
        except Late:
            raise Fault("slow", f"{step}: {self._where()} did not load in time") from None
        except Error as error:
            raise self._failed(step, error) from None

    def _perform(self, verb: str, on: str, more: Mapping[str, str], known: Mapping[str, Any], times: int) -> None:
        page = self.page
        if verb == "press":
            page.locator(_filled(more["at"], known, _css)).first.press(on)
            return
        place = page.locator(on).first
        if verb == "click":
            place.click()
        elif verb == "fill":
            place.fill(_filled(more["with"], known, str))
        elif verb == "choose":
            place.select_option(_filled(more["with"], known, str))
        elif verb == "see":
            place.wait_for(state="attached")
        elif verb == "hover":
            place.hover()
            cards = page.locator(on)
            for nth in range(1, min(times, MOST_LOOKS, cards.count())):
                cards.nth(nth).hover()
        elif verb == "seek":
            place.wait_for(state="attached")
            place.evaluate(_SEEK, float(_filled(more["to"], known, str)))

    def _go(self, path: str, step: str) -> None:
        self.status, self.left_for = 200, ""
        try:
            self.page.goto(self.site + path, wait_until="load")
        except Late:
            raise Fault("slow", f"{step}: the site did not answer in time at {_bare(path)}") from None
        except Error as error:
            raise self._failed(step, error) from None
        self._require_here(step)

    def _require_here(self, step: str) -> None:
        """The page is the site's own, and was answered well."""
        if self.left_for:
            raise Fault("elsewhere", f"{step}: the site led to {self.left_for}, where nobody follows")
        if self.status >= 400:
            status, self.status = self.status, 200
            raise Fault(_kind(status), f"{step}: the site answered {status} at {self._where()}")

    def _failed(self, step: str, error: Error) -> Fault:
        text = _first_line(error)
        if self.left_for:
            return Fault("elsewhere", f"{step}: the site led to {self.left_for}, where nobody follows")
        if any(said in text for said in _UNREACHED):
            return Fault("down", f"{step}: the site cannot be reached ({_code(text)})")
        if any(said in text for said in _GONE):
            return Fault("browser", f"{step}: the browser ended")
        return Fault("broken", f"{step}: {text}")

    def _missing(self, step: str, verb: str, on: str) -> Fault:
        """Something is not on the page: because a human is asked for, the site is slow, or has changed."""
        try:
            self._require_here(step)
            self._require_human(step)
        except Fault as fault:
            return fault
        return Fault("changed", f"{step}: {verb} {on} is not possible on {self._where()}")

    def _require_human(self, step: str) -> None:
        for selector in self.map["challenges"]:
            if self._there(selector):
                raise Fault("challenge", f"{step}: the site asks whether a human is there ({selector})")

    def _there(self, selector: str) -> bool:
        try:
            return self.page.locator(selector).count() > 0
        except Error as error:
            if any(said in str(error) for said in _GONE):
                raise Fault("browser", "the browser ended") from None
            # The page was just leaving.
            self.page.wait_for_load_state()
            return self.page.locator(selector).count() > 0

    def _pause(self, at_ms: int) -> None:
        """As long as the person takes, in so much less as the visit is played faster."""
        if not self.given["speed"]:
            return
        left = at_ms / self.given["speed"] - (clock.monotonic() - self.began) * 1000
        if left > 0:
            self.page.wait_for_timeout(left)

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if parts.scheme in ("data", "blob", "about") or origin in self.given["origins"]:
            return
        if origin not in self.out.elsewhere:
            self.out.elsewhere.append(origin)
        if request.is_navigation_request() and request.frame == self.page.main_frame:
            self.left_for = origin

    def _response(self, response: Response) -> None:
        request = response.request
        if (
            request.is_navigation_request()
            and request.frame == self.page.main_frame
            and response.status not in range(300, 400)
        ):
            self.status = response.status

    def _picture(self, step: str, *, always: bool = False) -> str:
        """What is on the page now; "" where there are pictures enough."""
        seen = {one["step"] for one in self.out.steps}
        if not always and (self.shots >= PICTURED - 1 or step in seen):
            return ""
        name = f"{self.shots:02}-{step}.jpg"
        self.page.screenshot(path=str(self._folder() / name), type="jpeg", quality=QUALITY, animations="disabled")
        self.shots += 1
        self.out.pictured = True
        return name

    def _folder(self) -> Path:
        self.pictures.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.utime(self.pictures)
        return self.pictures

    def _where(self) -> str:
        return urlsplit(self.page.url).path or "/"


def _filled(text: str, known: Mapping[str, Any], as_part: Any) -> str:
    return _NAMED.sub(lambda found: str(as_part(str(known[found[1]]))), text)


def _css(text: str) -> str:
    """A text as it stands inside quotes of a selector."""
    return text.replace("\\", "\\\\").replace("'", "\\'").replace('"', '\\"')


def _kind(status: int) -> str:
    return "broken" if status >= 500 else "refused"


def _bare(path: str) -> str:
    return path.partition("?")[0]


def _code(text: str) -> str:
    found = re.search(r"ERR_\w+", text)
    return found[0] if found else "no answer"


def _first_line(error: Error) -> str:
    return str(error.message).splitlines()[0][:300]
