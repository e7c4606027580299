"""When rows come: by the hour of the day and the day of the week, through history and after it, in whole numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np

from populace.clock import DAY_US, HOUR_US
from populace.spec import Draw, Ints, Values
from populace.spec.parameter import Form
from populace.spec.zones import offset_us, weekday

_FINE = 1_000_000
"""Parts into which an hour of the weight 1 is cut."""


@dataclass(frozen=True)
class Curve:
    """history_days, life_days: before and after the epoch. hours, weekdays: weights (Monday first), in the time of a
    zone. settings: the paths of both, where a plan may have others."""

    history_days: int
    life_days: int
    hours: tuple[int, ...]
    weekdays: tuple[int, ...]
    zone: str = "UTC"
    settings: tuple[str, str] | None = None

    def under(self, values: Values) -> Curve:
        """As a plan has it."""
        return self if self.settings is None else _under(self, *(values.text(path) for path in self.settings))

    def ever(self, rows: int, *, lives: bool) -> int:
        """How many rows ever come, of which so many in history: at the same rate after it, for the days of life."""
        return rows + (self.later(rows) if lives else 0)

    @cached_property
    def _steps(self) -> dict[int, Ints]:
        return {}

    def _mass(self, first_day: int) -> Ints:
        """The weight that has passed at the end of each hour, from the beginning of history on."""
        if first_day not in self._steps:
            many = self.history_days + 2 * self.life_days + 7
            at = (first_day * 24 + np.arange(many * 24, dtype=np.int64)) * HOUR_US
            local = at + offset_us((self.zone,), np.zeros(len(at), dtype=np.int64), at)
            days = np.array(self.weekdays, dtype=np.int64)[weekday(local // DAY_US)]
            self._steps[first_day] = np.cumsum(
                days * np.array(self.hours, dtype=np.int64)[local // HOUR_US % 24] * _FINE
            )
        return self._steps[first_day]

    def later(self, rows: int) -> int:
        """How many come after history, where so many would in as long a time as history is."""
        return rows * self.life_days // self.history_days

    def at(self, draw: Draw, stream: str, number: Ints, rows: int, *, later: bool = False) -> Ints:
        """The moment of each row, µs, ascending by its number: so many come in history, the others at that rate after
        it. later: the first of them comes when history has ended."""
        mass = self._mass(draw.origin_us // DAY_US)
        history = int(mass[self.history_days * 24 - 1])
        # Each row has a stretch of the weight of its own, and lies somewhere in it.
        place = (number * history + draw.below(stream, min(history, 1 << 52), number) % history) // rows
        return self.moments(draw.origin_us, mass, place + history * later)

    @staticmethod
    def moments(origin_us: int, mass: Ints, place: Ints) -> Ints:
        """The moments, µs, by which so much weight has passed. mass: what has passed at the end of each hour."""
        hour = np.minimum(np.searchsorted(mass, place, side="right"), len(mass) - 1)
        begins = np.where(hour > 0, mass[hour - 1], 0)
        weight = np.maximum(mass[hour] - begins, 1)
        within = np.minimum((place - begins), weight - 1)
        # Of a heavy hour so much of the weight is left out that the product is a number still.
        fine = np.maximum(weight >> 40, 1)
        within = (within // fine) * 3_600_000 // np.maximum(weight // fine, 1) * 1000
        at: Ints = origin_us + hour * HOUR_US + np.minimum(within, HOUR_US - 1)
        return at


@lru_cache(maxsize=256)
def _under(curve: Curve, hours: str, weekdays: str) -> Curve:
    return replace(curve, hours=tuple(map(int, hours.split())), weekdays=tuple(map(int, weekdays.split())))


def written(weights: tuple[int, ...]) -> str:
    """Weights as a setting has them."""
    return " ".join(map(str, weights))


def form(many: int) -> Form:
    """Of a setting that holds so many weights."""
    return Form(
        pattern=rf"(?=.*[1-9])(\d{{1,3}}|1000)( (\d{{1,3}}|1000)){{{many - 1}}}", fault="these are no weights",
        allowed=f"{many} whole numbers from 0 to 1000 with a space between them, one not 0",
        todo="write weights, such as 3 10 …",
    )  # fmt: skip
