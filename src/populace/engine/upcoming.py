"""Visits to come, and the way each goes: for whoever plays some of them in the app itself; sign-ups too.

The fold that makes rows says who comes and when; the world says what each visit does, from the draws of its walk.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from populace.engine.delegation import delegated, sign_up_address
from populace.engine.processes.pools.fold import Day
from populace.engine.processes.pools.folding import Folding
from populace.engine.processes.pools.people import documents
from populace.engine.processes.pools.visits import NEVER_BEGINS, Attendance
from populace.engine.processes.pools.walks import cancelled
from populace.engine.tables import Block
from populace.plan import Plan
from populace.spec import Bools, Ints, Lifecycle, Visits
from populace.spec.authors import Misuse
from populace.spec.navigation import Navigation, Route, Step


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
    what a browser knows of the person. deeds: what they do, in order. signs_up: it is their sign-up.
    """

    address: int
    key: str
    called: str
    begins_us: int
    ends_us: int
    free_from_us: int
    browser: Mapping[str, Any]
    deeds: Sequence[Deed]
    signs_up: bool = False


def upcoming(
    plan: Plan,
    flow: Lifecycle,
    navigation: Navigation,
    since_us: int,
    until_us: int,
    most: int,
    *,
    sign_ups: bool = False,
) -> list[Upcoming]:
    """The first visits that begin in [since, until) and that nobody plays yet, in the order in which they begin.

    sign_ups: those of newcomers are among them.
    """
    folding = Folding(plan, flow, (0, plan.sizes[flow.root]))
    first, last = folding.today(since_us), folding.today(until_us - 1)
    out: list[Upcoming] = []
    for _, day in folding.days(last):
        if day.day < first or len(out) >= most:
            continue
        found: list[Upcoming] = []
        attendance = Attendance.on(day)
        if len(attendance):
            visits, walk = folding.visits(attendance)
            some = _wanted(plan, visits, since_us, until_us)[: most - len(out)]
            found += _visits(folding, navigation, day.day, visits, walk, some)
        if sign_ups and navigation.sign_up:
            newcomers = _newcomers(folding, day)
            some = _wanted(plan, newcomers, since_us, until_us)[: most - len(out)]
            found += _sign_ups(folding, navigation, day.day, newcomers.of(some))
        out += sorted(found, key=lambda one: (one.begins_us, one.address))[: most - len(out)]
    return out


def takes_place(plan: Plan, flow: Lifecycle, wanted: Mapping[int, int]) -> set[int]:
    """Which visits and sign-ups, by address and the moment at which they begin (µs), still do so under this plan."""
    if not wanted:
        return set()
    folding = Folding(plan, flow, (0, plan.sizes[flow.root]))
    days = {folding.today(at_us) for at_us in wanted.values()}
    found: set[int] = set()
    for _, day in folding.days(max(days)):
        if day.day not in days:
            continue
        attendance = Attendance.on(day)
        parts = [_newcomers(folding, day), *([folding.visits(attendance)[0]] if len(attendance) else [])]
        for visits in parts:
            pairs = zip(visits.address.tolist(), visits.started_at.tolist(), strict=True)
            found |= {address for address, at_us in pairs if wanted.get(address) == at_us}
    return found


def _newcomers(folding: Folding, day: Day) -> Visits:
    """The sign-ups of a day, as visits that begin with them; far off where an intervention keeps people away."""
    who = day.joined
    many = len(who.person)
    visits = Visits(
        address=sign_up_address(who.person),
        k=np.zeros(many, dtype=np.int64),
        day=np.full(many, day.day),
        who=who,
        started_at=who.joined_at.astype(np.int64),
        binging=np.zeros(many, dtype=np.bool_),
        special=np.zeros(many, dtype=np.bool_),
        first=np.ones(many, dtype=np.bool_),
    )
    away = cancelled(folding.draw(day.day), folding.flow, visits)
    return replace(visits, started_at=np.where(away, NEVER_BEGINS, visits.started_at))


def _wanted(plan: Plan, visits: Visits, since_us: int, until_us: int) -> Ints:
    """Places of the visits that begin in [since, until) and that nobody plays yet, in the order of their beginning."""
    begins = visits.started_at
    wanted = (begins >= since_us) & (begins < min(until_us, NEVER_BEGINS))
    some = np.flatnonzero(wanted & ~delegated(plan, visits.address, begins))
    out: Ints = some[np.lexsort((visits.address[some], begins[some]))]
    return out


def _visits(
    folding: Folding, navigation: Navigation, day: int, visits: Visits, walk: Any, some: Ints
) -> list[Upcoming]:
    """Some visits of a day, in the order given."""
    ends = visits.started_at + walk.lasts_us

    def free_from(at: int) -> int:
        earlier = _same(visits, at) & (visits.started_at < visits.started_at[at])
        return int(max([int(visits.who.joined_at[at]), *ends[earlier].tolist()]))

    route = navigation.route(folding.draw(day), visits, walk)
    deeds = _deeds(folding, navigation.steps, route, some, len(visits.k))
    for each in deeds:
        before = None
        for deed in each:
            if not navigation.follows(deed.step, before):
                raise Misuse("a route goes another way than its navigation", given=f"{before} → {deed.step}")
            before = deed.step
    return _described(folding, navigation, day, visits, some, ends, [free_from(at) for at in some.tolist()], deeds)


def _sign_ups(folding: Folding, navigation: Navigation, day: int, newcomers: Visits) -> list[Upcoming]:
    """Sign-ups of a day, in the order given."""
    way, many = navigation.sign_up, len(newcomers.k)
    if way is None or many == 0:
        return []
    every, begins = np.arange(many), newcomers.started_at
    deeds = _deeds(folding, way.steps, way.route(folding.draw(day), newcomers), every, many)
    found = _described(folding, navigation, day, newcomers, every, begins + way.lasts_us, begins.tolist(), deeds)
    return [replace(one, signs_up=True) for one in found]


def _described(
    folding: Folding,
    navigation: Navigation,
    day: int,
    visits: Visits,
    some: Ints,
    ends: Ints,
    free_from: Sequence[int],
    deeds: Sequence[Sequence[Deed]],
) -> list[Upcoming]:
    """Some visits of a day, in the order given. free_from, deeds: of each of these; ends: of all."""
    draw = folding.draw(day)
    block = Block(folding.plan.seed, some)
    keys = block.text(folding.flow.key(draw, visits.who)).to_pylist()
    called = block.text(folding.flow.called(draw, visits.who)).to_pylist()
    browsers = documents(folding.plan.seed, some, navigation.browser(draw, visits))
    return [
        Upcoming(
            address=int(visits.address[at]),
            key=str(keys[place]),
            called=str(called[place]),
            begins_us=int(visits.started_at[at]),
            ends_us=int(ends[at]),
            free_from_us=free_from[place],
            browser=browsers[place],
            deeds=deeds[place],
        )
        for place, at in enumerate(some.tolist())
    ]


def _deeds(folding: Folding, steps: Sequence[Step], route: Route, some: Ints, many: int) -> list[list[Deed]]:
    """What each of some visits does, in order. many: visits there are."""
    place_of = np.full(many, -1)
    place_of[some] = np.arange(len(some))
    place = place_of[route.visit]
    rows = np.flatnonzero(place >= 0)
    rows = rows[np.lexsort((route.step[rows], route.at_ms[rows], place[rows]))]
    fields = documents(folding.plan.seed, rows, route.fields)
    listed: list[list[Deed]] = [[] for _ in range(len(some))]
    columns = (column[rows].tolist() for column in (place, route.step, route.at_ms, route.times))
    for known, visit, at, at_ms, times in zip(fields, *columns, strict=True):
        step = steps[at]
        listed[visit].append(Deed(step.name, at_ms, times, {name: known[name] for name in step.fields}))
    return listed


def _same(visits: Visits, at: int) -> Bools:
    out: Bools = visits.who.person == visits.who.person[at]
    return out
