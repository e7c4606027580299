"""Rows of people in pools: some pools at a time, as many as are folded well together."""

from __future__ import annotations

from collections.abc import Iterator

from populace.engine.draw_statistics import DrawStatistics
from populace.engine.draws import Window
from populace.engine.process import Emission, Slice
from populace.engine.processes.pools.days import pools_of
from populace.engine.snapshots import Snapshots
from populace.plan import Plan
from populace.spec import Key, Lifecycle


class PoolRows:
    """`Process` of a lifecycle."""

    def __init__(self, plan: Plan, flow: Lifecycle, members: Slice) -> None:
        self.plan, self.flow, self.members = plan, flow, members
        self._leaving: list[Key] = []

    def emit(
        self, window: Window, statistics: DrawStatistics, snapshots: Snapshots | None, *, events: bool
    ) -> Iterator[Emission]:
        """What the people of some pools leave, then those of others."""
        self._leaving.clear()
        for pools in pools_of(self.plan, self.flow, self.members, window, statistics, snapshots, events=events):
            yield from pools.emitted()
            self._leaving += pools.leaving()

    def removed(self, window: Window) -> Iterator[Key]:
        """Those whose rows go, as the fold found them."""
        yield from self._leaving
