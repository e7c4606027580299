"""The people of a declared world, as those who act: how often each does against the others, and in whose time.

Somebody's acts in an hour are their propensity times the weight of that hour on the clock where they live. All of them
together say how much comes in an hour; whose an act is, is drawn among those who are there by then.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from populace.clock import DAY_US, HOUR_US
from populace.declared.growth import Curve
from populace.spec import Draw, Ints, LogNormal, Values, Words
from populace.spec.authors import Misuse
from populace.spec.zones import offset_us, weekday

MOST_PACE = 2
"""So many times as much as the plan says can come, when people live."""
SPREAD, PROPENSITY, ZONE = "life.spread", "life.propensity", "life.zone"
DIFFER = LogNormal(PROPENSITY, median=1000, sigma=SPREAD, low=1, high=100_000)
"""How often somebody acts against the others, in thousandths, for life."""
_FINE = 10_000
"""The most that an hour weighs: an hour of ten million people is a number still."""
_KEPT = 4


@dataclass(frozen=True)
class People:
    """name: of their table in the world. presence: how many are there when history begins, when it ends, and ever.
    zone: gives each one's place among `zones`; None: all are in the first."""

    name: str
    history_days: int
    life_days: int
    presence: Callable[[Values], tuple[int, int, int]]
    zones: tuple[str, ...]
    weights: tuple[int, ...] = ()
    zone: Callable[[Draw, Ints], object] | None = None
    _crowds: list[tuple[Ints, Crowd]] = field(default_factory=list, compare=False)

    def days(self, values: Values) -> tuple[float, float]:
        """The days of all of them in history, and after it, as they are held ready."""
        first, rows, ever = self.presence(values)
        return (first + rows) / 2 * self.history_days, (rows + ever) / 2 * self.life_days

    def propensity(self, draw: Draw, ordinal: Ints) -> Ints:
        """How often each acts against the others, in thousandths."""
        return draw.measure(PROPENSITY, ordinal, draw.joined(self.name)[ordinal])

    def crowd(self, draw: Draw) -> Crowd:
        """Everybody, as a plan has them; made once for each."""
        joined = draw.joined(self.name)
        # The engine keeps one array a plan, so whoever has this very array has these people.
        found = next((crowd for known, crowd in self._crowds if known is joined), None)
        if found is None:
            found = self._made(draw.unrecorded, joined)
            self._crowds[:] = [(joined, found), *self._crowds[: _KEPT - 1]]
        return found

    def _made(self, draw: Draw, joined: Ints) -> Crowd:
        ordinal = np.arange(len(joined), dtype=np.int64)
        names, zone = self.zones, np.zeros(len(joined), dtype=np.int64)
        if self.weights:
            ends = np.cumsum(np.array(self.weights, dtype=np.int64))
            zone = np.searchsorted(ends, draw.below(ZONE, int(ends[-1]), ordinal), side="right")
        elif self.zone is not None:
            names, zone = _read(self.zone(draw, ordinal), len(joined), self.name)
        return Crowd.of(joined, self.propensity(draw, ordinal), zone, names, draw.origin_us)


def _read(value: object, many: int, name: str) -> tuple[tuple[str, ...], Ints]:
    """The zones that a column holds."""
    if isinstance(value, str):
        return (value,), np.zeros(many, dtype=np.int64)
    if isinstance(value, Words):
        return tuple(str(word) for word in value.words), np.asarray(value.codes, dtype=np.int64)
    raise Misuse("zones are read from a column of words, always there", where=name, given=type(value).__name__)


@dataclass(frozen=True)
class Crowd:
    """People sorted by their zone, and then by when they join. order: their numbers. joined: when. ends: of the weight
    of all up to each. begins: where each zone begins."""

    zones: tuple[str, ...]
    order: Ints
    joined: Ints
    ends: Ints
    begins: Ints
    origin_us: int
    _masses: dict[Curve, Ints] = field(default_factory=dict, compare=False)

    @classmethod
    def of(cls, joined: Ints, weight: Ints, zone: Ints, zones: tuple[str, ...], origin_us: int) -> Crowd:
        """People by their numbers. zone: a place among zones; those where nobody lives are left out."""
        some, zone = np.unique(zone, return_inverse=True)
        order = np.argsort(zone, kind="stable")
        begins = np.searchsorted(zone[order], np.arange(len(some) + 1))
        names = tuple(zones[int(place)] for place in some)
        return cls(names, order, joined[order], np.r_[0, np.cumsum(weight[order])], begins, origin_us)

    def _weight(self, place: int, hour: Ints) -> Ints:
        """Of those in a zone who are there when hours begin."""
        begin, end = int(self.begins[place]), int(self.begins[place + 1])
        there = begin + np.searchsorted(self.joined[begin:end], self.origin_us + hour * HOUR_US, side="right")
        weight: Ints = self.ends[there] - self.ends[begin]
        return weight

    def _curve(self, place: int, curve: Curve, hour: Ints) -> Ints:
        """What an hour weighs on the clock of a zone."""
        at = self.origin_us + hour * HOUR_US
        local = at + offset_us((self.zones[place],), np.zeros(len(hour), dtype=np.int64), at)
        hours, weekdays = (np.array(some, dtype=np.int64) for some in (curve.hours, curve.weekdays))
        most = int(hours.max() * weekdays.max())
        out: Ints = hours[local // HOUR_US % 24] * weekdays[weekday(local // DAY_US)] * _FINE // most
        return out

    def mass(self, curve: Curve) -> Ints:
        """How much has come at the end of each hour of history and of life."""
        if curve not in self._masses:
            hour = np.arange((curve.history_days + curve.life_days) * 24, dtype=np.int64)
            each = np.zeros(len(hour), dtype=np.int64)
            for place in range(len(self.zones)):
                each += self._weight(place, hour) * self._curve(place, curve, hour)
            self._masses[curve] = np.cumsum(each)
        return self._masses[curve]

    def who(self, draw: Draw, curve: Curve, stream: str, ordinal: Ints, hour: Ints) -> Ints:
        """One of those who are there when an hour begins, by their propensity and the hour where they live."""
        hours, which = np.unique(hour, return_inverse=True)
        weights = np.stack([self._weight(place, hours) for place in range(len(self.zones))])
        curves = np.stack([self._curve(place, curve, hours) for place in range(len(self.zones))])
        # What was there from the beginning is of no hour.
        curves[:, (weights * curves).sum(axis=0) == 0] = 1
        ends = np.cumsum(weights * curves, axis=0)
        drawn = draw.below(stream, np.minimum(ends[-1], 1 << 53)[which], ordinal)
        zone = (ends[:, which] <= drawn).sum(axis=0)
        rest = drawn - np.where(zone > 0, ends[np.maximum(zone - 1, 0), which], 0)
        target = self.ends[self.begins[zone]] + rest // np.maximum(curves[zone, which], 1)
        out: Ints = self.order[np.searchsorted(self.ends, target, side="right") - 1]
        return out
