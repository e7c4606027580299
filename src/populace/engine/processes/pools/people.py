"""Everybody at a moment: the state of the people of pools, and what they have done since history began.

Computed by folding only. There is no state to keep and none to restore: a plan and a moment are enough.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from populace.engine.delegation import delegated
from populace.engine.processes.pools.fold import Day, PoolFold, joined
from populace.engine.processes.pools.folding import Folding, left_of
from populace.engine.processes.pools.habits import LONGEST_STREAK
from populace.engine.processes.pools.visits import NEVER_BEGINS, VISITS_AT_ONCE, Attendance, all_attendance
from populace.engine.tables import Block
from populace.plan import Plan
from populace.spec import Bools, Cohort, Ints, Lifecycle, Optional, Walk
from populace.spec.personas import People, Personas, PersonaValue

POOLS_AT_ONCE = 8
"""Pools folded together: the days of all of them are kept until they are walked through."""
_THING_BITS = 32


@dataclass(frozen=True, slots=True)
class Described:
    """A person as the world describes them. state: its position."""

    person: int
    state: int
    document: Mapping[str, Any]


def described_people(
    plan: Plan, flow: Lifecycle, personas: Personas, members: tuple[int, int], moment_us: int
) -> Iterator[Described]:
    """Everybody of pools low to high at a moment of history or life, pool by pool in the order of sign-up."""
    for low in range(*members, POOLS_AT_ONCE):
        folding = Folding(plan, flow, (low, min(low + POOLS_AT_ONCE, members[1])))
        people = people_at(folding, personas, moment_us)
        draw = folding.draw(folding.today(moment_us))
        found = documents(plan.seed, np.arange(len(people.who.person)), personas.described(draw, people))
        for at in np.argsort(people.who.person).tolist():
            yield Described(int(people.who.person[at]), int(people.who.state[at]), found[at])


def people_at(folding: Folding, personas: Personas, moment_us: int) -> People:
    """Everybody who signed up by a moment: those who are there, and those who left since history began and are kept."""
    flow, today = folding.flow, folding.today(moment_us)
    past = _Past(folding)
    fold: PoolFold | None = None
    for fold, day in folding.days(today):
        past.add(fold, day)
    assert fold is not None
    here = np.flatnonzero(fold.of("joined_at") <= moment_us)
    here = here[np.argsort(fold.of("person")[here])]
    # The fold stands after the day that was decided last; people are looked at as on that day.
    now = past.as_of(fold.cohort(here, moment_us), moment_us)
    left = joined([*past.left, now.of(slice(0, 0))])
    who = replace(joined([now, left]), at=np.full(len(now.person) + len(left.person), moment_us))
    many, stays = len(who.person), len(now.person)

    def held(name: str, otherwise: int = 0) -> Ints:
        out = np.full(many, otherwise, dtype=np.int64)
        out[:stays] = fold.of(name)[here]
        return out

    done = _Done.of(folding, past, who.person, personas, moment_us)
    event, binging = who.event.astype(np.int64), held("binging").astype(np.bool_)
    event[stays:] = 0
    spells = np.array([p.spell is not None for p in flow.patterns])[who.pattern]
    came_today = done.last_day == today
    joined_day = (who.joined_at - folding.starts_us(0)) // (folding.starts_us(1) - folding.starts_us(0))
    resting = spells & ~binging & (np.arange(many) < stays)
    return People(
        who=replace(who, event=event),
        last_at=done.last_at,
        state_since=np.r_[past.state_since(now), left.at],
        left_at=np.r_[np.full(stays, -1), left.at],
        event_ends=np.where(event > 0, folding.starts_us(0) + held("event_ends") * _day_us(folding), -1),
        streak=np.minimum(held("streak") + came_today, LONGEST_STREAK),
        missed=np.where(came_today, 0, today - 1 - np.maximum(done.last_day, joined_day - 1)).clip(0),
        binging=binging,
        spell_day=np.r_[past.spell_day(now), np.zeros(many - stays, dtype=np.int64)],
        rest_until=np.where(resting, folding.starts_us(0) + held("spell_until") * _day_us(folding), -1),
        sums=done.sums,
    )


@dataclass(slots=True)
class _Past:
    """What the days of the fold leave. unseen, seen: who came, before history and in it. left: kept people."""

    folding: Folding
    unseen: list[Attendance] = field(default_factory=list)
    seen: list[Attendance] = field(default_factory=list)
    left: list[Cohort] = field(default_factory=list)
    in_spell: list[Ints] = field(default_factory=list)
    changes: list[tuple[Ints, Ints]] = field(default_factory=list)
    last: Day | None = None

    def add(self, fold: PoolFold, day: Day) -> None:
        """Take a day along."""
        history = day.day >= self.folding.first_day
        (self.seen if history else self.unseen).append(Attendance.on(day))
        self.in_spell.append(fold.of("person")[fold.of("binging")])
        for move in day.moves:
            changed = move.who.state != move.before.state
            self.changes.append((move.who.person[changed], move.who.at[changed]))
        who, removed = left_of(self.folding.flow, day)
        # Who left before history was never written.
        if history:
            self.left.append(who.of(removed == 0))
        self.last = day

    def as_of(self, who: Cohort, moment_us: int) -> Cohort:
        """A cohort of the last day, without what changes later on that day."""
        segment = who.segment.copy()
        for move in self.last.moves if self.last else ():
            later = np.flatnonzero((move.who.at > moment_us) & (move.who.segment != move.before.segment))
            for person, before in zip(move.who.person[later], move.before.segment[later], strict=True):
                segment[who.person == person] = before
        return replace(who, segment=segment)

    def state_since(self, who: Cohort) -> Ints:
        """When the state of each began: at their last change, or when they signed up."""
        out = who.joined_at.astype(np.int64)
        for person, at in self.changes:
            place, known = _places(who.person, person)
            out[place] = at[known]
        return out

    def spell_day(self, who: Cohort) -> Ints:
        """Which day of their spell it is for each, from 1; 0 outside of one."""
        out = np.zeros(len(who.person), dtype=np.int64)
        going = np.ones(len(out), dtype=np.bool_)
        for person in reversed(self.in_spell):
            going &= np.isin(who.person, person)
            if not going.any():
                break
            out += going
        return out


@dataclass(slots=True)
class _Done:
    """What people did. last_at: µs, −1 for never; last_day: of their last visit, −1 for none."""

    last_at: Ints
    last_day: Ints
    sums: dict[str, Ints] = field(default_factory=dict)
    once: dict[str, list[Ints]] = field(default_factory=dict)

    @classmethod
    def of(cls, folding: Folding, past: _Past, person: Ints, personas: Personas, moment_us: int) -> _Done:
        """Walk through the visits of some people up to a moment; of those before history, only each one's last day."""
        many = len(person)
        out = cls(np.full(many, -1), np.full(many, -1))
        order = np.argsort(person)
        for attendance in _last_days(past.unseen):
            out._add(folding, (person, order), attendance, None, moment_us)
        for attendance in _at_once(folding, past.seen, person):
            out._add(folding, (person, order), attendance, personas, moment_us)
        for name, pairs in out.once.items():
            known = np.unique(np.concatenate(pairs))
            out.sums[name] = np.bincount(known >> _THING_BITS, minlength=many)
        return out

    def _add(
        self,
        folding: Folding,
        people: tuple[Ints, Ints],
        attendance: Attendance,
        personas: Personas | None,
        moment_us: int,
    ) -> None:
        person, order = people
        attendance = attendance.of_people(person)
        if len(attendance) == 0:
            return
        visits, walk = folding.visits(attendance)
        ends = visits.started_at + walk.lasts_us
        place = _places(person, visits.who.person, order)[0]
        begun = np.flatnonzero(visits.started_at < min(moment_us + 1, NEVER_BEGINS))
        np.maximum.at(self.last_at, place[begun], np.minimum(ends[begun], moment_us))
        np.maximum.at(self.last_day, place[begun], visits.day[begun])
        if personas is not None:
            over, theirs = ends <= moment_us, delegated(folding.plan, visits.address, visits.started_at)
            self._add_up({"visits": np.ones(len(place), dtype=np.int64)}, place, over)
            self._sum(personas, walk, place, over & ~theirs)

    def _sum(self, personas: Personas, walk: Walk, place: Ints, over: Bools) -> None:
        self._add_up({**walk.counts, **personas.counted(walk, len(place))}, place, over)
        for name, (visit, thing) in personas.once(walk).items():
            counted = over[visit]
            self.once.setdefault(name, []).append(place[visit[counted]] << _THING_BITS | thing[counted])

    def _add_up(self, counts: Mapping[str, Ints], place: Ints, over: Bools) -> None:
        many = len(self.last_at)
        for name, values in counts.items():
            sums = np.bincount(place, weights=values * over, minlength=many).astype(np.int64)
            self.sums[name] = self.sums.get(name, np.zeros(many, dtype=np.int64)) + sums


def _places(person: Ints, some: Ints, order: Ints | None = None) -> tuple[Ints, Ints]:
    """Where some people stand among `person`, and which of them do; order: that sorts `person`."""
    order = np.argsort(person) if order is None else order
    if len(person) == 0:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    at = np.minimum(np.searchsorted(person, some, sorter=order), len(person) - 1)
    known = np.flatnonzero(person[order[at]] == some)
    return order[at[known]], known


def _last_days(days: list[Attendance]) -> Iterator[Attendance]:
    """Of people who came on several days by habit, the last day of each; all decided under the first settings."""
    if not days:
        return
    attendance = all_attendance(days)
    back = attendance.came.who.person[::-1]
    last = np.sort(len(back) - 1 - np.unique(back, return_index=True)[1])
    for first in range(0, len(last), VISITS_AT_ONCE):
        yield attendance.of(last[first : first + VISITS_AT_ONCE], slice(0, 0))


def _at_once(folding: Folding, days: list[Attendance], person: Ints) -> Iterator[Attendance]:
    """Who came on the days of one era, as many of them as are walked through together; only some people."""
    held: list[Attendance] = []
    size = 0
    for attendance in days:
        some = attendance.of_people(person)
        if len(some) == 0:
            continue
        if held and (size > VISITS_AT_ONCE or folding.era(held[0].first_day) is not folding.era(some.first_day)):
            yield all_attendance(held)
            held, size = [], 0
        held.append(some)
        size += len(some)
    if held:
        yield all_attendance(held)


def _day_us(folding: Folding) -> int:
    return folding.starts_us(1) - folding.starts_us(0)


def documents(seed: int, rows: Ints, described: Mapping[str, PersonaValue]) -> list[dict[str, object]]:
    """Descriptions of some people as plain data, one mapping each, names in their order. rows: their places in what is
    described."""
    block = Block(seed, rows)
    columns = {name: _listed(block, rows, value) for name, value in described.items()}
    return [{name: column[at] for name, column in columns.items()} for at in range(len(rows))]


def _listed(block: Block, rows: Ints, value: PersonaValue) -> list[object]:
    many = len(rows)
    if isinstance(value, Mapping):
        columns = {name: _listed(block, rows, inner) for name, inner in value.items()}
        return [{name: column[at] for name, column in columns.items()} for at in range(many)]
    if isinstance(value, Optional):
        inner, there = _listed(block, rows, value.value), value.present[rows].tolist()
        return [one if is_there else None for one, is_there in zip(inner, there, strict=True)]
    if isinstance(value, np.ndarray):
        return list(value[rows].tolist())
    if value is None or isinstance(value, (bool, int, float)):
        return [value] * many
    text = block.text(value)
    return [value] * many if isinstance(value, str) else list(text.to_pylist())
