"""How people differ from each other, and days from days: what habits, or a rate of arrivals, do not say alone.

Everything is a decision point or a value of the world, and each has a neutral setting under which it makes no
difference and nothing is drawn: a `Measure` with one answer alone, a `Chance` of 0, a spread of 0, an empty table. So a
world may declare all of it and have scenarios in which people are as alike as its document says.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from populace.spec.column import Ints
from populace.spec.draw import Draw

WHOLE = 1_000
"""Factors of odds are whole thousandths: so much changes nothing."""
WEIGHED = 1_000_000
_MOST_DAYS = 400


@lru_cache(maxsize=16)
def day_weights(memory: float, forgotten: float) -> Ints:
    """How much each day's own draw counts in z(today) = memory · z(yesterday) + √(1 − memory²) · the day's own: the day
    itself first, then those before it, in parts of `WEIGHED`. So any day is computed alone.

    forgotten: days of which less than this is left are left out. Rows depend on it: who draws says it for good.
    """
    many = 1 if memory <= 0 else min(_MOST_DAYS, 1 + math.ceil(math.log(forgotten) / math.log(memory)))
    return np.array([round(WEIGHED * math.sqrt(1 - memory**2) * memory**k) for k in range(many)], dtype=np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFactor:
    """What makes days differ for everybody at once.

    day: a `Measure` in tenths of a standard normal, drawn once a day for all people of the plan. day_memory,
    day_spread: paths; z(today) = memory · z(yesterday) + √(1 − memory²) · the day's own, and everybody's odds are
    multiplied by exp(spread · z). holidays: path of a table of (month, day of the month, factor of the odds).
    """

    day: str
    day_memory: str
    day_spread: str
    holidays: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Heterogeneity(DayFactor):
    """What makes the people of a lifecycle different. What a person is for life is drawn once, when they sign up.

    propensity: a `Measure` in thousandths; a person's odds to come on a day are multiplied by so much, for life. Log-
    normal with the median 1,000, a few people make most of the visits.

    phase, phase_days: `Measure`s; the odds are multiplied by `phase` thousandths for so many days, then by others: so
    interest comes and goes, and visits come in bursts.

    second: a `Choice` of a pattern a segment, like `assigned`; leaning: a `Measure` in thousandths. A person's chance
    is that of their own pattern, but for so many thousandths of it, which are those of a second one.

    frailty: a `Measure` in thousandths; a person's chances to drop out are multiplied by so much, for life. With a
    `Beta` in the place of one chance for all, many leave early and the others stay long.

    first_visit: a `Chance` that people come when they sign up; first_visit_s: a `Measure`, seconds from the sign-up to
    that visit. Who has a chance above 0 comes on the first day by it alone.
    """

    propensity: str
    phase: str
    phase_days: str
    second: tuple[str, ...]
    leaning: str
    frailty: str
    first_visit: str
    first_visit_s: str

    @property
    def measures(self) -> tuple[str, ...]:
        """The decision points that are numbers."""
        return (
            *(self.propensity, self.phase, self.phase_days, self.leaning, self.frailty),
            *(self.first_visit_s, self.day),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Inclination(DayFactor):
    """Who comes to visits that arrive, and when: `Arrivals(inclination=…)`. The rate stays that of the arrivals.

    on: path of a switch; where it is off, people differ by the weights of their class alone, and nothing is drawn.

    propensity: a `Measure` in thousandths: how often somebody comes against the others of their class, for life.
    stays: a `Measure` in hours from joining to the last visit. Log-normal with a wide spread, many leave early and the
    others stay long. phase: a `Measure` in thousandths, at most `MOST_PHASE`, for `phase_days` days (a path), then
    another: interest comes and goes.

    hour: a `Choice` of 24, on the clock where somebody lives. hour_share, hour_spread: paths; so much of their
    visits lies about that hour, so far from it (a deviation, minutes), and the rest on the curve. curve: path of 24
    factors. zones: IANA names; zone(draw, person): a position among them.

    first_visit: a `Chance` that people come when they sign up; first_visit_s: a `Measure`, seconds from the sign-up to
    that visit, at most `FIRST_VISIT_S`. It comes beside the arrivals; only a root whose members join has sign-ups.

    weekdays: path of 7 factors of the arrivals of a day (UTC), Monday first; days differ beside them by `DayFactor`,
    and all together by at most `MOST_OF_A_DAY`.
    """

    on: str
    propensity: str
    stays: str
    phase: str
    phase_days: str
    hour: str
    hour_share: str
    hour_spread: str
    curve: str
    zones: tuple[str, ...]
    zone: Callable[[Draw, Ints], Ints]
    first_visit: str
    first_visit_s: str
    weekdays: str

    @property
    def measures(self) -> tuple[str, ...]:
        """The decision points that are numbers."""
        return (self.propensity, self.stays, self.phase, self.first_visit_s, self.day)

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths of values that it refers to."""
        own = (self.on, self.phase_days, self.hour_share, self.hour_spread, self.curve, self.weekdays)
        return (*own, self.day_memory, self.day_spread, self.holidays)


MOST_PHASE = 4 * WHOLE
MOST_OF_A_DAY = 2 * WHOLE
"""Thousandths. So many times the rate arrives, of which each day keeps its part."""
FIRST_VISIT_S = 3_600
