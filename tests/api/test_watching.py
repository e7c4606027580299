"""Fifty open Studios cost the database what one costs, as pg_stat_statements counts it."""

from __future__ import annotations

import itertools
import queue
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from api.conftest import _context
from hazards import JOURNEYS, step
from kills import until
from populace import clock
from populace.api import feed
from populace.api.wiring import Service, Serving
from populace.database.connection import Connection, connect
from populace.operations import RunRequest, run
from servers import running
from serving import OWNER, answering

MANY = 50
WINDOWS = 5
PATIENCE_S = 60.0


@pytest.fixture
def counted(tmp_path: Path) -> Iterator[tuple[str, Connection]]:
    """A small population on a server of its own that counts statements, and a session on it."""
    with running(tmp_path) as server:
        with connect(server.url("postgres"), application_name="tests", autocommit=True) as conn:
            conn.execute("ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'")
        server.stop()
        server.start()
        url = server.url("postgres")
        for words in (("init",), JOURNEYS.seed):
            assert step(url, *words).code == 0
        with connect(url, application_name="tests", autocommit=True) as conn:
            conn.execute("CREATE EXTENSION pg_stat_statements SCHEMA public")
            yield url, conn


@contextmanager
def watching(url: str, many: int) -> Iterator[list[queue.Queue[str]]]:
    """So many open streams, each with the kinds of news that it hears; all of them have heard the first state."""
    place = urlsplit(url)
    asked = f"GET /api/v1/events HTTP/1.1\r\nhost: {place.netloc}\r\nauthorization: Bearer {OWNER}\r\n\r\n"
    streams = [(socket.create_connection((place.hostname, place.port)), queue.Queue[str]()) for _ in range(many)]

    def listen(stream: socket.socket, said: queue.Queue[str]) -> None:
        with stream.makefile("r", encoding="utf-8") as lines:
            for line in lines:
                if line.startswith("event:"):
                    said.put(line.removeprefix("event:").strip())

    for stream, said in streams:
        stream.sendall(asked.encode())
        threading.Thread(target=listen, args=(stream, said), daemon=True).start()
    try:
        for _, said in streams:
            assert said.get(timeout=PATIENCE_S) == "now"
        yield [said for _, said in streams]
    finally:
        for stream, _ in streams:
            stream.shutdown(socket.SHUT_RDWR)
            stream.close()


def test_fifty_streams_cost_what_one_costs(counted: tuple[str, Connection], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "POLL_S", 1000.0)
    monkeypatch.setattr(feed, "LEAST_S", 0.0)
    target, conn = counted
    service = Service(_context(target), Serving(runner=False, a_second=1e6, at_once=1e6))
    service.settle()
    minutes, calls = itertools.count(1), []
    with answering(service) as url:
        for many in (1, MANY):
            with watching(url, many) as heard:
                until(lambda many=many: service.feed.watching == many, "closed streams are noticed")
                conn.execute("SELECT public.pg_stat_statements_reset()")
                for _ in range(WINDOWS):
                    end_us = clock.parse(JOURNEYS.now, "now") + next(minutes) * clock.MINUTE_US
                    run(service.direct, RunRequest(speed="max", until=clock.iso(end_us)))
                    for said in heard:
                        assert said.get(timeout=PATIENCE_S) == "window"
                row = conn.execute("SELECT sum(calls) FROM public.pg_stat_statements").fetchone()
                assert row
                calls.append(int(row[0]))
    print(f"{WINDOWS} windows: {calls[0]:,} statements with one stream, {calls[1]:,} with {MANY}")
    assert calls[1] < 1.2 * calls[0]
