"""K7: the statistics say what was drawn, the rows say the same, and both are as declared.

The club here has many people and few visits, nobody goes and nobody is turned away, and it closes before the end, so
that every draw leaves its row. Bounds: alpha 1e-4 a test (tests/bounds.py).
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from functools import cache
from statistics import NormalDist

import numpy as np
import pytest

from bounds import assert_shares, chi_square, chi_square_bound, normal_bound
from golden.runs import EPOCH, Outcome, club, run
from populace.clock import HOUR_US, MINUTE_US, from_datetime
from populace.plan import Intervention, Plan
from populace.plan.thresholds import WHOLE
from tiny import CLUB

STAYING = replace(CLUB, roots=(replace(CLUB.roots[0], removed=None),))
HOURS = 8


def closing(**overrides: object) -> Plan:
    plan = club(STAYING, **overrides)
    return plan.with_interventions([Intervention(1, EPOCH + HOURS * HOUR_US, {"open": False})])


@cache
def lived() -> Outcome:
    plan = closing(people=1000, rate=20, cap=60, notes_each=10)
    return run(plan, [plan.origin_us, EPOCH, EPOCH + (HOURS + 2) * HOUR_US])


def test_every_declared_point_is_accounted_and_no_other():
    statistics = lived().statistics
    points = {*statistics["chances"], *statistics["choices"], *statistics["measures"]}
    # Nobody goes in this club, so "goes" is not drawn.
    assert points == {d.name for d in CLUB.decisions} - {"goes"} | {"visiting.arrivals", "visiting.who"}


@pytest.mark.parametrize(("point", "probability"), [("abandons", 0.2), ("noted", 0.5)])
def test_a_chance_is_kept(point: str, probability: float):
    n, p_sum, variance, yes = lived().statistics["chances"][point]
    assert n > 5000
    assert p_sum / WHOLE == pytest.approx(n * probability, rel=1e-9)
    assert variance / WHOLE == pytest.approx(n * probability * (1 - probability), rel=1e-9)
    assert abs(yes - n * probability) < normal_bound(math.sqrt(n * probability * (1 - probability)))


def test_the_rows_agree_with_the_accounts_to_the_last_one():
    statistics, visits, steps = lived().statistics, lived().rows("visits"), lived().rows("steps")
    n, _, _, abandoned = statistics["chances"]["abandons"]
    statuses = Counter(row["status"] for row in visits)
    assert statuses == {"completed": n - abandoned, "abandoned": abandoned}
    a_visit = Counter(Counter(row["visit_id"] for row in steps).values())
    assert [a_visit[k] for k in (1, 2, 3)] == statistics["choices"]["steps"][0]
    assert statistics["measures"]["think"][0] == statistics["measures"]["dwell"][0] == len(steps)
    assert sum(statistics["choices"]["visiting.who"][0]) == len(visits)
    assert len(lived().rows("thanks")) == statistics["chances"]["noted"][3]
    stars = Counter(row["stars"] for row in lived().rows("notes"))
    assert [stars[k] for k in range(1, 6)] == statistics["choices"]["stars"][0]
    names = Counter(row["name"] for row in lived().rows("people"))
    assert [names[k] for k in ("Ada", "Bo", "Cy")] == statistics["choices"]["name"][0]


def test_who_is_turned_away_draws_nothing():
    """A crowd: most arrivals find their person busy for longer than the horizon."""
    plan = closing(people=4, rate=5, cap=9)
    crowd = run(plan, [plan.origin_us, EPOCH, EPOCH + 3 * HOUR_US, EPOCH + (HOURS + 2) * HOUR_US])
    arrived = sum(crowd.statistics["choices"]["visiting.who"][0])
    assert len(crowd.rows("visits")) < arrived / 2
    assert crowd.statistics["chances"]["abandons"][0] == len(crowd.rows("visits"))
    assert crowd.statistics["measures"]["dwell"][0] == len(crowd.rows("steps"))


def test_choices_are_kept():
    choices = lived().statistics["choices"]
    normal = NormalDist(4.1, 0.7)
    edges = [0, *(normal.cdf(x + 0.5) for x in (1, 2, 3, 4)), 1]
    weights = [1.0, 2.0, 0.5]
    by_class = [w * len(range(c, 1000, 3)) for c, w in enumerate(weights)]
    for point, shares in (
        ("name", [3 / 6, 2 / 6, 1 / 6]),
        ("steps", [0.5, 0.3, 0.2]),
        ("stars", np.diff(edges).tolist()),
        ("visiting.who", [w / sum(by_class) for w in by_class]),
    ):
        counts, expected = choices[point]
        assert_shares(counts, shares)
        assert [e / WHOLE for e in expected] == pytest.approx(
            [s * sum(counts) for s in shares], abs=sum(counts) * 1e-11
        )


def test_people_come_by_their_weight():
    """By rows: each person of a class as often as any other of it, classes in proportion to their weights."""
    by_owner = Counter(row["person_id"] for row in lived().rows("visits"))
    people = sorted(lived().rows("people"), key=lambda row: row["mail"])
    counts = [by_owner[row["id"]] for row in people]
    weights = [(1.0, 2.0, 0.5)[i % 3] for i in range(1000)]
    expected = [w * sum(counts) / sum(weights) for w in weights]
    assert min(expected) > 3
    assert chi_square(counts, expected) < chi_square_bound(999)


def test_measures_have_their_moments():
    measures = lived().statistics["measures"]
    n, total, squares = measures["think"]
    mean, variance = 5000, (6001**2 - 1) / 12
    assert abs(total / n - mean) < normal_bound(math.sqrt(variance / n))
    assert abs(squares / n - (variance + mean**2)) < normal_bound(math.sqrt(6 / 5 * (variance**2) / n) + mean * 4)
    n, total, squares = measures["dwell"]
    normal, median, sigma = NormalDist(), 90_000, 0.8
    grid = [(i + 0.5) / 20_000 for i in range(20_000)]
    values = [min(max(median * math.exp(sigma * normal.inv_cdf(u)), 5_000), 400_000) for u in grid]
    mean = sum(values) / len(grid)
    deviation = math.sqrt(sum((v - mean) ** 2 for v in values) / len(grid))
    assert abs(total / n - mean) < normal_bound(deviation / math.sqrt(n)) + mean * 1e-4
    assert squares / n - (total / n) ** 2 == pytest.approx(deviation**2, rel=0.05)


def poisson_shares(lam: float, cap: int) -> list[float]:
    masses = [math.exp(-lam) * lam**k / math.factorial(k) for k in range(cap)]
    return [*masses, 1 - sum(masses)]


def capped(rate: float, cap: int) -> list[float]:
    """min(Poisson(λ), cap) with mean `rate`, solved here once more by bisection."""
    low, high = rate, 50.0 * cap
    for _ in range(200):
        middle = (low + high) / 2
        mean = sum(k * p for k, p in enumerate(poisson_shares(middle, cap)))
        low, high = (middle, high) if mean < rate else (low, middle)
    return poisson_shares(low, cap)


@pytest.mark.parametrize(("rate", "cap"), [(3, 5), (1, 2), (4, 30)])
def test_arrivals_a_minute_are_poisson_up_to_the_cap(rate: int, cap: int):
    plan = club(STAYING, rate=rate, cap=cap)
    hours = 24
    counts, expected = run(plan, [EPOCH, EPOCH + hours * HOUR_US]).statistics["choices"]["visiting.arrivals"]
    minutes = hours * 60
    assert sum(counts) == minutes
    shares = capped(rate, cap)
    assert [e / WHOLE for e in expected[: cap + 1]] == pytest.approx(
        [s * minutes for s in shares[: len(expected)]], abs=1e-6
    )
    shares = [e / WHOLE / minutes for e in expected]
    rare = next((k for k, s in enumerate(shares) if k > rate and s * minutes < 5), len(shares))
    pooled = [*counts[:rare], sum(counts[rare:])] if rare < len(counts) else counts
    assert_shares(pooled, [*shares[:rare], sum(shares[rare:])] if rare < len(counts) else shares)
    came = sum(k * n for k, n in enumerate(counts))
    assert abs(came - rate * minutes) < normal_bound(math.sqrt(rate * minutes))


@pytest.mark.parametrize(("rate", "cap", "wanted"), [(3, 5, 3), (9, 5, 5), (0, 5, 0)])
def test_a_fixed_process_is_exact_in_every_minute(rate: int, cap: int, wanted: int):
    plan = closing(people=1000, arrivals="fixed", rate=rate, cap=cap)
    end = EPOCH + (HOURS + 1) * HOUR_US
    outcome = run(plan, [plan.origin_us, EPOCH, EPOCH + 90 * MINUTE_US + 7, end])
    counts, _ = outcome.statistics["choices"]["visiting.arrivals"]
    closed = 60
    assert counts[wanted] == HOURS * 60 + (closed if wanted == 0 else 0)
    assert counts[0] == closed + (HOURS * 60 if wanted == 0 else 0)
    assert sum(counts) == (HOURS + 1) * 60
    assert len(outcome.rows("visits")) == wanted * HOURS * 60


def test_moments_are_even_within_the_minute():
    """By rows whose visit began at its arrival: nearly all in a club of a thousand."""
    begun = [from_datetime(row["created_at"]) for row in lived().rows("visits") if row["nth"] == 1]
    tenths = Counter(at % MINUTE_US * 10 // MINUTE_US for at in begun)
    assert len(begun) > 900
    assert_shares([tenths[k] for k in range(10)], [0.1] * 10)


def test_the_sums_of_two_seeds_differ_and_both_are_kept():
    for seed in (2, 3):
        plan = club(STAYING, seed=seed, people=1000, rate=20, cap=60, notes_each=0)
        n, _, variance, yes = run(plan, [EPOCH, EPOCH + 3 * HOUR_US]).statistics["chances"]["abandons"]
        assert abs(yes - 0.2 * n) < normal_bound(math.sqrt(variance / WHOLE))
        assert n != lived().statistics["chances"]["abandons"][0]
