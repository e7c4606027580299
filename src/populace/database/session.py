"""A session on a target that does not wait for ever: it notices when server or network is away.

TCP alone does not notice everything: a proxy may keep a connection and pass nothing on. A session that hears nothing
for some seconds asks by a second one what its own is doing. What is busy, or waits for a lock, may take its time.
"""

from __future__ import annotations

import select
import threading
from collections.abc import Callable, Generator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

import psycopg
from psycopg import waiting
from psycopg.pq import TransactionStatus
from psycopg.rows import TupleRow

from populace import clock
from populace.database import queries
from populace.database.pins import Backend

T = TypeVar("T")

FIRST_LOOK_S = 3.0
"""Silence after which a session is looked at; then at each doubling, at most every LATER_LOOK_S."""
LATER_LOOK_S = 30.0
LOOK_LIMIT_S = 8.0
"""So long a look may take before the server counts as out of reach."""
STOPPED_LOOK_S = 0.5
STOPPED_LIMIT_S = 1.0
"""The same two once the work is to stop: whoever pressed Ctrl-C does not wait for a dead network."""
CANCEL_LIMIT_S = 0.5

Course = Literal["works", "waits for a lock", "gone"]


class ServerSilent(psycopg.OperationalError):
    """A session from which nothing comes any more, although nothing has ended it."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a session is doing, seen from another. by: who holds the lock that it waits for."""

    course: Course
    by: str = ""


@dataclass(slots=True)
class Vigil:
    """Who looks after a session.

    look: asks the server what a session does; raises psycopg's error where it cannot be asked. stop: set when the work
    is to end. on_wait: called with a line for a reader, once for each wait for a lock.
    """

    look: Callable[[Backend], Look]
    stop: threading.Event = field(default_factory=threading.Event)
    on_wait: Callable[[str], None] = lambda _text: None


class Session(psycopg.Connection[TupleRow]):
    """A connection that is looked after. backend: the process of the server, once it is known."""

    backend: Backend | None = None
    vigil: Vigil | None = None
    gave_up: bool = False
    """Whether it was left although nothing had ended it."""
    gave_up_lock: bool = False
    """Whether it has ended its own statement, because the work was to stop and the statement waited for a lock."""

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """As psycopg's; but silence is looked into, and an interruption ends the session instead of waiting for it."""
        if self.vigil is None or self.backend is None:
            return super().wait(gen, interval, timeout)
        try:
            steps = self._heard(gen, self.vigil, self.backend)
            # Not psycopg's own method, which asks for a cancellation for five seconds when it is interrupted.
            return waiting.wait(steps, self.pgconn.socket, interval=interval, timeout=timeout)
        except psycopg.Error:
            raise
        except BaseException:
            self._leave()
            raise

    def _heard(self, gen: Generator[Any, Any, T], vigil: Vigil, backend: Backend) -> Generator[Any, Any, T]:
        """The same steps, with a look at the server when nothing comes."""
        since, look_s, said = clock.monotonic(), FIRST_LOOK_S, False
        try:
            step = next(gen)
            while True:
                ready = yield step
                if ready:
                    since, look_s = clock.monotonic(), FIRST_LOOK_S
                elif clock.monotonic() - since >= (STOPPED_LOOK_S if vigil.stop.is_set() else look_s):
                    found = self._look(vigil, backend)
                    if found.course == "waits for a lock":
                        if vigil.stop.is_set():
                            self.gave_up_lock = True
                            self.cancel_safe(timeout=STOPPED_LIMIT_S)
                        elif not said:
                            said = True
                            vigil.on_wait(f"waiting for a lock that {found.by or 'another session'} holds")
                    look_s = clock.monotonic() - since + min(LATER_LOOK_S, look_s)
                    if vigil.stop.is_set():
                        since = clock.monotonic()
                step = gen.send(ready)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]

    def _look(self, vigil: Vigil, backend: Backend) -> Look:
        """What the server says of this session. Raises ServerSilent, and closes it, when that is nothing good."""
        limit_s = STOPPED_LIMIT_S if vigil.stop.is_set() else LOOK_LIMIT_S
        try:
            found = within(limit_s, lambda: vigil.look(backend), wake=None if vigil.stop.is_set() else vigil.stop)
        except TimeoutError:
            found = None
        except psycopg.Error as error:
            # A server that refuses a session is there: it has no connection left, say.
            found = Look("works") if "FATAL" in str(error) else None
        if found is not None and (found.course != "gone" or _readable(self.pgconn.socket)):
            return found if found.course != "gone" else Look("works")
        self.gave_up = True
        self.close()
        raise ServerSilent(
            "the server does not answer any more" if found is None else "the server has lost this session"
        )

    def _leave(self) -> None:
        """End a session in the middle of a statement, and the statement with it where that takes no time."""
        if self.closed or self.pgconn.transaction_status != TransactionStatus.ACTIVE:
            return
        with suppress(Exception):
            self.cancel_safe(timeout=CANCEL_LIMIT_S)
        self.close()


def attend(
    connection: psycopg.Connection[Any], stop: threading.Event, on_wait: Callable[[str], None] = lambda _text: None
) -> None:
    """Let a session know what ends the work, so that it does not outlive it. on_wait: as `Vigil` has it."""
    if isinstance(connection, Session) and connection.vigil is not None:
        connection.vigil.stop, connection.vigil.on_wait = stop, on_wait


def left_by(connection: psycopg.Connection[Any]) -> Backend | None:
    """The server's process of a session that was given up here, and may still hold its locks there."""
    return connection.backend if isinstance(connection, Session) and connection.gave_up else None


class Brief(psycopg.Connection[TupleRow]):
    """A connection that waits for an answer for LIMIT_S at most, and then raises TimeoutError: for one question."""

    LIMIT_S = 4.0

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """As psycopg's, for so long."""
        return super().wait(self._until(gen, clock.monotonic() + self.LIMIT_S), interval, timeout)

    @staticmethod
    def _until(gen: Generator[Any, Any, T], deadline: float) -> Generator[Any, Any, T]:
        try:
            step = next(gen)
            while True:
                ready = yield step
                if not ready and clock.monotonic() > deadline:
                    raise TimeoutError
                step = gen.send(ready)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]


def look(connection: psycopg.Connection[TupleRow], backend: Backend) -> Look:
    """What a session of this role does, seen from `connection`: one that waits for its client while the client waits
    for it has lost its network."""
    row = connection.execute(queries.load("queries/session_course.sql"), _named(backend)).fetchone()
    if row is None or row[0]:
        return Look("gone")
    return Look("waits for a lock", row[2] or "") if row[1] else Look("works")


def end(connection: psycopg.Connection[TupleRow], backend: Backend) -> bool:
    """End a session of our own that is left on the server, and wait until its locks are free; whether that came."""
    limit = {"limit_ms": int(LOOK_LIMIT_S * 1000)}
    row = connection.execute(queries.load("queries/end_session.sql"), _named(backend) | limit).fetchone()
    return bool(row and row[0])


def within(seconds: float, call: Callable[[], T], wake: threading.Event | None = None) -> T:
    """What a call returns or raises; TimeoutError when that takes longer. wake: leaves little more time once it is set.

    A call that takes longer goes on in a thread of its own, which the process does not wait for.
    """
    done = threading.Event()
    values: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            values.append(call())
        except BaseException as error:
            errors.append(error)
        done.set()

    threading.Thread(target=run, daemon=True).start()
    deadline = clock.monotonic() + seconds
    while not done.wait(0.05):
        if wake is not None and wake.is_set():
            deadline, wake = min(deadline, clock.monotonic() + STOPPED_LIMIT_S), None
        if clock.monotonic() > deadline:
            raise TimeoutError
    if errors:
        raise errors[0]
    return values[0]


def _readable(socket: int) -> bool:
    """Whether an answer has just come, which crossed the question about it."""
    return bool(select.select([socket], [], [], 0.2)[0])


def _named(backend: Backend) -> dict[str, int]:
    return {"pid": backend.pid, "started_us": backend.started_us}
