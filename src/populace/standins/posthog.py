"""A stand-in for PostHog's capture endpoint: a real server on loopback that checks every event, and can misbehave.

It takes what PostHog takes and refuses what PostHog refuses, counts an event once however often it is sent, and answers
`GET /state` with what it has. `python -m populace.standins.posthog --port N` runs it by itself; tests run it within.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
import zlib
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID

from populace import clock
from populace.errors import BadInput, nearest

MOST_BYTES = 20_000_000
MOST_CHARACTERS = 200
"""Of an event's name and of a distinct_id."""
EARLIEST_US = clock.parse("1990-01-01T00:00:00Z", "the earliest event")
HISTORICAL_US = 48 * clock.HOUR_US
AHEAD_US = 23 * clock.HOUR_US
"""An event that lies further ahead gets the time at which it arrives."""
POISON = "poison"
"""An event of this name, or with a property of this name, spoils its batch."""
MODES = ("well", "down", "slow", "too_many", "broken", "half", "lost", "cut")


class Faulty(Exception):
    """A request that is refused. status: of the answer; the text is what it says."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


@dataclass(slots=True)
class Captured:
    """What was taken, and how this server behaves.

    mode: `well`, `down` (hangs up), `slow` (answers after slow_s), `too_many` (429 with Retry-After), `broken` (500),
    `half` (takes the first half of a batch, and answers 500), `lost` (takes it, and hangs up), `cut` (takes it, and
    hangs up in the middle of its answer). script: modes of the next batches, one each; after them `mode` counts.
    asked: requests so far. events: by uuid. received: with duplicates. misflagged: events under historical_migration
    that are not older than 48 hours. restamped: events that got the time of their arrival, as they lay too far ahead.
    people: the properties of each, in the order in which they arrived; latest: as of the latest event that set each.
    answers: how often each status was given (0: hung up).
    """

    key: str = "phc_test"
    mode: str = "well"
    script: list[str] = field(default_factory=list)
    slow_s: float = 1.0
    retry_after_s: int = 1
    events: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    asked: int = 0
    received: int = 0
    batches: int = 0
    historical: int = 0
    misflagged: int = 0
    restamped: int = 0
    people: dict[str, dict[str, object]] = field(default_factory=dict)
    latest: dict[str, dict[str, tuple[int, object]]] = field(default_factory=dict)
    answers: Counter[int] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def next_mode(self) -> str:
        """How the next batch is answered."""
        with self.lock:
            return self.script.pop(0) if self.script else self.mode

    def take(self, body: Mapping[str, Any]) -> None:
        """Take a batch, all of it or nothing. Raises Faulty."""
        if body.get("api_key") != self.key:
            raise Faulty(401, "API key is not valid")
        events, historical = body.get("batch"), body.get("historical_migration", False)
        if not isinstance(events, list) or not events or not isinstance(historical, bool):
            raise Faulty(400, "a batch is a list of events, and historical_migration true or false")
        moments = [check(event) for event in events]
        now_us = clock.now_us()
        young_us = now_us - HISTORICAL_US
        with self.lock:
            self.batches += 1
            self.received += len(events)
            if historical:
                self.historical += len(events)
                self.misflagged += sum(at_us > young_us for at_us in moments)
            for event, at_us in zip(events, moments, strict=True):
                if event["uuid"].lower() in self.events:
                    continue
                if at_us > now_us + AHEAD_US:
                    self.restamped += 1
                    event = {**event, "timestamp": clock.iso(now_us)}
                self.events[event["uuid"].lower()] = event
                self._describe(event, at_us)

    def _describe(self, event: Mapping[str, Any], at_us: int) -> None:
        """Set properties of a person, whenever the event happened."""
        wanted, once = (event["properties"].get(name) or {} for name in ("$set", "$set_once"))
        self.people[event["distinct_id"]] = {**once, **self.people.get(event["distinct_id"], {}), **wanted}
        latest = self.latest.setdefault(event["distinct_id"], {})
        for name, value in {**once, **wanted}.items():
            if name not in latest or latest[name][0] <= at_us:
                latest[name] = (at_us, value)

    @property
    def stale(self) -> int:
        """People of whom a property is not what their latest event says."""
        return sum(
            any(self.people[person][name] != value for name, (_, value) in latest.items())
            for person, latest in self.latest.items()
        )

    def state(self) -> dict[str, Any]:
        """What `GET /state` answers."""
        with self.lock:
            days: dict[str, Counter[str]] = {}
            for event in self.events.values():
                days.setdefault(event["event"], Counter())[_day(event)] += 1
            return {
                "events": len(self.events),
                "received": self.received,
                "duplicates": self.received - len(self.events),
                "batches": self.batches,
                "historical": self.historical,
                "misflagged": self.misflagged,
                "restamped": self.restamped,
                "people": len(self.people),
                "stale": self.stale,
                "by_event": {name: sum(counts.values()) for name, counts in sorted(days.items())},
                "by_day": dict(sorted(sum(days.values(), Counter()).items())),
                "by_event_and_day": {name: dict(sorted(counts.items())) for name, counts in sorted(days.items())},
                "answers": {str(status): n for status, n in sorted(self.answers.items())},
            }


def check(event: object) -> int:
    """When an event happened, µs. Raises Faulty for one that the endpoint would not take."""
    if not isinstance(event, dict):
        raise Faulty(400, "an event is an object")
    for name in ("event", "distinct_id"):
        value = event.get(name)
        if not isinstance(value, str) or not 0 < len(value) <= MOST_CHARACTERS:
            raise Faulty(400, f"{name} is a text of 1 to {MOST_CHARACTERS} characters")
    try:
        UUID(event["uuid"])
    except (KeyError, ValueError, AttributeError, TypeError):
        raise Faulty(400, "uuid is not valid") from None
    try:
        at_us = clock.parse(event["timestamp"], "timestamp")
    except (KeyError, TypeError, BadInput):
        raise Faulty(400, "timestamp is not an ISO time with a zone") from None
    if at_us < EARLIEST_US:
        raise Faulty(400, "timestamp is absurd")
    properties = event.get("properties")
    if not isinstance(properties, dict):
        raise Faulty(400, "properties is not an object")
    if event["event"] == POISON or POISON in properties:
        raise Faulty(400, "this event cannot be taken")
    return at_us


class Server:
    """The server, while it runs. port: 0 takes a free one. Used as a context."""

    def __init__(self, captured: Captured | None = None, port: int = 0) -> None:
        self.captured = captured or Captured()
        self._http = _Listening(("127.0.0.1", port), _answering(self.captured))
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        """Where it is reached: `http://127.0.0.1:N`."""
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def __enter__(self) -> Server:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def serve(self) -> None:
        """Serve until Ctrl-C."""
        with suppress(KeyboardInterrupt):
            self._http.serve_forever()
        self._http.server_close()


class _Listening(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of somebody who went away in the middle; that is what some tests are about."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def _answering(captured: Captured) -> type[BaseHTTPRequestHandler]:
    class Requests(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # An answer leaves in one piece, or the other side's delayed acknowledgement costs 40 ms each.
        wbufsize, disable_nagle_algorithm = -1, True

        def do_POST(self) -> None:
            captured.asked += 1
            try:
                content = self._content()
                if self.path == "/mode":
                    _set_mode(captured, _object(content))
                elif self.path in ("/batch", "/batch/"):
                    self._batch(content, captured.next_mode())
                    return
                else:
                    raise Faulty(404, "not found")
                self._answer(200, {"mode": captured.mode})
            except Faulty as error:
                self._answer(error.status, {"error": str(error)})

        def do_GET(self) -> None:
            if self.path == "/state":
                self._answer(200, captured.state(), counted=False)
            else:
                self._answer(404, {"error": "not found"})

        def _content(self) -> bytes:
            length = int(self.headers.get("Content-Length") or 0)
            if length > MOST_BYTES:
                # Read all the same: who is still sending would not see the answer.
                while length > 0 and (part := self.rfile.read(min(length, 1 << 20))):
                    length -= len(part)
                raise Faulty(413, "the request is too large")
            return self.rfile.read(length)

        def _batch(self, content: bytes, mode: str) -> None:
            """Take a batch, or misbehave."""
            if mode == "down":
                return self._hang_up()
            if mode == "too_many":
                return self._answer(429, {"error": "too many requests"}, {"Retry-After": str(captured.retry_after_s)})
            if mode == "broken":
                return self._answer(500, {"error": "this server is broken"})
            if mode == "slow":
                clock.sleep(captured.slow_s)
            body = _object(_unpacked(content, self.headers.get("Content-Encoding")))
            batch = body.get("batch")
            if mode == "half" and isinstance(batch, list):
                captured.take({**body, "batch": batch[: (len(batch) + 1) // 2]})
                return self._answer(500, {"error": "this server broke in the middle of the batch"})
            captured.take(body)
            if mode == "lost":
                return self._hang_up()
            if mode == "cut":
                self.send_response(200)
                self.send_header("Content-Length", "1000")
                self.end_headers()
                self.wfile.write(b'{"status": ')
                return self._hang_up()
            return self._answer(200, {"status": "Ok"})

        def _hang_up(self) -> None:
            captured.answers[0] += 1
            self.close_connection = True

        def _answer(
            self, status: int, document: object, headers: Mapping[str, str] | None = None, *, counted: bool = True
        ) -> None:
            if counted:
                captured.answers[status] += 1
            body = json.dumps(document).encode()
            with suppress(ConnectionError):  # the client has disconnected
                self.send_response(status)
                for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, format: str, *_arguments: object) -> None:
            """Say nothing: `GET /state` shows what happened."""

    return Requests


def _unpacked(content: bytes, encoding: str | None) -> bytes:
    if encoding != "gzip" and not content.startswith(b"\x1f\x8b"):
        return content
    unpacking = zlib.decompressobj(31)
    try:
        out = unpacking.decompress(content, MOST_BYTES + 1)
    except zlib.error:
        raise Faulty(400, "the body is no gzip") from None
    if len(out) > MOST_BYTES:
        raise Faulty(413, "the request is too large")
    if not unpacking.eof:
        raise Faulty(400, "the body is cut off")
    return out


def _object(content: bytes) -> Mapping[str, object]:
    try:
        found = json.loads(content)
    except ValueError:
        raise Faulty(400, "the body is no JSON") from None
    if not isinstance(found, dict):
        raise Faulty(400, "the body is no object")
    return found


def _set_mode(captured: Captured, wanted: Mapping[str, object]) -> None:
    mode = wanted.get("mode", captured.mode)
    if mode not in MODES:
        raise Faulty(400, f"there is no such mode; allowed: {nearest(str(mode), MODES)}")
    captured.mode = mode


def _day(event: Mapping[str, Any]) -> str:
    return clock.to_datetime(clock.parse(event["timestamp"], "timestamp")).date().isoformat()


def main() -> None:
    """Run the stand-in until Ctrl-C."""
    parser = argparse.ArgumentParser(description="A stand-in for PostHog's capture endpoint, on this machine only.")
    parser.add_argument("--port", type=int, default=8123)
    parser.add_argument("--key", default=Captured().key, help="the project API key that it takes")
    parser.add_argument("--mode", choices=MODES, default="well")
    given = parser.parse_args()
    server = Server(Captured(given.key, given.mode), given.port)
    sys.stderr.write(f"PostHog's stand-in listens on {server.url} (POST /batch/, GET /state, POST /mode)\n")
    server.serve()


if __name__ == "__main__":
    main()
