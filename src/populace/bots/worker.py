"""A process with one browser: it plays the visits that come in, a line each, and answers each with a line.

It ends with whoever started it, whatever it is doing then; its browser ends with it.
"""

from __future__ import annotations

import json
import os
import queue
import socket
import sys
import threading
from collections.abc import Mapping
from typing import Any

from playwright.sync_api import Browser, Error, Playwright, sync_playwright

from populace.bots.player import Outcome, play

MARK = "PopulaceBot"


def main() -> None:
    """Play until there is nothing more."""
    settings = json.loads(sys.stdin.readline())
    waiting: queue.SimpleQueue[Mapping[str, Any]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(waiting,), daemon=True).start()
    # Of the bypass rules the later ones count: nothing is let past the proxy, then the given hosts are.
    # Where nobody answers: all that is not the site's own goes there. The port is held, so that nobody will.
    with socket.socket() as nowhere, sync_playwright() as playwright:
        nowhere.bind(("127.0.0.1", 0))
        browser: Browser | None = None
        while True:
            given = waiting.get()
            if browser is None or not browser.is_connected():
                browser = _launched(playwright, settings, nowhere.getsockname()[1])
                agent = _agent(browser, settings["version"])
            _say({"address": given["address"], **play(browser, {**given, "agent": agent}).document()})


def _launched(playwright: Playwright, settings: Mapping[str, Any], port: int) -> Browser:
    return playwright.chromium.launch(
        executable_path=settings["chromium"],
        headless=settings["headless"],
        args=settings["arguments"],
        proxy={"server": f"http://127.0.0.1:{port}", "bypass": ",".join(["<-loopback>", *settings["hosts"]])},
    )


def _agent(browser: Browser, version: str) -> str:
    """What the browser says it is, and that nobody sits in front of it."""
    page = browser.new_page()
    try:
        return f"{page.evaluate('navigator.userAgent')} {MARK}/{version} (synthetic visitor)"
    finally:
        page.close()


def _listen(waiting: queue.SimpleQueue[Mapping[str, Any]]) -> None:
    for line in sys.stdin:
        waiting.put(json.loads(line))
    os._exit(0)


def _say(answer: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        main()
    except Error as error:
        failed = Outcome(kind="browser", fault=f"the browser could not be started: {str(error).splitlines()[0][:300]}")
        _say({"address": None, **failed.document()})
        sys.exit(1)
