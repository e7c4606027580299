"""Visits of a day, of people who come by habit: how many each makes, and when they begin, one after another."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from populace.clock import DAY_US, MINUTE_US
from populace.engine.draws import EngineDraw
from populace.engine.processes.pools.lives import Came, Day, joined
from populace.spec import Ints, Lifecycle, Visits
from populace.spec.cohort import DAY_BITS, VISIT_BITS

VISITS_AT_ONCE = 16_384
"""Visits emitted together, whole pools of a window at least."""
PAUSE_US = 10 * MINUTE_US
"""Between two visits of a person, at least."""
NEVER_BEGINS = 1 << 61
"""When a visit begins that does not take place: after every window (µs)."""


def came_to(days: list[Day], low: int, high: int) -> tuple[Came, Ints]:
    """Who came to some pools, over several days."""
    parts, numbers = [], []
    for day in days:
        pool = day.came.who.pool
        here = np.flatnonzero((pool >= low) & (pool < high))
        parts.append(day.came.of(here))
        numbers.append(np.full(len(here), day.day))
    return all_came(parts), np.concatenate(numbers)


def all_came(parts: list[Came]) -> Came:
    """Those who come on several days, one after another; at least one."""
    return Came(
        joined([p.who for p in parts]),
        np.concatenate([p.binging for p in parts]),
        np.concatenate([p.special for p in parts]),
        np.concatenate([p.index for p in parts]),
    )


def in_chunks(came: Came) -> Iterator[Came]:
    """Who came, some at a time; at least one part."""
    for first in range(0, max(1, len(came.index)), VISITS_AT_ONCE):
        yield came.of(slice(first, first + VISITS_AT_ONCE))


def announced(draw: EngineDraw, flow: Lifecycle, came: Came, day: Ints) -> Visits:
    """The visits of who came, before it is known when they begin."""
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


def arranged(flow: Lifecycle, visits: Visits, wanted_at: Ints, lasts_us: Ints) -> Ints:
    """When visits begin: where they were wanted, one after another, inside the day and after the sign-up.

    What finds no room does not take place; the day's first always does.
    """
    who = visits.who
    person_day = who.person * (1 << DAY_BITS) + visits.day
    order = np.lexsort((wanted_at, person_day))
    ranked = person_day[order]
    opens = np.r_[True, ranked[1:] != ranked[:-1]] if len(ranked) else np.zeros(0, dtype=np.bool_)
    rank = np.arange(len(order)) - np.maximum.accumulate(np.where(opens, np.arange(len(order)), 0))
    latest = who.at + DAY_US - lasts_us
    earliest = np.maximum(who.at, who.joined_at + MINUTE_US)
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


def joined_visits(parts: list[Visits]) -> Visits:
    if len(parts) == 1:
        return parts[0]
    names = ("address", "k", "day", "started_at", "binging", "special", "first")
    rest = {name: np.concatenate([getattr(p, name) for p in parts]) for name in names}
    return Visits(who=joined([p.who for p in parts]), **rest)
