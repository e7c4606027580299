"""Visits that a user requested: who of each pool comes, and when.

How many come to which pool is fixed by the plan, so that pools need not know of each other. Within a pool the people
who may come are taken in an order of the intervention's own, those first whose visit finds room in their day. A
requested visit is one more visit of the day: it goes as the others of that day do, and ends before the next one begins.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from populace.clock import DAY_US, MINUTE_US
from populace.engine.draws import EngineDraw
from populace.engine.processes.pools.fold import Day, PoolFold, day_of, start_of
from populace.engine.processes.pools.habits import Habits
from populace.engine.processes.pools.visits import NEVER_BEGINS, PAUSE_US, Attendance, no_visits
from populace.engine.processes.pools.walks import intended, stays_away
from populace.engine.streams import bits
from populace.plan import Intervention, Plan
from populace.spec import Bits, Bools, Ints, Lifecycle, Visits
from populace.spec.cohort import DAY_BITS, MOST_VISITS, PERSON_BITS, REQUESTED, VISIT_BITS

NO_ROOM_US = 15 * MINUTE_US
"""Of a request so close to the end of a day, or closer, the visits begin with the next day: few would find room."""
_MILLIS = 60_000
_TRIED = (8, 32)
"""So many times as many people as are wanted, and so many more, are looked at first; then everybody."""


def begins_us(flow: Lifecycle, at_us: int) -> int:
    """When the minute in which requested visits begin begins itself, for a request in effect from a moment on."""
    # Whole milliseconds, like the moments of all visits.
    from_us = -(-at_us // 1000) * 1000
    ends_us = start_of(flow, day_of(flow, from_us) + 1)
    return ends_us if ends_us - from_us <= NO_ROOM_US else from_us


def requests_of(plan: Plan, flow: Lifecycle, day: int) -> list[tuple[Intervention, int]]:
    """The interventions whose requested visits begin on a day of history or life, and each one's minute, in order."""
    if flow is not plan.world.answering or day < plan.origin_us // DAY_US:
        return []
    found = [(one, begins_us(flow, one.at_us)) for one in plan.requests]
    return [(one, at_us) for one, at_us in found if day_of(flow, at_us) == day]


def wanted(draw: EngineDraw, flow: Lifecycle, one: Intervention, members: tuple[int, int]) -> Ints:
    """How many visits an intervention brings to each of some pools; over all pools evenly."""
    pools, k = draw.size(flow.root), np.arange(one.sessions)
    number = np.full(len(k), one.number)
    pool = draw.shuffled(f"{flow.name}.requested.pool", pools, number, k % pools)
    here: Ints = np.bincount(pool, minlength=pools)[members[0] : members[1]]
    return here


def requested(draw: EngineDraw, flow: Lifecycle, fold: PoolFold, day: Day, habits: Habits) -> Mapping[int, Visits]:
    """The visits that each intervention brings to these pools on a day that is decided otherwise.

    Only what is known by each moment counts: who comes by habit, or was requested before.
    """
    out: dict[int, Visits] = {}
    others = _Taken.nobody()
    for one, at_us in requests_of(draw.plan, flow, day.day):
        many = wanted(draw, flow, one, (fold.low, fold.high))
        index = _may_come(draw, flow, fold, habits, many > 0, at_us) if many.any() else np.zeros(0, dtype=np.int64)
        if len(index) == 0:
            continue
        request = _Request(draw.unrecorded, flow, fold, day, habits, one.number, at_us)
        out[one.number], others = request.brought(index, many, others)
    return out


def _may_come(draw: EngineDraw, flow: Lifecycle, fold: PoolFold, habits: Habits, pools: Bools, at_us: int) -> Ints:
    """Places of the people of some pools who may come at a moment: whose chance to come that day is not zero, who have
    signed up, and who do not stay away by name.
    """
    index: Ints = np.flatnonzero(pools[(fold.of("person") >> PERSON_BITS) - fold.low])
    held = {name: fold.of(name)[index] for name in ("pattern", "binging", "state", "streak", "event", "lost")}
    cell = habits.cells(habits.places(**held), fold.of("score")[index])
    may = (habits.returns.micro.take(cell) > 0) & (fold.of("joined_at")[index] + MINUTE_US <= at_us)
    index = index[np.flatnonzero(may)]
    return index[~stays_away(draw, flow, draw.plan.era_at(at_us), fold.cohort(index, at_us))]


@dataclass(frozen=True, slots=True)
class _Taken:
    """Spans of time in which people are busy. started_at, ended_at: µs."""

    person: Ints
    started_at: Ints
    ended_at: Ints

    @classmethod
    def nobody(cls) -> _Taken:
        return cls(*(np.zeros(0, dtype=np.int64) for _ in range(3)))

    def and_of(self, visits: Visits, lasts_us: Ints) -> _Taken:
        """And those of some visits that take place."""
        some = np.flatnonzero(visits.started_at < NEVER_BEGINS)
        started_at = visits.started_at[some]
        return _Taken(
            np.r_[self.person, visits.who.person[some]],
            np.r_[self.started_at, started_at],
            np.r_[self.ended_at, started_at + lasts_us[some]],
        )

    def meets(self, visits: Visits, lasts_us: Ints) -> Bools:
        """Which visits, of different people, would meet one of these, or come too soon before or after it."""
        out = np.zeros(len(visits.k), dtype=np.bool_)
        order = np.argsort(visits.who.person)
        place = np.searchsorted(visits.who.person, self.person, sorter=order)
        known = np.flatnonzero(np.isin(self.person, visits.who.person))
        place = order[place[known]]
        began, ends = visits.started_at[place], visits.started_at[place] + lasts_us[place]
        close = (began < self.ended_at[known] + PAUSE_US) & (self.started_at[known] < ends + PAUSE_US)
        out[place[close]] = True
        return out


@dataclass(frozen=True, slots=True)
class _Request:
    """One intervention's visits on a day. draw: of the day. at_us: when their minute begins."""

    draw: EngineDraw
    flow: Lifecycle
    fold: PoolFold
    day: Day
    habits: Habits
    number: int
    at_us: int

    def brought(self, index: Ints, many: Ints, before: _Taken) -> tuple[Visits, _Taken]:
        """The visits that come, of people at some places who may; and `before`, the spans of requested ones, with them.

        many: visits wanted, by pool.
        """
        person = self.fold.of("person")[index]
        pool = (person >> PERSON_BITS) - self.fold.low
        order = np.lexsort((person, bits(self.draw.seed(f"{self.flow.name}.requested"), person, self.number), pool))
        index, pool = index[order], pool[order]
        rank = _rank(pool)
        factor, more = _TRIED
        for tried in (rank < many[pool] * factor + more, np.ones(len(rank), dtype=np.bool_)):
            visits, lasts_us, fits = self._tried(index[tried], before)
            some = np.flatnonzero(fits)
            some = some[_rank(pool[tried][some]) < many[pool[tried][some]]]
            found = np.bincount(pool[tried][some], minlength=len(many))
            if tried.all() or (found >= many).all():
                break
        visits = visits.of(some)
        return visits, before.and_of(visits, lasts_us[some])

    def _tried(self, index: Ints, before: _Taken) -> tuple[Visits, Ints, Bools]:
        """A visit of each of some people, how long it takes, and whether it finds room beside the others of its day."""
        fold, day, flow = self.fold, self.day.day, self.flow
        who = fold.cohort(index, self.at_us)
        theirs, walk = intended(
            self.draw, flow, replace(Attendance.on(self.day).of_people(who.person), requested=no_visits(who))
        )
        earlier, by_habit = (_times(who.person, person) for person in (before.person, theirs.who.person))
        address = _address(who.person, day, np.minimum(earlier, MOST_VISITS - 1))
        visits = Visits(
            address=address,
            k=by_habit + earlier,
            day=np.full(len(index), day),
            who=who,
            started_at=self.at_us + self.draw.below(f"{flow.name}.requested.moment", _MILLIS, address) * 1000,
            binging=fold.of("binging")[index],
            special=self.habits.special[fold.of("pattern")[index]],
            first=by_habit + earlier == 0,
        )
        lasts_us = flow.walk(self.draw, visits).lasts_us
        ends = visits.started_at + lasts_us
        fits = (earlier < MOST_VISITS) & (ends <= start_of(flow, day + 1))
        fits &= ~before.and_of(theirs, walk.lasts_us).meets(visits, lasts_us)
        return visits, lasts_us, fits


def _address(person: Ints, day: int, k: Ints) -> Bits:
    address = ((person << DAY_BITS | day) << VISIT_BITS) | k
    return address.astype(np.uint64) | np.uint64(REQUESTED)


def _rank(group: Ints) -> Ints:
    """The place of each within its group; groups are adjacent."""
    opens = np.r_[True, group[1:] != group[:-1]] if len(group) else np.zeros(0, dtype=np.bool_)
    return np.arange(len(group)) - np.maximum.accumulate(np.where(opens, np.arange(len(group)), 0))


def _times(person: Ints, some: Ints) -> Ints:
    """How often each of `person`, who are different, is among some others."""
    known, many = np.unique(some, return_counts=True)
    place = np.searchsorted(known, person)
    found = np.append(known, -1).take(place) == person
    return np.where(found, np.append(many, 0).take(place), 0)
