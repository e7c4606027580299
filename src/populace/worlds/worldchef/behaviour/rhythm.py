"""The rhythm of a week: moments are placed, and time goes on, faster in evenings and at weekends than at night.

A week has weights by hour, where somebody lives. Time measured in them goes on evenly; here it is turned into moments
and back, in whole numbers. So a moment can be computed again from a number alone, and nothing precedes its cause.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from populace.clock import DAY_US, HOUR_US
from populace.spec import Draw, Ints

HOURS = (1, 1, 1, 1, 1, 2, 4, 7, 8, 6, 6, 8, 10, 8, 6, 7, 11, 18, 24, 28, 26, 20, 11, 4)
"""How much is going on, by hour of the day."""
DAYS = (4, 4, 4, 4, 5, 7, 7)
"""And by day of the week, Monday first."""
WEEK_US = 7 * DAY_US
_HOURS = 7 * 24
_AN_HOUR_MS = HOUR_US // 1000
_WEIGHT = sum(DAYS) * sum(HOURS)
MOST_SHIFT = 6
"""Hours by which somebody's day is earlier or later than that of their place, at most."""
_OFFSETS = range(-12 - MOST_SHIFT, 15 + MOST_SHIFT)
"""Of clocks from UTC, and of whoever lives earlier or later than most."""
_MONDAY = 4
"""1 January 1970 was a Thursday: so many days later it was Monday."""


class _Weeks(NamedTuple):
    """Weeks as they are at each offset, one after another. edges: the weights of their hours, added up, 169 of a week.
    hours: of each unit of weight, in which hour of the week it is."""

    edges: Ints
    hours: Ints

    @classmethod
    @cache
    def that_begin(cls, hour: int) -> _Weeks:
        """At an hour of the week in UTC."""
        weights = np.outer(DAYS, HOURS).ravel()
        rolled = [np.roll(weights, -(hour + offset)) for offset in _OFFSETS]
        edges = np.array([[0, *np.cumsum(week)] for week in rolled], dtype=np.int64)
        hours = np.array([np.repeat(np.arange(_HOURS), week) for week in rolled], dtype=np.int64)
        return cls(edges.ravel(), hours.ravel())


def later(draw: Draw, since: Ints, lag_ms: Ints, offset: Ints) -> Ints:
    """The moment (µs) at which so much of the rhythm has passed since another. offset: of local time, in hours."""
    return _moment(draw, _measured(draw, since, offset) + lag_ms * _WEIGHT // _HOURS, offset)


def placed(draw: Draw, even: Ints, offset: Ints) -> Ints:
    """Moments (µs) that lay evenly in time, in the rhythm of their weeks. Weeks begin when the epoch does."""
    return _moment(draw, (even - draw.epoch_us) // 1000 * _WEIGHT // _HOURS, offset)


def week_of(draw: Draw, at: Ints) -> Ints:
    """When the week that holds a moment began (µs)."""
    begins: Ints = at - (at - draw.epoch_us) % WEEK_US
    return begins


def even(draw: Draw, stretches: str, stream: str, number: Ints) -> Ints:
    """The moment (µs) of each item by number, somewhere in a slot of its own; slots divide a stretch evenly, and the
    last stretch is repeated."""
    begins, length, many, first = _stretches(draw, stretches)
    turn = np.maximum(0, (number - first[-1]) // many[-1])
    number, named = number - turn * many[-1], number
    which = np.searchsorted(first + many, number, side="right")
    slot = length[which] // many[which]
    ms = begins[which] + turn * length[-1] + (number - first[which]) * slot + draw.below(stream, slot, named)
    at: Ints = draw.epoch_us + ms * 1000
    return at


def begun_by(draw: Draw, stretches: str, at: Ints) -> Ints:
    """How many items there are, at least, whose slots are over by a moment."""
    begins, length, many, first = _stretches(draw, stretches)
    ms = (at - draw.epoch_us) // 1000
    turn = np.maximum(0, (ms - begins[-1]) // length[-1])
    ms -= turn * length[-1]
    which = np.maximum(0, np.searchsorted(begins, ms, side="right") - 1)
    over = np.maximum(0, ms - begins[which]) // (length[which] // np.maximum(1, many[which]))
    out: Ints = first[which] + np.minimum(over, many[which]) + turn * many[-1]
    return out


def _stretches(draw: Draw, path: str) -> tuple[Ints, Ints, Ints, Ints]:
    """begins, length (ms), how many, and the number of the first one, of each stretch."""
    begins, ends, many = (np.array(column, dtype=np.int64) for column in zip(*draw.values.table(path), strict=True))
    return begins * DAY_US // 1000, (ends - begins) * DAY_US // 1000, many, np.cumsum(many) - many


def _measured(draw: Draw, at: Ints, offset: Ints) -> Ints:
    """Since the epoch, in weights × milliseconds."""
    edges, zone = _weeks(draw).edges, offset - _OFFSETS[0]
    week, within = np.divmod((at - draw.epoch_us) // 1000, WEEK_US // 1000)
    hour, rest = np.divmod(within, _AN_HOUR_MS)
    hour += zone * (_HOURS + 1)
    before = edges[hour]
    out: Ints = (week * _WEIGHT + before) * _AN_HOUR_MS + rest * (edges[hour + 1] - before)
    return out


def _moment(draw: Draw, measured: Ints, offset: Ints) -> Ints:
    weeks, zone = _weeks(draw), offset - _OFFSETS[0]
    week, within = np.divmod(measured, _WEIGHT * _AN_HOUR_MS)
    hour = weeks.hours[zone * _WEIGHT + within // _AN_HOUR_MS]
    of_zone = zone * (_HOURS + 1) + hour
    before = weeks.edges[of_zone]
    rest = (within - before * _AN_HOUR_MS) // (weeks.edges[of_zone + 1] - before)
    out: Ints = draw.epoch_us + week * WEEK_US + hour * HOUR_US + rest * 1000
    return out


def _weeks(draw: Draw) -> _Weeks:
    """Those that begin when the epoch does."""
    return _Weeks.that_begin((draw.epoch_us // HOUR_US - _MONDAY * 24) % _HOURS)
