"""Who comes when a visit arrives, where people differ (`Inclination`): how often, how long, at which hours.

An arrival asks one person after another, each picked in proportion to how often they come for life; whoever is asked
comes with a chance that depends on the moment: their interest then, their own hour, whether they still stay. The first
who says yes has come. So the rate is that of the arrivals, and everything is a function of the arrival's address and
moment: no window, slice or order matters.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from functools import lru_cache

import numpy as np

from populace.clock import DAY_US, HOUR_US, MINUTE_US, SECOND_US
from populace.engine import streams
from populace.engine.day_factor import of_day
from populace.engine.draw_statistics import DrawStatistics
from populace.engine.draws import EMPTY, EngineDraw
from populace.engine.joining import joined
from populace.engine.kept import Kept
from populace.engine.odds import MICRO
from populace.plan import Plan
from populace.plan.thresholds import millionths_thresholds
from populace.spec import Bits, Bools, Ints, Sessions, zones
from populace.spec.heterogeneity import FIRST_VISIT_S, MOST_OF_A_DAY, MOST_PHASE, WHOLE, Inclination

MOST_ASKED = 1_024
"""So many are asked at most; then nobody comes."""
_FIRST_ASKED = 16
_AT_ONCE = 1 << 18
_DAY_MINUTES = 1_440
FIRST_VISIT = np.uint64(1 << 48)
"""The address of the visit at a sign-up is the person's ordinal above this: above every minute, below every request."""


@dataclass(frozen=True, slots=True)
class _Crowd:
    """What people are for life. joined, until: µs. hour: their own, minutes after midnight. zone: a position. order: of
    class after class, ascending in each; first: where each class begins in it; reached: sums of propensity along it.
    """

    joined: Ints | None
    until: Ints
    hour: Ints
    zone: Ints
    order: Ints
    first: Ints
    reached: Ints

    @property
    def nbytes(self) -> int:
        """In memory."""
        return sum(getattr(self, one.name).nbytes for one in fields(self) if getattr(self, one.name) is not None)


_KEPT = Kept[_Crowd](lambda crowd: crowd.nbytes)


def differs(draw: EngineDraw, flow: Sessions) -> Inclination | None:
    """How people differ in when they come; None where they do not."""
    how = flow.arrivals.inclination
    return how if how and draw.era.values.flag(how.on) else None


def kept(draw: EngineDraw, flow: Sessions, how: Inclination, address: Bits, at: Ints, counted: Bools) -> Bools:
    """Which arrivals a day keeps. counted: which of them this slice counts."""
    day = at // DAY_US
    days, place = np.unique(day, return_inverse=True)
    weekdays = draw.era.values.series(how.weekdays)
    factors = [
        of_day(draw.unrecorded, how, one) * weekdays[of_week]
        for one, of_week in zip(days.tolist(), zones.weekday(days).tolist(), strict=True)
    ]
    micro = np.array([min(MICRO, round(MICRO * f / MOST_OF_A_DAY)) for f in factors], dtype=np.int64)
    yes = streams.chance(draw.seed(f"{flow.name}.kept"), millionths_thresholds(micro)[place], address)
    if draw.statistics.heard:
        some = np.flatnonzero(counted & draw.window.holds(at))
        cells = np.zeros(len(micro), dtype=np.int64)
        draw.statistics.graded((f"{flow.name}.kept",), cells, micro, place[some], yes[some])
    return yes


def comers(
    draw: EngineDraw, flow: Sessions, how: Inclination, stream: str, address: Bits, at: Ints, code: Ints, classes: int
) -> Ints:  # fmt: skip
    """Who comes at each moment, of a class of people each: ordinals, −1 where nobody does.

    stream: whose draws these are, for what else than arrivals asks who would come.
    """
    crowd = _crowd(draw.plan, flow, how, classes)
    there = _there(crowd, at, code, classes)
    before = np.r_[0, crowd.reached][crowd.first[code]]
    total = np.r_[0, crowd.reached][crowd.first[code] + there] - before
    who = np.full(len(at), -1, dtype=np.int64)
    pending, asked, more = np.flatnonzero(total > 0), 0, _FIRST_ASKED
    while len(pending) and asked < MOST_ASKED:
        more = min(more, MOST_ASKED - asked)
        step, left = max(1, _AT_ONCE // more), [pending[:0]]
        for begin in range(0, len(pending), step):
            some = pending[begin : begin + step]
            each, turn = np.repeat(some, more), np.tile(np.arange(asked, asked + more), len(some))
            pick = before[each] + draw.below(f"{stream}.person", total[each], address[each], turn)
            person = crowd.order[np.searchsorted(crowd.reached, pick, side="right")]
            micro = _inclined(draw, how, crowd, person, at[each])
            yes = draw.below(f"{stream}.comes", MICRO, address[each], turn) < micro
            table = yes.reshape(len(some), more)
            found = table.any(axis=1)
            who[some[found]] = person.reshape(len(some), more)[found, table[found].argmax(axis=1)]
            left.append(some[~found])
        pending, asked, more = np.concatenate(left), asked + more, more * 2
    return who


def anybody(
    draw: EngineDraw, flow: Sessions, how: Inclination, address: Bits, at: Ints, code: Ints, classes: int
) -> Ints:
    """Somebody of a class who has signed up, for what has to take place; −1 where there is none."""
    crowd = _crowd(draw.plan, flow, how, classes)
    there = _there(crowd, at, code, classes)
    pick = crowd.first[code] + draw.below(f"{flow.name}.person", np.maximum(there, 1), address, MOST_ASKED)
    return np.where(there > 0, crowd.order[np.minimum(pick, len(crowd.order) - 1)], -1)


def first_visits(
    draw: EngineDraw, flow: Sessions, how: Inclination, members: tuple[int, int], start_us: int, end_us: int
) -> tuple[Bits, Ints, Ints]:
    """Visits at a sign-up in [start, end): address, person, moment. What people are for life is counted here too."""
    when = joined(draw.plan, flow.root)
    if when is None:
        return np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    low, high = np.searchsorted(when, [start_us - FIRST_VISIT_S * SECOND_US - SECOND_US, end_us])
    person = np.arange(max(low, members[0]), max(low, members[0], min(high, members[1])), dtype=np.int64)
    at = when[person]
    new = at >= start_us
    _count_lives(draw, how, person[new], at[new])
    _count_phases(draw, how, members, start_us, end_us)
    comes = np.zeros(len(person), dtype=np.bool_)
    for source, some in ((draw, np.flatnonzero(new)), (draw.unrecorded, np.flatnonzero(~new))):
        comes[some] = source.chance(how.first_visit, person[some], at[some])
    person, at = person[comes], at[comes]
    after = draw.unrecorded.measure(how.first_visit_s, person, at) * SECOND_US
    # Whole milliseconds, like every arrival.
    at = -(-at // 1000) * 1000 + after + draw.below(f"{flow.name}.moment", 1000, person) * 1000
    inside = (at >= start_us) & (at < end_us) & draw.era.values.flag(flow.arrivals.enabled)
    person, at = person[inside], at[inside]
    return FIRST_VISIT | person.astype(np.uint64), person, at


def _count_lives(draw: EngineDraw, how: Inclination, person: Ints, at: Ints) -> None:
    """Count the draws of those who sign up: wherever else they are drawn, they are not."""
    if draw.statistics.heard and len(person):
        for point in (how.propensity, how.stays, how.first_visit_s):
            draw.measure(point, person, at)
        draw.choose(how.hour, person, at)


def _count_phases(draw: EngineDraw, how: Inclination, members: tuple[int, int], start_us: int, end_us: int) -> None:
    """Count phases that begin, and days: at the midnight at which they do."""
    if not draw.statistics.heard:
        return
    start_us, end_us = max(start_us, draw.window.start_us), min(end_us, draw.window.end_us)
    last = draw.era.values.whole(how.phase_days)
    for day in range(-(-start_us // DAY_US), -(-end_us // DAY_US)):
        if members[0] == 0:
            of_day(draw, how, day, day * DAY_US)
        person = np.arange(members[0], members[1], dtype=np.int64)
        person = person[(day + person) % last == 0]
        draw.measure(how.phase, person, np.full(len(person), day * DAY_US), (day + person) // last)


def _there(crowd: _Crowd, at: Ints, code: Ints, classes: int) -> Ints:
    """How many of a class have joined at each moment."""
    many = (
        np.full(len(at), len(crowd.order)) if crowd.joined is None else np.searchsorted(crowd.joined, at, side="right")
    )
    out: Ints = np.maximum(0, (many - code + classes - 1) // classes)
    return out


def _inclined(draw: EngineDraw, how: Inclination, crowd: _Crowd, person: Ints, at: Ints) -> Ints:
    """The chance that people come when they are asked, in millionths."""
    values = draw.era.values
    last = values.whole(how.phase_days)
    phase = draw.unrecorded.measure(how.phase, person, at, (at // DAY_US + person) // last)
    minute = zones.local(how.zones, crowd.zone[person], at) // MINUTE_US % _DAY_MINUTES
    off = np.abs(minute - crowd.hour[person])
    about, curve = _fits(values.number(how.hour_share), values.number(how.hour_spread), values.series(how.curve))
    fits = about[np.minimum(off, _DAY_MINUTES - off)] + curve[minute // 60]
    micro = np.minimum(phase, MOST_PHASE) * fits * WHOLE // MOST_PHASE
    out: Ints = np.where(at < crowd.until[person], micro, 0)
    return out


@lru_cache(maxsize=16)
def _fits(share: float, spread: float, curve: tuple[float, ...]) -> tuple[Ints, Ints]:
    """How well a moment suits somebody, in thousandths: by minutes from their own hour, and by the hour."""
    highest = max(curve)
    about = [round(WHOLE * share * math.exp(-((off / spread) ** 2) / 2)) for off in range(_DAY_MINUTES // 2 + 1)]
    return np.array(about), np.array([round(WHOLE * (1 - share) * by / highest) for by in curve])


def _crowd(plan: Plan, flow: Sessions, how: Inclination, classes: int) -> _Crowd:
    """What people are for life, computed once a plan."""

    def asked() -> _Crowd:
        draw = EngineDraw(plan, plan.eras[0], EMPTY, DrawStatistics()).unrecorded
        size = plan.sizes[flow.root]
        person, when = np.arange(size, dtype=np.int64), joined(plan, flow.root)
        since = np.full(size, plan.origin_us) if when is None else when
        order = np.concatenate([person[code::classes] for code in range(classes)])
        many = [len(range(code, size, classes)) for code in range(classes)]
        own = draw.choose(how.hour, person, since) * 60 + draw.below(f"{how.hour}.minute", 60, person)
        return _Crowd(
            joined=when,
            until=since + draw.measure(how.stays, person, since) * HOUR_US,
            hour=own,
            zone=how.zone(draw, person),
            order=order,
            first=np.cumsum([0, *many])[:-1],
            reached=np.cumsum(draw.measure(how.propensity, person, since)[order]),
        )

    return _KEPT.get((plan.digest, flow.name, classes, plan.sizes[flow.root]), asked)
