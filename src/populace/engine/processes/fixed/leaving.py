"""Members of a root who leave at a moment that is known from the start: nothing is emitted, and their rows go."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from populace.engine.draw_statistics import DrawStatistics
from populace.engine.draws import EngineDraw, Window
from populace.engine.process import BLOCK, Brought, Emission, Leavers, Slice
from populace.engine.snapshots import Snapshots
from populace.plan import Intervention, Plan
from populace.spec import Ints, Root


class Leaving:
    """`Process` of a root whose members leave."""

    def __init__(self, plan: Plan, root: Root, members: Slice) -> None:
        self.plan, self.root, self.members = plan, root, members
        self._leaving = np.zeros(0, dtype=np.int64)

    def emit(
        self, window: Window, statistics: DrawStatistics, snapshots: Snapshots | None, *, events: bool
    ) -> Iterator[Emission]:
        """Nothing; who leaves is drawn, and accounted."""
        draw = EngineDraw(self.plan, self.plan.eras[0], window, statistics)
        blocks = range(*self.members, BLOCK)
        self._leaving = np.concatenate([self._of(draw, first, min(first + BLOCK, self.members[1])) for first in blocks])
        yield from ()

    def _of(self, draw: EngineDraw, low: int, high: int) -> Ints:
        assert self.root.removed is not None
        ordinals = np.arange(low, high, dtype=np.int64)
        return ordinals[draw.window.holds(self.root.removed(draw, ordinals))]

    def removed(self, window: Window) -> Iterator[Leavers]:
        """Those who leave in the window."""
        if len(self._leaving):
            assert self.root.key is not None
            draw = EngineDraw(self.plan, self.plan.eras[0], window, DrawStatistics()).unrecorded
            yield Leavers(self.root.key(draw, self._leaving), self._leaving, self._leaving)

    def brought(self, intervention: Intervention, snapshots: Snapshots | None) -> Iterator[Brought]:
        """Nothing: no session is requested of it."""
        yield from ()
