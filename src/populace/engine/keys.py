"""Keys of rows: uuids that are hashes of (plan seed, table, address); recomputed, never looked up."""

from __future__ import annotations

import numpy as np

from populace.batch import Bytes
from populace.engine.streams import bits, stream_seed
from populace.spec import Ints
from populace.spec.draw import Address

_VARIANT = np.uint64(0x8000000000000000)
_LOW62 = np.uint64(0x3FFFFFFFFFFFFFFF)


def uuids(seed: int, table: str, address: Address, at: Ints | None = None) -> Bytes:
    """uint8[n, 16]: version 7 that begins with the moment `at` (µs, kept to the ms) where given, else version 8."""
    stream = stream_seed(seed, f"key/{table}")
    high, low = bits(stream, address, 0), bits(stream, address, 1)
    low &= _LOW62
    low |= _VARIANT
    high &= np.uint64(0xFFF) if at is not None else np.uint64(0xFFFFFFFFFFFF0FFF)
    if at is not None:
        high |= (at // 1000).astype(np.uint64) << np.uint64(16)
        high |= np.uint64(0x7000)
    else:
        high |= np.uint64(0x8000)
    words = np.empty((len(high), 2), dtype=">u8")
    words[:, 0], words[:, 1] = high, low
    return words.view(np.uint8)
