"""How far each aggregate is met, and where it is not, why: nothing drives it, a bound is reached, or others pull."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from populace.checks.realism.logs import Floats
from populace.operations.calibrating.aggregates import (
    AGGREGATES,
    BY_ID,
    WEEK,
    Aggregate,
    divergence,
)
from populace.operations.calibrating.aggregates_file import Wanted
from populace.operations.calibrating.fitting import Found, Knob
from populace.operations.calibrating.outcome import Met
from populace.spec import Ints, Realism
from populace.spec.realism import Fitting

SURE = 2.0
MOST_APART = 0.02
"""Bits by which two weeks may differ and count as the same, beyond chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """What was wanted and what could move. held: set by the user. refused: aggregates that do not apply, and why.
    drivers: by aggregate. spent: the search was ended before it ended."""

    wanted: Wanted
    declared: Realism
    fitting: Fitting
    held: frozenset[str]
    refused: Mapping[str, str]
    drivers: Mapping[str, Sequence[str]]
    knobs: Sequence[Knob]
    week_moves: bool
    spent: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """What was measured in the end, of people of several seeds. errors: of the values, in what is compared. week:
    int[7, 24]; week_error: how far it would lie from its own expectation by chance."""

    values: Mapping[str, Floats]
    errors: Mapping[str, Floats]
    week: Ints
    week_error: float


def verdicts(goal: Goal, before: Mapping[str, Floats], after: Judged, best: Found) -> Iterator[Met]:
    """One for each aggregate of the file, in order."""
    for one in AGGREGATES:
        if one.id not in goal.wanted.values:
            continue
        if one.id in goal.refused or one.id not in after.values:
            why = goal.refused.get(one.id) or "nothing is read of it in this world"
            yield Met(one.id, one.title, "does not apply", why=why)
        elif one.id == WEEK:
            yield _of_week(goal, before, after)
        else:
            yield _of(goal, one, before, after, best)


def _of_week(goal: Goal, before: Mapping[str, Floats], after: Judged) -> Met:
    table, error = goal.wanted.values[WEEK], after.week_error
    apart = [divergence(table, seen) for seen in (before.get(WEEK, np.zeros((7, 24))), after.week)]
    met = apart[1] <= MOST_APART + SURE * error
    why = ""
    if not met and not goal.week_moves:
        why = "it is set, and so not moved" if goal.fitting.week else "no parameter of this world drives it"
    elif not met:
        why = "what else happens at these hours (sign-ups, habits of weekdays) cannot be moved away"
    drivers = (goal.fitting.week, *goal.fitting.weekdays) if goal.week_moves and goal.fitting.week else ()
    title = f"{BY_ID[WEEK].title}: how far the tables lie apart (Jensen-Shannon, bits)"
    return Met(WEEK, title, "met" if met else "not met", [0.0], apart[:1], apart[1:], error, why, drivers)


def _of(goal: Goal, one: Aggregate, before: Mapping[str, Floats], after: Judged, best: Found) -> Met:
    want, see, error = goal.wanted.values[one.id], after.values[one.id], after.errors[one.id]
    off = np.abs(one.compared(see) - one.compared(want))
    met = bool((off <= SURE * np.hypot(error, one.near(want))).all())
    drivers = goal.drivers.get(one.id, list(goal.fitting.sizes) if one.grows else [])
    shown = error if one.share else error * see
    return Met(
        one.id, one.title, "met" if met else "not met", want.tolist(), before.get(one.id, np.zeros(0)).tolist(),
        see.tolist(), float(shown.max()), "" if met else _why(goal, one, drivers, best), drivers,
    )  # fmt: skip


def _why(goal: Goal, one: Aggregate, drivers: Sequence[str], best: Found) -> str:
    """Why an aggregate is not met."""
    if not drivers:
        named = [p for m in one.metrics for p in goal.declared.drivers.get(m, ()) if p in goal.held]
        if named:
            return f"what drives it is set, and so not moved: {', '.join(dict.fromkeys(named))}"
        return "no parameter of this world drives it"
    moved = [k for k in goal.knobs if k.path in drivers and best[k.path] != k.start]
    at_bound = [said for k in moved if (said := k.at_bound(float(best[k.path])))]
    if at_bound:
        return "; ".join(at_bound)
    others = [id for id, theirs in goal.drivers.items() if id != one.id and set(theirs) & set(drivers)]
    if others:
        end = "more simulations may bring it nearer" if goal.spent else "this is the best for all that was found"
        return f"what drives it ({', '.join(drivers[:4])}) drives {', '.join(others)} too: {end}"
    return f"the search ended before it was met ({', '.join(drivers[:4])}): more simulations may bring it nearer"
