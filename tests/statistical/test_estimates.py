"""What a plan says will be written is what a seed writes, for every world and scenario."""

from __future__ import annotations

from collections import Counter
from math import sqrt

import pyarrow as pa
import pytest

from examples import ALL
from lives import GYM
from populace import clock
from populace.batch import newest
from populace.engine import Window, generate, whole
from populace.engine.estimate import estimate
from populace.plan import Plan, resolve
from populace.spec import OUTBOX, World
from populace.worlds import registry
from stalls import STALLS
from tiny import CLUB

EPOCH_US = clock.parse("2026-01-09T00:00:00Z", "test")
QUICK = [("recoverlution", "documented"), ("hogflix", "demo"), ("campaigns", "analytics"), ("worldchef", "staging")]
EVERY = [(world, scenario.name) for world in ("recoverlution", "hogflix", "campaigns", "worldchef")
         for scenario in registry.find(world).scenarios]  # fmt: skip


def written(plan: Plan, window: Window) -> Counter[str]:
    """The rows that a seed writes, by table."""
    out: Counter[str] = Counter()
    versions: dict[str, list[pa.RecordBatch]] = {}
    for batch in generate(plan, whole(plan), window):
        if batch.act == "merge":
            keys = batch.rows.select(list(plan.world.table(batch.table).key))
            versions.setdefault(batch.table, []).append(keys)
        elif batch.table != OUTBOX.name:
            out[batch.table] += len(batch.rows)
    for name, parts in versions.items():
        out[name] += len(newest(pa.Table.from_batches(parts), plan.world.table(name).key))
    return out


def compared(plan: Plan) -> dict[str, tuple[int, int]]:
    """By table, how many rows are estimated, and how many there will be."""
    window = Window(plan.origin_us, plan.epoch_us + 10 * clock.HOUR_US)
    guess, there = estimate(plan, window).rows, written(plan, window)
    return {name: (many, there[name]) for name, many in guess.items()}


def off(both: dict[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    """The tables of which too much or too little is estimated."""
    return {name: (guess, n) for name, (guess, n) in both.items() if abs(guess - n) > max(0.05 * n, 3 * sqrt(n))}


@pytest.mark.parametrize(("world", "scenario"), EVERY if ALL else QUICK)
def test_every_table_is_estimated_as_it_is_written(world: str, scenario: str) -> None:
    assert not off(compared(resolve(registry.find(world), scenario, seed=1, epoch_us=EPOCH_US)))


@pytest.mark.parametrize(("world", "size"), [
    (CLUB, {"people": 1000, "notes_each": 3}), (GYM, {"pools": 40}), (STALLS, {}),
], ids=["club", "gym", "stalls"])  # fmt: skip
def test_worlds_of_ones_own_are_estimated_as_they_are_written(world: World, size: dict[str, object]) -> None:
    assert not off(compared(resolve(world, world.default_scenario, seed=1, epoch_us=EPOCH_US, overrides=size)))


def test_a_part_that_is_spread_stands_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first members are the oldest: what they have is not what the others have."""
    for name, few in (("SURE_ROWS", 1_000), ("WHOLE_MEMBERS", 400), ("SAMPLE", 20)):
        monkeypatch.setattr(f"populace.engine.estimate.{name}", few)
    plan = resolve(CLUB, "default", seed=1, epoch_us=EPOCH_US, overrides={"people": 1000, "notes_each": 10})
    both = compared(plan)
    assert not off(both)
    assert any(guess != n for guess, n in both.values()), "the estimate is exact: all of them were counted"


def test_some_pools_stand_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("populace.engine.estimate.PERSON_DAYS", 10_000)
    both = compared(resolve(GYM, GYM.default_scenario, seed=1, epoch_us=EPOCH_US, overrides={"pools": 40}))
    assert not off(both)
    assert any(guess != n for guess, n in both.values()), "the estimate is exact: all of them were counted"


@pytest.mark.parametrize("timed", [True, False])
def test_every_root_is_estimated_even_one_without_rows(timed: bool) -> None:
    plan = resolve(registry.find("campaigns"), "demo", seed=1, epoch_us=EPOCH_US)
    guess = estimate(plan, Window(plan.origin_us, plan.epoch_us), timed=timed)
    assert list(guess.rows_by_root) == list(plan.sizes)
    assert 0 in guess.rows_by_root.values()
    assert sum(guess.rows_by_root.values()) == guess.total


def test_events_of_some_visits_stand_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = resolve(registry.find("hogflix"), "default", seed=1, epoch_us=EPOCH_US, overrides={"days": 30})
    window = Window(plan.origin_us, plan.epoch_us)
    every = estimate(plan, window, events=True).leaving
    monkeypatch.setattr("populace.engine.estimate.HEARD_VISITS", 1)
    some = estimate(plan, window, events=True).leaving
    assert 0 < abs(some["posthog"] - every["posthog"]) < 0.05 * every["posthog"]
    sent = sum(batch.rows.num_rows for batch in generate(plan, whole(plan), window, events=True)
               if batch.table == OUTBOX.name)  # fmt: skip
    assert every["posthog"] == sent


def test_a_plan_is_the_same_whatever_the_target_and_the_password() -> None:
    plan = resolve(registry.find("hogflix"), "demo", seed=1, epoch_us=EPOCH_US)
    secret = next(p.path for p in plan.world.parameters if p.secret)
    other = resolve(plan.world, "demo", seed=1, epoch_us=EPOCH_US, overrides={secret: "$2b$10$" + "a" * 53})
    assert other.digest == plan.digest
    assert other.differences(plan.document()) == [f"settings.{secret}: another one"]
