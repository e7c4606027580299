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
QUICK = (("recoverlution", "documented"), ("hogflix", "demo"), ("campaigns", "demo"))
EVERY = [(world, scenario.name) for world in ("recoverlution", "hogflix", "campaigns")
         for scenario in registry.find(world).scenarios]  # fmt: skip
LARGE = {("hogflix", "large"), ("campaigns", "analytics"), ("campaigns", "load_test")}
"""Of these only a part is generated, which takes a second or two; what all of it is takes minutes."""


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


def off(plan: Plan) -> dict[str, tuple[int, int]]:
    """The tables of which too much or too little is estimated: how much, and how much there will be."""
    window = Window(plan.origin_us, plan.epoch_us + 10 * clock.HOUR_US)
    guess, there = estimate(plan, window).rows, written(plan, window)
    return {
        name: (guess[name], there[name])
        for name in guess
        if abs(guess[name] - there[name]) > max(0.05 * there[name], 3 * sqrt(there[name]))
    }


@pytest.mark.parametrize(("world", "scenario"), EVERY if ALL else QUICK)
def test_every_table_is_estimated_as_it_is_written(world: str, scenario: str) -> None:
    if (world, scenario) in LARGE:
        pytest.skip("its parts differ: the estimate is within the error of its sample")
    assert not off(resolve(registry.find(world), scenario, seed=1, epoch_us=EPOCH_US))


@pytest.mark.parametrize(("world", "size"), [
    (CLUB, {"people": 1000, "notes_each": 3}), (GYM, {"pools": 40}), (STALLS, {}),
], ids=["club", "gym", "stalls"])  # fmt: skip
def test_worlds_of_ones_own_are_estimated_as_they_are_written(world: World, size: dict[str, object]) -> None:
    assert not off(resolve(world, world.default_scenario, seed=1, epoch_us=EPOCH_US, overrides=size))


def test_a_part_that_is_spread_stands_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first members are the oldest: what they have is not what the others have."""
    monkeypatch.setattr("populace.engine.estimate.WHOLE_ROWS", 10_000)
    monkeypatch.setattr("populace.engine.estimate.SAMPLE", 20)
    assert not off(resolve(CLUB, "default", seed=1, epoch_us=EPOCH_US, overrides={"people": 1000, "notes_each": 10}))


def test_a_plan_is_the_same_whatever_the_target_and_the_password() -> None:
    plan = resolve(registry.find("hogflix"), "demo", seed=1, epoch_us=EPOCH_US)
    secret = next(p.path for p in plan.world.parameters if p.secret)
    other = resolve(plan.world, "demo", seed=1, epoch_us=EPOCH_US, overrides={secret: "$2b$10$" + "a" * 53})
    assert other.digest == plan.digest
    assert other.differences(plan.document()) == [f"settings.{secret}: another one"]
