"""Which differences between people and days a plan makes: those that it does not set to make none."""

from __future__ import annotations

from dataclasses import dataclass

from populace.plan import Era
from populace.plan.thresholds import varies
from populace.spec import Lifecycle


@dataclass(frozen=True, slots=True)
class Applied:
    """Which differences a plan makes in an era."""

    propensity: bool = False
    phase: bool = False
    leaning: bool = False
    frailty: bool = False
    first_visit: bool = False
    day: bool = False

    @classmethod
    def of(cls, flow: Lifecycle, era: Era) -> Applied:
        """Those that are not set to make none."""
        differing = flow.heterogeneity
        if differing is None:
            return NONE
        names = ("propensity", "phase", "leaning", "frailty", "first_visit")
        found = {name: varies(era.decisions[getattr(differing, name)]) for name in names}
        of_days = era.values.number(differing.day_spread) > 0 or len(era.values.table(differing.holidays)) > 0
        return cls(**found, day=of_days)

    @property
    def odds(self) -> bool:
        """Whether the chances of a day are others than the table's."""
        return self.propensity or self.phase or self.leaning or self.day


NONE = Applied()
