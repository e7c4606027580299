"""Rows of members: for each ordinal of a slice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from populace.engine import removal
from populace.engine.draw_statistics import DrawStatistics
from populace.engine.draws import EngineDraw, Window
from populace.engine.joining import joined
from populace.engine.process import BLOCK, Brought, Emission, Leavers, Slice
from populace.engine.snapshots import Snapshots
from populace.plan import Intervention, Plan
from populace.spec import Members, TableRows


class MemberRows:
    """`Process` of a flow of members."""

    def __init__(self, plan: Plan, flow: Members, members: Slice) -> None:
        self.plan, self.flow, self.members = plan, flow, members

    def emit(
        self, window: Window, statistics: DrawStatistics, snapshots: Snapshots | None, *, events: bool
    ) -> Iterator[Emission]:
        """Whole cells at a time."""
        plan, flow = self.plan, self.flow
        members = self._concerned(window)
        draw = EngineDraw(plan, plan.eras[0], window, statistics)
        cell = plan.cells[flow.root]
        step = max(cell, min(BLOCK, flow.at_once) // cell * cell)
        for first in range(*members, step):
            ordinals = np.arange(first, min(first + step, members[1]), dtype=np.int64)
            yield Emission(draw, self._joining(flow.emit(draw, ordinals)), removal.by_root(draw))
            if events and flow.events:
                yield Emission(draw.quiet, flow.events(draw.quiet, ordinals))

    def _joining(self, emitted: TableRows) -> TableRows:
        """Rows without a moment of their own, with that at which their member joins."""
        when = joined(self.plan, self.flow.root)
        if when is None:
            return emitted
        at = np.maximum(when, self.plan.origin_us)
        return {name: replace(r, at=at[r.owner]) if r.at is None else r for name, r in emitted.items()}

    def _concerned(self, window: Window) -> Slice:
        """The members of whom rows may lie in the window: all with moments of their own; else those who join in it,
        or have joined so shortly before that their rows may change in it; where history begins all who were
        there before.
        """
        low, high = self.members
        if self.flow.dated:
            return self.members
        begins = window.start_us <= self.plan.origin_us < window.end_us
        when = joined(self.plan, self.flow.root)
        if when is None:
            return self.members if begins else (low, low)
        since_us = max(window.start_us, self.plan.origin_us + 1) - self.flow.changes_us
        since = 0 if begins else int(np.searchsorted(when, since_us))
        return max(low, since), max(low, since, min(high, int(np.searchsorted(when, window.end_us))))

    def removed(self, window: Window) -> Iterator[Leavers]:
        """Nobody: their root says who leaves."""
        yield from ()

    def brought(self, intervention: Intervention, snapshots: Snapshots | None) -> Iterator[Brought]:
        """Nothing: no session is requested of it."""
        yield from ()
