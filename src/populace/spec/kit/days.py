"""Days that differ for everybody at once: weather, news, school holidays. A busy day is followed by a busy one.

What people do is multiplied by exp(spread · z − spread²/2), in the mean by 1; z as `day_weights` has it, of a standard
normal of each day's own, drawn from the number of the day. (The engine's `DayFactor` multiplies odds, of which 1 is the
median: there nothing is taken off.)
"""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist

import numpy as np

from populace.spec.column import Ints
from populace.spec.draw import Draw
from populace.spec.heterogeneity import WEIGHED, WHOLE, day_weights

_STEPS = 256
_FORGOTTEN = 0.003
"""Draws are thousandths, finer than the tenths of the engine's: a day counts a little longer."""
LEAST, MOST = 50, 20 * WHOLE


@lru_cache(maxsize=1)
def normal() -> Ints:
    """Quantiles of the standard normal in even steps, in thousandths."""
    law = NormalDist()
    return np.array([round(1000 * law.inv_cdf((k + 0.5) / _STEPS)) for k in range(_STEPS)], dtype=np.int64)


def standard(draw: Draw, stream: str, entity: Ints) -> Ints:
    """A standard normal number for each, in thousandths."""
    return normal()[draw.below(stream, _STEPS, entity)]


def factors(draw: Draw, stream: str, day: Ints, spread: float, memory: float) -> Ints:
    """By what everything is multiplied on each of these days (since 1970), in thousandths."""
    if spread == 0 or not len(day):
        return np.full(len(day), WHOLE)
    once, place = np.unique(day, return_inverse=True)
    weights = day_weights(memory, _FORGOTTEN)
    first = int(once[0]) - len(weights) + 1
    own = standard(draw, stream, np.arange(first, int(once[-1]) + 1))
    z = np.convolve(own, weights)[once - first].tolist()
    scaled = [round(WHOLE * math.exp(spread * one / (1000 * WEIGHED) - spread * spread / 2)) for one in z]
    out: Ints = np.clip(np.array(scaled, dtype=np.int64), LEAST, MOST)[place]
    return out
