"""Probabilities as integers: everything a draw compares with, computed once when a plan is resolved.

A draw is a 53-bit whole number u. `Chance`: yes when u < threshold. `Choice`: the number of thresholds ≤ u.
`Measure`: a table of quantiles, read by integer interpolation. So no logarithm or exponential, whose last bit differs
between processors, is used between a plan and a row.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from populace.errors import BadInput
from populace.spec import Beta, Chance, Choice, Decision, LogNormal, RoundedNormal, Uniform, Values

BITS = 53
WHOLE = 1 << BITS
KNOTS = 4096
FINE = 1024
"""Quantile tables hold multiples of 1/FINE of the unit, at u = 0, 1/KNOTS … 1."""

MOST_STEPS = 10_000
"""So many values a rounded normal number has at most: each of them has a threshold."""

_FIXED = 10**12
"""Weights and probabilities are fixed point: multiples of 1/_FIXED."""


@dataclass(frozen=True, slots=True, eq=False)
class ResolvedChance:
    """threshold: 0 … 2^53."""

    threshold: int


@dataclass(frozen=True, slots=True, eq=False)
class ResolvedChoice:
    """thresholds: ascending, one fewer than there are positions; first: the answer that position 0 stands for."""

    thresholds: NDArray[np.uint64]
    first: int = 0

    @property
    def shares(self) -> list[float]:
        """The probability of each position."""
        edges = [0, *(int(t) for t in self.thresholds), WHOLE]
        return [(b - a) / WHOLE for a, b in itertools.pairwise(edges)]


@dataclass(frozen=True, slots=True)
class Moments:
    """What a number is expected to be: means of x, x² and x⁴, and its bounds."""

    mean: float
    square: float
    fourth: float
    low: int
    high: int


@dataclass(frozen=True, slots=True, eq=False)
class ResolvedRange:
    """A whole number from low to high, both included."""

    low: int
    high: int

    @property
    def moments(self) -> Moments:
        """Exact, by the sums of powers."""
        n = self.high - self.low + 1
        mean, square, fourth = (
            float(Fraction(_sum_of_powers(self.high + 1, k) - _sum_of_powers(self.low, k), n)) for k in (1, 2, 4)
        )
        return Moments(mean, square, fourth, self.low, self.high)


@dataclass(frozen=True, slots=True, eq=False)
class ResolvedQuantiles:
    """knots: int64[KNOTS + 1], quantiles in 1/FINE of the unit, ascending."""

    knots: NDArray[np.int64]

    @property
    def moments(self) -> Moments:
        """Of the number as it is drawn: even between two knots, then rounded to the unit."""
        # Rounding is a staircase; its area under each knot, over the distance between knots, is the mean in between.
        at = (self.knots + FINE // 2).astype(np.float64)
        step = np.floor(at / FINE)
        run = np.diff(at)

        def mean_of(power: int) -> float:
            area = FINE * _sums_of_powers(step, power) + (at - FINE * step) * step**power
            flat = step[:-1] ** power
            return float(np.where(run > 0, np.diff(area) / np.where(run > 0, run, 1), flat).mean())

        return Moments(mean_of(1), mean_of(2), mean_of(4), int(step[0]), int(step[-1]))


def _sum_of_powers(below: int, power: int) -> int:
    """Of the whole numbers from 0 to below − 1; also for a negative bound, as the difference of two sums wants it."""
    n = below
    if power == 1:
        return n * (n - 1) // 2
    if power == 2:
        return n * (n - 1) * (2 * n - 1) // 6
    return n * (n - 1) * (2 * n - 1) * (3 * n * n - 3 * n - 1) // 30


def _sums_of_powers(below: NDArray[np.float64], power: int) -> NDArray[np.float64]:
    return np.array([float(_sum_of_powers(int(b), power)) for b in below])


Resolved = ResolvedChance | ResolvedChoice | ResolvedRange | ResolvedQuantiles


def varies(resolved: Resolved) -> bool:
    """Whether a measure has more than one answer, or a chance any prospect of yes."""
    if isinstance(resolved, ResolvedChance):
        return resolved.threshold > 0
    if isinstance(resolved, ResolvedChoice):
        return sum(share > 0 for share in resolved.shares) > 1
    if isinstance(resolved, ResolvedRange):
        return resolved.low < resolved.high
    return bool(resolved.knots[0] < resolved.knots[-1])


def resolve_decision(decision: Decision, values: Values, where: str) -> Resolved:
    """The integers of one decision point under these values. Raises BadInput for a probability outside [0, 1]."""

    def number(given: float | str) -> float:
        value = values[given] if isinstance(given, str) else given
        if not isinstance(value, (int, float)) or not math.isfinite(value):
            raise BadInput("this is not a finite number", where=f"{where}.{decision.name}", given=value)
        return float(value)

    if isinstance(decision, Chance):
        return ResolvedChance(probability_threshold(number(decision.probability), f"{where}.{decision.name}"))
    if isinstance(decision, Choice):
        weights = values[decision.weights] if isinstance(decision.weights, str) else decision.weights
        if not isinstance(weights, Sequence) or isinstance(weights, str):
            raise BadInput("this is not a list of weights", where=f"{where}.{decision.name}", given=weights)
        return ResolvedChoice(weight_thresholds(weights, f"{where}.{decision.name}"))
    if isinstance(decision, Beta):
        mean, spread = number(decision.mean), number(decision.spread)
        if not 0 < mean < 1:
            raise BadInput("this is no mean of a share", where=f"{where}.{decision.name}", given=mean,
                           allowed="above 0 and below 1")  # fmt: skip
        if not 0 <= spread < 1:
            raise BadInput("this is no spread of a share", where=f"{where}.{decision.name}", given=spread,
                           allowed="from 0 to below 1")  # fmt: skip
        return _beta(mean, spread, decision.parts)
    low, high = number(decision.low), number(decision.high)
    if low > high:
        raise BadInput("the lowest value is above the highest", where=f"{where}.{decision.name}", given=(low, high))
    if isinstance(decision, Uniform):
        if not (low.is_integer() and high.is_integer()) or max(abs(low), abs(high)) > WHOLE or high - low >= WHOLE:
            raise BadInput(
                "a draw cannot cover this range",
                where=f"{where}.{decision.name}",
                given=(low, high),
                allowed="whole numbers, at most 2^53 of them",
            )
        return ResolvedRange(int(low), int(high))
    if isinstance(decision, RoundedNormal):
        if not (low.is_integer() and high.is_integer()) or high - low >= MOST_STEPS:
            raise BadInput(
                "a rounded normal number cannot cover this range",
                where=f"{where}.{decision.name}",
                given=(low, high),
                allowed=f"whole numbers, at most {MOST_STEPS:,} of them",
            )
        normal = NormalDist(number(decision.mean), _positive(number(decision.deviation), f"{where}.{decision.name}"))
        inner = [normal.cdf(x + 0.5) for x in range(int(low), int(high))]
        shares = [b - a for a, b in zip([0.0, *inner], [*inner, 1.0], strict=True)]
        return ResolvedChoice(weight_thresholds(shares, f"{where}.{decision.name}"), first=int(low))
    assert isinstance(decision, LogNormal)
    if high > 1 << 29:
        raise BadInput(
            "the highest value is too large", where=f"{where}.{decision.name}", given=high, allowed="at most 2^29"
        )
    median, sigma = _positive(number(decision.median), f"{where}.{decision.name}"), number(decision.sigma)
    if sigma < 0:
        raise BadInput("a spread cannot be negative", where=f"{where}.{decision.name}", given=sigma)
    return _log_normal(median, sigma, low, high)


def _positive(number: float, where: str) -> float:
    if number <= 0:
        raise BadInput("this is not positive", where=where, given=number)
    return number


def probability_threshold(probability: float, where: str) -> int:
    """The 53-bit threshold of a probability; BadInput outside [0, 1]."""
    if not 0 <= probability <= 1:
        raise BadInput("this is not a probability", where=where, given=probability, allowed="a number from 0 to 1")
    return int(Fraction(round(probability * _FIXED), _FIXED) * WHOLE)


def millionths_thresholds(micro: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Thresholds of chances in whole millionths, each rounded up to a multiple of 2^-32; 0 is never."""
    return (-(-(micro << 32) // 1_000_000)).astype(np.uint64) << np.uint64(BITS - 32)


def weight_thresholds(weights: Sequence[float], where: str) -> NDArray[np.uint64]:
    """Cumulative thresholds of non-negative weights; BadInput when one is negative or all are zero."""
    fixed = [round(w * _FIXED) if math.isfinite(w) else -1 for w in weights]
    total = sum(fixed)
    if not fixed or min(fixed) < 0 or total == 0:
        raise BadInput(
            "these are not weights",
            where=where,
            given=list(weights),
            allowed="numbers of at least 0, not all of them 0",
        )
    cumulative = 0
    edges = []
    for weight in fixed[:-1]:
        cumulative += weight
        edges.append(cumulative * WHOLE // total)
    return np.array(edges, dtype=np.uint64)


@lru_cache(maxsize=256)
def capped_poisson(rate: float, cap: int) -> ResolvedChoice:
    """N = min(Poisson(λ), cap), with λ solved so that the mean of N is `rate`; N = cap always when rate ≥ cap.

    Decimal arithmetic, so that every machine gets the same thresholds.
    """
    if rate <= 0:
        return ResolvedChoice(np.array([], dtype=np.uint64))
    if rate >= cap:
        return ResolvedChoice(np.zeros(cap, dtype=np.uint64))
    top = min(cap, int(rate + 12 * math.sqrt(rate) + 30))
    with localcontext() as context:
        context.prec = 28
        wanted = Decimal(repr(float(rate)))

        def masses(lam: Decimal) -> list[Decimal]:
            mass = (-lam).exp()
            out = []
            for k in range(top):
                out.append(mass)
                mass = mass * lam / (k + 1)
            return [*out, max(Decimal(0), 1 - sum(out, Decimal(0)))]

        low, high = wanted, wanted
        if top == cap:
            while sum(k * m for k, m in enumerate(masses(high))) < wanted:
                high *= 2
            for _ in range(60):
                middle = (low + high) / 2
                if sum(k * m for k, m in enumerate(masses(middle))) < wanted:
                    low = middle
                else:
                    high = middle
        return ResolvedChoice(weight_thresholds([float(m) for m in masses(high)], "arrivals"))


def fixed_count(rate: float, cap: int) -> ResolvedChoice:
    """N = min(rate, cap); where that is no whole number, one of its two neighbours with this mean."""
    count = max(0.0, min(rate, cap))
    more = probability_threshold(count - int(count), "arrivals")
    return ResolvedChoice(np.array([0] * int(count) + ([WHOLE - more] if more else []), dtype=np.uint64))


@lru_cache(maxsize=256)
def _log_normal(median: float, sigma: float, low: float, high: float) -> ResolvedQuantiles:
    """The quantiles of a clamped log-normal; the ends are taken a quarter knot inside."""
    standard = NormalDist()
    places = [0.25, *range(1, KNOTS), KNOTS - 0.25]
    quantiles = [median * math.exp(sigma * standard.inv_cdf(p / KNOTS)) for p in places]
    return ResolvedQuantiles(np.array([round(min(max(q, low), high) * FINE) for q in quantiles], dtype=np.int64))


_HALF_STEPS = 8192
"""Steps of the integral of a Beta density on either side of one half."""


@lru_cache(maxsize=64)
def _beta(mean: float, spread: float, parts: int) -> ResolvedQuantiles:
    """The quantiles of a Beta share as multiples of its mean, the ends a quarter knot inside.

    With the plain functions of `math`, so that every run on a machine gets the same, and in whole units, so that
    machines do.
    """
    if spread == 0:
        return ResolvedQuantiles(np.full(KNOTS + 1, parts * FINE, dtype=np.int64))
    both = 1 / spread - 1
    a, b = mean * both, (1 - mean) * both
    below, above = _half_of_beta(a, b), _half_of_beta(b, a)
    low, high = math.fsum(mass for _, mass in below), math.fsum(mass for _, mass in above)
    # Ascending shares, each with how much lies at or below it.
    edges = [*below, *((1 - share, mass) for share, mass in reversed(above))]
    shares, totals, done = [0.0], [0.0], 0.0
    for number, (share, mass) in enumerate(edges):
        done += mass
        last = number + 1 == len(edges)
        shares.append(1.0 if last else (share + edges[number + 1][0]) / 2)
        totals.append(1.0 if last else done / (low + high))
    places = np.array([0.25, *range(1, KNOTS), KNOTS - 0.25]) / KNOTS
    knots = np.interp(places, totals, shares)
    return ResolvedQuantiles(np.array([round(parts * float(x) / mean) * FINE for x in knots], dtype=np.int64))


def _half_of_beta(a: float, b: float) -> list[tuple[float, float]]:
    """Shares below one half, ascending, and the mass around each: of the density t^(a−1) (1−t)^(b−1), whose pole at 0,
    if it has one, goes when the steps are even in t^a.
    """
    even = min(a, 1.0)
    end = math.pow(0.5, even)
    steps = (math.pow(end * (k + 0.5) / _HALF_STEPS, 1 / even) for k in range(_HALF_STEPS))
    return [(t, end * math.pow(t, a - even) * math.pow(1 - t, b - 1) / even) for t in steps]
