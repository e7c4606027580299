"""What comes days after visits: which visits wait for it before a day, and the rows of those that come in it.

The fold carries the visits that wait, so that a tick need not go back to their days. Only of people who have such a
visit on a day are the visits walked through for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from populace.clock import DAY_US
from populace.engine.delegation import delegated
from populace.engine.draws import EngineDraw, Window
from populace.engine.process import Emission, Removed
from populace.engine.processes.pools.fold import Day, PoolFold, start_of
from populace.engine.processes.pools.visits import NEVER_BEGINS, Attendance, announced, joined_visits
from populace.engine.processes.pools.walks import walked
from populace.plan import Plan
from populace.spec import Ints, Lifecycle, TableRows, Visits, Walk
from populace.spec.authors import Misuse


def applies(plan: Plan, flow: Lifecycle) -> bool:
    """Whether anything comes after visits, as the plan has it."""
    return flow.follow_up is not None and plan.eras[0].values.number(flow.follow_up.share) > 0


def waits(plan: Plan, flow: Lifecycle, day: int, until: int) -> bool:
    """Whether something may still come after a day's visits when another day begins."""
    if flow.follow_up is None or not applies(plan, flow):
        return False
    return day >= max(plan.origin_us // DAY_US, until - flow.follow_up.days)


def followed(draw: EngineDraw, flow: Lifecycle, visits: Visits) -> Visits:
    """The visits, arranged, after which something comes: those that take place, and that nobody else plays."""
    assert flow.follow_up is not None
    some = flow.follow_up.follows(draw.unrecorded, visits) & (visits.started_at < NEVER_BEGINS)
    return visits.of(some & ~delegated(draw.plan, visits.address, visits.started_at))


def wait(draw: EngineDraw, flow: Lifecycle, fold: PoolFold, day: Day) -> None:
    """Add the visits of a day, and forget those of people whose rows go, and those after which all has come."""
    assert flow.follow_up is not None
    quiet, attendance = draw.unrecorded, Attendance.on(day)
    maybe = joined_visits([announced(quiet, flow, attendance.came, attendance.day), attendance.requested])
    person = np.unique(maybe.who.person[flow.follow_up.follows(quiet, maybe)])
    parts = [] if fold.waiting is None else [fold.waiting]
    if len(person):
        parts.append(followed(quiet, flow, walked(quiet, flow, attendance.of_people(person))[0]))
    if not parts:
        return
    waiting = joined_visits(parts)
    stays = waiting.day > day.day - flow.follow_up.days
    fold.waiting = waiting.of(stays & ~np.isin(waiting.who.person, day.removed.person))


def rows_of(draw: EngineDraw, flow: Lifecycle, visits: Visits, walk: Walk) -> TableRows:
    """All that comes after visits. Raises Misuse for what comes too late: no window would look for it."""
    assert flow.follow_up is not None
    rows = flow.follow_up.emit(draw, visits, walk)
    latest = start_of(flow, int(visits.day.max()) + flow.follow_up.days) if len(visits.k) else 0
    for table, some in rows.items():
        if some.at is not None and ((some.at >= latest) & (some.at < NEVER_BEGINS)).any():
            raise Misuse("rows come later after their visits than `days` of the lifecycle's `follow_up`", where=table,
                         allowed=f"moments before day {flow.follow_up.days} after the visit's day begins")  # fmt: skip
    return rows


@dataclass(frozen=True, slots=True, eq=False)
class Later:
    """What comes after some visits. moments: of all its rows, ascending."""

    draw: EngineDraw
    rows: TableRows
    moments: Ints

    @classmethod
    def after(cls, flow: Lifecycle, draw_of: Callable[[int], EngineDraw], visits: Visits) -> Iterator[Later]:
        """After visits of several days; those of an era together, with its draws."""
        eras: dict[int, tuple[EngineDraw, list[int]]] = {}
        for day in np.unique(visits.day).tolist():
            draw = draw_of(day)
            eras.setdefault(draw.era.begins_us, (draw.unrecorded, []))[1].append(day)
        for draw, days in eras.values():
            some = visits.of(np.isin(visits.day, days))
            rows = rows_of(draw, flow, some, flow.walk(draw, some))
            at = [each.at for each in rows.values() if each.at is not None]
            yield cls(draw, rows, np.sort(np.concatenate([_NONE, *at])))

    def within(self, window: Window, removed: Removed | None) -> Iterator[Emission]:
        """What of it may lie in a window."""
        first, last = np.searchsorted(self.moments, (window.start_us, window.end_us))
        if first < last:
            yield Emission(replace(self.draw, window=window), self.rows, removed)


def on_day(flow: Lifecycle, day: int, window: Window) -> Window:
    """The part of a window that lies in a day: what visits that wait leave in it is emitted with that day."""
    begins_us, ends_us = start_of(flow, day), start_of(flow, day + 1)
    return Window(max(window.start_us, begins_us), max(begins_us, min(window.end_us, ends_us)))


_NONE = np.zeros(0, dtype=np.int64)
