"""Rows of members: for each ordinal of a slice."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from populace.engine import removal
from populace.engine.draw_statistics import DrawStatistics
from populace.engine.draws import EngineDraw, Window
from populace.engine.process import BLOCK, Brought, Emission, Leavers, Slice
from populace.engine.snapshots import Snapshots
from populace.plan import Intervention, Plan
from populace.spec import Members


class MemberRows:
    """`Process` of a flow of members."""

    def __init__(self, plan: Plan, flow: Members, members: Slice) -> None:
        self.plan, self.flow, self.members = plan, flow, members

    def emit(
        self, window: Window, statistics: DrawStatistics, snapshots: Snapshots | None, *, events: bool
    ) -> Iterator[Emission]:
        """Whole cells at a time."""
        plan, flow = self.plan, self.flow
        if not flow.dated and not window.start_us <= plan.origin_us < window.end_us:
            return
        draw = EngineDraw(plan, plan.eras[0], window, statistics)
        cell = plan.cells[flow.root]
        step = max(cell, min(BLOCK, flow.at_once) // cell * cell)
        for first in range(*self.members, step):
            ordinals = np.arange(first, min(first + step, self.members[1]), dtype=np.int64)
            yield Emission(draw, flow.emit(draw, ordinals), removal.by_root(draw))
            if events and flow.events:
                yield Emission(draw.quiet, flow.events(draw.quiet, ordinals))

    def removed(self, window: Window) -> Iterator[Leavers]:
        """Nobody: their root says who leaves."""
        yield from ()

    def brought(self, intervention: Intervention, snapshots: Snapshots | None) -> Iterator[Brought]:
        """Nothing: no session is requested of it."""
        yield from ()
