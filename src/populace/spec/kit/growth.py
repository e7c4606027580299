"""Growth: how many join from month to month, before and after the epoch, when their number grows by a share of itself.

The stretches are those of a `Schedule`, whose last one is repeated for ever; or `joined_at` makes moments of them, for
the members of a root that says when each of them joins.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from populace.clock import DAY_US, HOUR_US
from populace.spec.column import Ints
from populace.spec.schedule import Stretch

MONTH_DAYS = 30
LONGEST_YEARS = 100
PARTS = 1_000
_DAY_PARTS = 1_000_000_000


def joining(*, first: int, history_days: int, per_day: float, monthly: float, years: int = 5) -> tuple[Stretch, ...]:
    """The stretches of members who join before and after the epoch, for `Schedule(stretches=…)`.

    first: so many are there from the beginning; they join on the first day of history. history_days: how long it is, at
    least 2. per_day: join a day at the epoch. monthly: by what share that grows in 30 days (0.05: five per cent more;
    negative: it shrinks), before and after the epoch. years: so long it goes on growing after the epoch, up to 100;
    then the last rate holds for ever.
    """
    if first < 0 or history_days < 2 or per_day < 0 or not -1 < monthly <= 1 or not 0 < years <= LONGEST_YEARS:
        raise ValueError("these numbers describe no growth")
    growth, out, owed = 1.0 + monthly, list[Stretch](), 0.0
    edges = [*range(1 - history_days, 0, MONTH_DAYS), *range(0, years * 365 + MONTH_DAYS, MONTH_DAYS)]
    rate = per_day
    for _ in range(-(-(history_days - 1) // MONTH_DAYS)):
        rate /= growth
    out.append((-history_days, 1 - history_days, first))
    for begins, ends in pairwise(edges):
        # What a rounding leaves over comes in the next month.
        owed += rate * (ends - begins)
        out.append((begins, ends, round(owed)))
        owed -= round(owed)
        rate *= growth
    return tuple(out)


def members(stretches: Sequence[Stretch]) -> int:
    """How many join in all of them."""
    return sum(many for _, _, many in stretches)


def joined_at(stretches: Sequence[Sequence[float]], epoch_us: int, ordinal: Ints) -> Ints:
    """When each member joins (µs), for `Root(joined=…)`: in the order of their ordinals, evenly within a stretch."""
    begins, ends, many = (np.array(column, dtype=np.int64) for column in zip(*stretches, strict=True))
    first = np.cumsum(many) - many
    stretch = np.searchsorted(first + many, ordinal, side="right")
    length_us = (ends - begins)[stretch] * DAY_US
    # In whole milliseconds, as keys count them.
    within = (2 * (ordinal - first[stretch]) + 1) * (length_us // 1000) // (2 * many[stretch]) * 1000
    at: Ints = epoch_us + begins[stretch] * DAY_US + within
    return at


def joined_by_day(
    stretches: Sequence[Sequence[float]], epoch_us: int, ordinal: Ints, hours: Sequence[float], off: Ints
) -> Ints:
    """The same, but by a curve of the day, and not as evenly as a clock. hours: 24 factors (UTC). off: of each member,
    how far within their part of the stretch, 0 to `PARTS` − 1.
    """
    begins, ends, many = (np.array(column, dtype=np.int64) for column in zip(*stretches, strict=True))
    first = np.cumsum(many) - many
    stretch = np.searchsorted(first + many, ordinal, side="right")
    # A place along the stretch, in millionths of a day, then the moment of the day at which so much of it is over.
    length = (ends - begins)[stretch] * _DAY_PARTS
    place = ((ordinal - first[stretch]) * PARTS + off) * (length // many[stretch]) // PARTS
    day, within = np.divmod(place, _DAY_PARTS)
    reached = np.cumsum([0, *(round(_DAY_PARTS * by / sum(hours)) for by in hours)]).astype(np.int64)
    reached[-1] = _DAY_PARTS
    hour = np.searchsorted(reached, within, side="right") - 1
    of_hour = (within - reached[hour]) * (HOUR_US // 1000) // (reached[hour + 1] - reached[hour])
    at: Ints = epoch_us + (begins[stretch] + day) * DAY_US + hour * HOUR_US + of_hour * 1000
    return at
