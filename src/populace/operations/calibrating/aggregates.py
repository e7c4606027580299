"""What may be known of a real product without a single row of it: each aggregate, and how a population is measured.

The arithmetic is that of `checks.realism`; which parameters drive an aggregate is what a world declares for the metrics
that it is named with.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from populace.checks.realism import activity, dailies, popularity
from populace.checks.realism.arrays import top_share
from populace.checks.realism.judging import METRICS
from populace.checks.realism.logs import Floats, Logs, part_of
from populace.checks.realism.metric import PARTS
from populace.spec import Ints

DAYS = 28
"""People a day, visits per person and choices are counted over so many days; of the last two a file may say others."""
WEEK = "week"
_METRIC = {metric.id: metric for metric in METRICS}
_LEAST_ERROR = 1e-9
_HALF = 0.29
"""The deviation of what rounding to a whole number takes away."""

Aggregates = Mapping[str, Floats]
"""By id; of a week int or float[7, 24], of deciles float[9], of the others float[1]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregate:
    """One aggregate.

    section, key: where it stands in the file. metrics: of `checks.realism`, whose drivers move it; it applies where
    the first of them does. measure: of logs, over so many days where days count. share: from 0 to 1, else a
    number of people or visits, which is compared by its logarithm. close: how near is as good as there, in what is
    compared. grows: with the number of people.
    """

    id: str
    section: str
    key: str
    title: str
    metrics: tuple[str, ...]
    measure: Callable[[Logs, int], Floats]
    share: bool = True
    close: float = 0.005
    grows: bool = False

    def compared(self, value: Floats) -> Floats:
        """Values as differences of them count."""
        return value if self.share else np.log(np.maximum(value, _LEAST_ERROR))

    def near(self, value: Floats) -> Floats:
        """How near to a value is as good as there, in what is compared: of whole numbers also what rounding hides."""
        if self.share or self.grows:
            return np.full(len(value), self.close)
        return np.hypot(self.close, _HALF / np.maximum(value, _HALF))

    def error(self, logs: Logs, days: int) -> Floats:
        """The sampling error of the measured value, in what is compared (jackknife)."""
        spread = self._spread([self.measure(logs.without(part, PARTS), days) for part in range(PARTS)])
        if self.section != "popularity":
            return spread
        # Items are few: which of them become popular is chance as well.
        return np.hypot(spread, self._spread([self.measure(_without_items(logs, p), days) for p in range(PARTS)]))

    def _spread(self, parts: Sequence[Floats]) -> Floats:
        values = np.array([self.compared(value) for value in parts])
        spread = np.sqrt((PARTS - 1) / PARTS * ((values - values.mean(axis=0)) ** 2).sum(axis=0))
        out: Floats = np.where(np.isfinite(spread), spread, 0.0)
        return out


def _without_items(logs: Logs, part: int) -> Logs:
    """Without a part of the items; days and people stay."""
    assert logs.actions is not None
    out = replace(logs, actions=logs.actions.of(part_of(logs.actions.item, PARTS) != part))
    vars(out)["days"] = logs.days
    return out


def _metric(id: str) -> Callable[[Logs, int], Floats]:
    return lambda logs, days: np.array([_METRIC[id].measure(logs).value])


def _top(share: float) -> Callable[[Logs, int], Floats]:
    return lambda logs, days: np.array([top_share(popularity.choices(logs, days), share)])


def _retention(key: str, metric: str, title: str) -> Aggregate:
    return Aggregate(
        id=key, section="retention", key=key, title=title, metrics=(metric,), measure=_metric(metric), close=0.004
    )


AGGREGATES: tuple[Aggregate, ...] = (
    _retention("d1", "return_1", "D1: people who come on the day after they signed up"),
    _retention("d7", "return_7", "D7: people who come a week after, on an average day from 6 to 8"),
    _retention("d30", "return_30", "D30: people who come a month after, on an average day from 28 to 32"),
    Aggregate(
        id="dau", section="activity", key="dau", title=f"DAU: people on an average day of {DAYS}",
        metrics=("stickiness",), measure=lambda logs, days: np.array([dailies.people_a_day(logs, DAYS)]),
        share=False, close=0.02, grows=True,
    ),
    Aggregate(
        id="dau_mau", section="activity", key="dau_mau", title="DAU/MAU: people a day against people in 30 days",
        metrics=("stickiness",), measure=_metric("stickiness"),
    ),
    Aggregate(
        id="visits", section="visits_per_person", key="deciles", title="deciles of visits per person",
        metrics=("gini", "top_tenth", "single_visit"),
        measure=lambda logs, days: activity.deciles(dailies.visits_each(logs, days)), share=False, close=0.08,
    ),
    Aggregate(
        id="top_hundredth", section="popularity", key="top_hundredth",
        title="choices of the most popular 1 % of items", metrics=("item_top_hundredth",),
        measure=_top(0.01),
    ),
    Aggregate(
        id="top_tenth", section="popularity", key="top_tenth", title="choices of the most popular 10 % of items",
        metrics=("item_top_tenth",), measure=_top(0.1), close=0.01,
    ),
    Aggregate(
        id=WEEK, section="week", key="", title="hours of the week", metrics=("hour_peak", "weekend"),
        measure=lambda logs, days: logs.week.astype(np.float64),
    ),
)  # fmt: skip
BY_ID = {aggregate.id: aggregate for aggregate in AGGREGATES}


def measured(logs: Logs, days: Mapping[str, int] | None = None) -> dict[str, Floats]:
    """Every aggregate of a population; those of which it says nothing are left out. days: by part of the file."""
    out = {}
    for one in AGGREGATES:
        if logs.actions is None or (one.section == "retention" and logs.people is None):
            continue
        value = one.measure(logs, (days or {}).get(one.section, DAYS))
        if np.isfinite(value).all() and value.sum() > 0:
            out[one.id] = value
    return out


def divergence(one: Floats | Ints, other: Floats | Ints) -> float:
    """How far two tables of weights lie apart: the Jensen–Shannon divergence in bits, 0 to 1."""
    p, q = (np.asarray(table, dtype=np.float64).ravel() for table in (one, other))
    if not p.sum() or not q.sum():
        return 1.0
    p, q = p / p.sum(), q / q.sum()
    middle = (p + q) / 2
    parts = [(a[a > 0] * np.log2(a[a > 0] / middle[a > 0])).sum() for a in (p, q)]
    return float(max(0.0, sum(parts) / 2))


def chance_divergence(week: Ints, visits: int) -> float:
    """How far a table of as many visits would lie from its own expectation by chance alone, in the mean."""
    cells = int((week > 0).sum())
    return float((cells - 1) / (8 * np.log(2) * max(1, visits)))
