"""How far a sample may lie from what is declared: bounds from n and a stated alpha, for statistical tests."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

ALPHA = 1e-4
"""The chance that a test of a right program fails, were its seed not fixed."""


def chi_square(counts: Sequence[float], expected: Sequence[float]) -> float:
    """Pearson's statistic; what is expected never must not happen."""
    assert len(counts) == len(expected)
    assert all(c == 0 for c, e in zip(counts, expected, strict=True) if e == 0)
    return sum((c - e) ** 2 / e for c, e in zip(counts, expected, strict=True) if e)


def chi_square_bound(freedom: int, alpha: float = ALPHA) -> float:
    """The upper alpha quantile (Wilson and Hilferty, 1931)."""
    share = 2 / (9 * freedom)
    return freedom * (1 - share + NormalDist().inv_cdf(1 - alpha) * math.sqrt(share)) ** 3


def normal_bound(deviation: float, alpha: float = ALPHA) -> float:
    """How far, either way, a normal quantity of this deviation may lie from its mean."""
    return NormalDist().inv_cdf(1 - alpha / 2) * deviation


def assert_shares(counts: Sequence[int], shares: Sequence[float], alpha: float = ALPHA) -> None:
    """The counts are as the shares say, by a chi-square test."""
    total = sum(counts)
    assert total > 0
    freedom = sum(s > 0 for s in shares) - 1
    statistic = chi_square(counts, [s * total for s in shares])
    assert statistic <= chi_square_bound(max(freedom, 1), alpha), (list(counts), [s * total for s in shares])
