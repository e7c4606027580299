"""What lifecycles cost: folding a day of a person, a minute of life at two sizes, generating rows and events."""

from __future__ import annotations

import statistics
from collections.abc import Iterator

from page import processor_s

from populace import clock
from populace.engine import DrawStatistics, Snapshots, Window, generate, whole
from populace.engine.draws import EMPTY, EngineDraw
from populace.engine.processes.pools.fold import start_of
from populace.engine.processes.pools.process import pools_of
from populace.plan import Plan, resolve
from populace.spec import World

NOW = "2026-01-09T00:00:00Z"


def plan_of(world: World, people: int, **overrides: object) -> Plan:
    """The world's default scenario with so many people."""
    epoch_us = clock.parse(NOW, "bench")
    return resolve(
        world, world.default_scenario, seed=1, epoch_us=epoch_us, overrides={"persona_pool": people, **overrides}
    )


def fold(world: World, people: int, days: int) -> tuple[int, float]:
    """Persona-days, and ns a persona-day, of so many people and days of history; in blocks, as a window folds them.

    The days unseen before history, in which the pools fill, are not measured.
    """
    plan = plan_of(world, people, days=days)
    (flow,) = world.lifecycles
    span = Window(plan.epoch_us, plan.epoch_us + 1)
    done, taken = 0, 0.0
    for pools in pools_of(plan, flow, (0, plan.sizes[flow.root]), span, DrawStatistics(), None, events=False):
        lives = pools.fold_before(plan.origin_us // clock.DAY_US)
        began = processor_s()
        for day in range(plan.origin_us // clock.DAY_US, plan.epoch_us // clock.DAY_US):
            draw = EngineDraw(plan, plan.era_at(start_of(flow, day)), EMPTY, DrawStatistics())
            pools.begun(lives, draw, counted=False)
            done += lives.size
        taken += processor_s() - began
    return done, taken / done * 1e9


def minute(world: World, people: int) -> tuple[float, float, float]:
    """ms of generating a minute of the evening (median of half an hour), rows in it, and ms of the first one, cold."""
    plan, snapshots = plan_of(world, people), Snapshots()
    taken, rows = [], []
    for number in range(31):
        start_us = plan.epoch_us + 20 * clock.HOUR_US + number * clock.MINUTE_US
        began = processor_s()
        batches = list(generate(plan, whole(plan), Window(start_us, start_us + clock.MINUTE_US), None, snapshots))
        taken.append((processor_s() - began) * 1000)
        rows.append(sum(batch.rows.num_rows for batch in batches))
    return statistics.median(taken[1:]), statistics.mean(rows[1:]), taken[0]


def rows_a_second(world: World, people: int, *, events: bool) -> tuple[int, float]:
    """Rows (with events, if asked for), and rows a second."""
    plan = plan_of(world, people)
    began, rows = processor_s(), 0
    for batch in generate(plan, whole(plan), Window(plan.origin_us, plan.epoch_us), DrawStatistics(), events=events):
        rows += batch.rows.num_rows
    return rows, rows / (processor_s() - began)


def lines(world: World, people: int) -> Iterator[tuple[str, str]]:
    """Every figure, with its name."""
    done, ns = fold(world, 1_000_000, 365)
    yield "fold, 1,000,000 people and 365 days", f"{ns:.0f} ns a persona-day ({done:,})"
    for size in (people // 20, people):
        ms, rows, first = minute(world, size)
        yield f"a live minute with {size:,} people", f"{ms:.1f} ms, {rows:.0f} rows (the first, cold: {first:,.0f} ms)"
    for events in (False, True):
        rows_made, speed = rows_a_second(world, 4_000, events=events)
        yield f"generation {'with' if events else 'without'} events", f"{speed:,.0f} rows/s ({rows_made:,} rows)"
