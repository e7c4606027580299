"""Keys as two words of 64 bits, so that millions of them are sorted and looked up in little memory.

The text of a uuid is its own 128 bits; of anything else the words are a hash, so that two different keys count as
one with a chance of n² in 2^128. Where there are more keys than fit, they are checked part by part, by their words.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from populace.batch import UUID_GROUPS
from populace.spec import Bits, Bools, Ints

MOST_AT_ONCE = 4_000_000
"""Keys of one table that are looked at together."""

_DIGITS = np.concatenate([np.arange(begin, end) for begin, end in UUID_GROUPS])
_DASHES = np.setdiff1d(np.arange(36), _DIGITS)
_VALUE = np.full(256, 255, dtype=np.uint8)
_VALUE[np.frombuffer(b"0123456789abcdef", dtype=np.uint8)] = np.arange(16)
_ODD = np.uint64(0x9E3779B97F4A7C15)
_OTHER = np.uint64(0xC2B2AE3D27D4EB4F)
_HALF = np.uint64(32)


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys of some rows. high, low: their words. there: in which rows no part of the key is null."""

    high: Bits
    low: Bits
    there: Bools

    def __len__(self) -> int:
        return len(self.low)

    @property
    def absent(self) -> int:
        """How many rows have no key."""
        return int(len(self.there) - self.there.sum())

    def of(self, rows: Ints) -> Keys:
        """Those of some rows."""
        return Keys(self.high[rows], self.low[rows], self.there[rows])


@dataclass(frozen=True, slots=True)
class Part:
    """The number-th of so many parts of all keys there may be."""

    number: int
    many: int

    def holds(self, keys: Keys) -> Bools:
        """Which keys are of this part."""
        if self.many == 1:
            return np.ones(len(keys), dtype=np.bool_)
        out: Bools = keys.low % np.uint64(self.many) == np.uint64(self.number)
        return out


def parts_of(rows: int) -> list[Part]:
    """Parts small enough to be looked at one by one."""
    many = max(1, -(-rows // MOST_AT_ONCE))
    return [Part(number, many) for number in range(many)]


def words(columns: Sequence[pa.Array]) -> Keys:
    """The keys that these columns make up together."""
    there = np.ones(len(columns[0]), dtype=np.bool_)
    high, low = np.zeros((2, len(there)), dtype=np.uint64)
    for number, column in enumerate(columns):
        there &= column.is_valid().to_numpy(zero_copy_only=False)
        one = _words(column)
        if number:
            # Of several columns the order counts, and every bit of each.
            high, low = _mixed(high * _OTHER + one[:, 0]), _mixed(low * _OTHER + one[:, 1])
        else:
            high, low = one[:, 0], one[:, 1]
    return Keys(high, low, there)


def repeated(pieces: Iterable[Keys], part: Part) -> int:
    """How many keys of a part are there again, beyond the first of each; to the first part belong the rows that have no
    key, and they count as well. The pieces are taken one by one: only what is of the part is kept.
    """
    kept, absent = [], 0
    for keys in pieces:
        kept.append(keys.of(np.flatnonzero(part.holds(keys) & keys.there)))
        absent += keys.absent if part.number == 0 else 0
    if not kept:
        return 0
    high, low = np.concatenate([k.high for k in kept]), np.concatenate([k.low for k in kept])
    kept.clear()
    order = np.lexsort((high, low))
    high, low = high[order], low[order]
    return int(((low[1:] == low[:-1]) & (high[1:] == high[:-1])).sum()) + absent


@dataclass(frozen=True, slots=True)
class Index:
    """Keys in the order of their low words, and a moment (µs) of each."""

    high: Bits
    low: Bits
    created: Ints

    def __len__(self) -> int:
        return len(self.low)

    @classmethod
    def of(cls, pieces: Iterable[tuple[Keys, Ints]], part: Part) -> Index:
        """The keys of a part, with their moments."""
        high, low, created = [np.zeros(0, np.uint64)], [np.zeros(0, np.uint64)], [np.zeros(0, np.int64)]
        for keys, moments in pieces:
            mine = np.flatnonzero(part.holds(keys) & keys.there)
            high.append(keys.high[mine])
            low.append(keys.low[mine])
            created.append(moments[mine])
        lows = np.concatenate(low)
        order = np.argsort(lows)
        return cls(np.concatenate(high)[order], lows[order], np.concatenate(created)[order])

    def find(self, keys: Keys) -> Ints:
        """Where each key stands; −1 for one that is not there."""
        found = np.full(len(keys), -1, dtype=np.int64)
        # In order, so that neighbours are looked up in the same corner of memory.
        asked = np.argsort(keys.low)
        place = np.searchsorted(self.low, keys.low[asked])
        while len(asked):
            near = place < len(self.low)
            asked, place = asked[near], place[near]
            same = self.low[place] == keys.low[asked]
            asked, place = asked[same], place[same]
            match = self.high[place] == keys.high[asked]
            found[asked[match]] = place[match]
            asked, place = asked[~match], place[~match] + 1
        return found


def _words(column: pa.Array) -> NDArray[np.uint64]:
    """uint64[n, 2]"""
    if not pa.types.is_string(column.type):
        column = column.cast(pa.string())
    column = pc.fill_null(column, "")
    out = np.zeros((len(column), 2), dtype=np.uint64)
    may_be = pc.binary_length(column).to_numpy(zero_copy_only=False) == 36
    rows = np.flatnonzero(may_be)
    texts = _bytes(column if len(rows) == len(column) else column.filter(pa.array(may_be)))
    digits = _VALUE[texts[:, _DIGITS]]
    good = (digits < 16).all(axis=1) & (texts[:, _DASHES] == ord("-")).all(axis=1)
    out[rows[good]] = (digits[good, 0::2] << 4 | digits[good, 1::2]).view(">u8")
    others = np.ones(len(column), dtype=np.bool_)
    others[rows[good]] = False
    if others.any():
        known = pc.dictionary_encode(column.filter(pa.array(others)))
        hashed = b"".join(hashlib.blake2b(t.encode(), digest_size=16).digest() for t in known.dictionary.to_pylist())
        out[others] = np.frombuffer(hashed, dtype=">u8").reshape(-1, 2)[known.indices.to_numpy()]
    return out


def _bytes(texts: pa.StringArray) -> NDArray[np.uint8]:
    """uint8[n, 36]: the bytes of texts that are all so long."""
    if len(texts) == 0:
        return np.zeros((0, 36), dtype=np.uint8)
    _, offsets, content = texts.buffers()
    first = int(np.frombuffer(offsets, dtype=np.int32)[texts.offset])
    out: NDArray[np.uint8] = np.frombuffer(content, dtype=np.uint8)[first : first + 36 * len(texts)].reshape(-1, 36)
    return out


def _mixed(word: Bits) -> Bits:
    """A word whose every bit depends on every bit."""
    for factor in (_ODD, _OTHER):
        word = (word ^ (word >> _HALF)) * factor
    return word ^ (word >> _HALF)
