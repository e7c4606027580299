"""Rows of a quota: so many items for every member, inside history."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from populace.engine import removal
from populace.engine.draw_statistics import DrawStatistics
from populace.engine.draws import EngineDraw, Window
from populace.engine.process import BLOCK, Brought, Emission, Leavers, Slice
from populace.engine.snapshots import Snapshots
from populace.plan import Intervention, Plan
from populace.spec import Pairs, Quota


class QuotaRows:
    """`Process` of a quota."""

    def __init__(self, plan: Plan, flow: Quota, members: Slice) -> None:
        self.plan, self.flow, self.members = plan, flow, members

    def emit(
        self, window: Window, statistics: DrawStatistics, snapshots: Snapshots | None, *, events: bool
    ) -> Iterator[Emission]:
        """Some items at a time, whatever members they belong to."""
        plan, flow = self.plan, self.flow
        per = plan.eras[0].values.whole(flow.per)
        if per == 0 or not window.meets(plan.origin_us, plan.epoch_us):
            return
        draw = EngineDraw(plan, plan.eras[0], window, statistics)
        low, high = self.members[0] * per, self.members[1] * per
        for first in range(low, high, BLOCK):
            address = np.arange(first, min(first + BLOCK, high), dtype=np.int64)
            ordinal, j = np.divmod(address, per)
            pairs = Pairs(ordinal, j, address)
            yield Emission(draw, flow.emit(draw, pairs), removal.by_root(draw))
            if events and flow.events:
                yield Emission(draw.quiet, flow.events(draw.quiet, pairs))

    def removed(self, window: Window) -> Iterator[Leavers]:
        """Nobody: their root says who leaves."""
        yield from ()

    def brought(self, intervention: Intervention, snapshots: Snapshots | None) -> Iterator[Brought]:
        """Nothing: no session is requested of it."""
        yield from ()
