"""A stand-in for a Slack webhook: it takes messages as the real one does, and fails in the ways in which that fails."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal

from populace import clock

Mode = Literal["ok", "500", "hangs"]
PATH = "/services/T000/B000/XXXX"


@dataclass(slots=True)
class SlackServer:
    """The webhook on a loopback port, to be used in a `with`. texts: of the messages that it took. mode may be changed
    while it runs."""

    mode: Mode = "ok"
    texts: list[str] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        """Where to POST."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.server_address[1]}{PATH}"

    def __enter__(self) -> SlackServer:
        owner = self

        class Answer(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status, said = owner.answer(self.path, self.headers.get("Content-Type"), raw)
                self.send_response(status)
                self.end_headers()
                self.wfile.write(said)

            def log_message(self, format: str, *args: object) -> None:
                """The messages are in `texts`."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), name="standin-slack", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()

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
