"""Days that differ for everybody at once: weather, news, school holidays. A busy day is followed by a busy one.

z(today) = memory · z(yesterday) + √(1 − memory²) · the day's own; what people do is multiplied by exp(spread · z), in
the mean by 1. Each day's own is drawn from the number of the day, so that any day is computed alone.
"""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist

import numpy as np

from populace.spec.column import Ints
from populace.spec.draw import Draw
from populace.spec.heterogeneity import WHOLE

_STEPS, _MICRO = 256, 1_000_000
_FORGOTTEN, _MOST = 0.003, 400
"""A day's own counts until less than this is left of it; for so many days at most."""
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
    weights = _weights(memory)
    first = int(once[0]) - len(weights) + 1
    own = standard(draw, stream, np.arange(first, int(once[-1]) + 1))
    z = np.convolve(own, weights)[once - first].tolist()
    scaled = [round(WHOLE * math.exp(spread * one / (1000 * _MICRO) - spread * spread / 2)) for one in z]
    out: Ints = np.clip(np.array(scaled, dtype=np.int64), LEAST, MOST)[place]
    return out


@lru_cache(maxsize=16)
def _weights(memory: float) -> Ints:
    """How much each day's own counts, the day itself first, in millionths."""
    many = 1 if memory <= 0 else min(_MOST, 1 + math.ceil(math.log(_FORGOTTEN) / math.log(memory)))
    return np.array([round(_MICRO * math.sqrt(1 - memory**2) * memory**k) for k in range(many)], dtype=np.int64)
