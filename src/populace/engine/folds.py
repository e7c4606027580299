"""What members carry at a moment, folded from the beginning: whoever goes on from there need not fold it again."""

from __future__ import annotations

from collections.abc import Iterator

from populace.engine.draw_statistics import DrawStatistics
from populace.engine.draws import Window
from populace.engine.processes.pools.process import pools_of
from populace.engine.processes.schedules.schedules import Scheduled
from populace.engine.processes.visits.sessions import courses
from populace.engine.snapshots import FoldState, SnapshotKey, Snapshots
from populace.plan import Plan
from populace.spec import Lifecycle, Schedule, Sessions


def folds(plan: Plan, moment_us: int) -> Iterator[tuple[SnapshotKey, FoldState]]:
    """The snapshots that windows from a moment on begin with, in the slices of a runner that has everybody; one at a
    time, for all of them may be large."""
    window, snapshots = Window(moment_us, moment_us), Snapshots()
    for flow in plan.world.flows:
        members = (0, plan.sizes[flow.root])
        if members[1] == 0 or moment_us <= plan.origin_us:
            continue
        match flow:
            case Schedule() if flow.carry is not None:
                Scheduled(plan, flow, members).fold(moment_us, snapshots)
            case Sessions():
                for _ in courses(plan, flow, members, window, DrawStatistics(), snapshots):
                    pass
            case Lifecycle():
                for pools in pools_of(plan, flow, members, window, DrawStatistics(), snapshots, events=False):
                    pools.fold()
                    yield from snapshots.each()
                    snapshots.drop()
        yield from snapshots.each()
        snapshots.drop()
