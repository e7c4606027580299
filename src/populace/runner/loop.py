"""The runner's loop: the window from the watermark to the clock's now, again and again.

The loop holds the lease, gives waiting interventions their time, writes one window a turn and waits. When the database
is not reachable it waits for it; when another runner leads it waits for that one to end.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import psycopg

from populace import clock
from populace.database.connection import Connection, back_off, is_lost, translate
from populace.database.pins import Backend
from populace.database.session import attend, end, left_by, within
from populace.engine import DrawStatistics, Snapshots, Window, whole
from populace.errors import BadInput, PopulaceError, TargetUnavailable
from populace.event import Event, Listener
from populace.plan import Intervention, Plan, check_changes
from populace.runner import daily_counts, lease, ledger, records, retention, shard, window
from populace.runner.integrations import Integrations, ServiceAway
from populace.runner.records import ClockRecord, Pending
from populace.runner.shard import Work
from populace.runner.snapshot_store import SnapshotStore
from populace.sinks.sink import Sink, Tallies
from populace.spec import World

TURN_S = 1.0
"""Real time between two windows of a live clock."""
LONGEST_WINDOW_US = clock.HOUR_US
"""Simulated time written in one transaction, at most: a gap of days is filled hour by hour."""
JOURNAL_LINES = 10_000
SNAPSHOT_S = 60.0
"""Real time between two snapshots in the target: what a restart may have to fold again."""
NO_END_US = 1 << 61
"""Simulated now where time goes as fast as possible."""
CONNECT_LIMIT_S = 30.0
"""Real time for opening a session, its set-up included, before it is tried again."""
ATTEMPTS = 1 << 40
"""Times to wait for a lost database: a runner gives up only when it is stopped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick(Event):
    """One window that was written. wrote: its rows. arrivals: visits that began in it. took_s: real."""

    stage: str = "window"
    window: Window
    wrote: Tallies
    arrivals: int
    took_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How time goes in one run. speed: None is that of the target's clock, 0 is as fast as possible. until_us: its end.

    every_us: windows end at multiples of it and at `marks_us` (µs after a UTC midnight), and nowhere else; None:
    whenever there is more time.
    """

    speed: float | None = None
    until_us: int | None = None
    every_us: int | None = None
    marks_us: tuple[int, ...] = ()

    def wanted_us(self, mark_us: int, now_us: int) -> int:
        """Where the window that begins at the watermark is to end; no later than it begins: there is none yet."""
        latest_us = now_us if self.until_us is None else min(now_us, self.until_us)
        if self.every_us is None:
            return min(mark_us + LONGEST_WINDOW_US, latest_us)
        ends = [(mark_us // self.every_us + 1) * self.every_us]
        ends += [mark_us + (at_us - mark_us - 1) % clock.DAY_US + 1 for at_us in self.marks_us]
        if min(ends) <= latest_us:
            return min(ends)
        return latest_us if latest_us == self.until_us else mark_us


@dataclass(slots=True)
class Runner:
    """A runner of one world on one target.

    connect: opens a session on the target. on_event: called with each window (a `Tick`), and each reason to wait.
    integrations: who listens to events, and who makes accounts.
    """

    world: World
    connect: Callable[[], Connection]
    on_event: Listener
    stop: threading.Event
    integrations: Integrations = field(default_factory=Integrations)
    _waits: Iterator[float] = field(default_factory=lambda: back_off(ATTEMPTS))
    _left: Backend | None = None
    """A session of this runner that may still be there on the server, with the lease."""

    def run(self, pace: Pace, *, wait: bool = True) -> bool:
        """Run until `pace.until_us`, or until `stop` is set; False when another runner leads and `wait` is not set.

        Raises Refused when there is no finished seed, TargetUnavailable when the target refuses the connection for
        another reason than being down.
        """
        while not self.stop.is_set():
            try:
                connection = within(CONNECT_LIMIT_S, self.connect, wake=self.stop)
            except TimeoutError:
                self._wait(TargetUnavailable("the server does not answer", where="connecting"))
                continue
            except TargetUnavailable as error:
                if not _passes(error):
                    raise
                self._wait(error)
                continue
            attend(connection, self.stop, lambda text: self.on_event(Event("wait", text)))
            try:
                return self._lead(connection, pace, wait=wait)
            except (psycopg.Error, PopulaceError) as error:
                if self.stop.is_set() and isinstance(_cause(error), psycopg.errors.QueryCanceled):
                    break
                if not _passes(error):
                    raise (translate(error, "writing a window") or error) from error
                self._left = left_by(connection) or self._left
                self._wait(error)
            finally:
                connection.close()
        return True

    def _wait(self, error: psycopg.Error | PopulaceError) -> None:
        """Wait for the database, a little longer each time until a window is written again; not when all is to end."""
        if self.stop.is_set():
            return
        why = (
            error.what.split(" (")[0] if isinstance(error, PopulaceError) else "the connection to the database was lost"
        )
        seconds = next(self._waits)
        self.on_event(Event("wait", f"{why}; trying again in {seconds:.1f} s", seconds_left=seconds))
        clock.sleep(seconds, self.stop)

    def _lead(self, connection: Connection, pace: Pace, *, wait: bool) -> bool:
        """Take the lease, and run while the session lasts."""
        connection.autocommit = True
        if self._left is not None:
            end(connection, self._left)
            self._left = None
        if not wait:
            if not lease.take(connection):
                return False
        elif not lease.wait(
            connection,
            self.stop,
            lambda who: self.on_event(Event("wait", f"{who} is at work here; waiting for it to end")),
        ):
            return True
        plan, now = self._begin(connection, pace)
        records.journal(connection, "info", "run", f"{self.world.name} continues from {clock.iso(_mark(connection))}")
        connection.execute(records.SQL["trim_journal"], {"keep": JOURNAL_LINES})
        sink = self.integrations.sink(connection, self.world)
        statistics = records.read_draw_statistics(connection)
        store = SnapshotStore(connection)
        snapshots = store.load(plan, _mark(connection))
        stored = clock.monotonic()
        try:
            while not self.stop.is_set():
                began = clock.monotonic()
                mark_us = _mark(connection)
                if pace.until_us is not None and mark_us >= pace.until_us:
                    break
                wanted_us = pace.wanted_us(mark_us, NO_END_US if pace.speed == 0 else now.now_us(clock.now_us()))
                if wanted_us > mark_us:
                    turn = self._turn(connection, sink, plan, Window(mark_us, wanted_us), statistics, snapshots)
                    if turn is None:
                        continue
                    plan, tick = turn
                    self._waits = back_off(ATTEMPTS)
                    self.on_event(replace(tick, took_s=clock.monotonic() - began))
                    if clock.monotonic() - stored > SNAPSHOT_S:
                        store.store(snapshots, wanted_us)
                        stored = clock.monotonic()
                caught_up = wanted_us < mark_us + LONGEST_WINDOW_US if pace.every_us is None else wanted_us <= mark_us
                if caught_up and wanted_us != pace.until_us:
                    clock.sleep(TURN_S - (clock.monotonic() - began), self.stop)
        finally:
            if not connection.closed and not connection.broken:
                store.store(snapshots, _mark(connection))
                records.journal(connection, "info", "stop", f"stopped at {clock.iso(_mark(connection))}")
        return True

    def _begin(self, connection: Connection, pace: Pace) -> tuple[Plan, ClockRecord]:
        """The stored plan, and the clock as this run wants it."""
        plan = records.stored_plan(connection, self.world, records.finished(connection, self.world))
        now = records.read_clock(connection)
        assert now is not None
        mark_us, real_us = _mark(connection), clock.now_us()
        if now.mode == "free":
            now = ClockRecord("free", now.speed, real_us, mark_us)
            records.set_clock(connection, now)
        # A speed belongs to this run: the clock of the target stays what it is, also when the run is killed.
        return plan, ClockRecord("free", pace.speed, real_us, mark_us) if pace.speed else now

    def _turn(
        self,
        connection: Connection,
        sink: Sink,
        plan: Plan,
        span: Window,
        statistics: DrawStatistics,
        snapshots: Snapshots,
    ) -> tuple[Plan, Tick] | None:
        """One window, with the interventions since the last one in effect from its start.

        It is computed before its transaction begins, which only writes; None when somebody requested a change, or took
        one back, meanwhile: then it must be computed again.
        """
        asked = records.pending(connection, span.end_us)
        plan, taken = _taken_up(plan, asked, span)
        made = shard.make(
            Work(
                plan=plan,
                shard=whole(plan),
                window=span,
                snapshots=snapshots,
                heard=self.integrations.heard,
                proofs=True,
            )
        )
        old = retention.due(connection, plan, span)
        with connection.transaction():
            lease.require(connection)
            if records.pending(connection, span.end_us) != asked:
                return None
            for one in taken:
                if one.warning:
                    records.journal(connection, "warning", "refused", one.warning)
                records.stamp(connection, one.number, one.at_us, one.refused)
            written = window.write(
                connection,
                sink,
                made,
                statistics=statistics,
                record=lambda: ledger.advance(connection, span.start_us, span.end_us),
            )
            self.integrations.covers(connection, span)
            if old is not None:
                retention.daily(connection, self.world, old)
            daily_counts.daily(connection, plan, span)
        return plan, Tick(window=span, wrote=written.tallies, arrivals=written.daily.began)


@dataclass(frozen=True, slots=True)
class _Taken:
    """An intervention that takes effect. refused: why nothing of what it asked for does; warning: for the journal."""

    number: int
    at_us: int
    refused: str | None
    warning: str | None = None


def _taken_up(plan: Plan, waiting: Sequence[Pending], span: Window) -> tuple[Plan, list[_Taken]]:
    """The plan with the interventions that take effect in a window.

    An impossible one is refused, and the journal says why; its moment counts all the same, so that the app's settings
    row, which may hold other values, is emitted again.
    """
    taken = []
    for asked in waiting:
        at_us = max(span.start_us, asked.not_before_us or span.start_us)
        refused, warning = asked.refused, None
        try:
            if refused:
                asked = replace(asked, changes={}, sessions=0, delegated=())
            changes = check_changes(plan.world, asked.changes, f"intervention {asked.number}")
            intervention = Intervention(asked.number, at_us, changes, asked.sessions, asked.delegated)
            plan = plan.with_interventions([*plan.interventions, intervention])
        except BadInput as error:
            refused, warning = str(error), f"intervention {asked.number}: {error}"
            plan = plan.with_interventions([*plan.interventions, Intervention(asked.number, at_us, {})])
        taken.append(_Taken(asked.number, at_us, refused, warning))
    return plan, taken


def _passes(error: psycopg.Error | PopulaceError) -> bool:
    """Whether waiting helps: for the database, the account service, or another leader."""
    if isinstance(error, ServiceAway | lease.LeaseLost):
        return True
    cause = _cause(error)
    return cause is not None and is_lost(cause)


def _cause(error: psycopg.Error | PopulaceError) -> psycopg.Error | None:
    """The server's or the driver's error behind one of ours."""
    cause = error if isinstance(error, psycopg.Error) else error.__cause__
    return cause if isinstance(cause, psycopg.Error) else None


def _mark(connection: Connection) -> int:
    mark_us = ledger.watermark(connection)
    assert mark_us is not None
    return mark_us
