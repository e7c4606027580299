"""A stand-in for a Slack webhook: it takes messages as the real one does, and fails in the ways in which that fails."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from typing import Literal

from populace import clock
from populace.standins.loopback import HOST, Answer, Loopback, Request

Mode = Literal["ok", "500", "hangs"]
PATH = "/services/T000/B000/XXXX"


@dataclass(slots=True)
class SlackServer:
    """The webhook on a loopback port, to be used in a `with`. texts: of the messages that it took. mode may be changed
    while it runs."""

    mode: Mode = "ok"
    texts: list[str] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _server: Loopback | None = None

    @property
    def url(self) -> str:
        """Where to POST."""
        assert self._server is not None
        return f"http://{HOST}:{self._server.port}{PATH}"

    def __enter__(self) -> SlackServer:
        self._server = Loopback(self._asked, ["POST"])
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        assert self._server is not None
        self._server.close()

    def _asked(self, asked: Request) -> Answer:
        return Answer(*self.answer(asked.target, asked.headers.get("content-type"), asked.body), {})

    def answer(self, path: str, kind: str | None, raw: bytes) -> tuple[int, bytes]:
        """Status and body for one message."""
        if self.mode == "hangs":
            clock.sleep(600, self._stop)
        if self.mode == "500":
            return 500, b"internal_error"
        if path != PATH:
            return 404, b"no_service"
        try:
            body = json.loads(raw)
        except ValueError:
            return 400, b"invalid_payload"
        if kind != "application/json" or not isinstance(body, dict) or not isinstance(body.get("text"), str):
            return 400, b"invalid_payload"
        if not body["text"]:
            return 400, b"no_text"
        self.texts.append(body["text"])
        return 200, b"ok"
