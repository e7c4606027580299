"""Steps of a visit, and the addresses by which chance and keys know them: cards first, then turns of a chat."""

from __future__ import annotations

import numpy as np

from populace.spec import Bits, Ints
from populace.spec.lifecycle import STEP_BITS

MOST_CARDS = 96
"""Cards shown in a visit, at most: steps 0 to 95."""
CHAT = MOST_CARDS
"""Turns of a chat are steps from here on, two each: the question and the reply."""


def step(address: Bits, number: Ints | int) -> Bits:
    """The address of a step of a visit."""
    return (address << np.uint64(STEP_BITS)) | np.asarray(number).astype(np.uint64)
