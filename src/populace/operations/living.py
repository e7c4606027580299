"""run, pause, resume: how a population goes on, and what may be asked of it while it does."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

from populace import clock
from populace.database import guard
from populace.operations.opening import Opened, session
from populace.plan import check_changes
from populace.runner import ledger, records
from populace.runner.life import Life, Pace, Tick, unfinished
from populace.spec import Sessions, World


def run(
    opened: Opened,
    world: World,
    pace: Pace,
    *,
    on_tick: Callable[[Tick], None],
    on_wait: Callable[[str], None],
    stop: threading.Event,
) -> None:
    """Let the population live until `pace` says so or `stop` is set. Raises Refused when there is no finished seed."""
    with session(opened, "run") as connection:
        guard.require_open(connection, opened.shown)
        record = records.read_plan(connection)
        if record is None or record.state != "ready" or record.world != world.name:
            raise unfinished(world, record)
        records.stored_plan(connection, world, record)
    Life(world, lambda: opened.connect(f"run {world.name}"), on_tick, on_wait, stop).run(pace)


def watermark_us(opened: Opened, world: World) -> int:
    """Up to when the target is written, µs. Raises Refused when there is no finished seed of this world."""
    with session(opened, "status") as connection:
        guard.require_open(connection, opened.shown)
        record = records.read_plan(connection)
        mark_us = ledger.watermark(connection)
    if record is None or record.state != "ready" or record.world != world.name or mark_us is None:
        raise unfinished(world, record)
    return mark_us


def change(opened: Opened, world: World, changes: Mapping[str, object], asked_by: str) -> int:
    """Ask for new values of live parameters; the next window begins with them. Returns the intervention's number."""
    checked = check_changes(world, changes, world.name)
    with session(opened, asked_by) as connection:
        guard.require_open(connection, opened.shown)
        record = records.read_plan(connection)
        if record is None or record.world != world.name:
            raise unfinished(world, record)
        records.stored_plan(connection, world, record).check_values(checked)
        return records.add_intervention(connection, checked, asked_at_us=clock.now_us(), asked_by=asked_by)


def enable(opened: Opened, world: World, *, enabled: bool) -> int:
    """Pause (no visit begins; those under way end) or resume."""
    changes = {flow.arrivals.enabled: enabled for flow in world.flows if isinstance(flow, Sessions)}
    return change(opened, world, changes, "resume" if enabled else "pause")
