"""Bounds by the binomial distribution, against exact fractions and tables."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import pytest

from populace.checks.confidence import at_most, least_share, rank_above


@pytest.mark.parametrize(("n", "p"), [(1, "1/2"), (7, "1/3"), (40, "19/20"), (300, "19/20")])
def test_the_binomial_distribution_is_exact(n: int, p: str) -> None:
    share = Fraction(p)
    for k in range(n + 1):
        exact = sum((comb(n, i) * share**i * (1 - share) ** (n - i) for i in range(k + 1)), Fraction(0))
        assert at_most(k, n, float(share)) == pytest.approx(float(exact), rel=1e-9, abs=1e-15)


def test_a_share_is_as_sure_as_its_sample_is_large() -> None:
    # All of n: the bound is the n-th root of 5 %.
    assert least_share(20, 20) == pytest.approx(0.05 ** (1 / 20))
    # D9: 93 % of 900 are needed to be sure of 90 %.
    assert least_share(837, 900) > 0.9
    assert least_share(93, 100) < 0.9
    assert least_share(0, 50) == 0
    shares = [least_share(9 * n, 10 * n) for n in (1, 10, 100, 1000)]
    assert shares == sorted(shares)
    assert shares[-1] < 0.9


def test_the_p95_has_a_bound_from_59_samples_on() -> None:
    assert rank_above(0.95, 58) is None
    assert rank_above(0.95, 59) == 59
    # The lowest rank that 95 % of all samples of 300 have above their p95.
    rank = rank_above(0.95, 300)
    assert rank == 292
    assert at_most(rank - 1, 300, 0.95) >= 0.95 > at_most(rank - 2, 300, 0.95)
