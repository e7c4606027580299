"""Whether people have habits of their own: an hour at which they come, a size of what they do."""

from __future__ import annotations

import numpy as np

from populace.checks.realism.arrays import intraclass
from populace.checks.realism.logs import Floats, Logs
from populace.checks.realism.metric import Curve, Measured, Metric
from populace.clock import DAY_US
from populace.spec import Ints


def share_between(who: Ints, value: Floats) -> tuple[float, int]:
    """What part of the variance lies between people (intra-class correlation), and of how many people."""
    between, within, n = intraclass(who, value)
    total = between + within
    return (between / total if total > 1e-12 else float("nan")), n


def hour_share(who: Ints, local: Ints) -> tuple[float, int]:
    """The same of the hour, as a point on a circle: 23:50 and 00:10 are close."""
    angle = local % DAY_US * (2 * np.pi / DAY_US)
    (x, inside_x, n), (y, inside_y, _) = intraclass(who, np.cos(angle)), intraclass(who, np.sin(angle))
    total = x + y + inside_x + inside_y
    return ((x + y) / total if total > 1e-12 else float("nan")), n


def _hour(logs: Logs) -> Measured:
    placed = logs.visits.placed > 0
    return Measured(*hour_share(logs.visits.who[placed], logs.visits.local[placed]))


def _size(logs: Logs) -> Measured:
    sized = logs.visits.size > 0
    return Measured(*share_between(logs.visits.who[sized], np.log(logs.visits.size[sized])))


def own_hours(logs: Logs) -> Curve:
    """People by their own middle hour, of those with five visits or more."""
    who, angle = logs.visits.who, logs.visits.local % DAY_US * (2 * np.pi / DAY_US)
    people, place, n = np.unique(who, return_inverse=True, return_counts=True)
    middle = np.arctan2(np.bincount(place, np.sin(angle)), np.bincount(place, np.cos(angle)))
    hour = (middle[n >= 5] / (2 * np.pi) * 24 % 24).astype(np.int64) % 24
    del people
    return [(f"{h:02}", float(c)) for h, c in enumerate(np.bincount(hour, minlength=24).tolist())]


def own_sizes(logs: Logs) -> Curve:
    """People by the middle size of their visits, in steps of a factor of two."""
    sized = logs.visits.size > 0
    _, place, n = np.unique(logs.visits.who[sized], return_inverse=True, return_counts=True)
    mean = np.bincount(place, np.log2(logs.visits.size[sized])) / n
    steps = np.floor(mean[n >= 2]).astype(np.int64)
    low = int(steps.min()) if len(steps) else 0
    return [(f"{2.0 ** (low + i):g}+", float(c)) for i, c in enumerate(np.bincount(steps - low).tolist())]


_FAMILY = "habits of one person"

METRICS = (
    Metric(
        id="hour_habit", title="An hour of one's own", family=_FAMILY,
        meaning="what part of the differences in the hour of visits is between people; 0: everybody draws from one day",
        formula="intra-class correlation of the hour on a circle, of people with 2 visits or more",
        needs=("actions",), counts="people with 2 visits", fewest=50, measure=_hour, curve=own_hours,
        axes="people by the middle of their visits' hours",
    ),
    Metric(
        id="size_habit", title="A size of one's own", family=_FAMILY,
        meaning="what part of the differences in the size of visits is between people; 0: everybody draws from one bag",
        formula="intra-class correlation of ln(size), of people with 2 visits or more",
        needs=("sizes",), counts="people with 2 visits", fewest=50, measure=_size, curve=own_sizes,
        axes="people by the middle size of their visits",
    ),
)  # fmt: skip
