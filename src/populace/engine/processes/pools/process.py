"""Rows of people in pools: some pools at a time, as many as are folded well together."""

from __future__ import annotations

from collections.abc import Iterator

from populace.clock import DAY_US
from populace.engine.draw_statistics import DrawStatistics
from populace.engine.draws import Window
from populace.engine.process import Brought, Emission, Leavers, Slice
from populace.engine.processes.pools.days import Pools
from populace.engine.processes.pools.habits import Habits
from populace.engine.processes.pools.requests import begins_us
from populace.engine.snapshots import Snapshots
from populace.plan import Intervention, Plan
from populace.spec import Ints, Lifecycle

PEOPLE_AT_ONCE = 65_536
"""People folded together, at most: their arrays stay near the processor."""
PERSON_DAYS_AT_ONCE = 4_000_000
"""And so many days of people: of a long window, who came is held until all of it is folded."""

PERSON_DAYS_REMEMBERED = 4_000_000
"""History of pools that is remembered when somebody leaves, at most: some 100 MB."""


class PoolRows:
    """`Process` of a lifecycle."""

    def __init__(self, plan: Plan, flow: Lifecycle, members: Slice) -> None:
        self.plan, self.flow, self.members = plan, flow, members
        self._leaving: list[Leavers] = []

    def emit(
        self, window: Window, statistics: DrawStatistics, snapshots: Snapshots | None, *, events: bool
    ) -> Iterator[Emission]:
        """What the people of some pools leave, then those of others."""
        self._leaving.clear()
        for pools in pools_of(self.plan, self.flow, self.members, window, statistics, snapshots, events=events):
            yield from pools.emitted()
            self._leaving += pools.leaving()

    def of_people(self, person: Ints, window: Window, snapshots: Snapshots | None) -> Iterator[Emission]:
        """What some people (addresses) leave in a window that begins with history; as `emit` has it, in fewer rows."""
        memory = snapshots if is_remembered(self.plan, self.flow, self.members, window) else None
        for pools in pools_of(self.plan, self.flow, self.members, window, DrawStatistics(), memory, events=False):
            yield from pools.of_people(person)

    def removed(self, window: Window) -> Iterator[Leavers]:
        """Those whose rows go, as the fold found them."""
        yield from self._leaving

    def brought(self, intervention: Intervention, snapshots: Snapshots | None) -> Iterator[Brought]:
        """The visits of those whom the intervention brings, in the pools to which it brings any."""
        from_us = begins_us(self.flow, intervention.at_us)
        moment = Window(from_us, from_us)
        for pools in pools_of(self.plan, self.flow, self.members, moment, DrawStatistics(), snapshots, events=False):
            yield from pools.brought(intervention, from_us)


def is_remembered(plan: Plan, flow: Lifecycle, members: Slice, window: Window) -> bool:
    """Whether the history of some pools is short enough to be remembered: as much as is folded in one block."""
    people = (members[1] - members[0]) * plan.eras[0].values.number(flow.pool.target)
    return people * ((window.end_us - window.start_us) // DAY_US) <= PERSON_DAYS_REMEMBERED


def pools_of(
    plan: Plan,
    flow: Lifecycle,
    members: tuple[int, int],
    window: Window,
    statistics: DrawStatistics,
    snapshots: Snapshots | None,
    *,
    events: bool,
) -> Iterator[Pools]:
    """The pools of a slice, in blocks that are folded together."""
    target = max(1.0, plan.eras[0].values.number(flow.pool.target))
    days = max(1, (window.end_us - window.start_us) // DAY_US)
    step = max(1, int(min(PEOPLE_AT_ONCE, PERSON_DAYS_AT_ONCE // days) / target))
    habits: dict[tuple[object, ...], Habits] = {}
    for low in range(*members, step):
        some = (low, min(low + step, members[1]))
        yield Pools(plan, flow, some, window, statistics, snapshots, events, habits)
