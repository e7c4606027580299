"""The daily update: the day before is settled, states change, people leave and join, and it is drawn who comes.

Every draw is addressed by (person, day); the order of the steps is that of the app's daily pass.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from populace.clock import DAY_US
from populace.engine.draws import EngineDraw
from populace.engine.processes.pools import individuals
from populace.engine.processes.pools.fold import NO_SPELLS, Came, Day, PoolFold, counts_here, start_of, tallied
from populace.engine.processes.pools.habits import LONGEST_STREAK, Habits
from populace.engine.processes.pools.named import is_named, names_of
from populace.engine.processes.pools.signups import sign_ups
from populace.engine.streams import bits
from populace.plan.thresholds import BITS, ResolvedChoice
from populace.spec import Bools, Cohort, Ints, Lifecycle, Moves
from populace.spec.cohort import PERSON_BITS


def _settle(draw: EngineDraw, habits: Habits, fold: PoolFold, at_us: int) -> None:
    """End the day before: streaks, scores and silent drop-outs, by who came."""
    flow, values, yesterday = fold.flow, draw.era.values, fold.day - 1
    came, streak, score = fold.of("came"), fold.of("streak"), fold.of("score")
    worth = {name: values.whole(getattr(flow.score, name)) for name in ("came", "stayed_away", "broke")}
    broke = streak >= values.whole(flow.score.broken_streak)
    score += np.where(came, np.int16(worth["came"]), np.int16(worth["stayed_away"]) + broke * np.int16(worth["broke"]))
    np.clip(score, 0, 100, out=score)
    np.minimum((streak + np.int16(1)) * came, LONGEST_STREAK, out=streak)
    who = np.flatnonzero(came)
    fold.of("last")[who] = yesterday
    who = who[np.flatnonzero(habits.drop_out.micro.take(fold.of("state")[who]))]
    fold.of("lost")[who[individuals.drops_out(draw, habits, fold, who, at_us)]] = True


def begin(draw: EngineDraw, habits: Habits, fold: PoolFold, *, counted: bool, dated: bool) -> Day:
    """End the day before, and decide the one that the fold stands before, and still does then.

    counted: with the counts of each pool.
    dated: with the moments of what happens on the way; else sign-ups have none yet, and nothing may be emitted of the
    day.
    """
    flow, day = fold.flow, fold.day
    at_us = start_of(flow, day)
    _settle(draw, habits, fold, at_us)
    moves, left, until_then = _transitions(draw, fold, at_us)
    _events(draw, fold, at_us)
    removed = _leave(draw, fold, left, until_then, moves, at_us)
    _patterns(draw, habits, fold, at_us)
    spells = _spells(draw, fold, at_us)
    moves += _evolve(draw, fold, at_us, dated=dated)
    new = sign_ups(draw, fold, at_us, dated=dated)
    individuals.new_phases(draw, habits, fold, at_us)
    came = _come(draw, habits, fold, len(new.person), at_us)
    fold.of("came")[:] = came
    pattern, binging = fold.of("pattern"), fold.of("binging")
    # Of a day that nothing is emitted of, it is enough to know who came.
    who = np.flatnonzero(came) if dated else np.zeros(0, dtype=np.int64)
    out = Day(day, new, Came(fold.cohort(who, at_us), binging[who], habits.special[pattern[who]], who), moves, removed)
    if counted:
        out.counts = {
            **_counts(fold),
            **spells,
            **_counted_moves(fold, moves),
            "signups": tallied(fold, new.pool),
        }
    return out


def _come(draw: EngineDraw, habits: Habits, fold: PoolFold, new: int, at_us: int) -> Bools:
    """Who comes today. new: so many, the last ones, sign up today."""
    many = len(fold.of("person"))
    if not habits.applied.first_visit:
        return individuals.comes(draw, habits, fold, at_us, many)
    known = many - new
    out: Bools = np.r_[
        individuals.comes(draw, habits, fold, at_us, known),
        individuals.comes_first(draw, fold, np.arange(known, many), at_us),
    ]
    return out


def _transitions(draw: EngineDraw, fold: PoolFold, at_us: int) -> tuple[list[Moves], Ints, Cohort]:
    """Change states, once a person at most: the moves of those who stay, the places of those who leave, and how they
    were until then.
    """
    flow, day, values = fold.flow, fold.day, draw.era.values
    state, pattern = fold.of("state"), fold.of("pattern")
    idle = day - 1 - fold.of("last")
    tenure = day - fold.of("joined_day")
    moved = _named(draw, fold, at_us)
    target = np.full(len(moved), _leaves(flow).argmax(), dtype=np.int8)
    for rule in flow.transitions:
        fits = _any_of(state, [flow.state(name) for name in rule.sources])
        if rule.idle:
            fits &= idle >= values.whole(rule.idle)
        if rule.idle_below:
            fits &= idle < values.whole(rule.idle_below)
        if rule.tenure:
            fits &= tenure >= values.whole(rule.tenure)
        if rule.patterns:
            fits &= _any_of(pattern, [flow.pattern(name) for name in rule.patterns])
        fits[moved] = False
        who = np.flatnonzero(fits)
        if rule.chance:
            who = _falls(draw, fold, rule.chance, who, at_us)
        moved = np.concatenate([moved, who])
        target = np.concatenate([target, np.full(len(who), flow.state(rule.target), dtype=np.int8)])
    order = np.argsort(moved)
    moved, target = moved[order], target[order]
    before = fold.cohort(moved, at_us)
    state[moved] = target
    after = replace(before, state=state[moved])
    goes = _leaves(flow)[target]
    moves = Moves(who=after, before=before, removed=np.zeros(len(moved), dtype=np.bool_))
    if not goes.any():
        return ([moves] if len(moved) else []), moved[:0], before.of(slice(0))
    stays = moves.of(~goes)
    return ([stays] if len(stays.removed) else []), moved[goes], before.of(goes)


def _named(draw: EngineDraw, fold: PoolFold, at_us: int) -> Ints:
    """Who leaves by name: once, at the first start of a day at which they are named."""
    flow, plan = fold.flow, draw.plan
    if flow.leaves is None:
        return np.zeros(0, dtype=np.int64)
    now, before = (names_of(plan.era_at(at).values.text(flow.leaves)) for at in (at_us, start_of(flow, fold.day - 1)))
    names = now - before
    return np.flatnonzero(is_named(draw, flow, names, fold.cohort(slice(None), at_us)))


def _leaves(flow: Lifecycle) -> Bools:
    """Which states are those of people who have left."""
    return np.array([state.left for state in flow.states])


def _any_of(codes: Ints, wanted: list[int]) -> Bools:
    out: Bools = codes == wanted[0]
    for code in wanted[1:]:
        out |= codes == code
    return out


def _falls(draw: EngineDraw, fold: PoolFold, chances: tuple[str, ...], who: Ints, at_us: int) -> Ints:
    """Whom the chance picks; one chance for all, or one a segment."""
    segment = fold.of("segment")[who] if len(chances) > 1 else np.zeros(len(who), dtype=np.int8)
    picked = []
    for at, point in enumerate(chances):
        some = who[segment == at]
        falls = draw.chance(point, fold.of("person")[some], np.full(len(some), at_us), fold.day)
        picked.append(some[falls])
    return np.sort(np.concatenate(picked))


def _events(draw: EngineDraw, fold: PoolFold, at_us: int) -> None:
    """Some life events end, and others begin; one at a time."""
    flow, day = fold.flow, fold.day
    event, ends = fold.of("event"), fold.of("event_ends")
    event[ends <= day] = 0
    weights = draw.era.decisions[flow.life_events_weights]
    assert isinstance(weights, ResolvedChoice)
    if len(weights.thresholds) != len(flow.life_events):
        raise ValueError(f"{flow.life_events_weights}: one weight for nothing, and one for each life event")
    if not flow.life_events:
        return
    # Most draws say that nothing happens: drawn for everybody, and looked at where something does to who is free.
    drawn = bits(draw.seed(flow.life_events_weights), fold.of("person"), day) >> np.uint64(64 - BITS)
    free = event == 0
    busy = np.flatnonzero((drawn >= weights.thresholds[0]) & free)
    began = np.searchsorted(weights.thresholds, drawn[busy], side="right")
    if counts_here(draw, at_us):
        counts = np.bincount(began, minlength=len(weights.thresholds) + 1)
        counts[0] = np.count_nonzero(free) - len(busy)
        draw.statistics.choice_counts(flow.life_events_weights, weights, counts.tolist())
    for number, one in enumerate(flow.life_events, 1):
        who = busy[began == number]
        if len(who) == 0:
            continue
        event[who] = number
        ends[who] = day + draw.measure(one.days, fold.of("person")[who], np.full(len(who), at_us), day)


def _leave(draw: EngineDraw, fold: PoolFold, left: Ints, until_then: Cohort, moves: list[Moves], at_us: int) -> Cohort:
    """People who left are taken out of the pool; the rows of some of them stay. Returns whose rows are removed."""
    after = fold.cohort(left, at_us)
    removed = ~draw.chance(fold.flow.kept, after.person, after.at)
    if len(left):
        moves.append(Moves(who=after, before=until_then, removed=removed))
        fold.drop(left)
    return after.of(removed)


def _patterns(draw: EngineDraw, habits: Habits, fold: PoolFold, at_us: int) -> None:
    """People whose first days are over get a habit of their own."""
    flow = fold.flow
    over = draw.era.values.whole(flow.assigned_after)
    ripe = np.flatnonzero(fold.of("joined_day") == fold.day - over)
    for segment, point in enumerate(flow.assigned):
        who = ripe[fold.of("segment")[ripe] == segment]
        pattern = draw.choose(point, fold.of("person")[who], np.full(len(who), at_us))
        fold.of("pattern")[who] = pattern
        fold.of("binging")[who] = False
        spells = np.array([p.spell is not None for p in flow.patterns])
        fold.of("spell_until")[who] = np.where(spells[pattern], fold.day, NO_SPELLS)
    individuals.second_patterns(draw, habits, fold, ripe, at_us)


def _spells(draw: EngineDraw, fold: PoolFold, at_us: int) -> dict[str, Ints]:
    """Spells begin and end; how many did, by pool."""
    flow, day = fold.flow, fold.day
    turn = np.flatnonzero(fold.of("spell_until") <= day)
    binging, until, habit = fold.of("binging"), fold.of("spell_until"), fold.of("pattern")[turn]
    begun = ended = np.zeros(0, dtype=np.int64)
    for at, pattern in enumerate(flow.patterns):
        if pattern.spell is None or pattern.rest is None:
            continue
        who = turn[habit == at]
        on = binging[who]
        for point, some in ((pattern.rest, who[on]), (pattern.spell, who[~on])):
            person = fold.of("person")[some]
            until[some] = day + draw.measure(point, person, np.full(len(some), at_us), day)
        binging[who] = ~on
        begun, ended = np.concatenate([begun, who[~on]]), np.concatenate([ended, who[on]])
    person = fold.of("person")
    return {
        "spells_begun": tallied(fold, person[begun] >> PERSON_BITS),
        "spells_ended": tallied(fold, person[ended] >> PERSON_BITS),
    }


def _evolve(draw: EngineDraw, fold: PoolFold, at_us: int, *, dated: bool) -> list[Moves]:
    """What the world itself changes. dated: with the moments of it."""
    everybody = fold.cohort(slice(None), at_us)
    evolved = fold.flow.evolve(draw, everybody)
    if len(evolved.index) == 0:
        return []
    before = everybody.of(evolved.index)
    for name, values in evolved.fields.items():
        held = fold.of(name)
        if (np.abs(values) > np.iinfo(held.dtype).max).any():
            raise ValueError(f"{draw.plan.world.name}.flows.{fold.flow.name}: {name} does not fit {held.dtype}")
        held[evolved.index] = values
    after = fold.cohort(evolved.index, at_us)
    at = np.full(len(evolved.index), at_us) if evolved.at is None else evolved.at
    # For a sign-up on an unseen day the moment is not known yet: nothing is emitted for such a day.
    if dated and ((at < at_us) | (at >= at_us + DAY_US)).any():
        raise ValueError(f"{draw.plan.world.name}.flows.{fold.flow.name}: a change lies outside its day")
    return [Moves(who=replace(after, at=at), before=before, removed=np.zeros(len(at), dtype=np.bool_))]


def _counts(fold: PoolFold) -> dict[str, Ints]:
    """People of each pool by state and by pattern, and the sums of their scores by state."""
    flow, pools = fold.flow, fold.high - fold.low
    states, patterns = len(flow.states), len(flow.patterns)
    pool = (fold.of("person") >> PERSON_BITS) - fold.low
    cell = (pool * states + fold.of("state")) * patterns + fold.of("pattern")
    shape = (pools, states, patterns)
    people = np.bincount(cell, minlength=pools * states * patterns).reshape(shape)
    scores = np.bincount(cell, weights=fold.of("score"), minlength=pools * states * patterns).astype(np.int64)
    scores = scores.reshape(shape).sum(axis=2)
    out = {"total": people.sum(axis=(1, 2))}
    for at, state in enumerate(flow.states):
        out[f"state.{state.name}"] = people[:, at].sum(axis=1)
        out[f"score.{state.name}"] = scores[:, at]
    for at, pattern in enumerate(flow.patterns):
        out[f"pattern.{pattern.name}"] = people[:, :, at].sum(axis=1)
    return out


def _counted_moves(fold: PoolFold, moves: list[Moves]) -> dict[str, Ints]:
    """Who left and who came back, by pool."""
    left = _leaves(fold.flow)
    slow = np.array([s.factor is not None for s in fold.flow.states])
    out = {name: np.zeros(fold.high - fold.low, dtype=np.int64) for name in ("churned", "removed", "reactivated")}
    for one in moves:
        churned, back = left[one.who.state], slow[one.before.state] & ~slow[one.who.state] & ~left[one.who.state]
        for name, which in (("churned", churned), ("removed", one.removed), ("reactivated", back)):
            out[name] += tallied(fold, one.who.pool[which])
    return out
