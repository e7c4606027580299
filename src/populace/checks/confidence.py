"""What a sample says for sure of what it was drawn from: exact one-sided bounds, by the binomial distribution."""

from __future__ import annotations

import math

SURE = 0.95
"""How sure a bound is."""


def at_most(k: int, n: int, p: float) -> float:
    """The probability of at most k successes in n trials that each succeed with probability p."""
    if k >= n:
        return 1.0
    if p <= 0 or p >= 1:
        return float(p <= 0)
    logs = (
        math.lgamma(n + 1) - math.lgamma(i + 1) - math.lgamma(n - i + 1) + i * math.log(p) + (n - i) * math.log1p(-p)
        for i in range(k + 1)
    )
    return min(1.0, math.fsum(map(math.exp, logs)))


def least_share(hits: int, n: int, sure: float = SURE) -> float:
    """The share that stands behind so many hits in n independent trials is at least this (Clopper and Pearson)."""
    if hits == 0:
        return 0.0
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        # As many hits as were seen, or more, are too unlikely below the bound.
        low, high = (middle, high) if 1 - at_most(hits - 1, n, middle) < 1 - sure else (low, middle)
    return low


def rank_above(quantile: float, n: int, sure: float = SURE) -> int | None:
    """Which of n ordered samples, counted from 1, lies above the quantile for sure; None where n is too few.

    The quantile is above the k-th of them when at least k samples lie below it, and how many do is binomial.
    """
    if 1 - quantile**n < sure:
        return None
    low, high = 1, n
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if at_most(middle - 1, n, quantile) >= sure else (middle + 1, high)
    return low
