"""Rows of visits that arrive: what each course of visits leaves."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from populace.engine import removal
from populace.engine.draw_statistics import DrawStatistics
from populace.engine.draws import Window
from populace.engine.process import Emission, Slice
from populace.engine.processes.visits.sessions import courses, refuse_strays
from populace.engine.snapshots import Snapshots
from populace.plan import Plan
from populace.spec import Key, Sessions


class VisitRows:
    """`Process` of a flow of visits."""

    def __init__(self, plan: Plan, flow: Sessions, members: Slice) -> None:
        self.plan, self.flow, self.members = plan, flow, members

    def emit(
        self, window: Window, statistics: DrawStatistics, snapshots: Snapshots | None, *, events: bool
    ) -> Iterator[Emission]:
        """Every visit that may leave a row in the window."""
        flow = self.flow
        for draw, course in courses(self.plan, flow, self.members, window, statistics, snapshots):
            rows = flow.emit(draw, course)
            refuse_strays(draw, flow, course, rows)
            began = int(np.count_nonzero(window.holds(course.visits.arrived_at)))
            yield Emission(draw, rows, removal.by_root(draw), began=began)
            if events and flow.events:
                said = flow.events(draw.quiet, course)
                refuse_strays(draw, flow, course, said)
                yield Emission(draw.quiet, said)

    def removed(self, window: Window) -> Iterator[Key]:
        """Nobody: their root says who leaves."""
        yield from ()
