"""Accounting (contract K7): whether every decision came out as its plan declared it.

It judges the stored statistics, which it reads as plain data. One verdict for each decision point. The bounds
hold for any number of draws, so that rare ones need no exception:

- a chance: Hoeffding's bound in its relative-entropy form, 2 exp(−n·KL), which also holds for probabilities that an
  intervention changed on the way; z = (successes − Σp) / √Σp(1−p) is shown beside it;
- a choice: Pearson's chi-square, by the approximation of Wilson and Hilferty; answers expected fewer than `FEWEST`
  times are taken together;
- a measure: Bernstein's inequality for the mean and for the mean of squares, against the moments of the plan.

All points together raise a false alarm with a probability of at most `ALPHA` (Bonferroni).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, Literal

import numpy as np

from populace.checks.verdict import Verdict
from populace.plan import Plan
from populace.plan.thresholds import WHOLE, Moments, Resolved, ResolvedQuantiles, ResolvedRange

ALPHA = 1e-4
FEWEST = 10
"""Answers expected more rarely are counted together: the chi-square is not valid for them alone."""

Kind = Literal["chance", "choice", "measure"]
_PLURAL: Mapping[Kind, str] = {"chance": "chances", "choice": "choices", "measure": "measures"}


@dataclass(frozen=True, slots=True)
class Point:
    """How one decision came out. p: at most the probability of something as unlikely; None: it cannot be judged."""

    kind: Kind
    name: str
    target: str
    measured: str
    p: float | None
    note: str = ""


def check(plan: Plan, statistics: Mapping[str, Any]) -> Iterator[Verdict]:
    """One verdict a decision point, after one that sums them up for each kind."""
    points = [
        *(_chance(name, *sums) for name, sums in statistics.get("chances", {}).items()),
        *(_choice(name, *sums) for name, sums in statistics.get("choices", {}).items()),
        *(_measure(plan, name, *sums) for name, sums in statistics.get("measures", {}).items()),
    ]
    yield from judge(points)


def judge(points: Sequence[Point], alpha: float = ALPHA) -> Iterator[Verdict]:
    """Verdicts on points, each held to its share of alpha."""
    judged = [p for p in points if p.p is not None]
    bound = alpha / max(1, len(judged))
    for kind, plural in _PLURAL.items():
        yield from _summary(plural, [p for p in judged if p.kind == kind], bound)
    for point in points:
        ok = None if point.p is None else point.p >= bound
        p = "" if point.p is None else f"p {point.p:.2g}"
        note = "; ".join(part for part in (p, point.note) if part)
        yield Verdict("K7", f"{point.kind} {point.name}", point.target, point.measured, ok, note=note, point=True)


def _summary(plural: str, points: Sequence[Point], bound: float) -> Iterator[Verdict]:
    if not points:
        title = f"{plural} that came out as declared"
        yield Verdict("K7", title, "all", "0 of 0", None, note="none has been drawn yet")
        return
    worst = min(points, key=lambda p: p.p or 0.0)
    right = sum((p.p or 0.0) >= bound for p in points)
    yield Verdict(
        "K7",
        f"{plural} that came out as declared",
        f"{len(points)} of {len(points)}",
        f"{right} of {len(points)}",
        right == len(points),
        note=f"the least likely: {worst.name}, p {worst.p:.2g}; the limit for each is {bound:.2g}",
    )


def _chance(name: str, n: int, p_sum: int, variance: int, yes: int) -> Point:
    expected = p_sum / WHOLE
    spread = math.sqrt(variance / WHOLE)
    z = (yes - expected) / spread if spread else 0.0
    shown = f"{yes} of {n}" + (f", z {z:+.2f}" if spread else "")
    return Point("chance", name, f"{expected:.1f} of {n}", shown, chance_bound(n, expected, yes))


def chance_bound(n: int, expected: float, yes: int) -> float:
    """At most the probability that so many of n say yes, or as far off the other way; 0 for what cannot happen."""
    if n == 0:
        return 1.0
    q, p = yes / n, min(max(expected / n, 0.0), 1.0)
    entropy = 0.0
    for seen, declared in ((q, p), (1 - q, 1 - p)):
        if seen > 0:
            # Declared never (up to the rounding of a sum), and yet it happened.
            if declared * n < 1e-9:
                return 0.0
            entropy += seen * math.log(seen / declared)
    return min(1.0, 2 * math.exp(-n * max(entropy, 0.0)))


def _choice(name: str, counts: Sequence[int], expected: Sequence[int]) -> Point:
    wanted = [e / WHOLE for e in expected]
    total = sum(counts)
    furthest = max(
        range(len(counts)), key=lambda i: abs(counts[i] - wanted[i]) / math.sqrt(wanted[i] or 1.0), default=0
    )
    target = f"{wanted[furthest]:.1f} of {total}" if counts else "0"
    measured = f"{counts[furthest]} of {total}" if counts else "0"
    return Point("choice", name, target, measured, choice_bound(counts, wanted), f"shown: answer {furthest}")


def choice_bound(counts: Sequence[int], expected: Sequence[float]) -> float:
    """The p-value of Pearson's chi-square, with rare answers taken together; 0 for what cannot happen."""
    if any(c and e < 1e-9 for c, e in zip(counts, expected, strict=True)):
        return 0.0
    pairs = sorted(zip(expected, counts, strict=True))
    pooled: list[tuple[float, int]] = []
    rest, seen = 0.0, 0
    for wanted, count in pairs:
        rest, seen = rest + wanted, seen + count
        if rest >= FEWEST:
            pooled.append((rest, seen))
            rest, seen = 0.0, 0
    if rest and pooled:
        pooled[-1] = (pooled[-1][0] + rest, pooled[-1][1] + seen)
    if len(pooled) < 2:
        return 1.0
    statistic = sum((count - wanted) ** 2 / wanted for wanted, count in pooled)
    freedom = len(pooled) - 1
    share = 2 / (9 * freedom)
    z = ((statistic / freedom) ** (1 / 3) - (1 - share)) / math.sqrt(share)
    return NormalDist().cdf(-z)


def _measure(plan: Plan, name: str, n: int, total: int, squares: int) -> Point:
    moments = _moments(era.decisions.get(name) for era in plan.eras)
    if moments is None:
        return Point("measure", name, "unknown", f"mean {total / n:.1f}", None, "the declaration changed meanwhile")
    spread = math.sqrt(max(0.0, moments.square - moments.mean**2))
    found = total / n
    deviation = math.sqrt(max(0.0, squares / n - found**2))
    return Point(
        "measure",
        name,
        f"mean {moments.mean:.1f}, deviation {spread:.1f}",
        f"mean {found:.1f}, deviation {deviation:.1f} of {n}",
        measure_bound(n, total, squares, moments),
    )


def measure_bound(n: int, total: int, squares: int, moments: Moments) -> float:
    """At most the probability that mean or mean of squares lie so far off, by Bernstein's inequality."""
    low, high = sorted((moments.low**2, moments.high**2))
    if moments.low < 0 < moments.high:
        low = 0
    return min(
        1.0,
        2 * _bernstein(n, total / n, moments.mean, moments.square - moments.mean**2, moments.low, moments.high),
        2 * _bernstein(n, squares / n, moments.square, moments.fourth - moments.square**2, low, high),
    )


def _bernstein(n: int, found: float, mean: float, variance: float, low: float, high: float) -> float:
    off = abs(found - mean)
    # A difference within the precision of floats is no deviation.
    if off <= 1e-9 * max(1.0, abs(mean)):
        return 1.0
    reach = high - mean if found > mean else mean - low
    return min(1.0, 2 * math.exp(-n * off**2 / (2 * (max(variance, 0.0) + max(reach, 0.0) * off / 3))))


def _moments(resolved: Iterable[Resolved | None]) -> Moments | None:
    """Of one decision in all eras; None when they differ, or when it is no measure."""
    kept: list[ResolvedRange | ResolvedQuantiles] = []
    for one in resolved:
        if not isinstance(one, (ResolvedRange, ResolvedQuantiles)):
            return None
        if kept and not _same(kept[0], one):
            return None
        kept.append(one)
    return kept[0].moments if kept else None


def _same(one: ResolvedRange | ResolvedQuantiles, other: ResolvedRange | ResolvedQuantiles) -> bool:
    if isinstance(one, ResolvedRange) and isinstance(other, ResolvedRange):
        return (one.low, one.high) == (other.low, other.high)
    return (
        isinstance(one, ResolvedQuantiles)
        and isinstance(other, ResolvedQuantiles)
        and np.array_equal(one.knots, other.knots)
    )
