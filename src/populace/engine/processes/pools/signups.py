"""Sign-ups: how many people join each pool on a day, and when."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from populace.clock import DAY_US
from populace.engine.day_factor import date_of
from populace.engine.draws import EngineDraw
from populace.engine.odds import MICRO
from populace.engine.processes.pools.fold import NO_SPELLS, PoolFold
from populace.engine.processes.pools.individuals import for_life
from populace.spec import Cohort, Ints
from populace.spec.cohort import PERSON_BITS


def sign_ups(draw: EngineDraw, fold: PoolFold, at_us: int, *, dated: bool) -> Cohort:
    """New people, as many a pool as it takes. dated: with the moments of their sign-ups."""
    flow, day = fold.flow, fold.day
    many = _how_many(draw, fold, at_us)
    pool = np.repeat(np.arange(fold.low, fold.high), many)
    within = np.arange(len(pool)) - np.repeat(np.cumsum(many) - many, many)
    person = pool << PERSON_BITS | (np.repeat(fold.signed_up, many) + within)
    fold.signed_up += many
    at = np.full(len(person), at_us)
    first, new = flow.pattern(flow.first_pattern), fold.size
    fold.add(
        {
            "person": person,
            "joined_day": np.full(len(person), day),
            "last": np.full(len(person), day - 1),
            "pattern": np.full(len(person), first),
            "spell_until": np.full(len(person), day if flow.patterns[first].spell else NO_SPELLS),
            "segment": draw.choose(flow.segment, person, at),
            "score": draw.measure(flow.score.begins, person, at),
            **for_life(draw, flow, person, at_us),
        }
    )
    index = np.arange(new, fold.size)
    if dated:
        _date(draw, fold, index)
    return replace(fold.cohort(index, at_us), at=fold.of("joined_at")[index])


def date_sign_ups(draw: EngineDraw, fold: PoolFold) -> None:
    """The moments of sign-ups that were left out on unseen days."""
    index = np.flatnonzero(fold.of("joined_at") == 0)
    if len(index):
        _date(draw, fold, index)


def _date(draw: EngineDraw, fold: PoolFold, index: Ints) -> None:
    """When some signed up, on their first day: the same whenever it is asked, so that nothing else may matter."""
    at = fold.of("joined_day")[index].astype(np.int64) * DAY_US + fold.flow.day_starts_us
    person, nothing = fold.of("person")[index], np.zeros(len(index), dtype=np.int64)
    who = Cohort(
        person=person,
        pool=person >> PERSON_BITS,
        joined_at=nothing,
        at=at,
        state=nothing,
        pattern=nothing,
        segment=nothing,
        event=nothing,
        score=nothing,
        tenure=nothing,
    )
    by_plan = replace(draw, era=draw.plan.eras[0])
    fold.of("joined_at")[index] = at + fold.flow.sign_up(by_plan, who)


def _how_many(draw: EngineDraw, fold: PoolFold, at_us: int) -> Ints:
    """Sign-ups of a day, by pool. What is no whole number is one of its neighbours, with that mean."""
    flow, values, day = fold.flow, draw.era.values, fold.day
    pools = np.arange(fold.low, fold.high)
    per_pool = values.number(flow.pool.target)
    target = round(per_pool * MICRO) * _scheduled(values.text(flow.pool.schedule), day) // MICRO
    live = fold.living * MICRO
    share = per_pool / values.number(flow.pool.per)
    low, high = values.whole(flow.pool.low), values.whole(flow.pool.high)
    least, most = round(low * share * MICRO), round(high * share * MICRO)
    reading = values.text(flow.pool.reading)
    first = day == draw.origin_us // DAY_US and not values.whole(flow.pool.unseen_days)
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


def _scheduled(text: str, day: int) -> int:
    """The factor (millionths) of a pool's target on a day: `2026-03-01:0.8,2026-06-01:1.2`, or a word for none."""
    factor = MICRO
    for part in text.split(","):
        since, colon, value = part.partition(":")
        if colon and since.strip() <= date_of(day).isoformat():
            factor = round(float(value) * MICRO)
    return factor
