"""run: how a population goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, closing, nullcontext

from populace import clock
from populace.database import guard
from populace.errors import Refused
from populace.operations import control
from populace.operations.opening import Opened, session
from populace.plan import check_sessions
from populace.runner import lease, ledger, records
from populace.runner.integrations import Integrations
from populace.runner.loop import Pace, Runner, Tick
from populace.spec import World


def run(
    opened: Opened,
    world: World,
    pace: Pace,
    *,
    on_tick: Callable[[Tick], None],
    on_wait: Callable[[str], None],
    stop: threading.Event,
    wait: bool = True,
    sessions: int = 0,
    outside: Integrations | None = None,
    beside: AbstractContextManager[None] | None = None,
) -> None:
    """Let the population live until `pace` says so or `stop` is set.

    wait: for another runner to go; else its being there is a reason to refuse. sessions: so many visits more begin at
    once, and time goes on at full speed until they have ended. outside: who listens to events, and who makes
    accounts; it is closed at the end. beside: entered while people live, such as `deliver.beside`. Raises Refused
    when there is no finished seed.
    """
    with session(opened, "run") as connection:
        guard.require_open(connection, opened.shown)
        plan = records.stored_plan(connection, world, records.finished(connection, world))
        if not wait and lease.leader(connection):
            raise _led(opened, world)
        if sessions:
            check_sessions(sessions, "--sessions")
            control.require_arrivals(world)
            control.require_enabled(connection, plan, opened.shown, todo="populace resume")
            asked_at_us = clock.now_us()
            number = records.add_intervention(
                connection, {}, asked_at_us=asked_at_us, asked_by="run --once", sessions=sessions
            )
    outside = outside or Integrations()
    life = Runner(world, lambda: opened.connect(f"run {world.name}"), on_tick, on_wait, stop, outside)
    with closing(outside), beside or nullcontext():
        if not life.run(pace, wait=wait):
            if sessions:
                with session(opened, "undo") as connection:
                    records.undo(connection, number)
            raise _led(opened, world)
        if sessions and not stop.is_set():
            known = control.found(opened, world, number, sessions).forecast
            if known and known.ends_us:
                life.run(Pace(0, known.ends_us + 1, keep_clock=True))


def _led(opened: Opened, world: World) -> Refused:
    more = "populace run-now N brings sessions through it" if world.sessions else "populace status shows how far it is"
    return Refused(
        "another runner is at work here",
        where=opened.shown,
        todo=f"it lives these minutes anyway; {more}",
    )


def watermark_us(opened: Opened, world: World) -> int:
    """Up to when the target is written, µs. Raises Refused when there is no finished seed of this world."""
    with session(opened, "status") as connection:
        guard.require_open(connection, opened.shown)
        records.finished(connection, world)
        mark_us = ledger.watermark(connection)
    assert mark_us is not None
    return mark_us
