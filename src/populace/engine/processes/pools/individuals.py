"""What people of pools are for life, or for a while: drawn when they sign up, and applied to the chances of habits.

The odds p / (1 − p) are multiplied, not the chances: so a factor never makes a chance of more than 1, and half and
double are each other's opposite. All in whole numbers: chances in millionths, factors in thousandths. Where a plan
makes no difference (`Heterogeneity`), nothing is drawn and the chances are those of the table.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from populace.clock import DAY_US
from populace.engine.day_factor import of_day
from populace.engine.draws import EngineDraw, Graded
from populace.engine.odds import LEAST_ODDS, MICRO, MOST_ODDS, below_odds
from populace.engine.processes.pools.applied import Applied
from populace.engine.processes.pools.fold import NO_SPELLS, PoolFold, counts_here
from populace.engine.processes.pools.habits import (
    MOST,
    Habits,
    Step,
    shown,
    with_odds,
)
from populace.engine.streams import below
from populace.plan import Era
from populace.plan.thresholds import BITS, ResolvedChance
from populace.spec import Bools, Ints, Lifecycle
from populace.spec.heterogeneity import WHOLE


def for_life(draw: EngineDraw, flow: Lifecycle, person: Ints, at_us: int) -> Mapping[str, Ints]:
    """What people are for life, drawn at their sign-up: fields of the fold."""
    differing = flow.heterogeneity
    if differing is None:
        return {}
    applied, many = Applied.of(flow, draw.era), len(person)
    at = np.full(many, at_us)
    whole = np.full(many, WHOLE)

    def drawn(name: str, otherwise: Ints) -> Ints:
        return draw.measure(getattr(differing, name), person, at) if getattr(applied, name) else otherwise

    return {
        "propensity": drawn("propensity", whole),
        "frailty": drawn("frailty", whole),
        "leaning": drawn("leaning", 0 * whole),
        "second": np.full(many, flow.pattern(flow.first_pattern)),
        # Phases begin after the first day.
        "phase": whole,
        "phase_until": np.full(many, (at_us // DAY_US + 1) if applied.phase else NO_SPELLS),
    }


def second_patterns(draw: EngineDraw, habits: Habits, fold: PoolFold, who: Ints, at_us: int) -> None:
    """Whoever gets a habit of their own gets a second one beside it."""
    differing = fold.flow.heterogeneity
    if differing is None or not habits.applied.leaning:
        return
    for segment, point in enumerate(differing.second):
        some = who[fold.of("segment")[who] == segment]
        fold.of("second")[some] = draw.choose(point, fold.of("person")[some], np.full(len(some), at_us))


def new_phases(draw: EngineDraw, habits: Habits, fold: PoolFold, at_us: int) -> None:
    """Phases that are over are followed by others."""
    differing = fold.flow.heterogeneity
    if differing is None or not habits.applied.phase:
        return
    over = np.flatnonzero(fold.of("phase_until") <= fold.day)
    person, at = fold.of("person")[over], np.full(len(over), at_us)
    fold.of("phase")[over] = draw.measure(differing.phase, person, at, fold.day)
    fold.of("phase_until")[over] = fold.day + np.maximum(draw.measure(differing.phase_days, person, at, fold.day), 1)


def comes(draw: EngineDraw, habits: Habits, fold: PoolFold, at_us: int, many: int) -> Bools:
    """Who of the first so many people comes today, by habit."""
    stream, person = f"{fold.flow.name}.returns", fold.of("person")[:many]
    if draw.statistics.heard and counts_here(draw, at_us):
        chances, cell = _chances(draw, habits, fold, at_us)
        return draw.graded(stream, chances, cell[:many], person, at_us, fold.day)
    # What nobody counts is asked of those alone whom it may bring.
    seed, out = draw.seed(stream), np.zeros(many, dtype=np.bool_)
    event, here = fold.of("event")[:many], ~fold.of("lost")[:many]
    busy, free = np.flatnonzero((event > 0) & here), np.flatnonzero((event == 0) & here)
    of_events = habits.table[habits.first_event - 1 :]
    out[busy] = below(seed, MICRO, person[busy], fold.day) < of_events.take(event[busy])
    drawn, micro = below(seed, MICRO, person[free], fold.day), _habitual(habits, fold, free)
    if habits.applied.odds:
        out[free] = below_odds(drawn, micro, odds(draw, fold, at_us, free)) & (drawn < MOST)
    else:
        out[free] = drawn < micro
    return out


def _habitual(habits: Habits, fold: PoolFold, who: Ints) -> Ints:
    """The chances (millionths) that habits alone give to some people whom no event of life keeps or brings."""
    pattern, binging = fold.of("pattern")[who], fold.of("binging")[who]
    score = None if habits.score is None else fold.of("score")[who]
    place = habits.habit_places(pattern, binging, fold.of("state")[who], fold.of("streak")[who])
    micro = habits.returns.micro.take(habits.cells(place, score))
    if not habits.applied.leaning:
        return micro
    second, leaning = fold.of("second")[who], fold.of("leaning")[who].astype(np.int64)
    step = (second - pattern) * np.int8(2) - (binging & (second != pattern)).view(np.int8)
    place += step.astype(np.intp) * (habits.streaks * len(fold.flow.states))
    other = habits.returns.micro.take(habits.cells(place, score))
    other -= micro
    other *= leaning
    out: Ints = micro + other // WHOLE
    return out


def _chances(draw: EngineDraw, habits: Habits, fold: PoolFold, at_us: int) -> tuple[Graded, Ints]:
    """The chances of everybody to come today, and the cell of each."""
    names = ("pattern", "binging", "state", "streak", "event", "lost")
    place = habits.places(**{name: fold.of(name) for name in names})
    cell = habits.cells(place, fold.of("score"))
    applied = habits.applied
    if not applied.odds:
        return habits.returns, cell
    micro = habits.returns.micro.take(cell)
    # An event of life is final, and nothing brings back who dropped out.
    free = place < habits.first_event
    if applied.leaning:
        own = fold.of("second") == fold.of("pattern")
        beside = {"pattern": fold.of("second"), "binging": fold.of("binging") & own}
        other = habits.places(**beside, **{name: fold.of(name) for name in names[2:]})
        other = habits.returns.micro.take(habits.cells(other, fold.of("score")))
        leaning = fold.of("leaning").astype(np.int64)
        micro = (micro * (WHOLE - leaning) + other * leaning) // WHOLE
    micro = np.where(free, with_odds(micro, odds(draw, fold, at_us, slice(None))), micro)
    return Graded.of(habits.returns.points, habits.returns.point.take(cell), micro), np.arange(len(cell))


def odds(draw: EngineDraw, fold: PoolFold, at_us: int, who: Ints | slice) -> Ints:
    """The factor of some people's odds to come today, in thousandths."""
    of_person = fold.of("propensity")[who].astype(np.int64) * fold.of("phase")[who] // WHOLE
    # The factor of the day is drawn for all pools: the first one counts it.
    counts = draw if fold.low == 0 else draw.unrecorded
    out: Ints = np.clip(of_person * _of_today(counts, fold, at_us) // WHOLE, LEAST_ODDS, MOST_ODDS)
    return out


def drops_out(draw: EngineDraw, habits: Habits, fold: PoolFold, who: Ints, at_us: int) -> Bools:
    """Of some people who came the day before: whose last visit that was."""
    stream, yesterday = f"{fold.flow.name}.drop_out", fold.day - 1
    person, state = fold.of("person")[who], fold.of("state")[who]
    if not habits.applied.frailty:
        return draw.graded(stream, habits.drop_out, state, person, at_us, yesterday)
    micro = habits.drop_out.micro.take(state) * fold.of("frailty")[who] // WHOLE
    if not (draw.statistics.heard and counts_here(draw, at_us)):
        out: Bools = below(draw.seed(stream), MICRO, person, yesterday) < micro
        return out
    points, cell = np.zeros(len(state), dtype=np.int64), np.arange(len(state))
    chances = Graded.of(habits.drop_out.points, points, np.minimum(micro, MICRO))
    return draw.graded(stream, chances, cell, person, at_us, yesterday)


def comes_first(draw: EngineDraw, fold: PoolFold, new: Ints, at_us: int) -> Bools:
    """Who of those who sign up today comes at once."""
    assert fold.flow.heterogeneity is not None
    return draw.chance(fold.flow.heterogeneity.first_visit, fold.of("person")[new], np.full(len(new), at_us))


def at_sign_up(flow: Lifecycle, era: Era) -> Step:
    """The chance to come on the day of the sign-up, where people come at once."""
    assert flow.heterogeneity is not None
    decision = era.decisions[flow.heterogeneity.first_visit]
    assert isinstance(decision, ResolvedChance)
    chance = decision.threshold * MICRO >> BITS
    return Step(f"who signs up comes at once ({flow.heterogeneity.first_visit})", shown(chance), chance)


def _of_today(draw: EngineDraw, fold: PoolFold, at_us: int) -> int:
    return WHOLE if fold.flow.heterogeneity is None else of_day(draw, fold.flow.heterogeneity, fold.day, at_us)
