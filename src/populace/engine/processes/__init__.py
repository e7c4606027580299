"""Processes: one room for each way in which rows come about, behind one protocol, and the dispatch to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from populace.engine.process import Process, Slice
from populace.engine.processes.fixed.leaving import Leaving
from populace.engine.processes.fixed.members import MemberRows
from populace.engine.processes.fixed.quotas import QuotaRows
from populace.engine.processes.fixed.settings import SettingsRow
from populace.engine.processes.pools import days, fold
from populace.engine.processes.pools.process import PoolRows
from populace.engine.processes.schedules.schedules import Scheduled
from populace.engine.processes.visits import sessions
from populace.engine.processes.visits.process import VisitRows
from populace.engine.shards import Shard
from populace.engine.snapshots import FoldState
from populace.plan import Plan
from populace.spec import Flow, Lifecycle, Members, Quota, Schedule, Sessions, Settings


@dataclass(frozen=True, slots=True)
class Placed:
    """A process in its place. root: of its members. counted: the tables of which what it emits is counted by day.
    flow: whose process it is; None where it is a root's own.
    """

    root: str
    process: Process
    counted: frozenset[str]
    flow: Flow | None = None

    @property
    def doing(self) -> str:
        """What it is, in words."""
        return f"the flow {self.flow.name!r}" if self.flow else f"the root {self.root!r}"

    @property
    def function(self) -> Callable[..., object] | None:
        """The world's function that has its rows."""
        return self.flow.emit if self.flow else None


def placed(plan: Plan, shard: Shard) -> Iterator[Placed]:
    """The processes of a shard: of each flow in the order of the world, then of roots whose members leave."""
    world = plan.world
    for flow in world.flows:
        members = shard.slices.get(flow.root, (0, 0))
        if members[0] < members[1]:
            counted = frozenset(table.name for table in world.tables if world.counts(flow, table))
            yield Placed(flow.root, process_of(plan, flow, members), counted, flow)
    for root in world.roots:
        members = shard.slices.get(root.name, (0, 0))
        if root.removed and members[0] < members[1]:
            yield Placed(root.name, Leaving(plan, root, members), frozenset())


def process_of(plan: Plan, flow: Flow, members: Slice) -> Process:
    """The process of a flow, for a slice: the one place that depends on the kind of a flow."""
    match flow:
        case Members():
            return MemberRows(plan, flow, members)
        case Settings():
            return SettingsRow(plan, flow, members)
        case Quota():
            return QuotaRows(plan, flow, members)
        case Sessions():
            return VisitRows(plan, flow, members)
        case Lifecycle():
            return PoolRows(plan, flow, members)
        case Schedule():
            return Scheduled(plan, flow, members)


def state_fault(plan: Plan, flow: Flow, members: Slice, state: FoldState) -> str:
    """Why a snapshot cannot be of a flow and a slice; empty when it can."""
    match flow:
        case Sessions():
            return sessions.fault(plan, flow, members, state)
        case Lifecycle() if state.as_of_us < fold.start_of(flow, days.first_day(plan, flow)):
            return "of a moment before anybody came"
        case Lifecycle():
            return fold.fault(flow, *members, state)
        case Schedule():
            return Scheduled(plan, flow, members).fault(state)
    return "nothing is carried"
