"""K2 on HogFlix, small: seven pools cut at will. Its golden digests (K1) stand with the others."""

from __future__ import annotations

from functools import cache

import pytest

from golden.reports import digest, reported
from golden.runs import Outcome, run
from populace.clock import DAY_US, HOUR_US, MINUTE_US, SECOND_US, parse
from populace.engine import DailyCounts, Snapshots
from populace.engine.forecast import forecast
from populace.plan import Intervention, Plan, resolve
from populace.worlds.hogflix import WORLD
from populace.worlds.hogflix.parameters.people import DAY_STARTS_US

EPOCH = parse("2026-01-10T00:00:00Z", "epoch")
END = EPOCH + DAY_STARTS_US + 3 * HOUR_US
POOLS = 7


@cache
def plan(changed: bool = False, scenario: str = "default") -> Plan:
    made = resolve(WORLD, scenario, seed=3, epoch_us=EPOCH,
                   overrides={"persona_pool": 400 * POOLS, "days": 2, "unseen_days": 60})  # fmt: skip
    if not changed:
        return made
    return made.with_interventions(
        [
            Intervention(1, EPOCH + 20 * MINUTE_US + 17, {"enabled": False}),
            Intervention(2, EPOCH + 5 * HOUR_US, {"enabled": True, "activity": 1.4, "drop_out": 0.2}),
            Intervention(3, EPOCH + DAY_STARTS_US + HOUR_US, {"watchlist_share": 0.9}),
            Intervention(4, EPOCH + 5 * MINUTE_US + 3, {}, sessions=60),
            Intervention(5, EPOCH + DAY_STARTS_US - 9 * MINUTE_US, {}, sessions=11),
            Intervention(6, EPOCH + DAY_STARTS_US + HOUR_US, {}, sessions=25),
        ]
    )


@cache
def undivided(changed: bool = False, scenario: str = "default") -> tuple[Outcome, DailyCounts]:
    daily = DailyCounts()
    return run(plan(changed, scenario), [plan().origin_us, END], daily=daily), daily


def emitted(daily: DailyCounts) -> dict[str, dict[int, int]]:
    return {name: {day: n for day, (n, _) in sorted(days.items())} for name, days in sorted(daily.rows.items())}


AROUND = [EPOCH + DAY_STARTS_US + k for k in (-MINUTE_US, -1, 0, 1, SECOND_US, MINUTE_US, 2 * MINUTE_US)]
CUTS = {
    "days": range(plan().origin_us, END, DAY_US),
    "odd": range(plan().origin_us, END, 11 * HOUR_US + 7),
    "minutes": [*range(EPOCH, EPOCH + 10 * MINUTE_US, MINUTE_US), *AROUND],
}


def edges(cut: str) -> list[int]:
    return [plan().origin_us, *CUTS[cut], END]


def test_there_is_something_to_cut():
    outcome, _ = undivided()
    empty = {name for name, d in outcome.digests.items() if d.startswith("0:")}
    assert empty == {"video_analytics", "admin_activity_log"}
    assert {row["pool"] for row in outcome.rows("daily_metrics")} == set(range(POOLS))
    assert outcome.statistics["chances"]["churned.kept"][0] > POOLS
    assert undivided(changed=True)[0] != outcome
    brought = [forecast(plan(changed=True), i, END) for i in plan(changed=True).requests]
    # Over an hour before a day ends some have no time for what they would watch.
    assert [known.sessions for known in brought] == [60, 11, 25]
    assert all(known.will_change["watch_progress"] for known in brought)


@pytest.mark.parametrize(
    ("parts", "cut", "remembering", "shuffled", "changed"),
    [
        (2, "days", False, None, False),
        (7, "odd", True, None, False),
        (1, "minutes", True, None, False),
        (7, "days", False, 5, False),
        (2, "odd", True, 8, True),
        (1, "minutes", True, None, True),
    ],
)
def test_cutting_changes_nothing(parts: int, cut: str, remembering: bool, shuffled: int | None, changed: bool):
    daily = DailyCounts()
    snapshots = Snapshots() if remembering else None
    made = run(plan(changed), edges(cut), parts, snapshots=snapshots, shuffled=shuffled, daily=daily)
    whole, counted = undivided(changed)
    assert made.digests == whole.digests
    assert made.statistics == whole.statistics
    assert emitted(daily) == emitted(counted)


@pytest.mark.parametrize(
    ("parts", "cut", "remembering", "shuffled"),
    [(7, "odd", True, 3), (1, "minutes", True, None), (2, "days", False, 5)],
)
def test_cutting_changes_nothing_of_people_who_differ(parts: int, cut: str, remembering: bool, shuffled: int | None):
    """The scenario `realistic`, with the same interventions: phases, tastes and factors of days are the same anyhow."""
    daily = DailyCounts()
    changed = plan(changed=True, scenario="realistic")
    snapshots = Snapshots() if remembering else None
    made = run(changed, edges(cut), parts, snapshots=snapshots, shuffled=shuffled, daily=daily)
    whole, counted = undivided(changed=True, scenario="realistic")
    assert made.digests == whole.digests
    assert made.statistics == whole.statistics
    assert emitted(daily) == emitted(counted)
    assert whole.statistics["measures"]["life.propensity"][0] > POOLS


def test_reports_do_not_depend_on_cutting():
    """The events of a person who leaves stay: only rows of the app are removed."""
    first = EPOCH - 6 * HOUR_US
    once = reported(plan(), [first, END])
    assert {row["channel"] for row in once} == {"posthog"}
    assert len({row["id"] for row in once}) == len(once) > 10_000
    cut = reported(plan(), [first, EPOCH, *AROUND, END], 7, Snapshots())
    assert digest(cut) == digest(once)
