"""A week of somebody's choice, as one parameter: how much goes on in each hour of each weekday, where people live.

A text of 7 × 24 whole numbers, so that it can stand wherever a parameter can; `calibrate` writes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate, pairwise

import numpy as np

from populace.errors import BadInput
from populace.spec.column import Ints
from populace.spec.draw import Address, Draw
from populace.spec.parameter import Form, Parameter
from populace.spec.values import Values

OWN = "own"
"""The world's own rhythm."""
DAYS, HOURS = 7, 24
MOST = 9_999
PATH = "rhythm"
PARTS = 1 << 20
"""A quantile of a day is one of so many."""
_DAY = r"\d{1,4}( \d{1,4}){23}"
_SHAPE = "seven days from Monday on with commas between them, each 24 whole numbers from 0 to 9999 with spaces between"

Week = tuple[tuple[float, ...], ...]


def rhythm(means: str) -> Parameter:
    """The parameter. means: what the world does with the numbers."""
    form = Form(
        pattern=rf"{OWN}|{_DAY}(,{_DAY}){{6}}",
        fault="this is no week",
        allowed=f"{OWN}, or {_SHAPE}",
        todo="let calibrate write it, or leave the parameter out",
    )
    return Parameter(path=PATH, default=OWN, means=means, source="ours", form=form, longest=DAYS * HOURS * 5)


def week(values: Values, world: str) -> Week | None:
    """The week that was chosen; None: the world's own. Raises BadInput where nothing ever goes on."""
    text = values.text(PATH)
    if text == OWN:
        return None
    found = tuple(tuple(map(int, day.split())) for day in text.split(","))
    if not any(map(any, found)):
        raise BadInput(
            "in this week nothing ever goes on",
            where=f"{world}.{PATH}",
            given="168 times 0",
            allowed="one number above 0",
        )
    return found


def written(weights: Sequence[Sequence[float]]) -> str:
    """The text for weights of any size: the largest becomes the largest number there is."""
    largest = max(map(max, weights))
    return ",".join(" ".join(str(round(MOST * by / largest)) for by in day) for day in weights)


def of_hours(found: Week) -> tuple[float, ...]:
    """How much goes on by hour, over the week: 24 numbers, whose mean is 1."""
    hours = [sum(column) for column in zip(*found, strict=True)]
    return tuple(by * HOURS / sum(hours) for by in hours)


def of_days(found: Week) -> tuple[float, ...]:
    """How much goes on by weekday: 7 numbers, whose mean is 1."""
    days = [sum(day) for day in found]
    return tuple(by * DAYS / sum(days) for by in days)


def quantile(draw: Draw, stream: str, address: Address) -> Ints:
    """Where in a day each lies, by the order of the clock: 0 to `PARTS` − 1."""
    return draw.below(f"{stream}.quantile", PARTS, address)


def hour_at(found: Week, weekday: Ints, begins: Ints, quantile: Ints) -> Ints:
    """The local hour at a quantile of a day that begins at some hour of a weekday, and ends at that of the next.

    quantile: 0 to `PARTS` − 1, in the order of the clock from midnight. So whoever has a quantile of their own has the
    early hours of each weekday, whatever they are there.
    """
    row = weekday * HOURS + begins
    place = np.searchsorted(_edges(found), row * PARTS + quantile, side="right")
    out: Ints = place - row * HOURS
    return out


@lru_cache(maxsize=16)
def _edges(found: Week) -> Ints:
    """Where each hour ends, of each day by its weekday and the hour at which it begins, one after another."""
    out: list[int] = []
    rows = 0
    weights: tuple[float, ...]
    for now, following in pairwise([*found, found[0]]):
        for begins in range(HOURS):
            weights = (*following[:begins], *now[begins:])
            if not any(weights):
                weights = of_hours(found)
            total = sum(weights)
            out += [rows * PARTS + round(PARTS * by / total) for by in accumulate(weights)]
            rows += 1
    return np.array(out, dtype=np.int64)
