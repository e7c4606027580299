"""Small functions of arrays that several metrics use: inequality, correlation, shares of variance, runs of one
person."""

from __future__ import annotations

import numpy as np

from populace.checks.realism.logs import Floats
from populace.spec import Bools, Ints


def gini(counts: Ints) -> float:
    """How unequal counts are: 0 when all are the same, towards 1 when one has everything."""
    n, total = len(counts), counts.sum()
    if not n or not total:
        return float("nan")
    ranks = np.arange(1, n + 1)
    return float(2 * (ranks * np.sort(counts)).sum() / (n * total) - (n + 1) / n)


def top_share(counts: Ints, share: float) -> float:
    """What part of everything the largest share of counts has; between two counts, in proportion."""
    largest, many = np.sort(counts)[::-1].astype(np.float64), share * len(counts)
    whole = int(many)
    rest = (many - whole) * largest[whole] if whole < len(largest) else 0.0
    return float((largest[:whole].sum() + rest) / largest.sum()) if largest.sum() else float("nan")


def gaps_of(who: Ints, at: Ints) -> tuple[Ints, Ints]:
    """Whose gap, and how long, between one moment and the next of the same person; both in order."""
    same = who[1:] == who[:-1]
    return who[1:][same], np.diff(at)[same]


def sums(values: Floats, first: Ints) -> Floats:
    """Sums of runs of values that begin at `first`."""
    return np.add.reduceat(values, first) if len(first) else np.zeros(0)


def runs(who: Ints) -> tuple[Ints, Ints]:
    """Where the run of each person begins in sorted hashes, and how long it is."""
    if not len(who):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    first = np.flatnonzero(np.append(True, who[1:] != who[:-1]))
    return first, np.diff(np.append(first, len(who)))


def intraclass(who: Ints, value: Floats) -> tuple[float, float, int]:
    """One-way analysis of variance by person (sorted by them): the variance between persons and that within, both free
    of sampling noise, and how many persons have two values or more.

    between may be below zero where persons differ less than chance would have them.
    """
    first, n = runs(who)
    keep = np.repeat(n >= 2, n)
    who, value = who[keep], value[keep]
    first, n = runs(who)
    people, total = len(n), len(value)
    if people < 2 or total <= people:
        return float("nan"), float("nan"), people
    means = sums(value, first) / n
    within = float(((value - np.repeat(means, n)) ** 2).sum() / (total - people))
    among = float((n * (means - value.mean()) ** 2).sum() / (people - 1))
    typical = (total - float((n.astype(np.float64) ** 2).sum()) / total) / (people - 1)
    return (among - within) / typical, within, people


def correlation(one: Floats, other: Floats) -> float:
    """Pearson's correlation; NaN where one of them never changes."""
    a, b = one - one.mean(), other - other.mean()
    scale = np.sqrt((a * a).sum() * (b * b).sum())
    return float((a * b).sum() / scale) if scale > 0 else float("nan")


def share_error(share: float, n: int) -> float:
    """The standard error of a share of n independent cases, never quite zero."""
    smoothed = (share * n + 1) / (n + 2)
    return float(np.sqrt(smoothed * (1 - smoothed) / max(1, n)))


def root_of(variance: float) -> float:
    """The root of an estimate of a variance. One below zero (less than chance would have it) has a root below zero, so
    that its sampling error does not vanish."""
    return float(np.sign(variance) * np.sqrt(abs(variance))) if np.isfinite(variance) else float("nan")


def selected(values: Ints | Floats, where: Bools) -> Floats:
    """Some values, as numbers with a point."""
    return values[where].astype(np.float64)
