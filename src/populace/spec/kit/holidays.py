"""Days on which offices and the post are closed: a date, or the nth weekday of a month. Rules are a catalogue's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from populace.spec.column import Bools, Ints
from populace.spec.kit.catalogue import Row
from populace.spec.lifecycle import MONDAY, SUNDAY
from populace.spec.zones import weekday

LAST = -1
_NEAR = (1, -1, 2, -2, 3, -3)
_WEEK, _LATE = 7, 24
"""The last of a weekday lies after this day, in a month of 31."""


@dataclass(frozen=True, slots=True)
class Rule:
    """day: of the month; 0: it is the nth weekday (Monday 0), or the `LAST` of a month of 31 days."""

    month: int
    day: int = 0
    weekday: int = 0
    nth: int = 0

    @classmethod
    def of(cls, row: Row) -> Rule:
        """The rule of a catalogue's line."""
        return cls(*(int(row[name] or 0) for name in ("month", "day", "weekday", "nth")))


def closed(rules: Sequence[Rule], day: Ints) -> Bools:
    """Which days (since 1970) are holidays; one on a Sunday is kept on the Monday after it as well."""
    month, of_month = month_and_day(day)
    of_week = weekday(day)
    out = np.zeros(len(day), dtype=np.bool_)
    for rule in rules:
        if rule.day:
            out |= (month == rule.month) & (of_month == rule.day)
            before = month_and_day(day - 1)
            out |= (of_week == MONDAY) & (before[0] == rule.month) & (before[1] == rule.day)
        else:
            nth = of_month > _LATE if rule.nth == LAST else (of_month - 1) // _WEEK + 1 == rule.nth
            out |= (month == rule.month) & (of_week == rule.weekday) & nth
    return out


def month_and_day(day: Ints) -> tuple[Ints, Ints]:
    """The month (January 1) and the day of the month of days since 1970."""
    date = day.astype("datetime64[D]")
    month = date.astype("datetime64[M]")
    return month.astype(np.int64) % 12 + 1, (date - month).astype(np.int64) + 1


def open_near(rules: Sequence[Rule], day: Ints, low: Ints, high: Ints) -> Ints:
    """Each day, or where it is a Sunday or a holiday the nearest other one from `low` to `high`, the later one first.

    The day itself where all of them are.
    """
    out = day.copy()
    if not len(day):
        return out
    # Days are few beside the rows that ask for them.
    first = int(day.min()) - max(_NEAR)
    every = np.arange(first, int(day.max()) + max(_NEAR) + 1)
    open_then = (weekday(every) != SUNDAY) & ~closed(rules, every)
    shut = np.flatnonzero(~open_then[day - first])
    for off in _NEAR:
        other = day[shut] + off
        fits = (other >= low[shut]) & (other <= high[shut]) & open_then[other - first]
        out[shut[fits]] = other[fits]
        shut = shut[~fits]
    return out
