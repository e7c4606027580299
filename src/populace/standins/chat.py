"""A stand-in for a chat endpoint, such as an edge function: it checks and logs calls, and answers in its shape.

Its modes are the ways in which the real one fails. `python -m populace.standins.chat --port N` runs it alone.
"""

from __future__ import annotations

import argparse
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from populace import clock
from populace.standins.loopback import Answer, Loopback, Request

Mode = Literal["ok", "slow", "500", "malformed"]
MODES: tuple[Mode, ...] = get_args(Mode)
MODEL = "standin-flash"


@dataclass(frozen=True, slots=True)
class Call:
    """A call that came in. at_s: on the server's clock. status: what it was answered with; 0 while under way."""

    at_s: float
    body: object
    status: int


@dataclass(slots=True)
class ChatServer:
    """The function on a loopback port, to be used in a `with`.

    key: the bearer token that calls must carry; None: any. mode may be changed while it runs. slow_s: how long the mode
    `slow` waits before it answers. monotonic: its clock, in seconds. reply: the text of an answer, from the question.
    """

    key: str | None = None
    mode: Mode = "ok"
    port: int = 0
    slow_s: float = 10.0
    monotonic: Callable[[], float] = clock.monotonic
    reply: Callable[[str], str] = field(default=lambda question: f"Here is a thought about: {question}")
    calls: list[Call] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _server: Loopback | None = None

    @property
    def url(self) -> str:
        """Where to POST."""
        return f"http://127.0.0.1:{self.port}/functions/v1/chat"

    def __enter__(self) -> ChatServer:
        self._server = Loopback(self._asked, ["POST"], port=self.port)
        self.port = self._server.port
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        assert self._server is not None
        self._server.close()

    def _asked(self, asked: Request) -> Answer:
        return Answer(*self.answer(asked.headers.get("authorization"), asked.body))

    def answer(self, authorization: str | None, raw: bytes) -> tuple[int, bytes]:
        """Status and body for one call."""
        at_s = self.monotonic()
        try:
            body = json.loads(raw)
        except ValueError:
            body = None
        status, content = self._decided(authorization, body)
        self.calls.append(Call(at_s, body, status))
        return status, content

    def _decided(self, authorization: str | None, body: Any) -> tuple[int, bytes]:
        if self.key is not None and authorization != f"Bearer {self.key}":
            return 401, _json({"error": "missing or wrong authorization"})
        question = _question(body)
        if question is None:
            return 400, _json({"error": "message or messages, and conversationId, are needed"})
        if self.mode == "500":
            return 500, _json({"error": "the model did not answer"})
        if self.mode == "malformed":
            return 200, b"<html>not what you asked for"
        if self.mode == "slow":
            clock.sleep(self.slow_s, self._stop)
        message = self.reply(question)
        sent, got = -(-len(question) // 4), -(-len(message) // 4)
        metadata = {
            "tokens": {"input": sent, "output": got, "total": sent + got},
            "latency": 640,
            "cost": {"input": sent * 1e-7, "output": got * 4e-7, "total": sent * 1e-7 + got * 4e-7},
            "model": MODEL,
        }
        return 200, _json({"message": message, "conversationId": body["conversationId"], "metadata": metadata})


def _question(body: object) -> str | None:
    """What is asked, in either shape of request; None when the request is neither."""
    if not isinstance(body, dict) or not isinstance(body.get("conversationId"), str):
        return None
    if isinstance(body.get("message"), str):
        wanted = all(isinstance(body.get(name), str) for name in ("userId", "profileId"))
        return body["message"] if wanted and body["message"] else None
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        return None
    fit = all(
        isinstance(m, dict) and m.get("role") in ("user", "assistant") and isinstance(m.get("content"), str)
        for m in messages
    )
    return messages[-1]["content"] if fit and messages[-1]["role"] == "user" else None


def _json(document: object) -> bytes:
    return json.dumps(document).encode()


def main() -> None:
    """Serve until interrupted."""
    options = argparse.ArgumentParser(prog="python -m populace.standins.chat", description=__doc__)
    options.add_argument("--port", type=int, default=0, help="0: a free one")
    options.add_argument("--mode", choices=MODES, default="ok")
    options.add_argument("--key", help="the bearer token that calls must carry")
    chosen = options.parse_args()
    stop = threading.Event()
    with ChatServer(key=chosen.key, mode=chosen.mode, port=chosen.port) as server:
        print(server.url, flush=True)  # noqa: T201
        try:
            stop.wait()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
