"""Where work is cut to compare cuttings: drawn like all else, the same each time, and no part of a population."""

from __future__ import annotations

import numpy as np

from populace.engine.streams import below, bits, stream_seed
from populace.spec import Ints


def order(seed: int, many: int) -> Ints:
    """So many places in an order that the seed decides."""
    out: Ints = np.argsort(bits(seed, np.arange(many)))
    return out


def numbers(seed: int, name: str, entity: Ints, wide: Ints) -> Ints:
    """Numbers from 0 up to below `wide`, one for each entity; of a stream of this name."""
    return below(stream_seed(seed, name), wide, entity)
