"""A metric of realism: what it is in words, how it is computed, and what it needs; and how sure its value is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from populace.checks.realism.arrays import root_of
from populace.checks.realism.logs import Floats, Logs

SURE = 2.0
"""So many standard errors a value must lie outside its band before it is red."""
PARTS = 12
"""Parts of the people of which one is left out at a time for the sampling error of a value."""

Unit = Literal["share", "", "σ of ln", "stars", "times"]
Curve = Sequence[tuple[str | float, float]]


@dataclass(frozen=True, slots=True)
class Measured:
    """A value from a sample. n: how many it counts of what the metric counts. error: its standard error, where the
    metric
    knows it; None: it follows from the people left out in turn. note: what stands beside the value."""

    value: float
    n: int
    error: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One question to a population.

    id: by which a world names it. formula: how it is computed, for a reader. needs: the frames of `Logs` it reads.
    fewest: so many of `counts` it takes to say anything. measure: raises nothing on what `needs` promises. curve:
    what a
    chart of it shows; kind: of that chart; axes: what it shows, in words. rooted: the value is the root of a variance.
    """

    id: str
    title: str
    meaning: str
    formula: str
    family: str
    needs: tuple[str, ...]
    counts: str
    fewest: int
    measure: Callable[[Logs], Measured]
    curve: Callable[[Logs], Curve]
    axes: str
    kind: Literal["bar", "line"] = "bar"
    unit: Unit = ""
    rooted: bool = False


def sampling_error(metric: Metric, logs: Logs, value: float, *, up: bool, parts: int = PARTS) -> float:
    """The standard error of a metric's value: by how much it moves when a part of the people is left out (jackknife).

    up: by which the value may lie higher, else lower: of the root of a variance the two differ, since variances are
    what
    errors are even of; near 0 the root's own would be far too large.
    """
    values = np.array([metric.measure(logs.without(part, parts)).value for part in range(parts)])
    values = values[np.isfinite(values)]
    if len(values) < 2:
        return float("inf")
    if not metric.rooted:
        return _spread(values)
    off = SURE * _spread(np.sign(values) * values**2)
    return abs(root_of(float(np.sign(value) * value**2) + (off if up else -off)) - value) / SURE


def _spread(values: Floats) -> float:
    n = len(values)
    return float(np.sqrt((n - 1) / n * ((values - values.mean()) ** 2).sum()))
