"""Visits of those who come, arranged in their day and walked through; but for those that an intervention cancels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from populace.engine.delegation import delegated
from populace.engine.draws import EngineDraw
from populace.engine.processes.pools.fold import Day, start_of
from populace.engine.processes.pools.named import is_named, names_of
from populace.engine.processes.pools.visits import (
    NEVER_BEGINS,
    Attendance,
    announced,
    arranged,
    first_visits,
    joined_visits,
)
from populace.plan import Era
from populace.spec import Bools, Cohort, Ints, Lifecycle, Visits, Walk
from populace.spec.lifecycle import NOBODY


def walked(draw: EngineDraw, flow: Lifecycle, attendance: Attendance) -> tuple[Visits, Walk, dict[str, Ints]]:
    """The visits of who comes, arranged, how they go, and what each counts; those by habit first.

    What another actor does in a visit is not known: a delegated one counts nothing.
    """
    visits, walk = intended(draw, flow, attendance)
    habits = np.arange(len(visits.k) - len(attendance.requested.k))
    began = visits.started_at.copy()
    # Who was requested comes whatever the switch says.
    began[habits[cancelled(draw, flow, visits.of(habits))]] = NEVER_BEGINS
    visits = replace(visits, started_at=began)
    ours = (began < NEVER_BEGINS) & ~delegated(draw.plan, visits.address, began)
    counts = {name: values * ours for name, values in walk.counts.items()}
    return visits, walk, counts


def intended(draw: EngineDraw, flow: Lifecycle, attendance: Attendance) -> tuple[Visits, Walk]:
    """The same as if no intervention cancelled anything."""
    visits = announced(draw, flow, attendance.came, attendance.day)
    at, habits = flow.times(draw, visits), len(visits.k)
    if len(attendance.requested.k):
        visits = joined_visits([visits, attendance.requested])
    walk = flow.walk(draw, visits)
    if len(walk.lasts_us) and int(walk.lasts_us.max()) > flow.longest_us:
        raise ValueError(f"{draw.plan.world.name}.flows.{flow.name}: a visit takes longer than the longest")
    by_habit = visits.of(slice(habits))
    wanted_at, soonest = first_visits(draw, flow, by_habit, by_habit.who.at + at)
    began = arranged(by_habit, wanted_at, soonest, walk.lasts_us[:habits])
    return replace(visits, started_at=np.r_[began, visits.started_at[habits:]]), walk


def kept_away(draw: EngineDraw, flow: Lifecycle, day: Day) -> Ints | None:
    """Places, among who came, of those whose visits are all cancelled; None where nothing keeps anybody away."""
    plan = draw.plan
    start_us, end_us = start_of(flow, day.day), start_of(flow, day.day + 1)
    eras = [plan.era_at(start_us), *(e for e in plan.eras if start_us < e.begins_us < end_us)]
    if lets_all_come(flow, eras):
        return None
    come = np.zeros(len(day.came.index), dtype=np.bool_)
    done = 0
    for attendance in Attendance.on(day).chunks():
        visits, _, _ = walked(draw.unrecorded, flow, attendance)
        person = visits.who.person[visits.started_at < NEVER_BEGINS]
        many = len(attendance.came.index)
        come[done : done + many] = np.isin(attendance.came.who.person, person)
        done += many
    return np.flatnonzero(~come)


def lets_all_come(flow: Lifecycle, eras: Sequence[Era]) -> bool:
    """Whether nothing of these settings keeps anybody away."""
    return all(era.values.flag(flow.enabled) and era.values.text(flow.away) == NOBODY for era in eras)


def stays_away(draw: EngineDraw, flow: Lifecycle, era: Era, who: Cohort) -> Bools:
    """Who of some people stays away by name under the settings of an era."""
    return is_named(draw, flow, names_of(era.values.text(flow.away)), who)


def cancelled(draw: EngineDraw, flow: Lifecycle, visits: Visits) -> Bools:
    """Visits that an intervention cancels: it is in effect when they would begin."""
    out = np.zeros(len(visits.k), dtype=np.bool_)
    eras = draw.plan.eras
    if lets_all_come(flow, eras):
        return out
    which = np.searchsorted([e.begins_us for e in eras], visits.started_at, side="right") - 1
    for number in np.unique(which).tolist():
        era = eras[number]
        here = np.flatnonzero(which == number)
        if not era.values.flag(flow.enabled):
            out[here] = True
        else:
            out[here] = stays_away(draw, flow, era, visits.who.of(here))
    return out
