"""Visits of those who come, arranged in their day and walked through; but for those that an intervention cancels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from populace.engine.draws import EngineDraw
from populace.engine.processes.pools.lives import Came, Day, start_of
from populace.engine.processes.pools.visits import NEVER_BEGINS, announced, arranged, in_chunks
from populace.engine.tables import Block
from populace.plan import Era
from populace.spec import Bools, Ints, Lifecycle, Visits, Walk
from populace.spec.lifecycle import NOBODY


def walked(draw: EngineDraw, flow: Lifecycle, came: tuple[Came, Ints]) -> tuple[Visits, Walk, dict[str, Ints]]:
    """The visits of who came on which days, arranged, how they go, and what each counts."""
    visits = announced(draw, flow, *came)
    at = flow.times(draw, visits)
    walk = flow.walk(draw, visits)
    if len(walk.lasts_us) and int(walk.lasts_us.max()) > flow.longest_us:
        raise ValueError(f"{draw.plan.world.name}.flows.{flow.name}: a visit takes longer than the longest")
    began = arranged(flow, visits, visits.who.at + at, walk.lasts_us)
    began = np.where(_cancelled(draw, flow, visits, began), NEVER_BEGINS, began)
    visits = replace(visits, started_at=began)
    takes_place = began < NEVER_BEGINS
    counts = {name: values * takes_place for name, values in walk.counts.items()}
    return visits, walk, counts


def kept_away(draw: EngineDraw, flow: Lifecycle, day: Day) -> Ints | None:
    """Places, among who came, of those whose visits are all cancelled; None where nothing keeps anybody away."""
    plan = draw.plan
    start_us, end_us = start_of(flow, day.day), start_of(flow, day.day + 1)
    eras = [plan.era_at(start_us), *(e for e in plan.eras if start_us < e.begins_us < end_us)]
    if lets_all_come(flow, eras):
        return None
    come = np.zeros(len(day.came.index), dtype=np.bool_)
    done = 0
    for came in in_chunks(day.came):
        visits, _, _ = walked(draw.unrecorded, flow, (came, np.full(len(came.who.person), day.day)))
        person = visits.who.person[visits.started_at < NEVER_BEGINS]
        come[done : done + len(came.who.person)] = np.isin(came.who.person, person)
        done += len(came.who.person)
    return np.flatnonzero(~come)


def lets_all_come(flow: Lifecycle, eras: Sequence[Era]) -> bool:
    """Whether nothing of these settings keeps anybody away."""
    return all(era.values.flag(flow.enabled) and era.values.text(flow.away) == NOBODY for era in eras)


def _cancelled(draw: EngineDraw, flow: Lifecycle, visits: Visits, began: Ints) -> Bools:
    """Visits that an intervention cancels: it is in effect when they would begin."""
    out = np.zeros(len(began), dtype=np.bool_)
    eras = draw.plan.eras
    if lets_all_come(flow, eras):
        return out
    which = np.searchsorted([e.begins_us for e in eras], began, side="right") - 1
    for number in np.unique(which).tolist():
        era = eras[number]
        here = np.flatnonzero(which == number)
        if not era.values.flag(flow.enabled):
            out[here] = True
        elif not lets_all_come(flow, [era]):
            names = [name.strip() for name in era.values.text(flow.away).split(",")]
            called = flow.called(draw.unrecorded, visits.who.of(here))
            text = Block(draw.plan.seed, np.arange(len(here))).text(called)
            out[here] = np.isin(np.array(text.to_pylist()), names)
    return out
