"""The calendar: where in a stretch of time items lie, when some months, weekdays and hours are likelier than others.

Weights are whole numbers, one for each quarter of an hour (some zones are half an hour off), so that every machine
places an item in the same one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from populace.clock import DAY_US, HOUR_US
from populace.spec import Calendar, Ints, Values, zones

SLOT_US = HOUR_US // 4
_AN_HOUR = HOUR_US // SLOT_US
_FINE = 2_500
"""A factor of 1 in the weights of slots."""


@dataclass(frozen=True, slots=True)
class Slots:
    """The quarters of the hours of a stretch. start_us: of the first. edges: int64[slots + 1], cumulative weights."""

    start_us: int
    edges: Ints

    @property
    def whole(self) -> int:
        """The sum of all weights."""
        return int(self.edges[-1])

    def at(self, position: Ints) -> Ints:
        """The slots (µs) at positions in [0, whole)."""
        return self.start_us + (np.searchsorted(self.edges, position, side="right") - 1) * SLOT_US

    def position(self, at_us: int) -> int:
        """How much weight lies before the slot that holds a moment, or the stretch's nearer end."""
        return int(self.edges[min(max(0, (at_us - self.start_us) // SLOT_US), len(self.edges) - 1)])


def slots_of(calendar: Calendar, values: Values, start_us: int, end_us: int, many: int) -> Slots:
    """The weights of the slots in [start, end), both whole hours, for so many items. values: by path.

    Raises ValueError when none has any weight.
    """

    spikes = values.table(calendar.spikes) if calendar.spikes else ()
    zone = values.text(calendar.zone)
    by = values.series(calendar.months), values.series(calendar.weekdays), values.series(calendar.hours)
    return _slots(_Curve(*by, zone, spikes), many if spikes else 0, start_us, end_us)


@dataclass(frozen=True, slots=True)
class _Curve:
    """A calendar as it is read: factors, the zone that they hold in, and spikes."""

    months: tuple[float, ...]
    weekdays: tuple[float, ...]
    hours: tuple[float, ...]
    zone: str
    spikes: tuple[tuple[float, ...], ...]


@lru_cache(maxsize=64)
def _slots(curve: _Curve, many: int, start_us: int, end_us: int) -> Slots:
    at = np.arange(start_us, end_us, SLOT_US)
    local = zones.local((curve.zone,), np.zeros(len(at), dtype=np.int64), at)
    day = local // DAY_US
    month = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
    weight = np.array(curve.months)[month] * np.array(curve.weekdays)[zones.weekday(day)]
    weight *= np.array(curve.hours)[local % DAY_US // HOUR_US]
    # Products and a rounding are the same on every machine; sums are of whole numbers.
    shares = np.round(weight * _FINE).astype(np.int64)
    sudden_slots = [
        (slice(int(after) * _AN_HOUR, int(after + hours_long) * _AN_HOUR), per_hour)
        for after, hours_long, per_hour in curve.spikes
    ]
    for when, _ in sudden_slots:
        shares[when] = 0
    usual = int(shares.sum())
    sudden = math.fsum(len(shares[when]) * per_hour / _AN_HOUR for when, per_hour in sudden_slots)
    # Spikes bring half of all items, at most.
    others = max(many - sudden, sudden, 1)
    for when, per_hour in sudden_slots:
        shares[when] = round(usual * per_hour / _AN_HOUR / others)
    edges = np.concatenate([[0], np.cumsum(shares)])
    if edges[-1] <= 0:
        raise ValueError("no hour of this stretch has any weight")
    return Slots(start_us, edges)
