"""Events and daily counts, for every kind of flow alike: the same however the work is cut, and never accounted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from golden.reports import reported
from golden.runs import EPOCH, club, run
from golden.test_cuts import LIFE_US, RESTLESS
from golden.test_cuts import plan_of as plan_of_club
from golden.test_lives import END as END_OF_LIVES
from golden.test_lives import plan_of as plan_of_gym
from golden.test_schedules import END as END_OF_STALLS
from golden.test_schedules import plan_of as plan_of_stalls
from populace.clock import DAY_US, HOUR_US, MINUTE_US
from populace.engine import DailyCounts, DrawStatistics, Snapshots, Window, generate, whole
from populace.plan import Intervention, Plan
from populace.spec import OUTBOX, Draw, Ints, Json, Key, Pairs, Rows, Settings, TableRows
from tiny import BELL, CLUB, Column, joined, table

PLANS = {
    "club": (plan_of_club("changed"), EPOCH + LIFE_US, "steps"),
    "stalls": (plan_of_stalls("changed"), END_OF_STALLS, "parcels"),
    "gym": (plan_of_gym("changed"), END_OF_LIVES, "visits"),
}
"""A plan that interventions change, where the test ends, and the table of which each row comes with an event."""
every_world = pytest.mark.parametrize("world", PLANS)


@cache
def undivided(world: str) -> list[tuple[object, ...]]:
    plan, end, _ = PLANS[world]
    return values_of(reported(plan, [plan.origin_us, end]))


def values_of(rows: list[dict[str, object]]) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in rows]


@every_world
@pytest.mark.parametrize(("step", "parts"), [(DAY_US, 3), (11 * HOUR_US + 17, 2), (5 * HOUR_US, 1)])
def test_events_are_the_same_however_the_work_is_cut(world: str, step: int, parts: int):
    plan, end, _ = PLANS[world]
    edges = [*range(plan.origin_us, end, step), end]
    cut = values_of(reported(plan, edges, parts, Snapshots()))
    assert cut == values_of(reported(plan, edges, parts)) == undivided(world)
    assert len({row[0] for row in cut}) == len(cut) > 50


def test_windows_of_minutes_give_the_same_events():
    plan, end, _ = PLANS["club"]
    edges = [plan.origin_us, *range(EPOCH, end, 7 * MINUTE_US), end]
    assert values_of(reported(plan, edges, 2, Snapshots())) == undivided("club")


@every_world
def test_events_change_no_row_and_are_not_accounted(world: str):
    plan, end, _ = PLANS[world]
    window, outcomes = Window(EPOCH - HOUR_US, min(end, EPOCH + DAY_US)), []
    for events in (False, True):
        statistics = DrawStatistics()
        made = list(generate(plan, whole(plan), window, statistics, events=events))
        rows = [(b.table, b.act, b.rows) for b in made if b.table != OUTBOX.name]
        outcomes.append((rows, statistics))
        assert any(b.table == OUTBOX.name for b in made) == events
    assert outcomes[0] == outcomes[1]


@every_world
def test_every_row_comes_with_an_event_day_by_day_and_those_of_who_left_stay(world: str):
    plan, end, name = PLANS[world]
    daily = DailyCounts()
    outcome = run(plan, [plan.origin_us, end], daily=daily)
    emitted = {day: n for day, (n, _) in daily.rows[name].items()}
    events: dict[int, int] = {}
    for row in reported(plan, [plan.origin_us, end]):
        day = int(np.datetime64(row["at"].replace(tzinfo=None), "D").astype(np.int64))
        events[day] = events.get(day, 0) + 1
    assert events == emitted
    withheld = sum(less for _, less in daily.rows[name].values())
    assert sum(events.values()) == len(outcome.rows(name)) + withheld
    assert (withheld > 0) == (world != "stalls")


@every_world
def test_daily_counts_do_not_depend_on_cutting(world: str):
    plan, end, name = PLANS[world]

    def counted(edges: list[int], parts: int) -> tuple[Mapping[int, int], int]:
        daily = DailyCounts()
        run(plan, edges, parts, snapshots=Snapshots(), daily=daily)
        assert set(daily.rows) <= plan.world.by_day | {f"{table}:found" for table in plan.world.by_day}
        return {day: n for day, (n, _) in sorted(daily.rows[name].items())}, daily.began

    one = counted([plan.origin_us, end], 1)
    assert one == counted([*range(plan.origin_us, end, 9 * HOUR_US), end], 3)
    assert (one[1] > 0) == (world != "stalls")


def test_visits_that_begin_are_counted_in_the_window_in_which_they_do():
    plan, end, _ = PLANS["club"]
    daily = DailyCounts()
    outcome = run(plan, [plan.origin_us, end], daily=daily)
    # Those of who left are counted too: their visits took place.
    assert daily.began > len(outcome.rows("visits")) > 0


# Flows whose number the plan fixes.


def said(number: Ints, name: str, at: Ints) -> TableRows:
    key = Key(name, number, at)
    columns = {"id": key, "channel": BELL.name, "at": at, "kind": name, "payload": Json({"event": name})}
    return {OUTBOX.name: Rows(np.zeros(len(number), dtype=np.int64), columns, at)}


def signed_up(draw: Draw, person: Ints) -> TableRows:
    return said(person, "signed up", np.maximum(joined(draw, person), draw.origin_us))


def noted(draw: Draw, pairs: Pairs) -> TableRows:
    return said(pairs.address, "noted", draw.origin_us + draw.below("note.at", 3 * 86_400_000, pairs.address) * 1000)


def prices(draw: Draw, at: Ints) -> TableRows:
    columns = {"id": Key("prices", np.zeros(1, dtype=np.int64)), "rate": np.array([draw.values.whole("rate")]),
               "created_at": np.array([draw.origin_us])}  # fmt: skip
    return {"prices": Rows(np.zeros(1, dtype=np.int64), columns, at)}


def changed(draw: Draw, at: Ints) -> TableRows:
    return said(np.array([draw.values.whole("rate")]), "changed", at)


PRICES = Settings("prices", "person", ("prices",), prices, changed)
TALKATIVE = replace(
    RESTLESS,
    tables=(*CLUB.tables, table("prices", Column("rate", "int8"), mode="merge", owner=None)),
    flows=(replace(CLUB.flows[0], events=signed_up), replace(CLUB.flows[1], events=noted), CLUB.flows[2], PRICES),
)  # fmt: skip


@cache
def plan_with_events() -> Plan:
    changes = [Intervention(n, EPOCH + n * 10 * MINUTE_US, {"rate": 10 + n}) for n in (1, 2, 3)]
    return club(TALKATIVE).with_interventions(changes)


@pytest.mark.parametrize("parts", [1, 4])
def test_flows_of_a_fixed_number_have_events_too(parts: int):
    plan, end = plan_with_events(), EPOCH + HOUR_US
    uncut = reported(plan, [plan.origin_us, end])
    counts = {name: sum(row["kind"] == name for row in uncut) for name in ("signed up", "noted", "changed")}
    # Each change of the settings is one, also where a window has several of them and one row.
    assert counts == {"signed up": 23, "noted": 46, "changed": 4}
    edges = [plan.origin_us, EPOCH - 40 * HOUR_US, EPOCH, EPOCH + 10 * MINUTE_US, EPOCH + 25 * MINUTE_US, end]
    assert values_of(reported(plan, edges, parts, Snapshots())) == values_of(uncut)
