"""What happens now, for everybody who watches: one reader of the target a server, woken by the runner's windows.

Each piece of news carries the end of its window as its number, so whoever comes back says up to where they have read,
and no table is needed for that.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import psycopg

from populace import clock
from populace.database.connection import Connection
from populace.database.session import Session
from populace.errors import PopulaceError
from populace.operations import Context
from populace.operations.inspection.overview import OverviewRequest, Span, overview, span
from populace.operations.population import place
from populace.runner.records import SQL

POLL_S = 10.0
LEAST_S = 0.5
"""Windows that follow each other faster are read together."""
FIRST_S = 1.0
"""Whoever comes so soon after another, and continues from the same window, is given the same first state."""
MOST_WATCHING = 200
BACK_OFF_S = 2.0
STATE = OverviewRequest(activity=False)
Item = dict[str, Any]


@dataclass(slots=True)
class Feed:
    """Reads a target for all who listen. context: with pooled sessions; direct: with one of its own to wait on.

    on_defect: hears of an error that is none of ours. about: what is said of the server with every state. outlet: is
    given each window's news too, and may not take time.
    """

    context: Context
    direct: Context
    on_defect: Callable[[BaseException], None]
    about: Callable[[], dict[str, Any]] = dict
    outlet: Callable[[Item], None] | None = None
    _heard: dict[asyncio.Queue[Item], asyncio.AbstractEventLoop] = field(default_factory=dict)
    _last_us: int | None = None
    _firsts: dict[int | None, tuple[float, int, Item]] = field(default_factory=dict)
    _reading: threading.Lock = field(default_factory=threading.Lock)
    _sent: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to read."""
        self._thread = threading.Thread(target=self._read, name="feed", daemon=True)
        self._thread.start()

    def shut(self) -> None:
        """End; listeners hear that it is over."""
        self._stop.set()
        self._send({"event": "over", "id": None, "data": {}})

    async def listen(self, after_us: int | None) -> AsyncIterator[Item]:
        """News from now on, or from the end of a window on. First the state as it is."""
        queue: asyncio.Queue[Item] = asyncio.Queue(maxsize=100)
        self._heard[queue] = asyncio.get_running_loop()
        try:
            yield await asyncio.to_thread(self._now, after_us)
            while not self._stop.is_set():
                item = await queue.get()
                if item["event"] == "over":
                    return
                yield item
        finally:
            self._heard.pop(queue, None)

    @property
    def watching(self) -> int:
        """How many listen."""
        return len(self._heard)

    def _now(self, after_us: int | None) -> Item:
        """Everything that a page needs at first, or again after it was away; read once for all who come together.

        It may be older than whoever asks, but no news was sent since: what comes later reaches them as news.
        """
        with self._reading:
            now, sent = clock.monotonic(), self._sent
            self._firsts = {
                key: held for key, held in self._firsts.items() if held[0] > now - FIRST_S and held[1] == sent
            }
            if after_us not in self._firsts:
                self._firsts[after_us] = (now, sent, self._first(after_us))
            return self._firsts[after_us][2]

    def _first(self, after_us: int | None) -> Item:
        try:
            state = overview(self.context, STATE)
            found = span(self.context, after_us) if state.state == "ready" else Span(0)
        except PopulaceError as error:
            return {"event": "away", "id": None, "data": {"what": error.what}}
        return _item("now", state.document() | self.about(), found)

    def _read(self) -> None:
        """Until the end: wait for a window, read what is new, send it. A target that is away is tried again."""
        while not self._stop.is_set():
            try:
                self._wait_and_send()
            except (PopulaceError, psycopg.Error) as error:
                what = error.what if isinstance(error, PopulaceError) else "the connection to the database was lost"
                self._send({"event": "away", "id": None, "data": {"what": what}})
                clock.sleep(BACK_OFF_S, self._stop)
            except BaseException as error:
                self.on_defect(error)
                clock.sleep(BACK_OFF_S, self._stop)

    def _wait_and_send(self) -> None:
        with place(self.direct, None, "feed", autocommit=True, or_closed=True, or_copy=True) as there:
            connection = there.connection
            if isinstance(connection, Session):
                connection.vigil = None  # it waits for long, and is not at work meanwhile
            connection.execute(SQL["listen"])
            while not self._stop.is_set():
                if self._heard or self.outlet is not None:
                    self._news()
                _wait(connection, self._stop)

    def _news(self) -> None:
        """Read what is new since the last news, and send it."""
        state = overview(self.context, STATE)
        found = span(self.context, self._last_us) if state.state == "ready" else Span(0)
        fresh = found.end_us != self._last_us
        self._last_us = found.end_us
        item = _item("window" if fresh else "state", state.document() | self.about(), found)
        self._send(item)
        if fresh and self.outlet is not None:
            self.outlet(item)

    def _send(self, item: Item) -> None:
        self._sent += 1
        for queue, loop in list(self._heard.items()):
            with suppress(RuntimeError):  # its loop has ended
                loop.call_soon_threadsafe(_put, queue, item)


def _put(queue: asyncio.Queue[Item], item: Item) -> None:
    """Who reads too slowly loses the oldest news; the next holds the state."""
    if queue.full():
        queue.get_nowait()
    queue.put_nowait(item)


def _wait(connection: Connection, stop: threading.Event) -> None:
    """Until a window was written, or for a while; at least so long that fast ones are read together."""
    since = clock.monotonic()
    while not stop.is_set() and clock.monotonic() - since < POLL_S:
        if list(connection.notifies(timeout=1.0, stop_after=1)):
            break
    clock.sleep(LEAST_S - (clock.monotonic() - since), stop)


def _item(event: str, state: dict[str, Any], found: Span) -> Item:
    return {
        "event": event,
        "id": str(found.end_us),
        "data": {
            "state": state,
            **found.document(),
        },
    }
