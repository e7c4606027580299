"""Visits to come, and the way each goes: for whoever plays some of them in the app itself.

The fold that makes rows says who comes and when; the world says what each visit does, from the draws of its walk.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from populace.engine.delegation import delegated
from populace.engine.processes.pools.folding import Folding
from populace.engine.processes.pools.people import documents
from populace.engine.processes.pools.visits import NEVER_BEGINS, Attendance
from populace.engine.tables import Block
from populace.plan import Plan
from populace.spec import Bools, Lifecycle, Visits
from populace.spec.authors import Misuse
from populace.spec.navigation import Navigation


@dataclass(frozen=True, slots=True)
class Deed:
    """A step of a visit. at_ms: after its beginning. times: in a row. fields: what it is done with, by name."""

    step: str
    at_ms: int
    times: int
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Upcoming:
    """A visit to come. key: of whose it is; called: what the world calls them. Moments are µs.

    free_from_us: when the person's visit before it on that day is over, or they have signed up. browser:
    what a browser knows of the person. deeds: what they do, in order.
    """

    address: int
    key: str
    called: str
    begins_us: int
    ends_us: int
    free_from_us: int
    browser: Mapping[str, Any]
    deeds: Sequence[Deed]


def upcoming(
    plan: Plan, flow: Lifecycle, navigation: Navigation, since_us: int, until_us: int, most: int
) -> list[Upcoming]:
    """The first visits that begin in [since, until) and that nobody plays yet, in the order in which they begin."""
    folding = Folding(plan, flow, (0, plan.sizes[flow.root]))
    first, last = folding.today(since_us), folding.today(until_us - 1)
    out: list[Upcoming] = []
    for _, day in folding.days(last):
        if day.day < first or len(out) >= most:
            continue
        attendance = Attendance.on(day)
        if len(attendance) == 0:
            continue
        visits, walk = folding.visits(attendance)
        begins = visits.started_at
        wanted = (begins >= since_us) & (begins < min(until_us, NEVER_BEGINS))
        wanted &= ~delegated(plan, visits.address, begins)
        some = np.flatnonzero(wanted)
        some = some[np.lexsort((visits.address[some], begins[some]))][: most - len(out)]
        out += _described(folding, navigation, day.day, visits, walk, some)
    return out


def takes_place(plan: Plan, flow: Lifecycle, wanted: Mapping[int, int]) -> set[int]:
    """Which visits, by address and the moment at which they begin (µs), still begin then under this plan."""
    if not wanted:
        return set()
    folding = Folding(plan, flow, (0, plan.sizes[flow.root]))
    days = {folding.today(at_us) for at_us in wanted.values()}
    found: set[int] = set()
    for _, day in folding.days(max(days)):
        attendance = Attendance.on(day) if day.day in days else None
        if attendance is None or len(attendance) == 0:
            continue
        visits, _ = folding.visits(attendance)
        pairs = zip(visits.address.tolist(), visits.started_at.tolist(), strict=True)
        found |= {address for address, at_us in pairs if wanted.get(address) == at_us}
    return found


def _described(
    folding: Folding, navigation: Navigation, day: int, visits: Visits, walk: Any, some: Any
) -> list[Upcoming]:
    """Some visits of a day, in the order given."""
    draw = folding.draw(day)
    many = len(visits.k)
    block = Block(folding.plan.seed, np.arange(many))
    keys = block.text(folding.flow.key(draw, visits.who)).to_pylist()
    called = block.text(folding.flow.called(draw, visits.who)).to_pylist()
    browsers = documents(folding.plan.seed, many, navigation.browser(draw, visits))
    route = navigation.route(draw, visits, walk)
    fields = documents(folding.plan.seed, len(route.visit), route.fields)
    order = np.lexsort((route.step, route.at_ms, route.visit))
    edges = np.searchsorted(route.visit[order], np.arange(many + 1))
    ends = visits.started_at + walk.lasts_us

    def deeds(at: int) -> list[Deed]:
        listed, before = [], None
        for place in order[edges[at] : edges[at + 1]].tolist():
            step = navigation.steps[int(route.step[place])]
            if not navigation.follows(step.name, before):
                raise Misuse("a route goes another way than its navigation", given=f"{before} → {step.name}")
            before = step.name
            known = {name: fields[place][name] for name in step.fields}
            listed.append(Deed(step.name, int(route.at_ms[place]), int(route.times[place]), known))
        return listed

    def free_from(at: int) -> int:
        earlier = _same(visits, at) & (visits.started_at < visits.started_at[at])
        return int(max([int(visits.who.joined_at[at]), *ends[earlier].tolist()]))

    return [
        Upcoming(
            address=int(visits.address[at]),
            key=str(keys[at]),
            called=str(called[at]),
            begins_us=int(visits.started_at[at]),
            ends_us=int(ends[at]),
            free_from_us=free_from(at),
            browser=browsers[at],
            deeds=deeds(at),
        )
        for at in some.tolist()
    ]


def _same(visits: Visits, at: int) -> Bools:
    out: Bools = visits.who.person == visits.who.person[at]
    return out
