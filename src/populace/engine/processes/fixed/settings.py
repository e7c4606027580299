"""The app's row of settings: as they are in force at a window's end, if they began to be in it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from populace.engine import removal
from populace.engine.draw_statistics import DrawStatistics
from populace.engine.draws import EngineDraw, Window
from populace.engine.process import Brought, Emission, Leavers, Slice
from populace.engine.snapshots import Snapshots
from populace.plan import Era, Intervention, Plan
from populace.spec import Settings


class SettingsRow:
    """`Process` of a flow of settings. The row belongs to no member: the slice that begins at ordinal 0 emits it."""

    def __init__(self, plan: Plan, flow: Settings, members: Slice) -> None:
        self.plan, self.flow, self.members = plan, flow, members

    def emit(
        self, window: Window, statistics: DrawStatistics, snapshots: Snapshots | None, *, events: bool
    ) -> Iterator[Emission]:
        """The last version of the window; and each change of its own as an event."""
        if self.members[0] != 0:
            return
        began = [(era, at) for era in self.plan.eras if window.holds(at := self._begins(era)).all()]
        if began:
            era, at = began[-1]
            draw = EngineDraw(self.plan, era, window, statistics)
            yield Emission(draw, self.flow.emit(draw, at), removal.by_root(draw))
        for era, at in began if events and self.flow.events else ():
            quiet = EngineDraw(self.plan, era, window, DrawStatistics())
            assert self.flow.events is not None
            yield Emission(quiet, self.flow.events(quiet, at))

    def _begins(self, era: Era) -> np.ndarray:
        return np.array([max(era.begins_us, self.plan.origin_us)])

    def removed(self, window: Window) -> Iterator[Leavers]:
        """Nobody."""
        yield from ()

    def brought(self, intervention: Intervention, snapshots: Snapshots | None) -> Iterator[Brought]:
        """Nothing: no session is requested of it."""
        yield from ()
