"""Probabilities as integers: exact at the ends, right in between, and refused where they are none."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest

from populace.engine import streams
from populace.errors import BadInput
from populace.plan.thresholds import (
    FINE,
    WHOLE,
    ResolvedChance,
    ResolvedChoice,
    ResolvedQuantiles,
    ResolvedRange,
    capped_poisson,
    fixed_count,
    millionths_thresholds,
    probability_threshold,
    resolve_decision,
    weight_thresholds,
)
from populace.spec import Chance, Choice, LogNormal, RoundedNormal, Uniform


def mean_of(choice: ResolvedChoice) -> float:
    return sum(position * share for position, share in enumerate(choice.shares))


def test_a_probability_of_zero_or_one_is_exact():
    assert probability_threshold(0, "here") == 0
    assert probability_threshold(0.0, "here") == 0
    assert probability_threshold(1, "here") == WHOLE
    assert probability_threshold(1.0, "here") == WHOLE
    assert probability_threshold(0.5, "here") == WHOLE // 2
    assert abs(probability_threshold(0.1, "here") / WHOLE - 0.1) < 1e-12


def test_a_certain_choice_is_certain():
    assert ResolvedChoice(weight_thresholds([0, 1, 0], "here")).shares == [0, 1, 0]
    assert ResolvedChoice(weight_thresholds([7], "here")).shares == [1]
    assert ResolvedChoice(weight_thresholds([0.1, 0.2, 0.7], "here")).shares == pytest.approx(
        [0.1, 0.2, 0.7], abs=1e-12
    )


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1], [1, math.nan], [math.inf, 1], [1, -math.inf]])
def test_what_are_no_weights_is_refused(weights: list[float]):
    with pytest.raises(BadInput, match=r"club.pick") as refused:
        weight_thresholds(weights, "club.pick")
    assert "at least 0" in str(refused.value)


@pytest.mark.parametrize("probability", [-0.1, 1.0000001, 2, math.nan, math.inf, -math.inf])
def test_what_is_no_probability_is_refused(probability: float):
    with pytest.raises(BadInput, match=r"club.goes"):
        resolve_decision(Chance("goes", probability), {}, "club")
    with pytest.raises(BadInput, match=r"club.goes"):
        resolve_decision(Chance("goes", "share"), {"share": probability}, "club")
    with pytest.raises(BadInput):
        probability_threshold(probability, "club.goes")


@pytest.mark.parametrize(
    "decision",
    [
        Uniform("odd", 5, 4),
        Uniform("odd", math.nan, 4),
        Uniform("odd", 0, math.inf),
        Uniform("odd", "word", 4),
        LogNormal("odd", math.nan, 1, 0, 10),
        LogNormal("odd", 5, 1, 10, 0),
        LogNormal("odd", -5, 1, 0, 10),
        LogNormal("odd", 0, 1, 0, 10),
        LogNormal("odd", 5, -1, 0, 10),
        RoundedNormal("odd", math.inf, 1, 1, 5),
        RoundedNormal("odd", 3, 1, 5, 1),
        RoundedNormal("odd", 3, -1, 1, 5),
        RoundedNormal("odd", 3, 0, 1, 5),
        Choice("odd", "word"),
        Choice("odd", "number"),
    ],
    ids=repr,
)
def test_a_measure_or_choice_that_makes_no_sense_is_refused_by_name(decision):
    with pytest.raises(BadInput, match=r"club.odd"):
        resolve_decision(decision, {"word": "many", "number": 0.5}, "club")


@pytest.mark.parametrize(("low", "high"), [(0, 2**53), (-(2**53) - 1, 0), (-(2**52), 2**52), (0.5, 3), (0, 2.5)])
def test_a_range_that_a_draw_cannot_cover_is_refused(low: float, high: float):
    resolve_decision(Uniform("wide", 0, 86_400_000_000), {}, "club")
    resolve_decision(Uniform("wide", 1, 2**53), {}, "club")
    with pytest.raises(BadInput, match=r"club.wide"):
        resolve_decision(Uniform("wide", low, high), {}, "club")


@pytest.mark.parametrize(("low", "high"), [(0, 10**9), (0.5, 3)])
def test_a_rounded_normal_number_of_too_many_values_is_refused(low: float, high: float):
    with pytest.raises(BadInput, match=r"club.wide"):
        resolve_decision(RoundedNormal("wide", 5, 1, low, high), {}, "club")


@pytest.mark.parametrize(("rate", "cap"), [(0.01, 1), (0.3, 5), (3, 5), (4.9, 5), (3, 1000), (40, 60), (250.5, 300)])
def test_a_capped_poisson_has_the_rate_as_its_mean(rate: float, cap: int):
    choice = capped_poisson(rate, cap)
    assert mean_of(choice) == pytest.approx(rate, rel=1e-9)
    assert len(choice.shares) <= cap + 1
    assert list(choice.thresholds) == sorted(choice.thresholds)


@pytest.mark.parametrize(("rate", "cap"), [(3.0, 5), (0.7, 2), (12.0, 100)])
def test_a_capped_poisson_is_a_poisson_below_its_cap(rate: float, cap: int):
    """Ratios of neighbouring masses are λ / k, whatever λ is."""
    shares = capped_poisson(rate, cap).shares
    inner = [k for k in range(1, min(cap, len(shares) - 1)) if shares[k - 1] > 1e-6]
    lams = [k * shares[k] / shares[k - 1] for k in inner]
    assert lams == pytest.approx([lams[0]] * len(lams), rel=1e-4)
    assert lams[0] >= rate * (1 - 1e-4)
    if cap == 100:
        assert lams[0] == pytest.approx(rate, rel=1e-6)


def test_a_rate_at_the_ends():
    assert capped_poisson(0, 5).shares == [1]
    assert capped_poisson(-1, 5).shares == [1]
    assert capped_poisson(5, 5).shares == [0, 0, 0, 0, 0, 1]
    assert capped_poisson(9, 5).shares == [0, 0, 0, 0, 0, 1]
    assert capped_poisson(9, 0).shares == [1]


def test_a_fixed_count_is_fixed():
    assert fixed_count(3, 5).shares == [0, 0, 0, 1]
    assert fixed_count(9, 5).shares == [0, 0, 0, 0, 0, 1]
    assert fixed_count(0, 5).shares == [1]


def test_a_fixed_count_of_a_part_is_never_silently_another_rate():
    """Half a visit a minute cannot be a fixed whole number: refuse it, or keep the mean."""
    try:
        choice = fixed_count(2.5, 5)
    except BadInput:
        return
    assert mean_of(choice) == pytest.approx(2.5)


@pytest.mark.parametrize(("mean", "deviation"), [(4.1, 0.7), (0, 3), (9, 1), (2.5, 0.2)])
def test_a_rounded_normal_has_the_shares_of_the_normal(mean: float, deviation: float):
    choice = resolve_decision(RoundedNormal("stars", mean, deviation, 1, 5), {}, "club")
    assert isinstance(choice, ResolvedChoice)
    normal = NormalDist(mean, deviation)
    edges = [0, *(normal.cdf(x + 0.5) for x in (1, 2, 3, 4)), 1]
    assert choice.first == 1
    assert choice.shares == pytest.approx(list(np.diff(edges)), abs=1e-11)


def test_a_rounded_normal_of_one_value_is_that_value():
    choice = resolve_decision(RoundedNormal("stars", 3, 1, 4, 4), {}, "club")
    assert (choice.first, choice.shares) == (4, [1])


def test_values_are_read_by_path():
    values = {"share": 0.25, "low": 1, "high": 6, "weights": (1, 3)}
    chance = resolve_decision(Chance("a", "share"), values, "club")
    assert isinstance(chance, ResolvedChance)
    assert chance.threshold == WHOLE // 4
    span = resolve_decision(Uniform("b", "low", "high"), values, "club")
    assert isinstance(span, ResolvedRange)
    assert (span.low, span.high) == (1, 6)
    assert resolve_decision(Choice("c", "weights"), values, "club").shares == [0.25, 0.75]


def test_quantiles_ascend_between_their_bounds():
    table = resolve_decision(LogNormal("dwell", 90_000, 0.8, 5_000, 400_000), {}, "club")
    assert isinstance(table, ResolvedQuantiles)
    assert (np.diff(table.knots) >= 0).all()
    assert table.knots[0] >= 5_000 * FINE
    assert table.knots[-1] == 400_000 * FINE
    assert table.knots[len(table.knots) // 2] == 90_000 * FINE


def test_chances_in_millionths_are_compared_as_whole_draws_are():
    """A threshold says of each draw what the draw as a whole number of millionths says: rows stay what they were."""
    micro = np.r_[0, 1, 2, 499_999, 500_000, 999_999, 1_000_000, np.arange(3, 1_000_000, 7_919)]
    thresholds = millionths_thresholds(micro)
    assert thresholds[0] == 0
    assert thresholds[6] == WHOLE
    assert np.all(np.abs(thresholds.astype(float) / WHOLE - micro / 1e6) <= 2**-32)
    people = np.arange(4_000)
    drawn = streams.below(7, 1_000_000, people)
    # Those whose draw is next to a threshold too.
    for one in (*micro.tolist(), *drawn[:50].tolist(), *(drawn[:50] + 1).tolist()):
        (threshold,) = millionths_thresholds(np.array([one]))
        assert np.array_equal(streams.chance(7, threshold, people), drawn < one)
