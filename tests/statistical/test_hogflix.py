"""HogFlix's bands and rules over half a year of two pools, generated without a database; tolerances from n.

The bands are the document's for 400 people. Which of its figures hold together is in the world's README.
"""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest

from bounds import assert_shares
from populace.clock import DAY_US, parse
from populace.engine import DrawStatistics, Window, generate, whole
from populace.engine.draws import EngineDraw
from populace.engine.processes.pools.daily_update import begin
from populace.engine.processes.pools.fold import Day, PoolFold
from populace.engine.processes.pools.habits import Habits
from populace.plan import Plan, resolve
from populace.worlds.hogflix import LIFE, WORLD
from populace.worlds.hogflix.parameters.people import EVENTS, MATRIX, PATTERNS, SEGMENTS, STATES
from populace.worlds.hogflix.parameters.visits import COMPLETIONS, DEPTHS, RATINGS

EPOCH_US = parse("2026-01-10T00:00:00Z", "test")
POOLS, DAYS = 2, 180
Z = 3.29
LEFT, VACATION = STATES.index("CHURNED"), 1 + EVENTS.index("VACATION")


def plan(pools: int = POOLS, **changes: object) -> Plan:
    return resolve(WORLD, "default", seed=5, epoch_us=EPOCH_US, overrides={"persona_pool": 400 * pools, **changes})


@dataclass(frozen=True)
class HalfYear:
    """What half a year left: days of pools, other rows by table as columns, and the statistics."""

    days: list[dict[str, Any]]
    tables: dict[str, dict[str, list[Any]]]
    statistics: DrawStatistics

    def series(self, column: str) -> np.ndarray:
        """A column of the days: one row a pool."""
        by_pool = [[d[column] for d in self.days if d["pool"] == pool] for pool in range(POOLS)]
        return np.array(by_pool, dtype=np.float64)

    def states(self, *names: str) -> np.ndarray:
        by_pool = [
            [sum(json.loads(d["state_distribution"])[n] for n in names) for d in self.days if d["pool"] == pool]
            for pool in range(POOLS)
        ]
        return np.array(by_pool, dtype=np.float64)

    def drawn(self, *points: str) -> tuple[int, int]:
        """How many said yes, of how many."""
        sums = [self.statistics.chances[p] for p in points]
        return sum(s[3] for s in sums), sum(s[0] for s in sums)


@cache
def half_year() -> HalfYear:
    made, statistics = plan(), DrawStatistics()
    tables: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    days: list[dict[str, Any]] = []
    for batch in generate(made, whole(made), Window(made.origin_us, EPOCH_US), statistics):
        if batch.table == "daily_metrics":
            days += batch.rows.to_pylist()
        if batch.table in ("video_ratings", "user_subscriptions"):
            for name in batch.rows.schema.names:
                tables[batch.table][name] += batch.rows.column(name).to_pylist()
    return HalfYear(days, tables, statistics)


def within(values: np.ndarray, low: float, high: float) -> float:
    return float(((values >= low) & (values <= high)).mean())


def assert_share(yes: int, of: int, share: float) -> None:
    assert abs(yes / of - share) <= Z * math.sqrt(share * (1 - share) / of), (yes, of, share)


def test_the_pool_is_as_large_and_as_busy_as_documented():
    """C1, C3, C4, C16: shares of days and means of each pool."""
    done = half_year()
    total, came = done.series("total_personas"), done.series("active_today")
    assert total.shape == (POOLS, DAYS - 1)
    for pool in range(POOLS):
        assert within(total[pool], 380, 420) >= 0.95
        assert within(came[pool], 30, 150) >= 0.95
        assert 8 <= done.series("flixbuddy_calls")[pool].mean() <= 12
        active = (done.states("ACTIVE", "CASUAL")[pool] / total[pool]).mean()
        assert 0.60 <= active <= 0.70
        assert 0.24 <= (done.states("DORMANT")[pool] / total[pool]).mean() <= 0.36


def test_sign_ups_replace_whom_the_pool_lacks():
    """C2, and the balance of every day: whoever is there came or was there the day before."""
    done = half_year()
    total, joined, churned = (done.series(c) for c in ("total_personas", "new_signups", "churned"))
    assert set(np.unique(joined)) <= {2.0, 3.0, 4.0, 5.0}
    assert (total[:, 1:] == total[:, :-1] + joined[:, 1:] - churned[:, 1:]).all()
    assert (joined == np.clip(400 - (total - joined), 2, 5)).all()
    assert 2.0 <= joined.mean() <= 2.6


def test_new_people_are_those_of_the_last_days():
    """C8, C19."""
    done = half_year()
    joined = done.series("new_signups")
    lately = np.array([np.convolve(pool, np.ones(7))[: len(pool)] for pool in joined])
    assert (done.states("NEW")[:, 6:] == lately[:, 6:]).all()


@pytest.mark.parametrize(
    ("points", "share"),
    [
        (("chat.opens",), 0.10),
        (tuple(f"churns.{s}" for s in SEGMENTS), 0.03),
        (("churned.kept",), 0.10),
        (("card.opened",), 0.75),
        (("card.started",), 0.60),
        (("watch.rated",), 0.20),
        (("visit.watchlist",), 0.30),
        (("visit.ticket",), 0.02),
        (("life.returns.VACATION",), 0.0),
        (("life.returns.SICK",), 0.10),
        (("life.returns.BUSY_WORK",), 0.20),
        (("life.returns.NEW_RELEASE_HYPE",), 0.95),
        (("life.returns.dropped_out",), 0.0),
    ],
)
def test_chances_are_the_documents(points: tuple[str, ...], share: float):
    """C5, C12, C14, C23, C29, C30."""
    assert_share(*half_year().drawn(*points), share)


def test_half_of_a_video_is_reached_as_often_as_documented():
    """C27, C29: the share of each class gives its mean, and all together 55 of 100."""
    done = half_year()
    yes, of = done.drawn(*(f"watch.half.{name}" for name in COMPLETIONS))
    assert of > 50_000
    assert abs(yes / of - 0.55) < 0.024
    above, between, below = (done.statistics.measures[f"watch.{side}"] for side in ("above", "between", "below"))
    assert_shares([above[0], between[0]], [0.65, 0.35])
    high, low = (above[1] + between[1]) / (above[0] + between[0]), below[1] / below[0]
    for name, mean in COMPLETIONS.items():
        reach, many = done.drawn(f"watch.half.{name}")
        share = reach / many
        spread = Z * math.sqrt(((high - low) ** 2 * share * (1 - share) + 210) / many)
        assert abs(low + share * (high - low) - mean) < 0.5 + spread, name


def test_visits_are_as_deep_as_their_class():
    """C26."""
    for name, (fewest, most) in DEPTHS.items():
        if name == "active":
            continue
        n, total, _ = half_year().statistics.measures[f"visit.depth.{name}"]
        spread = math.sqrt(((most - fewest + 1) ** 2 - 1) / 12)
        assert abs(total / n - (fewest + most) / 2) < Z * spread / math.sqrt(n), name


def test_habits_are_assigned_by_plan():
    """C17, C18."""
    done = half_year()
    counts = [done.statistics.choices[f"pattern.{s}"][0] for s in SEGMENTS]
    for segment, seen in zip(SEGMENTS, counts, strict=True):
        assert_shares(seen, [w / 100 for w in MATRIX[segment.lower()]])
    assert sum(map(sum, counts)) > 700
    assert [len(seen) for seen in counts] == [len(PATTERNS)] * len(SEGMENTS)


def test_stars_are_those_of_the_plan():
    """C31, of people who have had one plan all along; each person's stars hang together, so people are counted."""
    done, normal = half_year(), NormalDist()
    held = done.tables["user_subscriptions"]
    # Merged rows: the last version counts.
    latest = dict(
        zip(held["user_id"], zip(held["plan_id"], held["started_at"], held["created_at"], strict=True), strict=True)
    )
    plans = [p for p, _ in Counter(p for p, _, _ in latest.values()).most_common()]
    steady = {user: plans.index(p) for user, (p, started, created) in latest.items() if started == created}
    rated: list[dict[Any, list[int]]] = [defaultdict(list) for _ in SEGMENTS]
    rows = done.tables["video_ratings"]
    for user, stars in zip(rows["user_id"], rows["rating"], strict=True):
        if user in steady:
            rated[steady[user]][user].append(stars)
    for segment, by_person in zip(SEGMENTS, rated, strict=True):
        mean, deviation = RATINGS[segment]
        below = [normal.cdf((edge + 0.5 - mean) / deviation) for edge in range(1, 5)]
        wanted = 1 + sum(1 - b for b in below)
        stars = np.concatenate([np.array(s) for s in by_person.values()])
        off = np.array([sum(s) - len(s) * stars.mean() for s in by_person.values()])
        # A title's stars hang together as well: a twenty-fifth of the variance, over some 200 titles.
        error = math.sqrt(float((off**2).sum()) / len(stars) ** 2 + 0.04 * deviation**2 / 100)
        assert len(by_person) > 50
        assert abs(stars.mean() - wanted) < Z * error, (segment, stars.mean(), wanted)
        squares = 1 + sum((2 * k + 1) * (1 - b) for k, b in enumerate(below, start=1))
        assert abs(stars.std() - math.sqrt(squares - wanted**2)) < 0.06


def folded(days: int, pools: int) -> list[Day]:
    """Days of pools as they are decided, without what people do in their visits."""
    made = plan(pools)
    era, first = made.eras[0], made.origin_us // DAY_US
    fold = PoolFold.nobody(LIFE, 0, pools, first - 60)
    draw = EngineDraw(made, era, Window(0, 1), DrawStatistics())
    out = []
    for day in range(first - 60, first - 60 + days):
        out.append(begin(draw, Habits.of(LIFE, era, day), fold, counted=False, dated=False))
        assert len(np.unique(fold.of("person"))) == fold.size
        fold.day += 1
    return out


def test_nobody_acts_who_cannot_and_nobody_changes_twice():
    """C13, C23: neither on holiday nor after leaving; and one change of state a person and day."""
    gone: set[int] = set()
    moved, away = 0, 0
    for day in folded(200, 6):
        came = day.came.who
        assert not (came.event == VACATION).any()
        assert not (came.state == LEFT).any()
        assert gone.isdisjoint(came.person.tolist())
        changed = [m.who.person[(m.who.state != m.before.state) | (m.who.state == LEFT)] for m in day.moves]
        people = np.concatenate([np.zeros(0, dtype=np.int64), *changed])
        assert len(np.unique(people)) == len(people)
        moved += len(people)
        left = [m.who.person[m.who.state == LEFT] for m in day.moves]
        gone |= set(np.concatenate([np.zeros(0, dtype=np.int64), *left]).tolist())
        away += len(day.removed.person)
    assert moved > 10_000
    assert len(gone) > 1_000
    assert_share(len(gone) - away, len(gone), 0.1)
