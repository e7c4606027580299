"""The time between one visit and the next: people come in bursts with long silences, machines and dice do not."""

from __future__ import annotations

import numpy as np

from populace.checks.realism.arrays import gaps_of, runs, sums
from populace.checks.realism.logs import Floats, Logs
from populace.checks.realism.metric import Curve, Measured, Metric
from populace.clock import DAY_US, HOUR_US
from populace.spec import Ints

FEWEST_GAPS = 6
"""Of a person whose own burstiness is measured."""


def burstiness(mean: Floats, deviation: Floats, n: Ints) -> Floats:
    """-1: all gaps equal; 0: as by chance (Poisson); towards 1: bursts. With the correction of Kim and Jo (2016) for n
    gaps."""
    r = np.divide(deviation, mean, out=np.zeros_like(mean), where=mean > 0)
    up, down = np.sqrt(n + 1.0), np.sqrt(n - 1.0)
    corrected: Floats = (up * r - down) / ((up - 2) * r + down)
    return corrected


def personal_burstiness(who: Ints, gap: Ints) -> tuple[float, int]:
    """The mean burstiness of people with enough gaps, and how many these are."""
    first, n = runs(who)
    keep = np.repeat(n >= FEWEST_GAPS, n)
    lengths = gap[keep].astype(np.float64)
    first, n = runs(who[keep])
    if not len(n):
        return float("nan"), 0
    mean = sums(lengths, first) / n
    deviation = np.sqrt(sums((lengths - np.repeat(mean, n)) ** 2, first) / n)
    return float(burstiness(mean, deviation, n).mean()), len(n)


def pooled_burstiness(gap: Ints | Floats) -> float:
    """Burstiness of all gaps together."""
    if len(gap) < 2:
        return float("nan")
    values = gap.astype(np.float64)
    return float(burstiness(np.array([values.mean()]), np.array([values.std()]), np.array([len(values)]))[0])


def memory(who: Ints, gap: Ints) -> tuple[float, int]:
    """The correlation of a gap with the next of the same person, on a logarithmic scale and within people; how many
    pairs.

    By chance a person with n gaps has about -1/n, which is added again.
    """
    first, n = runs(who)
    keep = np.repeat(n >= FEWEST_GAPS + 2, n)
    logs = np.log(np.maximum(gap[keep], 1).astype(np.float64))
    who = who[keep]
    first, n = runs(who)
    if not len(n):
        return float("nan"), 0
    centred = logs - np.repeat(sums(logs, first) / n, n)
    pair = who[1:] == who[:-1]
    varies = (centred * centred).sum()
    expected = float((n - 1).sum() / len(n) / n.mean() / n.mean()) if varies else 0.0
    found = float((centred[1:] * centred[:-1])[pair].sum() / varies) if varies > 1e-9 else float("nan")
    return found + expected, int(pair.sum())


def _gaps(logs: Logs) -> tuple[Ints, Ints]:
    return gaps_of(logs.visits.who, logs.visits.at)


def by_length(logs: Logs) -> Curve:
    """How many gaps between visits are so long."""
    names = ("< 1 h", "1–3 h", "3–12 h", "12–36 h", "1.5–3 d", "3–7 d", "7–14 d", "14–30 d", "30 d +")
    bounds = np.array([0, HOUR_US, 3 * HOUR_US, 12 * HOUR_US, 36 * HOUR_US, *(DAY_US * np.array([3, 7, 14, 30]))])
    place = np.searchsorted(bounds, _gaps(logs)[1], side="right") - 1
    return list(zip(names, np.bincount(place, minlength=len(bounds)).astype(float).tolist(), strict=True))


def _personal(logs: Logs) -> Measured:
    return Measured(*personal_burstiness(*_gaps(logs)))


def _pooled(logs: Logs) -> Measured:
    gap = _gaps(logs)[1]
    return Measured(pooled_burstiness(gap), len(gap))


_SHOWN = "gaps between visits by length"

METRICS = (
    Metric(
        id="burstiness_person", title="Bursts of one person's visits", family="gaps between visits",
        meaning="whether a person's visits crowd together and then stop: -1 a clock, 0 dice, 1 bursts",
        formula="mean over people with 6 gaps or more of (√(n+1)·r − √(n−1)) / ((√(n+1)−2)·r + √(n−1)), r = σ/μ of "
        "gaps",
        needs=("actions",), counts="people with 6 gaps", fewest=30, measure=_personal, curve=by_length, axes=_SHOWN,
    ),
    Metric(
        id="burstiness_visits", title="Bursts of all gaps together", family="gaps between visits",
        meaning="the same of everybody's gaps as one sample: people of different pace make it larger",
        formula="(r − 1) / (r + 1) of all gaps, r = σ/μ, with the same correction",
        needs=("actions",), counts="gaps", fewest=100, measure=_pooled, curve=by_length, axes=_SHOWN,
    ),
    Metric(
        id="memory", title="Memory of gaps", family="gaps between visits",
        meaning="whether a short gap follows a short one; negative: long and short alternate, as no person's do",
        formula="correlation of ln(gap) with ln(next gap) within people with 8 gaps or more, corrected for few gaps",
        needs=("actions",), counts="pairs of gaps", fewest=200,
        measure=lambda logs: Measured(*memory(*_gaps(logs))), curve=by_length, axes=_SHOWN,
    ),
)  # fmt: skip
