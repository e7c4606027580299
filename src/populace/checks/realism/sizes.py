"""How large visits are: many small ones and a long tail, as what people do at a time mostly is log-normal."""

from __future__ import annotations

import math

import numpy as np

from populace.checks.realism.arrays import share_error
from populace.checks.realism.logs import Floats, Logs
from populace.checks.realism.metric import Curve, Measured, Metric

_ERF = np.frompyfunc(math.erf, 1, 1)


def distance_from_normal(values: Floats) -> float:
    """Kolmogorov and Smirnov's distance from the normal law of the same mean and deviation."""
    ordered = np.sort(values)
    if len(ordered) < 2 or (deviation := ordered.std()) < 1e-12:
        return 1.0
    expected = (1 + _ERF((ordered - ordered.mean()) / deviation / math.sqrt(2)).astype(np.float64)) / 2
    rank = np.arange(len(ordered) + 1) / len(ordered)
    return float(max((rank[1:] - expected).max(), (expected - rank[:-1]).max()))


def better_log_normal(values: Floats) -> float:
    """By how much the normal law fits worse than the log-normal; below 0: it fits better."""
    return distance_from_normal(values) - distance_from_normal(np.log(values))


def log_spread(values: Floats) -> float:
    """The standard deviation of ln(size)."""
    return float(np.log(values).std()) if len(values) else float("nan")


def tail(values: Floats) -> float:
    """The largest against the middle one."""
    return float(values.max() / np.median(values)) if len(values) else float("nan")


def commonest(values: Floats) -> float:
    """What part of sizes is the commonest of them."""
    return float(np.unique(values, return_counts=True)[1].max() / len(values)) if len(values) else float("nan")


def _same(logs: Logs) -> Measured:
    """Of single actions, since the sum of a visit hides it."""
    assert logs.actions is not None
    values = logs.actions.size[logs.actions.size > 0]
    share = commonest(values)
    middle = f"{np.median(values):.3g} in the middle" if len(values) else ""
    return Measured(share, len(values), share_error(share, len(values)), middle)


def histogram(logs: Logs) -> Curve:
    """How many visits have about a size, in steps of a factor of two."""
    steps = np.floor(np.log2(logs.sizes)).astype(np.int64)
    low = int(steps.min()) if len(steps) else 0
    return [(f"{2.0 ** (low + i):g}+", float(n)) for i, n in enumerate(np.bincount(steps - low).tolist())]


_FAMILY, _SHOWN = "sizes of visits", "visits by size"

METRICS = (
    Metric(
        id="size_shape", title="Shape of visit sizes", family=_FAMILY,
        meaning="whether sizes are closer to a log-normal law than to a normal one; below 0: closer to the normal",
        formula="Kolmogorov-Smirnov distance from the normal − distance from the log-normal, both of the same moments",
        needs=("sizes",), counts="visits", fewest=100,
        measure=lambda logs: Measured(better_log_normal(logs.sizes), len(logs.sizes)), curve=histogram, axes=_SHOWN,
    ),
    Metric(
        id="size_spread", title="Spread of visit sizes", family=_FAMILY,
        meaning="how far sizes lie apart: 0.7 means that two of three lie within a factor of two of the middle",
        formula="standard deviation of ln(size)", needs=("sizes",), counts="visits", fewest=100, unit="σ of ln",
        measure=lambda logs: Measured(log_spread(logs.sizes), len(logs.sizes)), curve=histogram, axes=_SHOWN,
    ),
    Metric(
        id="size_tail", title="The largest visit against the middle one", family=_FAMILY,
        meaning="whether there is a tail at all: uniform sizes have 2",
        formula="largest size / median size", needs=("sizes",), counts="visits", fewest=300, unit="times",
        measure=lambda logs: Measured(tail(logs.sizes), len(logs.sizes), 0.0), curve=histogram, axes=_SHOWN,
    ),
    Metric(
        id="same_size", title="The commonest size", family=_FAMILY,
        meaning="what part of actions has one and the same size; people's are hardly ever exactly equal",
        formula="actions of the commonest size / actions with a size",
        needs=("sizes",), counts="actions", fewest=100, unit="share", measure=_same, curve=histogram, axes=_SHOWN,
    ),
)  # fmt: skip
