"""A metric of realism: what it is in words, how it is computed, and what it needs; and how sure its value is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from populace.checks.realism.logs import Logs

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
    chart of it shows; kind: of that chart; axes: what it shows, in words.
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


def sampling_error(metric: Metric, logs: Logs, parts: int = PARTS) -> float:
    """The standard error of a metric's value: by how much it moves when a part of the people is left out
    (jackknife)."""
    values = np.array([metric.measure(logs.without(part, parts)).value for part in range(parts)])
    values = values[np.isfinite(values)]
    n = len(values)
    return float(np.sqrt((n - 1) / n * ((values - values.mean()) ** 2).sum())) if n > 1 else float("inf")
