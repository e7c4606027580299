"""K7's judge: bounds that hold, points that fail by name, and one alarm level for all of them."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest

from populace.checks.accounting import (
    ALPHA,
    Point,
    chance_bound,
    check,
    choice_bound,
    judge,
    measure_bound,
)
from populace.clock import parse
from populace.engine.draw_statistics import DrawStatistics
from populace.engine.streams import quantile, within
from populace.plan import resolve
from populace.plan.thresholds import WHOLE, ResolvedQuantiles, ResolvedRange
from tiny import CLUB

EPOCH = parse("2026-01-01T00:00:00Z", "epoch")
PLAN = resolve(CLUB, "default", seed=1, epoch_us=EPOCH)


def test_a_known_z_is_shown_and_its_bound_is_above_the_exact_probability():
    n, p = 10_000, 0.2
    expected, spread = n * p, math.sqrt(n * p * (1 - p))
    # 120 more than expected are three standard deviations.
    yes = int(expected + 3 * spread)
    threshold = int(p * WHOLE)
    sums = [n, n * threshold, n * (threshold * (WHOLE - threshold) // WHOLE), yes]
    verdict = next(v for v in check(PLAN, {"chances": {"abandons": sums}}) if v.point)
    assert verdict.measured == f"{yes} of {n}, z +3.00"
    assert verdict.target == "2000.0 of 10000"
    assert verdict.status == "ok"
    exact = 2 * NormalDist().cdf(-3)
    assert exact < chance_bound(n, expected, yes) < 20 * exact
    assert chance_bound(n, expected, 2000) == 1.0


def test_what_is_declared_never_must_not_happen_even_once():
    assert chance_bound(1000, 0.0, 1) == 0.0
    assert chance_bound(1000, 0.0, 0) == 1.0
    assert chance_bound(1000, 1000.0, 999) == 0.0
    assert choice_bound([999, 1], [1000.0, 0.0]) == 0.0
    assert choice_bound([1000, 0], [1000.0, 0.0]) == 1.0


def test_the_bound_of_rare_chances_is_no_smaller_than_the_truth():
    """Where a normal approximation would cry wolf: three successes of an expected 0.3 in a thousand draws."""
    n, expected, yes = 1000, 0.3, 3
    p = expected / n
    truth = 1 - sum(math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(yes))
    assert chance_bound(n, expected, yes) >= truth
    assert truth > 2 * NormalDist().cdf(-(yes - expected) / math.sqrt(expected))


def test_choices_are_judged_by_chi_square_and_rare_answers_together():
    assert choice_bound([500, 300, 200], [500.0, 300.0, 200.0]) > 0.99
    # Of 3 degrees of freedom, 16.27 is the quantile of 0.999.
    counts = [1000 + 64, 1000 - 64, 1000 + 63, 1000 - 63]
    statistic = sum((c - 1000) ** 2 / 1000 for c in counts)
    assert choice_bound(counts, [1000.0] * 4) == pytest.approx(0.001 * math.exp((16.27 - statistic) / 2), rel=0.15)
    assert choice_bound([700, 300], [500.0, 500.0]) < 1e-12
    assert choice_bound([990, 4, 6], [992.0, 4.0, 4.0]) > 0.01


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_moments_are_those_of_what_is_drawn(seed: int):
    span = ResolvedRange(-3, 20)
    drawn = PLAN.eras[0].decisions["dwell"]
    assert isinstance(drawn, ResolvedQuantiles)
    n = 400_000
    who = np.arange(n, dtype=np.uint64)
    for declared, numbers in ((span, within(seed, span, who)), (drawn, quantile(seed, drawn, who))):
        moments = declared.moments
        assert (moments.low, moments.high) <= (int(numbers.min()), int(numbers.max()))
        spread = math.sqrt(moments.square - moments.mean**2)
        assert abs(float(numbers.mean()) - moments.mean) < 4.5 * spread / math.sqrt(n)
        squares = numbers.astype(np.float64) ** 2
        spread = math.sqrt(moments.fourth - moments.square**2)
        assert abs(float(squares.mean()) - moments.square) < 4.5 * spread / math.sqrt(n)
        assert measure_bound(n, int(numbers.sum()), int(squares.sum()), moments) > 0.01


def test_sums_of_numbers_whose_squares_need_more_than_64_bits_are_exact():
    numbers = np.full(3_000, 2**53) - np.arange(3_000)
    statistics = DrawStatistics()
    statistics.measure("wide", numbers)
    exact = numbers.tolist()
    assert statistics.measures["wide"] == [3_000, sum(exact), sum(n * n for n in exact)]


def test_a_measure_of_another_mean_or_another_spread_is_found():
    moments = ResolvedRange(0, 10).moments
    n = 10_000
    assert measure_bound(n, 5 * n, 35 * n, moments) == 1.0
    assert measure_bound(n, int(5.4 * n), 35 * n, moments) < 1e-9
    # Always 5: the mean is right, and nothing else.
    assert measure_bound(n, 5 * n, 25 * n, moments) < 1e-9


def test_the_failing_point_is_found_by_name_and_the_rest_stay_green():
    threshold = int(0.2 * WHOLE)

    def sums(yes: int) -> list[int]:
        return [1000, 1000 * threshold, 1000 * (threshold * (WHOLE - threshold) // WHOLE), yes]

    verdicts = list(check(PLAN, {"chances": {"abandons": sums(205), "noted": sums(300)}}))
    failed = [v for v in verdicts if v.status == "failed"]
    assert [v.title for v in failed] == ["chances that came out as declared", "chance noted"]
    assert failed[0].measured == "1 of 2"
    assert "noted" in failed[0].note
    assert {v.id for v in verdicts} == {"K7"}


def test_all_points_share_one_alarm_level():
    """A deviation that would be red alone is none among a hundred: Bonferroni."""
    p = ALPHA / 2
    alone = list(judge([Point("chance", "one", "", "", p)]))
    assert all(v.status == "failed" for v in alone if v.point)
    crowd = [Point("chance", f"other {i}", "", "", 0.5) for i in range(99)]
    among = [v for v in judge([Point("chance", "one", "", "", p), *crowd]) if v.point]
    assert all(v.status == "ok" for v in among)
    assert any(v.status == "failed" for v in judge([Point("chance", "one", "", "", ALPHA / 101), *crowd]) if v.point)


def test_a_measure_whose_declaration_changed_is_open_and_an_unknown_one_too():
    verdict = next(v for v in check(PLAN, {"measures": {"gone": [10, 50, 300]}}) if v.point)
    assert verdict.status == "open"
    assert "changed" in verdict.note


def test_nothing_drawn_is_open_not_red():
    assert {v.status for v in check(PLAN, {})} == {"open"}
