"""What days have in common for everybody: a slow factor, the same for all people of a plan, and holidays.

A pure function of the day: its own draw and what is left of the days before it (`DayFactor`).
"""

from __future__ import annotations

import math
from datetime import date, timedelta
from functools import lru_cache

import numpy as np

from populace.engine.draws import EngineDraw
from populace.engine.streams import choose
from populace.plan.thresholds import ResolvedChoice
from populace.spec.heterogeneity import WEIGHED, WHOLE, DayFactor, day_weights

_DAY_ZERO = date(1970, 1, 1)
_TENTHS = 10
_FORGOTTEN = 0.005
"""Draws are whole tenths, and the furthest a few tens of them: what is left of a day then is a fifth of one."""


def date_of(day: int) -> date:
    """The date on which a day (since 1970) begins."""
    return _DAY_ZERO + timedelta(days=day)


def of_day(draw: EngineDraw, differing: DayFactor, day: int, at_us: int | None = None) -> int:
    """The factor of a day for everybody, in thousandths. at_us: when its draw is counted; None: nowhere."""
    values, on = draw.era.values, date_of(day)
    holidays = values.table(differing.holidays)
    factor = math.prod(by for month, of_month, by in holidays if (month, of_month) == (on.month, on.day))
    spread, memory = values.number(differing.day_spread), values.number(differing.day_memory)
    if spread == 0:
        return round(WHOLE * factor)
    if at_us is not None:
        draw.measure(differing.day, np.array([day]), np.array([at_us]))
    own = draw.era.decisions[differing.day]
    assert isinstance(own, ResolvedChoice)
    z = _z(draw.seed(differing.day), own, memory, day)
    return round(WHOLE * factor * math.exp(spread * z / (_TENTHS * WEIGHED)))


@lru_cache(maxsize=4096)
def _z(seed: int, own: ResolvedChoice, memory: float, day: int) -> int:
    """How far a day is from the mean: its own draw and what is left of those before, in tenths of `WEIGHED`."""
    weights = day_weights(memory, _FORGOTTEN)
    tenths = choose(seed, own, day - np.arange(len(weights))) + own.first
    return int((tenths * weights).sum())
