"""Rows of visits that arrive: what each course of visits leaves."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from populace.clock import MINUTE_US
from populace.engine import removal
from populace.engine.delegation import delegated
from populace.engine.draw_statistics import DrawStatistics
from populace.engine.draws import Window
from populace.engine.process import Brought, Emission, Leavers, Slice
from populace.engine.processes.visits.arrivals import requested
from populace.engine.processes.visits.sessions import courses, only, refuse_strays, together
from populace.engine.snapshots import Snapshots
from populace.plan import Intervention, Plan
from populace.spec import Course, Sessions


class VisitRows:
    """`Process` of a flow of visits."""

    def __init__(self, plan: Plan, flow: Sessions, members: Slice) -> None:
        self.plan, self.flow, self.members = plan, flow, members

    def emit(
        self, window: Window, statistics: DrawStatistics, snapshots: Snapshots | None, *, events: bool
    ) -> Iterator[Emission]:
        """Every visit that may leave a row in the window."""
        flow = self.flow
        found = courses(self.plan, flow, self.members, window, statistics, snapshots)
        for draw, course in together(found) if flow.together else found:
            began = int(np.count_nonzero(window.holds(course.visits.arrived_at)))
            course = self._ours(course)
            rows = flow.emit(draw, course)
            refuse_strays(draw, flow, course, rows)
            yield Emission(draw, rows, removal.by_root(draw), began=began)
            if events and flow.events:
                said = flow.events(draw.quiet, course)
                refuse_strays(draw, flow, course, said)
                yield Emission(draw.quiet, said)

    def _ours(self, course: Course) -> Course:
        """A course without the visits that another actor plays."""
        theirs = delegated(self.plan, course.visits.address, course.visits.arrived_at)
        return only(course, ~theirs) if theirs.any() else course

    def removed(self, window: Window) -> Iterator[Leavers]:
        """Nobody: their root says who leaves."""
        yield from ()

    def brought(self, intervention: Intervention, snapshots: Snapshots | None) -> Iterator[Brought]:
        """The visits whose addresses are those of the intervention."""
        addresses = requested(intervention)
        # Whoever arrives later than the last of them can change nothing for them.
        span = Window(intervention.at_us, intervention.at_us + MINUTE_US + 1000)
        for draw, course in courses(self.plan, self.flow, self.members, span, DrawStatistics(), snapshots):
            chosen = np.isin(course.visits.address, addresses)
            if chosen.any():
                mine = only(course, chosen)
                yield Brought(intervention.at_us, mine.ended_at, self.flow.emit(draw, self._ours(mine)))
