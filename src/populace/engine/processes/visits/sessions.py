"""Sessions: arrivals become visits with a beginning, steps and an end.

Who is busy starts when free. What a person carries from visit to visit (`busy until`, and the fields that the flow
declares) is a fold over the person's arrivals in time order; a snapshot of it may save work and never changes a row.
A visit that would end later than the horizon after its arrival is turned away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from populace.clock import DAY_US
from populace.engine.draw_statistics import DrawStatistics
from populace.engine.draws import EngineDraw, Window
from populace.engine.processes.visits.arrivals import arrivals
from populace.engine.snapshots import BUSY_UNTIL, FoldState, Snapshots, misfit, within
from populace.plan import Plan
from populace.spec import NEVER, Begun, Bits, Bools, Course, Ints, Sessions, SessionStarts, TableRows
from populace.spec.authors import Misuse
from populace.spec.heterogeneity import WHOLE

VISITS_AT_ONCE = 4_096
"""So many visits are emitted together at least, where a world takes several of one person at once."""


@dataclass(frozen=True, slots=True)
class _Step:
    """Steps of visits, in ms from the visit's start: one row a step, grouped by visit."""

    visit: Ints
    number: Ints
    begins_ms: Ints
    ends_ms: Ints
    abandoned: Bools


def courses(
    plan: Plan,
    flow: Sessions,
    members: tuple[int, int],
    window: Window,
    statistics: DrawStatistics,
    snapshots: Snapshots | None,
) -> Iterator[tuple[EngineDraw, Course]]:
    """Every visit of the members of a slice that may leave a row in the window, with its times, era by era."""
    begins_us = _begins_us(plan, flow)
    reach_us = max(begins_us, window.start_us - plan.world.horizon_us)
    if window.end_us <= begins_us:
        return
    fresh = FoldState.fresh(flow, members, begins_us)
    state = snapshots.take(plan, flow, members, reach_us, fresh.fields) if snapshots else None
    if state is None:
        state = fresh
    fold = _Fold(plan, flow, members, window, statistics, reach_us)
    if snapshots:
        keep_us = max(state.as_of_us, window.end_us - plan.world.horizon_us)
        yield from fold.on(state, keep_us)
    with state.undone():
        yield from fold.on(state, window.end_us)
    if snapshots:
        snapshots.keep(plan, flow, members, state)


def fault(plan: Plan, flow: Sessions, members: tuple[int, int], state: FoldState) -> str:
    """Why a state cannot be what visits of these members have left; empty when it can."""
    if state.as_of_us < _begins_us(plan, flow):
        return "of a moment before anybody came"
    wrong = misfit(state, FoldState.fresh(flow, members, state.as_of_us).fields)
    busy = state.fields.get(BUSY_UNTIL)
    if not wrong and busy is not None and not within(busy, 0, state.as_of_us + plan.world.horizon_us):
        wrong = "values out of range"
    return wrong


def _begins_us(plan: Plan, flow: Sessions) -> int:
    return plan.epoch_us - plan.eras[0].values.whole(flow.arrivals.before_epoch_days) * DAY_US


@dataclass(frozen=True, slots=True)
class _Fold:
    """Arrivals of a slice, each person's one after another. reach_us: visits that arrived earlier do not come out."""

    plan: Plan
    flow: Sessions
    members: tuple[int, int]
    window: Window
    statistics: DrawStatistics
    reach_us: int

    def on(self, state: FoldState, until_us: int) -> Iterator[tuple[EngineDraw, Course]]:
        """Fold a state on to a moment; the visits that arrived meanwhile come out."""
        if until_us <= state.as_of_us:
            return
        plan, flow, members = self.plan, self.flow, self.members
        edges = [e.begins_us for e in plan.eras if state.as_of_us < e.begins_us < until_us]
        for start_us, end_us in zip([state.as_of_us, *edges], [*edges, until_us], strict=True):
            draw = EngineDraw(plan, plan.era_at(start_us), self.window, self.statistics)
            for block in arrivals(draw, flow, members, start_us, end_us):
                for course in _rounds(draw, flow, state, members[0], block):
                    if len(course.started_at) and int(course.visits.arrived_at[-1]) >= self.reach_us:
                        yield draw, course
            state.as_of_us = end_us


def _rounds(
    draw: EngineDraw, flow: Sessions, state: FoldState, first: int, block: tuple[Bits, Ints, Ints]
) -> Iterator[Course]:
    """Fold one block of arrivals (address, person, moment), each person's one after another, all persons at once."""
    address, person, at = block
    order = np.argsort(person, kind="stable")
    ranked = person[order]
    starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]]) if len(ranked) else order
    lengths = np.diff(np.r_[starts, len(ranked)])
    rank = np.empty(len(person), dtype=np.int64)
    rank[order] = np.arange(len(person)) - np.repeat(starts, lengths)
    by_turn = np.argsort(rank, kind="stable")
    for now in np.split(by_turn, np.cumsum(np.bincount(rank))[:-1]) if len(rank) else []:
        left_at = state.fields[BUSY_UNTIL][person[now] - first]
        starts_at = np.maximum(at[now], left_at)
        yield _visit(
            draw, flow, state, first, SessionStarts(address[now], person[now], at[now], starts_at, left_at, {})
        )


def _visit(draw: EngineDraw, flow: Sessions, state: FoldState, first: int, visits: SessionStarts) -> Course:
    who = visits.person - first
    visits = replace(visits, memory={name: state.fields[name][who] for name in flow.memory})
    # What is drawn for who is turned away counts nowhere: the next visit may draw the same again.
    trial = replace(draw, statistics=DrawStatistics())
    begun, steps, ended = _begun(trial, flow, visits)
    comes = ended <= visits.arrived_at + draw.plan.world.horizon_us
    if comes.all():
        draw.statistics.add(trial.statistics)
    else:
        visits, who = _of(comes, visits), who[comes]
        begun, steps, ended = _begun(draw, flow, visits)
    state.write(who, {BUSY_UNTIL: ended, **begun.memory})
    started = visits.starts_at
    return Course(
        visits=visits,
        begun=begun,
        started_at=started,
        ended_at=ended,
        step_visit=steps.visit,
        step_number=steps.number,
        step_started_at=started[steps.visit] + steps.begins_ms * 1000,
        step_ended_at=started[steps.visit] + steps.ends_ms * 1000,
        step_abandoned=steps.abandoned,
    )


def _begun(draw: EngineDraw, flow: Sessions, visits: SessionStarts) -> tuple[Begun, _Step, Ints]:
    """How visits will go, their steps, and when they end (µs)."""
    begun = flow.begin(draw, visits)
    if (begun.steps < 1).any():
        raise Misuse(
            "a visit without a step has no end", where="steps", given=int(begun.steps.min()), allowed="1 or more"
        )
    steps = _steps(draw, flow, visits, begun)
    lasts_us = steps.ends_ms[np.cumsum(begun.steps) - 1] * 1000
    return begun, steps, visits.starts_at + lasts_us


def only(course: Course, chosen: Bools) -> Course:
    """Some of a course's visits, with their steps."""
    begun = course.begun
    kept = chosen[course.step_visit]
    return Course(
        visits=_of(chosen, course.visits),
        begun=Begun(begun.steps[chosen], begun.abandoned[chosen], {}, {n: v[chosen] for n, v in begun.columns.items()}),
        started_at=course.started_at[chosen],
        ended_at=course.ended_at[chosen],
        step_visit=(np.cumsum(chosen) - 1)[course.step_visit[kept]],
        step_number=course.step_number[kept],
        step_started_at=course.step_started_at[kept],
        step_ended_at=course.step_ended_at[kept],
        step_abandoned=course.step_abandoned[kept],
    )


def together(courses: Iterable[tuple[EngineDraw, Course]]) -> Iterator[tuple[EngineDraw, Course]]:
    """Courses of one era, many visits at a time: people may come more than once in them, in the order of time."""
    held: list[Course] = []
    before: EngineDraw | None = None
    for draw, course in courses:
        if before is not None and (draw.era is not before.era or sum(map(_many, held)) >= VISITS_AT_ONCE):
            yield before, _joined(held)
            held = []
        before = draw
        held.append(course)
    if before is not None:
        yield before, _joined(held)


def _many(course: Course) -> int:
    return len(course.started_at)


def _joined(courses: list[Course]) -> Course:
    """Courses, one after another."""
    if len(courses) == 1:
        return courses[0]
    first = courses[0].begun
    before = np.cumsum([0, *map(_many, courses)])

    def each(of: Callable[[Course], Any]) -> Any:
        return np.concatenate([of(course) for course in courses])

    columns = {name: np.concatenate([c.begun.columns[name] for c in courses]) for name in first.columns}
    return Course(
        visits=SessionStarts(
            address=each(lambda c: c.visits.address),
            person=each(lambda c: c.visits.person),
            arrived_at=each(lambda c: c.visits.arrived_at),
            starts_at=each(lambda c: c.visits.starts_at),
            left_at=each(lambda c: c.visits.left_at),
            memory={},
        ),
        begun=Begun(each(lambda c: c.begun.steps), each(lambda c: c.begun.abandoned), {}, columns),
        started_at=each(lambda c: c.started_at),
        ended_at=each(lambda c: c.ended_at),
        step_visit=np.concatenate([c.step_visit + less for c, less in zip(courses, before[:-1], strict=True)]),
        step_number=each(lambda c: c.step_number),
        step_started_at=each(lambda c: c.step_started_at),
        step_ended_at=each(lambda c: c.step_ended_at),
        step_abandoned=each(lambda c: c.step_abandoned),
    )  # fmt: skip


def refuse_strays(draw: EngineDraw, flow: Sessions, course: Course, by_table: TableRows) -> None:
    """Raise Misuse for a row before its visit's arrival, or later than the horizon after it: no window would look
    there for it. A row's owner emits its visit; of who comes more than once, the first and the last one count.
    """
    order = np.lexsort((course.visits.arrived_at, course.visits.person))
    person, arrived = course.visits.person[order], course.visits.arrived_at[order]
    opens = np.flatnonzero(np.diff(person, prepend=-1))
    latest = arrived[np.append(opens[1:], len(arrived))[: len(opens)] - 1]
    person, arrived = person[opens], arrived[opens]
    for name, rows in by_table.items():
        if rows.at is None or len(rows.owner) == 0:
            continue
        if not len(person) or _strays(rows.at, rows.owner, person, arrived, latest + draw.plan.world.horizon_us):
            raise Misuse(
                "rows lie outside the horizon of their visits",
                where=name,
                allowed="moments from the visit's arrival on, and no later than `horizon_us` after it",
            )


def _strays(at: Ints, owner: Ints, person: Ints, first: Ints, last: Ints) -> bool:
    """Whether rows lie outside the time of their owner, or belong to none of these people (ascending)."""
    place = np.minimum(np.searchsorted(person, owner), len(person) - 1)
    late = (at > last[place]) & (at != NEVER)
    return bool((late | (at < first[place]) | (person[place] != owner)).any())


def _steps(draw: EngineDraw, flow: Sessions, visits: SessionStarts, begun: Begun) -> _Step:
    """Before each step a pause to think, then the time in it; who breaks off leaves after a tenth of it or later."""
    visit = np.repeat(np.arange(len(begun.steps)), begun.steps)
    ends = np.cumsum(begun.steps)
    number = np.arange(len(visit)) - np.repeat(ends - begun.steps, begun.steps) + 1
    address, at = visits.address[visit], visits.arrived_at[visit]
    think = draw.measure(flow.think, address, at, number)
    dwell = draw.measure(flow.dwell, address, at, number)
    paces = flow.pace and flow.pace(draw, visits.person[visit], address, at, number)
    if paces is not None:
        think, dwell = think * paces // WHOLE, np.maximum(dwell * paces // WHOLE, 1)
    abandoned = np.zeros(len(visit), dtype=np.bool_)
    abandoned[ends[begun.abandoned] - 1] = True
    leaves = dwell // 10 + 1 + draw.below(f"{flow.name}.leaves", np.maximum(dwell * 9 // 10, 1), address, number)
    dwell = np.where(abandoned, leaves, dwell)
    elapsed = np.cumsum(think + dwell)
    before = np.repeat(np.r_[0, elapsed[ends[:-1] - 1]] if len(ends) else ends, begun.steps)
    ends_ms = elapsed - before
    return _Step(visit, number, ends_ms - dwell, ends_ms, abandoned)


def _of(chosen: Bools, visits: SessionStarts) -> SessionStarts:
    """Some of the visits."""
    return SessionStarts(
        visits.address[chosen],
        visits.person[chosen],
        visits.arrived_at[chosen],
        visits.starts_at[chosen],
        visits.left_at[chosen],
        {name: values[chosen] for name, values in visits.memory.items()},
    )
