"""Visits of a day: who comes, how many each makes by habit, and when they begin, one after another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from populace.clock import DAY_US, MINUTE_US, SECOND_US
from populace.engine.draws import EngineDraw
from populace.engine.processes.pools.applied import Applied
from populace.engine.processes.pools.fold import Came, Day, joined
from populace.spec import Bools, Cohort, Ints, Lifecycle, Visits
from populace.spec.cohort import DAY_BITS, VISIT_BITS

VISITS_AT_ONCE = 16_384
"""Visits emitted together, whole pools of a window at least."""
PAUSE_US = 10 * MINUTE_US
"""Between two visits of a person, at least."""
_NEVER_COUNTED = -(1 << 62)
NEVER_BEGINS = 1 << 61
"""When a visit begins that does not take place: after every window (µs)."""


@dataclass(frozen=True, slots=True)
class Attendance:
    """Who comes on some days. came: by habit; day: each of them on which. requested: visits that a user requested."""

    came: Came
    day: Ints
    requested: Visits

    @classmethod
    def on(cls, day: Day) -> Attendance:
        """Who comes on one day."""
        nobody = no_visits(day.joined)
        requested = joined_visits([nobody, *day.requested.values()]) if day.requested else nobody
        return cls(day.came, np.full(len(day.came.index), day.day), requested)

    @classmethod
    def to(cls, days: list[Day]) -> Attendance:
        """Who comes on several days; at least one."""
        return all_attendance([cls.on(day) for day in days])

    def of_pools(self, low: int, high: int) -> Attendance:
        """Those of the pools low (included) to high (excluded)."""
        pool, asked = self.came.who.pool, self.requested.who.pool
        return self.of((pool >= low) & (pool < high), (asked >= low) & (asked < high))

    def of(self, came: Ints | Bools | slice, requested: Bools | slice) -> Attendance:
        """Some of those who come by habit, and some of the requested visits."""
        return Attendance(self.came.of(came), self.day[came], self.requested.of(requested))

    def of_people(self, person: Ints) -> Attendance:
        """Those among some people."""
        return self.of(np.isin(self.came.who.person, person), np.isin(self.requested.who.person, person))

    def chunks(self) -> Iterator[Attendance]:
        """The same, some at a time; at least one part. The requested visits are in the last."""
        size = len(self.came.index)
        for first in range(0, max(1, size), VISITS_AT_ONCE):
            rest = slice(None) if first + VISITS_AT_ONCE >= size else slice(0, 0)
            yield self.of(slice(first, first + VISITS_AT_ONCE), rest)

    @property
    def first_day(self) -> int:
        """The first of the days; ValueError when nobody comes."""
        return int(np.r_[self.day, self.requested.day].min())

    def __len__(self) -> int:
        return len(self.came.index) + len(self.requested.k)


def all_attendance(parts: list[Attendance]) -> Attendance:
    """Those who come on several days, one after another; at least one."""
    came = Came(
        joined([p.came.who for p in parts]),
        np.concatenate([p.came.binging for p in parts]),
        np.concatenate([p.came.special for p in parts]),
        np.concatenate([p.came.index for p in parts]),
    )
    return Attendance(came, np.concatenate([p.day for p in parts]), joined_visits([p.requested for p in parts]))


def no_visits(who: Cohort) -> Visits:
    """No visit at all, of people as some are described."""
    none, never = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.bool_)
    return Visits(
        address=none.astype(np.uint64),
        k=none,
        day=none,
        who=who.of(none),
        started_at=none,
        binging=never,
        special=never,
        first=never,
    )


def announced(draw: EngineDraw, flow: Lifecycle, came: Came, day: Ints) -> Visits:
    """The visits of who comes by habit, before it is known when they begin."""
    who = came.who
    address = who.person << DAY_BITS | day
    many = draw.choose(flow.visits, address, who.at) + 1
    index = np.repeat(np.arange(len(many)), many)
    k = np.arange(len(index)) - np.repeat(np.cumsum(many) - many, many)
    return Visits(
        address=((address[index] << VISIT_BITS) | k).astype(np.uint64),
        k=k,
        day=day[index],
        who=who.of(index),
        started_at=np.zeros(len(index), dtype=np.int64),
        binging=came.binging[index],
        special=came.special[index],
        first=k == 0,
    )


def first_visits(draw: EngineDraw, flow: Lifecycle, visits: Visits, wanted_at: Ints) -> tuple[Ints, Ints]:
    """When visits by habit are wanted, and the soonest that each may begin: after the sign-up, and where people come
    when they sign up, so long after it as is drawn; what else they do that day comes later.
    """
    who = visits.who
    soonest = np.maximum(who.at, who.joined_at + MINUTE_US)
    differing = flow.heterogeneity
    if differing is None or not Applied.of(flow, draw.era).first_visit:
        return wanted_at, soonest
    at_once = np.flatnonzero(who.tenure == 0)
    opens = visits.k[at_once] == 0
    drawn = draw.measure(differing.first_visit_s, who.person[at_once], np.where(opens, who.at[at_once], _NEVER_COUNTED))
    soonest[at_once] = who.joined_at[at_once] + np.maximum(drawn, 1) * SECOND_US
    wanted_at = wanted_at.copy()
    wanted_at[at_once] = np.where(opens, soonest[at_once], np.maximum(wanted_at[at_once], soonest[at_once] + 1))
    return wanted_at, soonest


def arranged(visits: Visits, wanted_at: Ints, earliest: Ints, lasts_us: Ints) -> Ints:
    """When visits begin: where they were wanted, one after another, inside the day and not before the earliest.

    What finds no room does not take place; the day's first always does.
    """
    who = visits.who
    person_day = who.person * (1 << DAY_BITS) + visits.day
    order = np.lexsort((wanted_at, person_day))
    ranked = person_day[order]
    opens = np.r_[True, ranked[1:] != ranked[:-1]] if len(ranked) else np.zeros(0, dtype=np.bool_)
    rank = np.arange(len(order)) - np.maximum.accumulate(np.where(opens, np.arange(len(order)), 0))
    latest = who.at + DAY_US - lasts_us
    began = np.empty(len(order), dtype=np.int64)
    free_at = np.zeros(len(order), dtype=np.int64)
    for turn in range(int(rank.max(initial=-1)) + 1):
        place = np.flatnonzero(rank == turn)
        now = order[place]
        soonest = earliest[now] if turn == 0 else np.maximum(earliest[now], free_at[place - 1])
        at = np.minimum(np.maximum(wanted_at[now], soonest), latest[now])
        fits = (at >= soonest) | (turn == 0)
        began[now] = np.where(fits, at, NEVER_BEGINS)
        free_at[place] = np.where(fits, at + lasts_us[now] + PAUSE_US, NEVER_BEGINS)
    return began


def first_of(person: Ints, day: Ints) -> Ints:
    """The place of one visit of each person and day."""
    places: Ints = np.unique(person * (1 << DAY_BITS) + day, return_index=True)[1]
    return places


def count(days: list[Day], members: tuple[int, int], visits: Visits, counts: Mapping[str, Ints]) -> None:
    """Add what visits count to the days of their pools; `active` are the people who had one."""
    low, many = members[0], members[1] - members[0]
    cell = (visits.day - days[0].day) * many + visits.who.pool - low
    happened = np.flatnonzero(visits.started_at < NEVER_BEGINS)
    opening = happened[first_of(visits.who.person[happened], visits.day[happened])]
    size = len(days) * many
    sums = {
        "active": np.bincount(cell[opening], minlength=size),
        "visits": np.bincount(cell[happened], minlength=size),
        **{name: np.bincount(cell, weights=each, minlength=size).astype(np.int64) for name, each in counts.items()},
    }
    for name, of_all in sums.items():
        for day, of_day in zip(days, of_all.reshape(-1, many), strict=True):
            day.counts[name] = day.counts[name] + of_day if name in day.counts else of_day


def joined_visits(parts: list[Visits]) -> Visits:
    if len(parts) == 1:
        return parts[0]
    names = ("address", "k", "day", "started_at", "binging", "special", "first")
    rest = {name: np.concatenate([getattr(p, name) for p in parts]) for name in names}
    return Visits(who=joined([p.who for p in parts]), **rest)
