"""K2 on Recoverlution, small: cuts that change nothing. Its golden digests (K1) stand with the others."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from examples import part
from populace.clock import DAY_US, HOUR_US, MINUTE_US, parse
from populace.engine import DrawStatistics, Shard, Snapshots, Window, generate, shards, whole
from populace.engine.forecast import forecast
from populace.plan import Intervention, Plan, resolve
from populace.sinks.memory import MemorySink
from populace.worlds.recoverlution import WORLD

EPOCH_US = parse("2026-01-09T00:00:00Z", "test")
END_US = EPOCH_US + 2 * HOUR_US + 17 * MINUTE_US
SMALL = {"count_users": 37, "coverage_per_mindblock": 1, "days": 3, "signup_days": 5, "session_history_days": 1}


def small(scenario: str, **changes: object) -> Plan:
    """A plan of a few people, and some days: each comes so often that journeys go on over many visits."""
    return resolve(WORLD, scenario, seed=7, epoch_us=EPOCH_US, overrides=SMALL | changes)


def _filled(
    plan: Plan, pieces: Sequence[Shard], edges: Sequence[int], *, remembering: bool = False
) -> tuple[Mapping[str, str], DrawStatistics]:
    sink, statistics = MemorySink(WORLD), DrawStatistics()
    for piece in pieces:
        snapshots = Snapshots() if remembering else None
        for start_us, end_us in itertools.pairwise(edges):
            for batch in generate(plan, piece, Window(start_us, end_us), statistics, snapshots):
                sink.write(batch)
    return sink.digests(), statistics


@pytest.mark.parametrize(
    ("parts", "step_us", "changes"),
    part([
        (2, DAY_US, {}),
        (5, 11 * HOUR_US, {}),
        (1, 53 * MINUTE_US, {}),
        (2, 17 * HOUR_US, {"details": True, "engagements_continue": True, "days": 1}),
        (2, 17 * HOUR_US, {"vocabulary": "g1", "time_of_day": True, "with_journeys": True, "error_rate": 0.5}),
    ], every=2),
)  # fmt: skip
def test_cutting_changes_nothing(parts: int, step_us: int, changes: dict[str, object]) -> None:
    _same(small("documented", **changes), parts, step_us)


@pytest.mark.parametrize(("parts", "step_us"), part([(1, 53 * MINUTE_US), (3, 7 * HOUR_US)], every=2))
def test_cutting_changes_nothing_of_people_who_differ(parts: int, step_us: int) -> None:
    """People who sign up in every window, visits at their sign-up, who is asked, a change and a request."""
    changes = {
        "sessions_share": 1.0,
        "max_per_run": 15,
        "signup_days": 2,
        "count_users": 400,
        "session_history_days": 3,
    }
    plan = small("realistic", **changes).with_interventions(
        [
            Intervention(1, EPOCH_US + 11 * MINUTE_US + 17, {"sessions_per_min": 3}),
            Intervention(2, EPOCH_US + 40 * MINUTE_US, {"enabled": False}),
            Intervention(3, EPOCH_US + 50 * MINUTE_US + 5, {}, sessions=9),
        ]
    )
    statistics = _same(plan, parts, step_us)
    assert all(statistics["measures"][f"life.{name}"][0] > 100 for name in ("propensity", "stays", "phase"))
    assert 100 < statistics["chances"]["life.first_visit"][0] < 400
    assert statistics["chances"]["practising.kept"][0] > 1_000
    asked = forecast(plan, plan.requests[0], END_US)
    assert asked.sessions == 9


def _same(plan: Plan, parts: int, step_us: int) -> Mapping[str, Any]:
    """A plan cut in parts is the same as in one piece; its draw statistics."""
    uncut = _filled(plan, [whole(plan)], [plan.origin_us, END_US])
    # History is emitted again for every window that meets it: it is cut less often than life.
    history = range(plan.origin_us, EPOCH_US, max(step_us, 17 * HOUR_US))
    edges = [*history, *range(EPOCH_US, END_US, min(step_us, 53 * MINUTE_US)), END_US]
    cut = _filled(plan, shards(plan, parts), edges, remembering=parts == 1)
    assert cut[0] == uncut[0]
    assert cut[1].document() == uncut[1].document()
    return uncut[1].document()
