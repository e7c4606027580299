"""News that a Supabase project is sent too: as its Realtime takes them, and never waited for."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from contexts import at
from kills import until
from populace.api.wiring import Service, Serving
from populace.deliver.realtime import PATH, Broadcast
from populace.errors import BadInput, Refused
from serving import OWNER, answering


@dataclass
class Project:
    """A project's Realtime on loopback. status: what it answers; holds: until this is set it does not."""

    url: str = ""
    status: int = 202
    holds: threading.Event = field(default_factory=threading.Event)
    messages: list[dict[str, Any]] = field(default_factory=list)


@contextmanager
def project() -> Iterator[Project]:
    found = Project()
    found.holds.set()

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            held = json.loads(self.rfile.read(int(self.headers["content-length"])))
            found.holds.wait(30)
            allowed = self.path == PATH and self.headers["apikey"] == OWNER
            if allowed and found.status == 202:
                found.messages += held["messages"]
            self.send_response(found.status if allowed else 401)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_given: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    found.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield found
    finally:
        found.holds.set()
        server.shutdown()
        server.server_close()


def test_each_window_is_broadcast(lived_url: str) -> None:
    with project() as peer:
        settings = {"service_role_key": OWNER, "supabase_url": peer.url}
        service = Service(at(lived_url, **settings), Serving(broadcast="people", a_second=1e6, at_once=1e6))
        service.settle()
        with answering(service):
            until(lambda: service.document()["broadcast"]["sent"] >= 2, "two windows are broadcast")
    assert len(peer.messages) >= 2
    first = peer.messages[0]
    assert (first["topic"], first["event"], first["private"]) == ("people", "window", False)
    assert first["payload"]["world"] == "recoverlution"
    assert first["payload"]["lines"]
    assert all({"at", "kind", "text"} <= set(line) for line in first["payload"]["lines"])
    assert OWNER not in json.dumps(peer.messages)


def test_a_slow_project_is_not_waited_for_and_gets_the_newest() -> None:
    with project() as peer:
        peer.holds.clear()
        broadcast = Broadcast(peer.url, OWNER, "people", timeout_s=20)
        broadcast.start()
        broadcast.offer("window", {"n": 0})
        until(lambda: broadcast._next is None, "the first is under way")
        for n in range(1, 100):
            broadcast.offer("window", {"n": n})
        assert (broadcast.sent, broadcast.dropped) == (0, 98)
        peer.holds.set()
        until(lambda: broadcast.sent == 2, "both were sent")
        broadcast.shut()
    assert [one["payload"]["n"] for one in peer.messages] == [0, 99]


def test_a_failure_is_counted_and_tried_again_with_the_next() -> None:
    with project() as peer:
        peer.status = 500
        broadcast = Broadcast(peer.url, OWNER, "people")
        broadcast.start()
        broadcast.offer("window", {})
        until(lambda: broadcast.failed == 1, "it failed")
        assert broadcast.document()["why"] == "it answered 500"
        peer.status = 202
        broadcast.offer("window", {})
        until(lambda: broadcast.sent == 1, "it was sent")
        assert broadcast.document() == {"topic": "people", "sent": 1, "dropped": 0, "failed": 1, "why": ""}
        broadcast.shut()


def test_a_key_is_sent_nowhere_in_plain_text(lived_url: str) -> None:
    with pytest.raises(Refused, match="without encryption"):
        Broadcast("http://project.example.com", OWNER, "people")
    with pytest.raises(BadInput, match="no project is named"):
        Service(at(lived_url), Serving(broadcast="people")).settle()
