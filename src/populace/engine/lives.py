"""Lives: the people of some pools, folded day by day as a lifecycle declares.

Arrays, one element a person who is still in the pool, in no particular order: who leaves makes room for the last one.
Every draw is addressed by (person, day), so that neither order nor company changes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from populace.clock import DAY_US
from populace.engine.draws import EngineDraw
from populace.engine.habits import MICRO, Habits, date_of
from populace.engine.snapshots import State
from populace.engine.streams import bits
from populace.plan.thresholds import BITS, ResolvedChoice
from populace.spec import Bools, Cohort, Ints, Lifecycle, Moves
from populace.spec.lifecycle import PERSON_BITS

_KINDS = {
    "person": np.int64, "joined_at": np.int64, "joined_day": np.int32, "state": np.int8, "pattern": np.int8,
    "segment": np.int8, "event": np.int8, "event_ends": np.int32, "score": np.int16, "last": np.int32,
    "streak": np.int16, "came": np.bool_, "lost": np.bool_, "binging": np.bool_, "spell_until": np.int32,
}  # fmt: skip
_LONGEST_STREAK = 127
_SIGNED_UP = "signed up"
_NO_SPELLS = 1 << 30
"""A day that does not come."""


def start_of(flow: Lifecycle, day: int) -> int:
    """When a day (since 1970) begins, µs."""
    return day * DAY_US + flow.day_starts_us


def day_of(flow: Lifecycle, at_us: int) -> int:
    """The day (since 1970) that holds a moment."""
    return (at_us - flow.day_starts_us) // DAY_US


@dataclass(slots=True)
class Day:
    """What is decided at the start of a day. joined: who signs up. came: who comes, as on this day.

    moves: what changed. gone: people whose rows go. counts: by name, one number a pool.
    """

    day: int
    joined: Cohort
    came: Came
    moves: list[Moves]
    gone: Cohort
    counts: dict[str, Ints] = field(default_factory=dict)


@dataclass(slots=True)
class Came:
    """People who come on a day. index: their places among the lives."""

    who: Cohort
    binging: Bools
    special: Bools
    index: Ints


@dataclass(slots=True)
class Lives:
    """The people of pools low (included) to high (excluded) before a day. held: by field, with room at the end.

    size: how many there are. signed_up: by pool, how many ever did; living: how many there are. Who came on the day
    before is known, and what that does to them is not settled yet.
    """

    flow: Lifecycle
    low: int
    high: int
    day: int
    held: dict[str, Any]
    size: int
    signed_up: Ints
    living: Ints

    @classmethod
    def nobody(cls, flow: Lifecycle, low: int, high: int, day: int) -> Lives:
        """Pools before anybody signed up."""
        kinds = {**_KINDS, **dict.fromkeys(flow.fields, np.int32)}
        held: dict[str, Any] = {name: np.zeros(0, dtype=kind) for name, kind in kinds.items()}
        return cls(flow, low, high, day, held, 0, *(np.zeros(high - low, dtype=np.int64) for _ in range(2)))

    def of(self, name: str) -> Any:
        """One field of everybody."""
        return self.held[name][: self.size]

    def state(self, as_of_us: int) -> State:
        """As a memo of its own."""
        return State(
            as_of_us, {_SIGNED_UP: self.signed_up.copy(), **{name: self.of(name).copy() for name in self.held}}
        )

    @classmethod
    def from_state(cls, flow: Lifecycle, low: int, high: int, state: State) -> Lives | None:
        """What a memo describes; None when it does not fit these pools."""
        fresh, fields = cls.nobody(flow, low, high, day_of(flow, state.as_of_us)), state.fields
        if set(fields) != {_SIGNED_UP, *fresh.held} or fields[_SIGNED_UP].shape != fresh.signed_up.shape:
            return None
        sizes = {fields[name].shape for name in fresh.held}
        if len(sizes) != 1 or len(next(iter(sizes))) != 1:
            return None
        fresh.held = {name: fields[name].astype(kind.dtype) for name, kind in fresh.held.items()}
        fresh.size, fresh.signed_up = next(iter(sizes))[0], fields[_SIGNED_UP].astype(np.int64)
        fresh.living = _tallied(fresh, fresh.of("person") >> PERSON_BITS)
        return fresh

    def cohort(self, index: Ints | slice, at_us: int) -> Cohort:
        """Some of the people, as they are; a slice of them stands only until somebody leaves or joins."""
        person = self.of("person")[index]
        return Cohort(
            person=person,
            pool=person >> PERSON_BITS,
            joined_at=self.of("joined_at")[index],
            at=np.broadcast_to(np.int64(at_us), person.shape),
            state=self.of("state")[index],
            pattern=self.of("pattern")[index],
            segment=self.of("segment")[index],
            event=self.of("event")[index],
            score=self.of("score")[index],
            tenure=self.day - self.of("joined_day")[index],
            fields={name: self.of(name)[index] for name in self.flow.fields},
        )

    def drop(self, index: Ints) -> None:
        """Some people (distinct, ascending) leave; the last ones take their places."""
        rest = self.size - len(index)
        holes = index[index < rest]
        last = np.ones(len(index), dtype=np.bool_)
        last[index[index >= rest] - rest] = False
        movers = rest + np.flatnonzero(last)
        self.living -= _tallied(self, self.of("person")[index] >> PERSON_BITS)
        for values in self.held.values():
            values[holes] = values[movers]
        self.size = rest

    def add(self, fields: Mapping[str, Ints]) -> None:
        """People join, at the end; what is not given is zero."""
        many = len(fields["person"])
        self.living += _tallied(self, fields["person"] >> PERSON_BITS)
        if self.size + many > len(self.held["person"]):
            room = (self.size + many) * 5 // 4 + 64
            for name, values in self.held.items():
                self.held[name] = np.concatenate([values, np.zeros(room - len(values), dtype=values.dtype)])
        for name, values in self.held.items():
            values[self.size : self.size + many] = fields.get(name, 0)
        self.size += many


def _settle(draw: EngineDraw, habits: Habits, lives: Lives, at_us: int) -> None:
    """End the day before: streaks, scores and silent drop-outs, by who came."""
    flow, values, yesterday = lives.flow, draw.era.values, lives.day - 1
    came, streak, score = lives.of("came"), lives.of("streak"), lives.of("score")
    worth = {name: int(str(values[getattr(flow.score, name)])) for name in ("came", "stayed_away", "broke")}
    broke = streak >= int(str(values[flow.score.broken_streak]))
    score += np.where(came, np.int16(worth["came"]), np.int16(worth["stayed_away"]) + broke * np.int16(worth["broke"]))
    np.clip(score, 0, 100, out=score)
    np.minimum((streak + np.int16(1)) * came, _LONGEST_STREAK, out=streak)
    who = np.flatnonzero(came)
    lives.of("last")[who] = yesterday
    chance = habits.drop_out[lives.of("state")[who]]
    who, chance = who[chance > 0], chance[chance > 0]
    lost = draw.below(f"{flow.name}.drop_out", MICRO, lives.of("person")[who], yesterday) < chance
    if counts_here(draw, at_us):
        draw.accounts.graded((f"{flow.name}.drop_out",), np.zeros(len(who), dtype=np.int64), chance, lost)
    lives.of("lost")[who[lost]] = True


def begin(draw: EngineDraw, habits: Habits, lives: Lives, *, counted: bool) -> Day:
    """End the day before, and decide the one that the lives are before. counted: with the counts of each pool."""
    flow, day = lives.flow, lives.day
    at_us = start_of(flow, day)
    _settle(draw, habits, lives, at_us)
    moves, left, until_then = _transitions(draw, lives, at_us)
    _events(draw, lives, at_us)
    gone = _leave(draw, lives, left, until_then, moves, at_us)
    _patterns(draw, lives, at_us)
    spells = _spells(draw, lives, at_us)
    moves += _evolve(draw, lives, at_us)
    new = _sign_ups(draw, lives, at_us, dated=counted)
    pattern, binging, state = lives.of("pattern"), lives.of("binging"), lives.of("state")
    place = habits.places(pattern, binging, state, lives.of("streak"), lives.of("event"), lives.of("lost"))
    p = habits.chances(place, lives.of("score"))
    came = draw.below(f"{flow.name}.returns", MICRO, lives.of("person"), day) < p
    if counts_here(draw, at_us):
        habits.account(draw.accounts, place, p, came)
    lives.of("came")[:] = came
    who = np.flatnonzero(came)
    out = Day(day, new, Came(lives.cohort(who, at_us), binging[who], habits.special[pattern[who]], who), moves, gone)
    if counted:
        out.counts = {
            **_counts(lives),
            **spells,
            **_counted_moves(lives, moves),
            "signups": _tallied(lives, new.pool),
        }
    lives.day += 1
    return out


def _transitions(draw: EngineDraw, lives: Lives, at_us: int) -> tuple[list[Moves], Ints, Cohort]:
    """Change states, once a person at most: the moves of those who stay, the places of those who leave, and how they
    were until then.
    """
    flow, day, values = lives.flow, lives.day, draw.era.values
    state, pattern = lives.of("state"), lives.of("pattern")
    idle = day - 1 - lives.of("last")
    tenure = day - lives.of("joined_day")
    moved, target = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int8)
    for rule in flow.transitions:
        fits = _any_of(state, [flow.state(name) for name in rule.sources])
        if rule.idle:
            fits &= idle >= int(str(values[rule.idle]))
        if rule.idle_below:
            fits &= idle < int(str(values[rule.idle_below]))
        if rule.tenure:
            fits &= tenure >= int(str(values[rule.tenure]))
        if rule.patterns:
            fits &= _any_of(pattern, [flow.pattern(name) for name in rule.patterns])
        fits[moved] = False
        who = np.flatnonzero(fits)
        if rule.chance:
            who = _falls(draw, lives, rule.chance, who, at_us)
        moved = np.concatenate([moved, who])
        target = np.concatenate([target, np.full(len(who), flow.state(rule.target), dtype=np.int8)])
    order = np.argsort(moved)
    moved, target = moved[order], target[order]
    before = lives.cohort(moved, at_us)
    state[moved] = target
    after = lives.cohort(moved, at_us)
    goes = np.array([s.left for s in flow.states])[after.state]
    stays = ~goes
    nobody = np.zeros(int(stays.sum()), dtype=np.bool_)
    moves = Moves(who=chosen(after, stays), before=chosen(before, stays), removed=nobody)
    return ([moves] if stays.any() else []), moved[goes], chosen(before, goes)


def _any_of(codes: Ints, wanted: list[int]) -> Bools:
    out: Bools = codes == wanted[0]
    for code in wanted[1:]:
        out |= codes == code
    return out


def _falls(draw: EngineDraw, lives: Lives, chances: tuple[str, ...], who: Ints, at_us: int) -> Ints:
    """Whom the chance picks; one chance for all, or one a segment."""
    segment = lives.of("segment")[who] if len(chances) > 1 else np.zeros(len(who), dtype=np.int8)
    picked = []
    for at, point in enumerate(chances):
        some = who[segment == at]
        falls = draw.chance(point, lives.of("person")[some], np.full(len(some), at_us), lives.day)
        picked.append(some[falls])
    return np.sort(np.concatenate(picked))


def _events(draw: EngineDraw, lives: Lives, at_us: int) -> None:
    """Life events end, and others begin; one at a time."""
    flow, day = lives.flow, lives.day
    event, ends = lives.of("event"), lives.of("event_ends")
    event[ends <= day] = 0
    weights = draw.era.decisions[flow.events_weights]
    assert isinstance(weights, ResolvedChoice)
    # Most draws say that nothing happens: drawn for everybody, and looked at where something does to who is free.
    drawn = bits(draw.seed(flow.events_weights), lives.of("person"), day) >> np.uint64(64 - BITS)
    free = event == 0
    busy = np.flatnonzero((drawn >= weights.thresholds[0]) & free)
    began = np.searchsorted(weights.thresholds, drawn[busy], side="right")
    if counts_here(draw, at_us):
        counts = np.bincount(began, minlength=len(weights.thresholds) + 1)
        counts[0] = np.count_nonzero(free) - len(busy)
        draw.accounts.choice_counts(flow.events_weights, weights, counts.tolist())
    for number, one in enumerate(flow.events, 1):
        who = busy[began == number]
        event[who] = number
        ends[who] = day + draw.measure(one.days, lives.of("person")[who], np.full(len(who), at_us), day)


def counts_here(draw: EngineDraw, at_us: int) -> bool:
    """Whether what is drawn for a moment is accounted."""
    return draw.window.start_us <= at_us < draw.window.end_us


def _leave(draw: EngineDraw, lives: Lives, left: Ints, until_then: Cohort, moves: list[Moves], at_us: int) -> Cohort:
    """Those who left go out of the pool; the rows of some of them stay. Returns whose rows go."""
    after = lives.cohort(left, at_us)
    removed = ~draw.chance(lives.flow.kept, after.person, after.at)
    if len(left):
        moves.append(Moves(who=after, before=until_then, removed=removed))
        lives.drop(left)
    return chosen(after, removed)


def _patterns(draw: EngineDraw, lives: Lives, at_us: int) -> None:
    """Whose first days are over gets a habit of her own."""
    flow = lives.flow
    over = int(str(draw.era.values[flow.assigned_after]))
    ripe = np.flatnonzero(lives.of("joined_day") == lives.day - over)
    for segment, point in enumerate(flow.assigned):
        who = ripe[lives.of("segment")[ripe] == segment]
        pattern = draw.choose(point, lives.of("person")[who], np.full(len(who), at_us))
        lives.of("pattern")[who] = pattern
        spells = np.array([p.spell is not None for p in flow.patterns])
        lives.of("spell_until")[who] = np.where(spells[pattern], lives.day, _NO_SPELLS)


def _spells(draw: EngineDraw, lives: Lives, at_us: int) -> dict[str, Ints]:
    """Spells begin and end; how many did, by pool."""
    flow, day = lives.flow, lives.day
    turn = np.flatnonzero(lives.of("spell_until") <= day)
    binging, until, habit = lives.of("binging"), lives.of("spell_until"), lives.of("pattern")[turn]
    begun = ended = np.zeros(0, dtype=np.int64)
    for at, pattern in enumerate(flow.patterns):
        if pattern.spell is None or pattern.rest is None:
            continue
        who = turn[habit == at]
        on = binging[who]
        for point, some in ((pattern.rest, who[on]), (pattern.spell, who[~on])):
            person = lives.of("person")[some]
            until[some] = day + draw.measure(point, person, np.full(len(some), at_us), day)
        binging[who] = ~on
        begun, ended = np.concatenate([begun, who[~on]]), np.concatenate([ended, who[on]])
    person = lives.of("person")
    return {
        "spells_begun": _tallied(lives, person[begun] >> PERSON_BITS),
        "spells_ended": _tallied(lives, person[ended] >> PERSON_BITS),
    }


def _evolve(draw: EngineDraw, lives: Lives, at_us: int) -> list[Moves]:
    """What the world itself changes."""
    everybody = lives.cohort(slice(None), at_us)
    evolved = lives.flow.evolve(draw, everybody)
    if len(evolved.index) == 0:
        return []
    before = chosen(everybody, evolved.index)
    for name, values in evolved.fields.items():
        lives.of(name)[evolved.index] = values
    after = lives.cohort(evolved.index, at_us)
    at = np.full(len(evolved.index), at_us) if evolved.at is None else evolved.at
    return [Moves(who=replace(after, at=at), before=before, removed=np.zeros(len(at), dtype=np.bool_))]


def _sign_ups(draw: EngineDraw, lives: Lives, at_us: int, *, dated: bool) -> Cohort:
    """New people, as many a pool as it takes. dated: with the moments of their sign-ups."""
    flow, day = lives.flow, lives.day
    many = _how_many(draw, lives, at_us)
    pool = np.repeat(np.arange(lives.low, lives.high), many)
    within = np.arange(len(pool)) - np.repeat(np.cumsum(many) - many, many)
    person = pool << PERSON_BITS | (np.repeat(lives.signed_up, many) + within)
    lives.signed_up += many
    at = np.full(len(person), at_us)
    first, new = flow.pattern(flow.first_pattern), lives.size
    lives.add(
        {
            "person": person,
            "joined_day": np.full(len(person), day),
            "last": np.full(len(person), day - 1),
            "pattern": np.full(len(person), first),
            "spell_until": np.full(len(person), day if flow.patterns[first].spell else _NO_SPELLS),
            "segment": draw.choose(flow.segment, person, at),
            "score": draw.measure(flow.score.begins, person, at),
        }
    )
    index = np.arange(new, lives.size)
    if dated:
        lives.of("joined_at")[index] = at_us + flow.sign_up(draw, lives.cohort(index, at_us))
    return replace(lives.cohort(index, at_us), at=lives.of("joined_at")[index])


def date_sign_ups(draw: EngineDraw, lives: Lives) -> None:
    """The moments of sign-ups that were left out while days went by unseen."""
    index = np.flatnonzero(lives.of("joined_at") == 0)
    if len(index):
        at = lives.of("joined_day")[index].astype(np.int64) * DAY_US + lives.flow.day_starts_us
        who = replace(lives.cohort(index, 0), at=at)
        lives.of("joined_at")[index] = at + lives.flow.sign_up(draw, who)


def _how_many(draw: EngineDraw, lives: Lives, at_us: int) -> Ints:
    """Sign-ups of a day, by pool. What is no whole number is one of its neighbours, with that mean."""
    flow, values, day = lives.flow, draw.era.values, lives.day
    pools = np.arange(lives.low, lives.high)
    per_pool = float(str(values[flow.pool.target]))
    target = round(per_pool * MICRO) * _scheduled(str(values[flow.pool.schedule]), day) // MICRO
    live = lives.living * MICRO
    share = per_pool / float(str(values[flow.pool.per]))
    low, high = int(str(values[flow.pool.low])), int(str(values[flow.pool.high]))
    least, most = round(low * share * MICRO), round(high * share * MICRO)
    reading = str(values[flow.pool.reading])
    first = day == first_day(flow, draw) and not int(str(values[flow.pool.unseen_days]))
    if first:
        wanted = np.full(len(pools), target)
    elif reading == "replace":
        wanted = np.clip(target - live, least, most)
    else:
        even = draw.below(f"{flow.name}.signups.even", high - low + 1, pools, day) + low
        wanted = even * round(share * MICRO)
        if reading == "top_up":
            wanted = np.minimum(wanted, np.maximum(target - live, 0))
    return (wanted + draw.below(f"{flow.name}.signups", MICRO, pools, day)) // MICRO


def first_day(flow: Lifecycle, draw: EngineDraw) -> int:
    """The first day of history."""
    return draw.origin_us // DAY_US


def _scheduled(text: str, day: int) -> int:
    """The factor (millionths) of a pool's target on a day: `2026-03-01:0.8,2026-06-01:1.2`, or a word for none."""
    factor = MICRO
    for part in text.split(","):
        since, colon, value = part.partition(":")
        if colon and since.strip() <= date_of(day).isoformat():
            factor = round(float(value) * MICRO)
    return factor


def _counts(lives: Lives) -> dict[str, Ints]:
    """People of each pool by state and by pattern, and the sums of their scores by state."""
    flow, pools = lives.flow, lives.high - lives.low
    states, patterns = len(flow.states), len(flow.patterns)
    pool = (lives.of("person") >> PERSON_BITS) - lives.low
    cell = (pool * states + lives.of("state")) * patterns + lives.of("pattern")
    shape = (pools, states, patterns)
    people = np.bincount(cell, minlength=pools * states * patterns).reshape(shape)
    scores = np.bincount(cell, weights=lives.of("score"), minlength=pools * states * patterns).astype(np.int64)
    scores = scores.reshape(shape).sum(axis=2)
    out = {"total": people.sum(axis=(1, 2))}
    for at, state in enumerate(flow.states):
        out[f"state.{state.name}"] = people[:, at].sum(axis=1)
        out[f"score.{state.name}"] = scores[:, at]
    for at, pattern in enumerate(flow.patterns):
        out[f"pattern.{pattern.name}"] = people[:, :, at].sum(axis=1)
    return out


def _counted_moves(lives: Lives, moves: list[Moves]) -> dict[str, Ints]:
    """Who left and who came back, by pool."""
    left = np.array([s.left for s in lives.flow.states])
    slow = np.array([s.factor is not None for s in lives.flow.states])
    out = {name: np.zeros(lives.high - lives.low, dtype=np.int64) for name in ("churned", "removed", "reactivated")}
    for one in moves:
        gone, back = left[one.who.state], slow[one.before.state] & ~slow[one.who.state] & ~left[one.who.state]
        for name, which in (("churned", gone), ("removed", one.removed), ("reactivated", back)):
            out[name] += _tallied(lives, one.who.pool[which])
    return out


def _tallied(lives: Lives, pool: Ints) -> Ints:
    return np.bincount(pool - lives.low, minlength=lives.high - lives.low)


def chosen(who: Cohort, index: Ints | Bools | slice) -> Cohort:
    """Some of a cohort."""
    fields = {name: values[index] for name, values in who.fields.items()}
    rest = {name: getattr(who, name)[index] for name in _COHORT}
    return Cohort(**rest, fields=fields)


def joined(cohorts: list[Cohort]) -> Cohort:
    """Cohorts, one after another; at least one."""
    fields = {name: np.concatenate([c.fields[name] for c in cohorts]) for name in cohorts[0].fields}
    rest = {name: np.concatenate([getattr(c, name) for c in cohorts]) for name in _COHORT}
    return Cohort(**rest, fields=fields)


_COHORT = ("person", "pool", "joined_at", "at", "state", "pattern", "segment", "event", "score", "tenure")
