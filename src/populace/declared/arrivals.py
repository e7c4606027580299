"""When rows of a table come that follow no other's: at a steady rate, or as acts of people.

In history there are exactly as many as are asked for. After it more are held ready than come at the rates of the plan,
so that a rate can be raised while people live: of these each comes with a chance that is the rate of its moment.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from populace.clock import HOUR_US
from populace.declared.acting import MOST_PACE, People
from populace.declared.growth import Curve
from populace.spec import Bools, Draw, Ints, Values

SIGNUPS, SIGNUP_PACE = "life.signups", "life.signup_pace"
PARTS = 1_000_000
ALWAYS = ""


@dataclass(frozen=True)
class Steady:
    """So many rows, on a curve. name: of the table in the world. present: the share that is there from the beginning.
    sign_ups: they are people's, who sign up at a rate."""

    name: str
    curve: Curve
    present: float
    lives: bool
    sign_ups: bool = False

    @property
    def pace(self) -> str:
        """The path of what says how many of those held ready come; "" where all do."""
        return SIGNUP_PACE if self.sign_ups else ALWAYS

    def rows(self, values: Values) -> int:
        """How many there are when history ends."""
        return values.whole(f"{self.name}.rows")

    def first(self, values: Values) -> int:
        """How many are there from the beginning: at least one, for whoever refers to them."""
        rows = self.rows(values)
        if self.sign_ups:
            return max(1, rows - round(values.number(SIGNUPS) * self.curve.history_days))
        return rows if not self.lives and self.present >= 1 else min(rows, max(1, round(rows * self.present)))

    def ever(self, values: Values) -> int:
        """How many ever come."""
        rows, first = self.rows(values), self.first(values)
        if self.sign_ups:
            return rows + (self.curve.later(self._rate(values)) if self.lives else 0)
        return first + self.curve.ever(rows - first, lives=self.lives)

    def _rate(self, values: Values) -> int:
        """How many would sign up in as long a time as history is, of those held ready."""
        return round(MOST_PACE * values.number(SIGNUPS) * self.curve.history_days)

    def at(self, draw: Draw, ordinal: Ints, floor: int) -> Ints:
        """The moment of each row, µs, ascending; those of the beginning from `floor` on."""
        rows, first = self.rows(draw.values), self.first(draw.values)
        before, curve = floor + ordinal * (HOUR_US // 2) // max(1, first), self.curve.under(draw.values)
        many, stream = max(1, rows - first), f"{self.name}.came"
        number = np.maximum(ordinal - first, 0)
        at = curve.at(draw, stream, np.minimum(number, many - 1) if self.sign_ups else number, many)
        if self.sign_ups and (number >= rows - first).any() and (rate := self._rate(draw.values)):
            after = curve.at(draw, f"{stream}.later", np.maximum(number - (rows - first), 0), rate, later=True)
            at = np.where(ordinal >= rows, after, at)
        return np.where(ordinal < first, before, at)


@dataclass(frozen=True)
class Act:
    """What people do, each so often, in the hours of the place where they live. columns: those that say whose act a row
    is."""

    name: str
    curve: Curve
    people: People
    present: float
    lives: bool
    columns: tuple[str, ...]

    @property
    def pace(self) -> str:
        """The path of what says how many of those held ready come."""
        return f"{self.name}.pace"

    def rows(self, values: Values) -> int:
        """How many there are when history ends."""
        return self.first(values) + self._during(values)

    def _during(self, values: Values) -> int:
        """How many come in history: the rate, times the days of everybody."""
        return max(1, round(values.number(f"{self.name}.rate") * self.people.days(values)[0]))

    def first(self, values: Values) -> int:
        """How many are there from the beginning: at least one, for whoever refers to them."""
        return max(1, round(self._during(values) * self.present))

    def ever(self, values: Values) -> int:
        """How many ever come."""
        later = MOST_PACE * values.number(f"{self.name}.rate") * self.people.days(values)[1] if self.lives else 0
        return self.rows(values) + int(later)

    def at(self, draw: Draw, ordinal: Ints, floor: int) -> Ints:
        """The moment of each act, µs, ascending; those of the beginning from `floor` on."""
        first, during = self.first(draw.values), self._during(draw.values)
        before, curve = floor + ordinal * (HOUR_US // 2) // first, self.curve.under(draw.values)
        mass = self.people.crowd(draw).mass(curve)
        history, number = int(mass[curve.history_days * 24 - 1]), np.maximum(ordinal - first, 0)
        later = max(1, self.ever(draw.values) - first - during)
        place = np.where(
            number < during,
            _placed(draw, f"{self.name}.came", number, history, during),
            history + _placed(draw, f"{self.name}.came.later", np.maximum(number - during, 0),
                              int(mass[-1]) - history, later),
        )  # fmt: skip
        return np.where(ordinal < first, before, curve.moments(draw.origin_us, mass, place))

    def who(self, draw: Draw, ordinal: Ints) -> Ints:
        """Whose each act is, as a number among the people."""
        at = draw.joined(self.name)[ordinal]
        hour = np.maximum(at - draw.origin_us, 0) // HOUR_US
        return self.people.crowd(draw).who(draw, self.curve.under(draw.values), f"{self.name}.by", ordinal, hour)


def _placed(draw: Draw, stream: str, number: Ints, whole: int, rows: int) -> Ints:
    """A place in so much weight for each row: somewhere in a stretch of its own."""
    step, rest = divmod(whole, rows)
    place: Ints = number * step + number * rest // rows + draw.below(stream, max(1, min(step, 1 << 52)), number)
    return place


def kept(draw: Draw, name: str, path: str, ordinal: Ints, at: Ints) -> Bools:
    """Which of the rows that are held ready come: all in history, and as many as the pace of their moment says after
    it."""
    fine = at < draw.epoch_us
    if fine.all():
        return fine
    parts = draw.whole_at(f"{path}.parts", at)
    out: Bools = fine | (draw.below(f"{name}.comes", PARTS, ordinal) < parts)
    return out
