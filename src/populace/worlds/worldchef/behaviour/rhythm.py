"""The rhythm of a week: moments are placed, and time goes on, faster in evenings and at weekends than at night.

A week has weights by hour, where somebody lives. Time measured in them goes on evenly; here it is turned into moments
and back, in whole numbers. So a moment can be computed again from a number alone, and nothing precedes its cause.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from populace.clock import DAY_US, HOUR_US
from populace.spec import Draw, Ints

WEEK_US = 7 * DAY_US
_HOURS = 7 * 24
_AN_HOUR_MS = HOUR_US // 1000
MOST_SHIFT = 6
"""Hours by which somebody's day is earlier or later than that of their place, at most."""
_OFFSETS = range(-12 - MOST_SHIFT, 15 + MOST_SHIFT)
"""Of clocks from UTC, and of whoever lives earlier or later than most."""
_MONDAY = 4
"""1 January 1970 was a Thursday: so many days later it was Monday."""


class _Weeks(NamedTuple):
    """Weeks as they are at each offset, one after another. weight: of a week. edges: those of its hours, added up, 169.
    hours: of each unit of weight, in which hour of the week it is."""

    weight: int
    edges: Ints
    hours: Ints

    @classmethod
    @lru_cache(maxsize=16)
    def that_begin(cls, hour: int, week: tuple[tuple[float, ...], ...]) -> _Weeks:
        """At an hour of the week in UTC. week: the weights of 7 × 24 hours, whole numbers."""
        weights = np.array(week, dtype=np.int64).ravel()
        rolled = [np.roll(weights, -(hour + offset)) for offset in _OFFSETS]
        edges = np.array([[0, *np.cumsum(one)] for one in rolled], dtype=np.int64)
        hours = np.array([np.repeat(np.arange(_HOURS), one) for one in rolled], dtype=np.int64)
        return cls(int(weights.sum()), edges.ravel(), hours.ravel())


def later(draw: Draw, since: Ints, lag_ms: Ints, offset: Ints) -> Ints:
    """The moment (µs) at which so much of the rhythm has passed since another. offset: of local time, in hours."""
    return _moment(draw, _measured(draw, since, offset) + lag_ms * _weeks(draw).weight // _HOURS, offset)


def placed(draw: Draw, even: Ints, offset: Ints) -> Ints:
    """Moments (µs) that lay evenly in time, in the rhythm of their weeks. Weeks begin when the epoch does."""
    return _moment(draw, (even - draw.epoch_us) // 1000 * _weeks(draw).weight // _HOURS, offset)


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
    weeks, zone = _weeks(draw), offset - _OFFSETS[0]
    week, within = np.divmod((at - draw.epoch_us) // 1000, WEEK_US // 1000)
    hour, rest = np.divmod(within, _AN_HOUR_MS)
    hour += zone * (_HOURS + 1)
    before = weeks.edges[hour]
    out: Ints = (week * weeks.weight + before) * _AN_HOUR_MS + rest * (weeks.edges[hour + 1] - before)
    return out


def _moment(draw: Draw, measured: Ints, offset: Ints) -> Ints:
    weeks, zone = _weeks(draw), offset - _OFFSETS[0]
    week, within = np.divmod(measured, weeks.weight * _AN_HOUR_MS)
    hour = weeks.hours[zone * weeks.weight + within // _AN_HOUR_MS]
    of_zone = zone * (_HOURS + 1) + hour
    before = weeks.edges[of_zone]
    rest = (within - before * _AN_HOUR_MS) // (weeks.edges[of_zone + 1] - before)
    out: Ints = draw.epoch_us + week * WEEK_US + hour * HOUR_US + rest * 1000
    return out


def _weeks(draw: Draw) -> _Weeks:
    """Those that begin when the epoch does."""
    return _Weeks.that_begin((draw.epoch_us // HOUR_US - _MONDAY * 24) % _HOURS, draw.values.table("week"))
