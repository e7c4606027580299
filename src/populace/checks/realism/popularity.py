"""What people choose: a few things are wanted by many, most by few."""

from __future__ import annotations

import numpy as np

from populace.checks.realism.arrays import top_share
from populace.checks.realism.logs import NO_ITEM, Logs
from populace.checks.realism.metric import Curve, Measured, Metric
from populace.clock import DAY_US
from populace.spec import Ints

LEAST_WANTED = 5
"""Items chosen less often say little of the slope."""


def zipf_slope(counts: Ints) -> float:
    """The slope of ln(count) over ln(rank), of things that were chosen often enough."""
    often = np.sort(counts)[::-1]
    often = often[often >= LEAST_WANTED].astype(np.float64)
    if len(often) < 5:
        return float("nan")
    x, y = np.log(np.arange(1, len(often) + 1)), np.log(often)
    # Ranks are closer the higher they are: each counts with its share of the axis.
    weight = 1 / np.arange(1, len(often) + 1)
    weight /= weight.sum()
    a, b = x - (weight * x).sum(), y - (weight * y).sum()
    return float(-(weight * a * b).sum() / (weight * a * a).sum())


def choices(logs: Logs, days: int) -> Ints:
    """How often each thing was chosen in the last so many whole days, of those that were."""
    assert logs.actions is not None
    if not len(logs.days):
        return np.zeros(0, dtype=np.int64)
    day = logs.actions.local // DAY_US
    some = (logs.actions.item != NO_ITEM) & (day > logs.days[-1] - days) & (day <= logs.days[-1])
    return np.unique(logs.actions.item[some], return_counts=True)[1]


def ranked(logs: Logs) -> Curve:
    """How often the thing of each rank was chosen, on a grid of ranks."""
    counts, rank, points = logs.items, 1, []
    while rank <= len(counts):
        points.append((f"{rank}", float(counts[rank - 1])))
        rank = max(rank + 1, int(rank * 1.4))
    return points


_FAMILY, _SHOWN = "popularity of items", "how often the item of each rank was chosen"

METRICS = (
    Metric(
        id="item_top_tenth", title="Choices of the most popular tenth of items", family=_FAMILY,
        meaning="what part of all choices falls on the most popular 10 % of items; a tenth is no taste at all",
        formula="sum of the largest tenth of choices per item / all choices, of items that were chosen",
        needs=("actions",), counts="items", fewest=20, unit="share",
        measure=lambda logs: Measured(top_share(logs.items, 0.1), len(logs.items)), curve=ranked, axes=_SHOWN,
        kind="line",
    ),
    Metric(
        id="item_top_hundredth", title="Choices of the most popular hundredth of items", family=_FAMILY,
        meaning="the same of the most popular 1 %: it keeps one item from having everything",
        formula="sum of the largest hundredth of choices per item / all choices",
        needs=("actions",), counts="items", fewest=100, unit="share",
        measure=lambda logs: Measured(top_share(logs.items, 0.01), len(logs.items)), curve=ranked, axes=_SHOWN,
        kind="line",
    ),
    Metric(
        id="zipf", title="Zipf exponent of popularity", family=_FAMILY,
        meaning="how steeply popularity falls with rank; 0: all items are wanted equally",
        formula="slope of ln(choices) over ln(rank), weighted by 1/rank, of items with 5 choices or more",
        needs=("actions",), counts="items", fewest=20,
        measure=lambda logs: Measured(zipf_slope(logs.items), len(logs.items)), curve=ranked, axes=_SHOWN,
        kind="line",
    ),
)  # fmt: skip
