"""The calendar: where in a stretch of time things lie, when some months, weekdays and hours are likelier than others.

Weights are whole numbers, one for each hour, so that every machine places a thing in the same hour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from populace.clock import DAY_US, HOUR_US
from populace.spec import Calendar, Ints, zones

_FINE = 10_000
"""A factor of 1 in the weights of hours."""
_FIRST_WEEKDAY = 3
"""1 January 1970 was a Thursday; Monday is 0."""


@dataclass(frozen=True, slots=True)
class Hours:
    """The hours of a stretch. start_us: of the first. edges: int64[hours + 1], cumulative weights from 0."""

    start_us: int
    edges: Ints

    @property
    def whole(self) -> int:
        """The sum of all weights."""
        return int(self.edges[-1])

    def at(self, position: Ints) -> Ints:
        """The hours (µs) at positions in [0, whole)."""
        return self.start_us + (np.searchsorted(self.edges, position, side="right") - 1) * HOUR_US

    def position(self, at_us: int) -> int:
        """How much weight lies before the hour that holds a moment, or the stretch's nearer end."""
        return int(self.edges[min(max(0, (at_us - self.start_us) // HOUR_US), len(self.edges) - 1)])


def hours_of(calendar: Calendar, values: Any, start_us: int, end_us: int, many: int) -> Hours:
    """The weights of the hours in [start, end), both whole hours, for so many things. values: by path.

    Raises ValueError when no hour has any weight.
    """

    def factors(path: str) -> tuple[float, ...]:
        given: Sequence[float] = values[path]
        return tuple(given)

    spikes = tuple(values[calendar.spikes]) if calendar.spikes else ()
    zone = str(values[calendar.zone])
    by = factors(calendar.months), factors(calendar.weekdays), factors(calendar.hours)
    return _hours(*by, zone, spikes, many if spikes else 0, start_us, end_us)


@lru_cache(maxsize=64)
def _hours(
    months: tuple[float, ...],
    weekdays: tuple[float, ...],
    hours: tuple[float, ...],
    zone: str,
    spikes: tuple[tuple[int, int, float], ...],
    many: int,
    start_us: int,
    end_us: int,
) -> Hours:
    at = np.arange(start_us, end_us, HOUR_US)
    local = at + zones.offset_us((zone,), np.zeros(len(at), dtype=np.int64), at)
    day = local // DAY_US
    month = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
    weight = np.array(months)[month] * np.array(weekdays)[(day + _FIRST_WEEKDAY) % 7]
    weight *= np.array(hours)[local % DAY_US // HOUR_US]
    # Products and a rounding are the same on every machine; sums are of whole numbers.
    shares = np.round(weight * _FINE).astype(np.int64)
    for after, hours_long, _ in spikes:
        shares[after : after + hours_long] = 0
    usual = int(shares.sum())
    sudden = sum(min(hours_long, max(0, len(at) - after)) * per_hour for after, hours_long, per_hour in spikes)
    # Spikes bring half of all things, at most.
    others = max(many - sudden, sudden, 1)
    for after, hours_long, per_hour in spikes:
        shares[after : after + hours_long] = round(usual * per_hour / others)
    edges = np.concatenate([[0], np.cumsum(shares)])
    if edges[-1] <= 0:
        raise ValueError("no hour of this stretch has any weight")
    return Hours(start_us, edges)
