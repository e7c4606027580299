"""Members who join by a growth curve: K1 to K3 on the small worlds of the documents, before and after the epoch."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from docs import pages
from examples import where_all_run
from golden.runs import EPOCH, run
from library import LIBRARY, library
from populace.clock import DAY_US, HOUR_US, MINUTE_US, from_datetime
from populace.engine import Snapshots
from populace.engine.joining import joined, joined_by
from populace.errors import BadInput
from populace.plan import Plan, resolve
from populace.runner.cutting import Outcome
from populace.spec import Draw, Ints, World
from populace.spec.kit import growth
from populace.worlds import registry

END = EPOCH + 3 * DAY_US


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The library of the how-to, whose readers join."""
    folder = library(tmp_path_factory.mktemp("joining"))
    with (folder / "__init__.py").open("a", encoding="utf-8") as file:
        file.write(pages.fenced(LIBRARY, "python")[1])
    return registry.find(str(folder))


@pytest.fixture(scope="module")
def plan(world: World) -> Plan:
    return resolve(
        world, "default", seed=1, epoch_us=EPOCH, overrides={"readers": 30, "visits_per_min": 1, "visit_days": 2}
    )


@pytest.fixture(scope="module")
def undivided(plan: Plan) -> Outcome:
    return run(plan, [plan.origin_us, END])


def test_people_join_before_and_after_the_epoch(plan: Plan, undivided: Outcome):
    at = sorted(from_datetime(row["created_at"]) for row in undivided.rows("readers"))
    when = joined(plan, "reader")
    assert when is not None
    assert at == when[when < END].tolist()
    assert sum(moment < plan.origin_us + DAY_US for moment in at) == 30
    for start in (EPOCH - 3 * DAY_US, EPOCH, EPOCH + 2 * DAY_US):
        assert sum(start <= moment < start + DAY_US for moment in at) == 4
    # Five per cent more each month, for ten years.
    year = 365 * DAY_US
    by_year = [joined_by(plan, "reader", EPOCH + n * year) - joined_by(plan, "reader", EPOCH + (n - 1) * year)
               for n in (1, 2, 9)]  # fmt: skip
    assert by_year[0] == pytest.approx(4 * 365 * (1.05 ** (365 / 30) - 1) / (365 / 30 * np.log(1.05)), rel=0.04)
    assert by_year[1] / by_year[0] == pytest.approx(1.05 ** (365 / 30), rel=0.02)
    assert by_year[2] > by_year[1]


def test_nobody_comes_before_they_join(undivided: Outcome):
    """And whoever has joined comes: newcomers too."""
    since = {row["id"]: from_datetime(row["created_at"]) for row in undivided.rows("readers")}
    came = [(row["reader_id"], from_datetime(row["created_at"])) for row in undivided.rows("chapters")]
    assert all(at >= since[reader] for reader, at in came)
    assert any(since[reader] > EPOCH for reader, _ in came)


@pytest.mark.parametrize("parts", [1, 2, 7])
def test_any_cutting_gives_the_same(plan: Plan, undivided: Outcome, parts: int):
    odd = [EPOCH - DAY_US - 17, EPOCH, EPOCH + 5 * HOUR_US + 1, EPOCH + DAY_US]
    assert run(plan, [plan.origin_us, *odd, END], parts, shuffled=3) == undivided
    minutes = range(EPOCH + DAY_US, EPOCH + DAY_US + 90 * MINUTE_US, MINUTE_US)
    assert run(plan, [plan.origin_us, *odd, *minutes, END], parts, snapshots=Snapshots()) == undivided


def test_what_is_no_order_of_joining_is_the_authors_error(world: World):
    def shuffled(draw: Draw, reader: Ints) -> Ints:
        return draw.origin_us + draw.below("any", 9, reader) * HOUR_US

    root = replace(world.roots[0], joined=shuffled)
    plan = resolve(replace(world, roots=(root,)), "default", seed=1, epoch_us=EPOCH)
    with pytest.raises(BadInput, match="members join in the order of their ordinals"):
        run(plan, [plan.origin_us, END])
    with pytest.raises(BadInput, match="share no cell"):
        replace(world, roots=(replace(world.roots[0], cell=5),))


def test_the_curve_holds_its_numbers():
    stretches = growth.joining(first=50, history_days=61, per_day=3.5, monthly=0.1, years=2)
    assert stretches[0] == (-61, -60, 50)
    assert all(a[1] == b[0] for a, b in pairwise(stretches))
    assert [many for begins, _, many in stretches if begins in (-30, 0, 30)] == [95, 105, 116]
    at = growth.joined_at(stretches, EPOCH, np.arange(growth.members(stretches)))
    assert (np.diff(at) >= 0).all()
    assert int(((at >= EPOCH) & (at < EPOCH + 30 * DAY_US)).sum()) == 105
    for wrong in ({"per_day": -1.0}, {"monthly": -1.0}, {"years": 0}, {"history_days": 1}, {"first": -1}):
        with pytest.raises(ValueError, match="no growth"):
            growth.joining(**{"first": 1, "history_days": 9, "per_day": 1.0, "monthly": 0.0} | wrong)  # type: ignore[arg-type]


@where_all_run
def test_people_join_by_the_calendar_for_ever(tmp_path: Path):
    """The gym of the how-to: its last stretch is repeated, so that somebody joins in 2040 too."""
    found = registry.find(str(library(tmp_path, "docs/how-to/items-by-the-calendar.md", "gym")))
    plan = resolve(found, "default", seed=1, epoch_us=EPOCH)
    whole = run(plan, [plan.origin_us, END])
    assert (
        run(plan, [plan.origin_us, EPOCH - DAY_US, EPOCH + 7, EPOCH + DAY_US, END], 2, snapshots=Snapshots()) == whole
    )
    joined_at = [from_datetime(row["created_at"]) for row in whole.rows("members")]
    assert sum(at < plan.origin_us + DAY_US for at in joined_at) == 100
    late = EPOCH + 14 * 365 * DAY_US
    for start in (late, late + 30 * DAY_US):
        assert len(run(plan, [start, start + 30 * DAY_US]).rows("members")) > 6 * 30
