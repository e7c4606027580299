"""Keys of rows: uuids that are hashes of (plan seed, table, address); recomputed, never looked up."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from populace.engine.streams import bits, stream_seed
from populace.spec import Ints
from populace.spec.draw import Address

Bytes = NDArray[np.uint8]

_VARIANT = np.uint64(0x8000000000000000)
_LOW62 = np.uint64(0x3FFFFFFFFFFFFFFF)
_PAIRS = np.array([f"{n:02x}".encode() for n in range(256)], dtype="S2").view(np.uint8).reshape(256, 2)


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


def uuid_text(keys: Bytes) -> Bytes:
    """uint8[n, 36]: the uuids in their usual text form."""
    pairs = _PAIRS[keys].reshape(len(keys), 32)
    text = np.full((len(keys), 36), ord("-"), dtype=np.uint8)
    start = 0
    for begin, end in ((0, 8), (9, 13), (14, 18), (19, 23), (24, 36)):
        text[:, begin:end] = pairs[:, start : start + end - begin]
        start += end - begin
    return text
