"""A worker sends one channel of the outbox: beside a runner for as long as that runs, or until nothing is left.

It has a session of its own, and an error of the other side affects nothing else: rows that are not accepted wait in
the table. A batch is deleted from the outbox in the transaction that held it while it was sent, so that a worker may be
killed at any moment; what it had sent is then sent again, under the same ids.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import psycopg

from populace import clock
from populace.database.connection import Connection, is_lost, translate
from populace.database.session import attend, within
from populace.deliver import outbox
from populace.deliver.peer import Answer, Peer
from populace.errors import PopulaceError, TargetUnavailable

POLL_S = 1.0
"""Real time between two looks at an outbox in which nothing may go."""
SHORTEST_S = 0.05
"""Real time between two looks when what may go is held by another worker."""
CONNECT_LIMIT_S = 30.0
"""Real time for opening a session, its set-up included."""
PATIENCE_S = 60.0
"""So long, at most, a worker that is to come to an end waits: for a peer that rests by its own limits, for rows that
were postponed, and for anything to be taken after a failure."""
SAID_AFTER = 3
"""Failures in a row before the first report: a single 429 is normal."""

Level = Literal["info", "warning"]


@dataclass(slots=True)
class Worker:
    """Delivers one channel.

    connect: opens a session on the target. report: called once when the other side stops accepting rows and once when
    it accepts them again, and for rejected rows. stop: ends it between two requests. taken, rejected: rows.
    failed: batches that were not taken. why: why nothing is accepted at present; empty when the last batch was.
    given_up: it came to an end although rows wait, after failures.
    """

    connect: Callable[[], Connection]
    peer: Peer
    report: Callable[[Level, str], None]
    stop: threading.Event
    taken: int = 0
    rejected: int = 0
    failed: int = 0
    why: str = ""
    given_up: bool = False
    _failures: int = 0
    _said: str = ""
    _rests_s: float = 0.0
    _failing_since: float | None = None
    _ahead: int = 0
    _said_ahead: bool = False

    def live(self) -> None:
        """Deliver until `stop` is set, whatever the other side or the database does."""
        while not self.stop.is_set():
            try:
                self._deliver(lambda _due_s: False)
            except (psycopg.Error, PopulaceError) as error:
                self._stumble(_said(error))
                clock.sleep(outbox.wait_s(self._failures), self.stop)

    def drain(self) -> None:
        """Deliver until nothing waits any more, nothing may go for longer than PATIENCE_S, nothing was taken for so
        long since the first failure, or `stop` is set. What waits then stays, and is reported.

        Raises the fault when the settings keep everything from being taken, TargetUnavailable when the database lets
        nobody in, or is away for longer than PATIENCE_S.
        """
        done = False
        while not done and not self.stop.is_set():
            try:
                done = self._deliver(self._drained)
            except (psycopg.Error, PopulaceError) as error:
                if not is_lost(error) or self._failing_s() > PATIENCE_S:
                    raise (translate(error, "delivering") or error) from error
                self._stumble(_said(error))
                clock.sleep(outbox.wait_s(self._failures), self.stop)

    def _drained(self, due_s: float | None) -> bool:
        if due_s is None:
            return True
        title, stays = self.peer.channel.title, "what waits stays in the outbox"
        if self._rests_s > PATIENCE_S:
            self.report("info", f"{title} accepts no more for {_minutes(self._rests_s)}, by its limits; {stays}")
            return True
        if self._failing_s() > PATIENCE_S:
            why = f"{title} has accepted nothing for {_minutes(self._failing_s())}"
        elif due_s > PATIENCE_S and self._ahead:
            return True
        elif due_s > PATIENCE_S:
            why = f"{title} is not to be asked again for {_minutes(due_s)}, after failures"
        else:
            return False
        self.report("warning", f"{why}; {stays}")
        self.given_up, self.why = True, self.why or why
        return True

    def _failing_s(self) -> float:
        """Seconds since the first failure after which nothing was taken."""
        return 0.0 if self._failing_since is None else clock.monotonic() - self._failing_since

    def last(self, seconds: float) -> None:
        """Send what may go at once, for so long at most: what a runner wrote in its last moment."""
        if self._failures:
            return
        self.stop = threading.Event()
        clock.after(seconds, self.stop)
        try:
            self._deliver(lambda _due_s: True)
        except (psycopg.Error, PopulaceError) as error:
            self._stumble(_said(error))

    def _deliver(self, done: Callable[[float | None], bool]) -> bool:
        """Send batches until `stop` is set, or nothing may go at present and `done` says so; whether it said so.

        done(seconds until the first row may go; None: nothing waits at all).
        """
        try:
            connection = within(CONNECT_LIMIT_S, self.connect, wake=self.stop)
        except TimeoutError:
            raise TargetUnavailable("the server does not answer", where="connecting") from None
        attend(connection, self.stop)
        try:
            connection.autocommit = True
            while not self.stop.is_set():
                pause_s = self._turn(connection)
                if pause_s is not None:
                    if max(pause_s, self._rests_s, self._failing_s()) > PATIENCE_S and done(pause_s):
                        return True
                else:
                    due_us = self._next_due_us(connection)
                    due_s = None if due_us is None else max(0.0, (due_us - clock.now_us()) / clock.SECOND_US)
                    if done(due_s):
                        return True
                    pause_s = min(POLL_S, max(SHORTEST_S, POLL_S if due_s is None else due_s))
                clock.sleep(pause_s, self.stop)
            return False
        finally:
            connection.close()

    def _next_due_us(self, connection: Connection) -> int | None:
        """When the next row may go; once it is said of rows that wait since they lie ahead of real time."""
        name, now_us, most_us = self.peer.channel.name, clock.now_us(), self.peer.most_ahead_us
        self._ahead = 0 if most_us is None else outbox.ahead(connection, name, now_us=now_us, most_ahead_us=most_us)
        due_us = outbox.next_due_us(connection, name, now_us=now_us, most_ahead_us=most_us)
        if self._ahead and not self._said_ahead and most_us:
            self._said_ahead = True
            self.report(
                "info",
                f"{self._ahead:,} rows lie more than {most_us // clock.HOUR_US} hours ahead of real time and wait for"
                f" it: {self.peer.channel.title} would give them another time",
            )
        return due_us

    def _turn(self, connection: Connection) -> float | None:
        """One batch. Seconds to wait before the next; None: nothing may go at present. Raises the peer's fault."""
        began = clock.monotonic()
        self._rests_s = 0.0
        with connection.transaction():
            batch = outbox.take(
                connection,
                self.peer.channel.name,
                most=self.peer.most,
                now_us=clock.now_us(),
                most_ahead_us=self.peer.most_ahead_us,
            )
            if not batch.rows:
                return None
            answer = self.peer.send(batch, self.stop)
            outbox.delivered(connection, answer.taken)
            outbox.reject(connection, answer.refused)
            outbox.postpone(connection, answer.later, now_us=clock.now_us(), at_least_s=answer.after_s)
            if answer.record:
                answer.record(connection)
        self._rests_s = answer.rests_s
        self._count(answer)
        if answer.fault:
            raise answer.fault
        if answer.later:
            self._stumble(f"{self.peer.channel.title}: {answer.why}")
            return max(answer.after_s, outbox.wait_s(self._failures) / 2)
        if answer.taken or answer.refused:
            self._recover()
        return max(answer.after_s, len(answer.taken) / self.peer.per_s - (clock.monotonic() - began))

    def _count(self, answer: Answer) -> None:
        self.taken += len(answer.taken)
        self.rejected += len(answer.refused)
        self.failed += bool(answer.later)
        if answer.taken:
            self._failing_since = None
        if answer.refused:
            row, words = answer.refused[0]
            count = len(answer.refused)
            self.report("warning", f"{self.peer.channel.title} rejected {count}, such as {row.kind} {row.id}: {words}")

    def _stumble(self, why: str) -> None:
        """One more failure in a row; the third is said, and after it only what is new."""
        self._failures += 1
        self.why = why
        if self._failing_since is None:
            self._failing_since = clock.monotonic()
        if self._failures >= SAID_AFTER and not self._said:
            self._said = why
            self.report("warning", f"{why}; what waits stays in the outbox, and is tried again")

    def _recover(self) -> None:
        if self._said:
            self.report("info", f"{self.peer.channel.title} accepts rows again")
        self._failures, self._said, self.why = 0, "", ""


def _minutes(seconds: float) -> str:
    return f"{max(1.0, seconds / 60):,.0f} minutes" if seconds >= 90 else "a minute"


def _said(error: psycopg.Error | PopulaceError) -> str:
    """What to report of an error: the advice too, where settings are at fault."""
    if isinstance(error, PopulaceError) and not is_lost(error):
        return str(error)
    known = translate(error, "delivering")
    return known.what.split(" (")[0] if known else f"the database failed ({error})"
