"""How people of a lifecycle differ from each other, and days from days: what habits alone do not say.

Everything is a decision point or a value of the world, and each has a neutral setting under which it makes no
difference and nothing is drawn: a `Measure` with one answer alone, a `Chance` of 0, a spread of 0, an empty table. So a
world may declare all of it and have scenarios in which people are as alike as its document says.
"""

from __future__ import annotations

from dataclasses import dataclass

WHOLE = 1_000
"""Factors of odds are whole thousandths: so much changes nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heterogeneity:
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

    day: a `Measure` in tenths of a standard normal, drawn once a day for all people of the plan. day_memory,
    day_spread: paths; z(today) = memory · z(yesterday) + √(1 − memory²) · the day's own, and everybody's odds are
    multiplied by exp(spread · z). holidays: path of a table of (month, day of the month, factor of the odds).
    """

    propensity: str
    phase: str
    phase_days: str
    second: tuple[str, ...]
    leaning: str
    frailty: str
    first_visit: str
    first_visit_s: str
    day: str
    day_memory: str
    day_spread: str
    holidays: str

    @property
    def measures(self) -> tuple[str, ...]:
        """The decision points that are numbers."""
        return (
            *(self.propensity, self.phase, self.phase_days, self.leaning, self.frailty),
            *(self.first_visit_s, self.day),
        )
