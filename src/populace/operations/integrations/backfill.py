"""Backfill: events of simulated time that was never queued, generated again and put into the outbox.

Events follow from the plan like rows, so that they can be had at any later time, with the same ids. Which time has been
queued stands in `populace.coverage`, and is noted in the transaction of the events: nothing is queued twice.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from populace import clock
from populace.database import coverage
from populace.database.connection import Connection
from populace.database.coverage import Span
from populace.database.named import named
from populace.engine import Snapshots, Window, generate, whole
from populace.errors import Interrupted, Refused, Remedy
from populace.event import Listener, Stage, unheard
from populace.operations.context import Context
from populace.operations.integrations import channels
from populace.operations.population import population
from populace.plan import Plan
from populace.runner import records
from populace.sinks.encoding import copy_bytes
from populace.spec import OUTBOX

SQL = named("populace.operations.integrations", "backfill.sql")
KEY = int.from_bytes(b"pop past")
"""The lock that keeps two of these apart; a runner does not take it."""
LONGEST_DAYS = 4
"""Simulated time queued in one transaction, at most."""
FIRST_US = clock.HOUR_US
"""Of the first transaction; the next are as long as its events say."""
EVENTS = 200_000
"""About so many events are queued in one transaction."""
GROWTH = 8
"""So many times the time before, at most."""


_AGAIN = Remedy(text="run {} again to go on")


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillEventsRequest:
    """since_us, until_us: simulated time; None: up to the watermark, beyond which there is nothing yet. world: as it is
    named; None: whichever lives in the target. channel: by name; None: the only one that takes events."""

    since_us: int
    until_us: int | None = None
    world: str | None = None
    channel: str | None = None


@dataclass(frozen=True, slots=True)
class Queued:
    """What was put into the outbox. days: of simulated time that had not been queued before."""

    target: str
    channel: str
    low_us: int
    high_us: int
    events: int
    days: float

    def document(self) -> dict[str, Any]:
        """The same, with its times in ISO."""
        return {
            "target": self.target,
            "channel": self.channel,
            "since": clock.iso(self.low_us),
            "until": clock.iso(self.high_us),
            "events": self.events,
            "days": round(self.days, 3),
        }


def backfill_events(
    context: Context,
    request: BackfillEventsRequest,
    *,
    on_event: Listener = unheard,
    stop: threading.Event | None = None,
) -> Queued:
    """Queue the events between two simulated moments that were never queued; a runner may be at work meanwhile.

    `on_event` is called after each transaction. Raises BadInput for a world that emits no events or a channel that
    takes none, Refused when there is no finished seed or somebody else does the same, Interrupted when `stop` is set;
    what is queued stays then.
    """
    stop = stop or threading.Event()
    with population(context, request.world, "backfill events", autocommit=True) as people:
        channel = channels.events_channel(people.world, request.channel, "backfill_events.channel").name
        connection, shown, plan = people.connection, people.opened.shown, people.plan
        if not (connection.execute(SQL["lock"], {"key": KEY}).fetchone() or (False,))[0]:
            raise Refused(
                "events of the past are being queued here already", where=shown, todo="wait until it has ended"
            )
        until_us = people.watermark_us if request.until_us is None else min(people.watermark_us, request.until_us)
        within = Span(max(request.since_us, plan.origin_us), until_us)
        missing = coverage.gaps(coverage.read(connection, channel), within) if within.low_us < within.high_us else []
        progress = Stage(on_event, "backfill", "days", sum(gap.high_us - gap.low_us for gap in missing) / clock.DAY_US)
        days, events, snapshots = 0.0, 0, Snapshots()
        step_us, waiting = FIRST_US, missing[::-1]
        while waiting:
            gap = waiting.pop()
            span = Span(gap.low_us, min(gap.high_us, gap.low_us + step_us))
            if span.high_us < gap.high_us:
                waiting.append(Span(span.high_us, gap.high_us))
            if stop.is_set():
                raise Interrupted(f"stopped; {events} events are queued and stay", todo=_AGAIN)
            found = _queued(connection, plan, channel, span, snapshots)
            events += found
            step_us = _next_step_us(span, found)
            days += (span.high_us - span.low_us) / clock.DAY_US
            progress.at(days, f"{events:,} events")
        progress.over(days, f"{events:,} events")
        if events:
            said = f"{events} events of the past are queued ({clock.iso(within.low_us)} to {clock.iso(within.high_us)})"
            records.journal(connection, "info", "backfill", said)
    return Queued(shown, channel, within.low_us, max(within.low_us, within.high_us), events, days)


def _next_step_us(span: Span, events: int) -> int:
    """How much time the next transaction takes, so that it has about as many events as it may."""
    took_us = span.high_us - span.low_us
    wanted_us = took_us * EVENTS // max(events, 1)
    return max(clock.MINUTE_US, min(wanted_us, took_us * GROWTH, LONGEST_DAYS * clock.DAY_US))


def _queued(connection: Connection, plan: Plan, channel: str, span: Span, snapshots: Snapshots) -> int:
    """Put the events of a span into the outbox and note that they were; how many there are."""
    events = 0
    with connection.transaction():
        connection.execute(SQL["stage"])
        # A clean-up of this population waits for us, and deletes what we queue.
        if connection.execute(SQL["hold"], {"digest": plan.digest}).fetchone() is None:
            raise Refused("the population was deleted meanwhile", where="populace.plan")
        for batch in generate(plan, whole(plan), Window(span.low_us, span.high_us), None, snapshots, events=True):
            if batch.table == OUTBOX.name:
                _copy(connection, batch.rows.filter(pc.equal(batch.rows.column("channel"), channel)))
        events += connection.execute(SQL["queue"]).rowcount
        coverage.add(connection, channel, span)
    return events


def _copy(connection: Connection, rows: pa.RecordBatch) -> None:
    with connection.cursor() as cursor, cursor.copy(SQL["copy"]) as copy:
        for piece in copy_bytes(OUTBOX, rows):
            copy.write(piece)
