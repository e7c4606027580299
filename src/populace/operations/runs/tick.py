"""tick: the time since the watermark, lived at once, and gone: for whoever has a scheduler of their own, such as cron.

What it writes is what a resident runner would have written, since windows are pure. Never two at once: it takes the
lease without waiting.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

from populace import clock
from populace.errors import BadInput, PopulaceError, Remedy
from populace.event import Listener, unheard
from populace.operations.context import Context
from populace.operations.integrations.deliver import Delivered, drain, known
from populace.operations.population import Population, population
from populace.operations.runs.run import Course, RunResult
from populace.operations.steering import clocks
from populace.runner import records
from populace.runner.loop import Pace

DRAIN_S = 5.0
"""So long, at most, what was queued is sent before the operation ends; the rest waits for the next."""


@dataclass(frozen=True, slots=True)
class TickRequest:
    """until: write up to this simulated time, ISO with a zone; None: to now, by a wall clock."""

    world: str | None = None
    until: str | None = None


@dataclass(frozen=True, slots=True)
class TickResult:
    """What one tick did. since_us: where it began; mark_us: up to where is written now."""

    lived: RunResult
    since_us: int
    mark_us: int
    delivered: Delivered

    def document(self) -> dict[str, Any]:
        """As `tick --json` prints it."""
        return {
            **self.lived.document(),
            "watermark": clock.iso(self.mark_us),
            "since": clock.iso(self.since_us),
            **{what: self.delivered.total(what) for what in ("delivered", "rejected", "waiting")},
        }


def tick(
    context: Context, request: TickRequest, *, on_event: Listener = unheard, stop: threading.Event | None = None
) -> TickResult:
    """Live from the watermark to now, or to a moment, then send what may go for a few seconds.

    Raises Refused while a runner lives, or where there is no finished seed; BadInput for a moment that has not come yet
    by a wall clock, and for none where the clock stands still without a runner.
    """
    stop = stop or threading.Event()
    until_us = None if request.until is None else clock.parse(request.until, "tick.until")
    with population(context, request.world, "tick") as there:
        end_us = _end_us(there, until_us)
        wall = clocks.is_wall(there)
        course = Course(context, there.plan, there.opened, on_event, stop)
        began_us, called = there.watermark_us, there.called
    # Also with nothing to write: a call while a runner works is refused.
    lived = course.live(Pace(0, end_us), wait=False)
    if wall:
        lived.ahead_us = clocks.say_ahead(lived.watermark_us or began_us, on_event)
    delivered = _drained(course)
    with population(context, called, "tick", looking=True) as there:
        return TickResult(lived, began_us, there.watermark_us, delivered)


def _end_us(there: Population, until_us: int | None) -> int:
    """Up to where is to be lived."""
    now, real_us = records.read_clock(there.connection), clock.now_us()
    assert now is not None
    if until_us is None and now.mode != "wall":
        raise BadInput(
            "the clock of this population is free: an end time is needed",
            where="tick",
            given=clock.iso(there.watermark_us),
            todo=Remedy("", {"until": "T"}, "say up to when: {}"),
        )
    if now.mode == "wall" and until_us is not None and until_us > real_us:
        raise BadInput("this time has not come yet", where="tick.until", given=clock.iso(until_us), todo="leave it out")
    return real_us if until_us is None else until_us


def _drained(course: Course) -> Delivered:
    """What was sent; whatever goes wrong there is said, and what waits stays."""
    if course.stop.is_set():
        return Delivered(course.opened.shown)
    try:
        return drain(
            course.setup, known(course.setup, course.on_event), course.on_event, threading.Event(), seconds=DRAIN_S
        )
    except PopulaceError as error:
        course.say(str(error))
        return Delivered(course.opened.shown)
