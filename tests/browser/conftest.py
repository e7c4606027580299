"""One server with a Studio, and one browser for all of these tests; without a Chromium here they are left out."""

from __future__ import annotations

import os
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect, sync_playwright

from contexts import at
from hazards import JOURNEYS, Small
from populace.api.server import bound, serve
from populace.api.wiring import Service, Serving
from populace.studio import mount

CHROMIUM = os.environ.get("POPULACE_TEST_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
LIVELY = Small("recoverlution", now="2026-01-09T12:00:00Z", settings={
    **JOURNEYS.settings, "session_history_days": 1, "sessions_per_min": 4})  # fmt: skip
START_LIMIT_S = 20.0
PATIENCE_MS = 60_000


def pytest_report_header() -> str | None:
    """What is left out, and why."""
    return None if CHROMIUM else "tests/browser: left out, there is no Chromium here (POPULACE_TEST_CHROMIUM names one)"


@dataclass
class Studio:
    """A server that a test may stop and start again, on the same port and database."""

    url: str
    world: str | None = None
    port: int = 0
    service: Service = field(init=False)
    _stop: threading.Event = field(init=False)
    _thread: threading.Thread = field(init=False)

    def start(self) -> None:
        """Begin to serve."""
        serving = Serving(port=self.port or _free(), world=self.world, a_second=1000, at_once=5000)
        self.service, self._stop, ready = Service(at(self.url), serving), threading.Event(), threading.Event()
        listening = bound(serving, chosen=True)
        self.port = listening.getsockname()[1]
        self.service.settle()
        self._thread = threading.Thread(
            target=serve, args=(self.service, listening, self._stop), kwargs={"on_ready": ready.set, "mount": mount}
        )
        self._thread.start()
        assert ready.wait(START_LIMIT_S)

    def stop(self) -> None:
        """End, with everything that is under way."""
        self._stop.set()
        self._thread.join()

    @property
    def base(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    def link(self) -> str:
        """A link that opens a session."""
        return f"{self.base}/enter/{self.service.sessions.link()}"


@dataclass
class Seen:
    """A page, and what a browser complained of."""

    page: Page
    faults: list[str]

    def require_calm(self) -> None:
        """No error on the console, none of the policy, and nothing asked for elsewhere."""
        assert not self.faults


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The browser of all tests."""
    if CHROMIUM is None:
        pytest.skip("there is no Chromium here")
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE_MS)
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


@contextmanager
def serving(url: str, world: str | None = None) -> Iterator[Studio]:
    """A Studio on a database."""
    studio = Studio(url, world)
    studio.start()
    try:
        yield studio
    finally:
        studio.stop()


@contextmanager
def opened(browser: Browser, studio: Studio, **options: object) -> Iterator[Seen]:
    """A page of a session of its own."""
    with watched(browser, studio.base, **options) as seen:
        seen.page.goto(studio.link())
        yield seen


@contextmanager
def watched(browser: Browser, *hosts: str, **options: object) -> Iterator[Seen]:
    """An empty page. hosts: that may be asked for something."""
    context: BrowserContext = browser.new_context(**options)  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE_MS)
    page, faults = context.new_page(), []

    def console(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            faults.append(message.text)

    def request(request: Request) -> None:
        if not request.url.startswith((*hosts, "data:")):
            faults.append(f"asked for {request.url}")

    page.on("console", console)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", request)
    try:
        yield Seen(page, faults)
    finally:
        context.close()


def _free() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
