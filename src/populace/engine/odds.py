"""Odds: a chance p has the odds p / (1 − p). They are multiplied, not the chances, so that no factor makes a chance of
more than 1, and half and double are each other's opposite. All in whole numbers.
"""

from __future__ import annotations

import numpy as np

from populace.spec import Bools, Ints
from populace.spec.heterogeneity import WHOLE

MICRO = 1_000_000
"""Chances that differ from one to the next are whole millionths."""
LEAST_ODDS, MOST_ODDS = 1, 100 * WHOLE
"""Bounds of what odds are multiplied by: a product of a chance, a factor and a million stays below 2^63."""


def times_odds(micro: Ints, factor: Ints) -> Ints:
    """Chances (millionths) whose odds are multiplied by a factor (thousandths, within its bounds)."""
    scaled = micro * factor
    out: Ints = scaled * MICRO // np.maximum((MICRO - micro) * WHOLE + scaled, 1)
    return out


def below_odds(drawn: Ints, micro: Ints, factor: Ints) -> Bools:
    """Which draws (0 to 999,999) lie below `times_odds` of chances and factors, without a division."""
    scaled = micro * factor
    whole = (MICRO - micro) * WHOLE
    whole += scaled
    whole *= drawn + 1
    scaled *= MICRO
    out: Bools = whole <= scaled
    return out
