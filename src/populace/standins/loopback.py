"""A small HTTP server on loopback for stand-ins: it answers in the background until it is closed."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer

HOST = "127.0.0.1"
PATIENCE_S = 600.0
"""Of a client that sends nothing more."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request. target: path and query. headers: by their names in small letters. long: it was too large to be
    read."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    long: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})


class Loopback:
    """A server that listens from the beginning.

    answer: called with each request, on a thread of its own; one_by_one: never with two at once. methods: others are
    answered with 501. most_bytes: of a body; what is longer is not read. port: 0 for a free one.
    """

    def __init__(
        self,
        answer: Callable[[Request], Answer],
        methods: Sequence[str],
        *,
        port: int = 0,
        one_by_one: bool = False,
        most_bytes: int = sys.maxsize,
    ) -> None:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = PATIENCE_S
            # An answer leaves in one piece, or the other side's delayed acknowledgement costs 40 ms each.
            wbufsize, disable_nagle_algorithm = -1, True

            def _do(self) -> None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                length = headers.get("content-length", "0")
                long = not length.isdecimal() or len(length) > len(str(sys.maxsize)) or int(length) > most_bytes
                body = b"" if long else self.rfile.read(int(length))
                said = answer(Request(self.command, self.path, headers, body, long))
                self.send_response(said.status)
                for name, value in said.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(said.body)))
                if long:
                    self.send_header("Connection", "close")
                self.end_headers()
                self.wfile.write(said.body)

            def log_message(self, format: str, *args: object) -> None:
                """Stand-ins keep their own record of what they were asked."""

        for method in methods:
            setattr(Handler, f"do_{method}", Handler._do)
        self._server: HTTPServer = (_OneByOne if one_by_one else _Server)((HOST, port), Handler)
        self.port: int = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), name="standin", daemon=True).start()

    def close(self) -> None:
        """Listen no more; what is under way may end."""
        self._server.shutdown()
        self._server.server_close()


class _Forgiving(HTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """A caller that did not wait for the answer is no fault of ours."""
        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _OneByOne(_Forgiving):
    pass


class _Server(_Forgiving, ThreadingHTTPServer):
    daemon_threads = True
