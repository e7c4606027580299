"""Why a person came on a day, or did not: their pool folded to that day, and their chance step by step.

Nothing is computed in a second way. The fold that made the rows gives their state and the draw; `Habits.steps` lists
the steps of the chance with which the draw was compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Literal

import numpy as np

from populace.engine.day_factor import of_day
from populace.engine.delegation import delegated
from populace.engine.odds import MICRO
from populace.engine.processes.pools.fold import Day, PoolFold, joined
from populace.engine.processes.pools.folding import Folding, left_of
from populace.engine.processes.pools.habits import Standing, Step
from populace.engine.processes.pools.individuals import at_sign_up
from populace.engine.processes.pools.visits import NEVER_BEGINS, Attendance
from populace.engine.tables import Block
from populace.plan import Plan
from populace.spec import Lifecycle
from populace.spec.cohort import PERSON_BITS, REQUESTED
from populace.spec.heterogeneity import WHOLE

Happens = Literal["takes place", "delegated", "cancelled", "no room"]


@dataclass(frozen=True, slots=True)
class Found:
    """Somebody who ever signed up: address, what the world calls them, their account's key, when they joined (µs)."""

    person: int
    called: str
    key: str
    joined_us: int


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit of the day. Moments are µs; none for one that finds no room in the day.

    happens: `delegated` when another actor plays it, `cancelled` by an intervention that was in effect when it would
    have begun, `no room` beside the others. requested: by a user, not by habit.
    """

    begins_us: int | None
    ends_us: int | None
    happens: Happens
    requested: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """How somebody is on a day. streak, idle: whole days before it. tenure: days since they signed up.

    event, event_ends, spell_until: None for none; the days (since 1970) are the first ones without it. spell_until: of
    a pattern with spells, when the spell ends or, between spells, the next one begins. chance, drawn: millionths; the
    person means to come when what is drawn is below the chance. came: one of their visits takes place.
    """

    state: str
    pattern: str
    segment: str
    event: str | None
    event_ends: int | None
    binging: bool
    spell_until: int | None
    streak: int
    score: int
    idle: int
    tenure: int
    dropped_out: bool
    steps: tuple[Step, ...]
    chance: int
    drawn: int
    came: bool
    visits: tuple[Visit, ...]

    @property
    def meant_to_come(self) -> bool:
        """Whether the draw was below the chance."""
        return self.drawn < self.chance


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """What a day was for somebody. left_us: when they left, if so by the day's beginning; kept: whether their rows
    stayed. today: None for who had not signed up by the day's end, or had left.
    """

    who: Found
    day: int
    starts_us: int
    ends_us: int
    left_us: int | None = None
    kept: bool | None = None
    today: Today | None = None


def why(plan: Plan, flow: Lifecycle, who: Found, day: int) -> Why:
    """A day of a person that `everybody` found."""
    return next(each(plan, flow, [(who, day)]))


def each(plan: Plan, flow: Lifecycle, wanted: Iterable[tuple[Found, int]]) -> Iterator[Why]:
    """Days of people, each pool folded once; in the order of pools, days and people."""
    by_pool: dict[int, list[tuple[int, int, Found]]] = {}
    for who, day in wanted:
        by_pool.setdefault(who.person >> PERSON_BITS, []).append((day, who.person, who))
    for pool, asked in sorted(by_pool.items()):
        asked.sort(key=lambda one: one[:2])
        yield from _of_pool(Folding(plan, flow, (pool, pool + 1)), asked)


def everybody(plan: Plan, flow: Lifecycle, members: tuple[int, int], until_us: int) -> Iterator[Found]:
    """Everybody who signed up in some pools before a moment, those who left among them."""
    folding = Folding(plan, flow, members)
    today = folding.today(until_us)
    who = joined([day.joined for _, day in folding.days(today)])
    block = Block(plan.seed, np.flatnonzero(who.joined_at < until_us))
    called = block.text(flow.called(folding.draw(today), who)).to_pylist()
    keys = block.text(flow.key(folding.draw(today), who)).to_pylist()
    some = who.of(who.joined_at < until_us)
    for person, name, key, at_us in zip(some.person.tolist(), called, keys, some.joined_at.tolist(), strict=True):
        yield Found(person, name, key, at_us)


def _of_pool(folding: Folding, asked: list[tuple[int, int, Found]]) -> Iterator[Why]:
    departed: dict[int, tuple[int, bool]] = {}
    place = 0
    for fold, day in folding.days(asked[-1][0]):
        left, removed = left_of(folding.flow, day)
        for person, at_us, cleaned in zip(left.person.tolist(), left.at.tolist(), removed.tolist(), strict=True):
            # Who left before history has no rows in any case.
            departed[person] = (at_us, not cleaned and day.day >= folding.first_day)
        while place < len(asked) and asked[place][0] == day.day:
            who = asked[place][2]
            left_us, kept = departed.get(who.person, (None, None))
            yield Why(
                who=who,
                day=day.day,
                starts_us=folding.starts_us(day.day),
                ends_us=folding.starts_us(day.day + 1),
                left_us=left_us,
                kept=kept,
                today=_today(folding, fold, day, who.person),
            )
            place += 1


def _today(folding: Folding, fold: PoolFold, day: Day, person: int) -> Today | None:
    """As the fold has the person after the day was decided; None for somebody who is not in the pool."""
    flow = folding.flow
    index = np.flatnonzero(fold.of("person") == person)
    if len(index) == 0:
        return None
    held = {name: fold.of(name)[index[0]].item() for name in fold.held}
    draw, era = folding.draw(day.day), folding.era(day.day)
    habits = folding.habits(day.day)
    applied = habits.applied
    known = {one.name: held[one.name] for one in fields(Standing) if one.name in held}
    if not applied.leaning:
        known.pop("leaning", None)
    differing = flow.heterogeneity
    standing = Standing(**known, of_day=of_day(draw, differing, day.day) if differing and applied.day else WHOLE)
    steps = habits.steps(era, standing)
    stream, counter = f"{flow.name}.returns", day.day
    if applied.first_visit and flow.heterogeneity and day.day == held["joined_day"]:
        stream, counter = flow.heterogeneity.first_visit, 0
        steps = [at_sign_up(flow, era)]
    drawn = draw.below(stream, MICRO, np.array([person]), counter)
    pattern = flow.patterns[held["pattern"]]
    return Today(
        state=flow.states[held["state"]].name,
        pattern=pattern.name,
        segment=flow.segments[held["segment"]],
        event=flow.life_events[held["event"] - 1].name if held["event"] else None,
        event_ends=held["event_ends"] if held["event"] else None,
        binging=held["binging"],
        spell_until=held["spell_until"] if pattern.spell else None,
        streak=held["streak"],
        score=held["score"],
        idle=day.day - 1 - held["last"],
        tenure=day.day - held["joined_day"],
        dropped_out=held["lost"],
        steps=tuple(steps),
        chance=steps[-1].after,
        drawn=int(drawn[0]),
        came=held["came"],
        visits=tuple(_visits(folding, day, person)),
    )


def _visits(folding: Folding, day: Day, person: int) -> Iterator[Visit]:
    """A person's visits of a day on which they mean to come or are requested, in order; those without room last."""
    attendance = Attendance.on(day).of_people(np.array([person]))
    if len(attendance) == 0:
        return
    visits, walk = folding.visits(attendance)
    intended = folding.intended(attendance).started_at
    requested, theirs = visits.address >= REQUESTED, delegated(folding.plan, visits.address, visits.started_at)
    for at in np.lexsort((visits.k, intended)).tolist():
        begins_us = int(intended[at])
        if begins_us >= NEVER_BEGINS:
            yield Visit(None, None, "no room")
            continue
        happens: Happens = "delegated" if theirs[at] else "takes place"
        if int(visits.started_at[at]) >= NEVER_BEGINS:
            happens = "cancelled"
        yield Visit(begins_us, begins_us + int(walk.lasts_us[at]), happens, bool(requested[at]))
