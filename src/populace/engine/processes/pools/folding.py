"""Pools folded for whoever looks at people: each day as it was decided, and the visits of some who came.

Nothing is decided here. The fold is that of `days`, so that what is shown of a person is what became rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from populace.clock import DAY_US
from populace.engine.draw_statistics import DrawStatistics
from populace.engine.draws import EMPTY, EngineDraw
from populace.engine.processes.pools.days import Pools
from populace.engine.processes.pools.fold import Day, PoolFold, day_of, joined, start_of
from populace.engine.processes.pools.habits import Habits
from populace.engine.processes.pools.visits import Attendance
from populace.engine.processes.pools.walks import intended, walked
from populace.errors import BadInput, Remedy
from populace.plan import Era, Plan
from populace.spec import Cohort, Ints, Lifecycle, Visits, Walk, World


def lifecycle_of(world: World) -> Lifecycle:
    """The lifecycle of a world; BadInput for one whose people have none."""
    if world.lifecycles:
        return world.lifecycles[0]
    raise BadInput(
        "people of this world have no lifecycle: they come by chance, not by habit",
        where=world.name,
        todo=Remedy("status", text="{} says what happens in " + world.name),
    )


@dataclass(slots=True)
class Folding:
    """Pools low (included) to high (excluded) of a plan, from before anybody signed up."""

    plan: Plan
    flow: Lifecycle
    members: tuple[int, int]
    _habits: dict[Any, Habits] = field(default_factory=dict)

    @property
    def first_day(self) -> int:
        """The first day of history."""
        return self.plan.origin_us // DAY_US

    def today(self, moment_us: int) -> int:
        """The day that holds a moment."""
        return day_of(self.flow, moment_us)

    def starts_us(self, day: int) -> int:
        """When a day begins."""
        return start_of(self.flow, day)

    def era(self, day: int) -> Era:
        """The settings under which a day was decided."""
        return self.plan.era_at(start_of(self.flow, day))

    def draw(self, day: int) -> EngineDraw:
        """What was drawn on a day, drawn again; nothing is counted."""
        return EngineDraw(self.plan, self.era(day), EMPTY, DrawStatistics())

    def habits(self, day: int) -> Habits:
        """The habits of a day."""
        return Habits.of(self.flow, self.era(day), day)

    def days(self, until: int) -> Iterator[tuple[PoolFold, Day]]:
        """Every day up to and including one, the unseen ones before history too, with everybody as they are on it."""
        pools = Pools(self.plan, self.flow, self.members, EMPTY, DrawStatistics(), None, False, self._habits)
        unseen = self.plan.eras[0].values.whole(self.flow.pool.unseen_days)
        fold = pools.fold_before(self.first_day - unseen)
        while fold.day <= until:
            # Counted days are those whose sign-ups have their moments.
            day = pools.begun(fold, self.draw(fold.day), counted=True)
            yield fold, day

    def visits(self, attendance: Attendance) -> tuple[Visits, Walk]:
        """The visits of people who come on days of one era, and how they go; `started_at` is far off for one that does
        not take place.
        """
        visits, walk, _ = walked(self._draw_of(attendance), self.flow, attendance)
        return visits, walk

    def intended(self, attendance: Attendance) -> Visits:
        """The same visits as if nobody were kept away."""
        return intended(self._draw_of(attendance), self.flow, attendance)[0]

    def _draw_of(self, attendance: Attendance) -> EngineDraw:
        return self.draw(attendance.first_day)


def left_of(flow: Lifecycle, day: Day) -> tuple[Cohort, Ints]:
    """Who left on a day, and which of them are removed (0 or 1)."""
    left = np.array([s.left for s in flow.states])
    parts = [(m.who.of(left[m.who.state]), m.removed[left[m.who.state]]) for m in day.moves]
    if not parts:
        nobody = day.joined.of(np.zeros(0, dtype=np.int64))
        return nobody, np.zeros(0, dtype=np.int64)
    return joined([who for who, _ in parts]), np.concatenate([r for _, r in parts]).astype(np.int64)
