"""What members carry at a moment, folded from the beginning: whoever goes on from there need not fold it again."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from functools import partial

from populace.engine.draw_statistics import DrawStatistics
from populace.engine.draws import Window
from populace.engine.processes.pools.process import pools_of
from populace.engine.processes.schedules.schedules import Scheduled
from populace.engine.processes.visits.sessions import courses
from populace.engine.snapshots import FoldState, SnapshotKey, Snapshots
from populace.plan import Plan
from populace.spec import Flow, Lifecycle, Schedule, Sessions
from populace.spec.authors import authored

PEOPLE_REMEMBERED = 65_536
"""What more people carry is folded again where it is needed again, so that memory stays small."""


def folds(plan: Plan, moment_us: int, known: Snapshots | None = None) -> Iterator[tuple[SnapshotKey, FoldState]]:
    """The snapshots that windows from a moment on begin with, in the slices of a runner that has everybody; one at a
    time, for all of them may be large. known: of the window before, where its slices were the same; it is used up."""
    known = Snapshots() if known is None else known
    for flow in plan.world.flows if moment_us > plan.origin_us else ():
        said = f"the flow {flow.name!r} of {plan.world.name}"
        for fold in _folds(plan, flow, moment_us, known):
            snapshots = Snapshots()
            with authored(plan.world.package, said, flow.emit):
                fold(snapshots)
            yield from snapshots.each()


def _folds(plan: Plan, flow: Flow, moment_us: int, known: Snapshots) -> Iterator[Callable[[Snapshots], None]]:
    """What keeps the states of a flow, block by block."""
    members, window = (0, plan.sizes[flow.root]), Window(moment_us, moment_us)
    if members[1] == 0:
        return
    match flow:
        case Schedule() if flow.carry is not None:
            yield partial(Scheduled(plan, flow, members).fold, moment_us)
        case Sessions():

            def keep(snapshots: Snapshots) -> None:
                known.lend(flow, members, snapshots)
                deque(courses(plan, flow, members, window, DrawStatistics(), snapshots), 0)

            yield keep
        case Lifecycle():
            for pools in pools_of(plan, flow, members, window, DrawStatistics(), known, events=False):
                yield pools.fold


def remembering(plan: Plan) -> Snapshots | None:
    """A memory for what people carry, from the estimate of a window to what the next one begins with; None for too
    many people."""
    values = plan.eras[0].values
    people = sum(
        plan.sizes[flow.root] * (flow.people_each(values) if isinstance(flow, Lifecycle) else 1)
        for flow in plan.world.flows
        if isinstance(flow, Lifecycle | Sessions)
    )
    return Snapshots() if people <= PEOPLE_REMEMBERED else None
