"""Chance, and the only module that makes it: counter-based hashes in the manner of splitmix64, over arrays.

A stream is named; its seed is a hash of the plan's seed and that name, never of a position or an order. A draw is a
function of (stream, entity, counter) and of nothing else, so that any draw can be taken anywhere, in any order.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

import numpy as np

from populace.plan.thresholds import FINE, KNOTS, ResolvedChoice, ResolvedQuantiles, ResolvedRange
from populace.spec import Bits, Bools, Ints
from populace.spec.draw import Address, Counter

_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_COUNTER = np.uint64(0xD1B54A32D192ED03)
_M1 = np.uint64(0xBF58476D1CE4E5B9)
_M2 = np.uint64(0x94D049BB133111EB)
_S21, _S43 = np.uint64(21), np.uint64(43)
_S30, _S27, _S31, _S11, _S32 = (np.uint64(n) for n in (30, 27, 31, 11, 32))
_KNOT_SHIFT = np.uint64(53 - KNOTS.bit_length() + 1)
_FRACTION = np.uint64((1 << (53 - KNOTS.bit_length() + 1)) - 1)
_NARROW, _WIDEST = np.uint64(1 << 32), np.uint64(1 << 53)
_LOW32 = _NARROW - np.uint64(1)
_TURNS = np.arange(1, 13, dtype=np.uint64) * _COUNTER
"""One constant a round of the shuffling network."""
_WHOLE = (1 << 64) - 1
_SINGLE, _WALKED = 8, 32
"""Up to so many values are shuffled one after the other: more where most of them walk."""
_FEW = 8
"""Up to so many values a shuffle sorts; a network of so few is visibly uneven."""


@lru_cache(maxsize=4096)
def stream_seed(seed: int, name: str) -> int:
    """The 64-bit seed of a named stream."""
    return int.from_bytes(hashlib.sha256(f"{seed}\x00{name}".encode()).digest()[:8], "big")


def _mix(z: Bits) -> Bits:
    """The finaliser of splitmix64; changes and returns its argument, an array."""
    z ^= z >> _S30
    z *= _M1
    z ^= z >> _S27
    z *= _M2
    z ^= z >> _S31
    return z


@lru_cache(maxsize=65_536)
def _start(seed: int, counter: int) -> np.uint64:
    """What `bits` begins from where all have one counter: `_mix` of one number."""
    z = (counter * int(_COUNTER) + seed) & _WHOLE
    z = ((z ^ (z >> 30)) * int(_M1)) & _WHOLE
    z = ((z ^ (z >> 27)) * int(_M2)) & _WHOLE
    return np.uint64(z ^ (z >> 31))


def _unsigned(numbers: Counter | Address) -> Bits:
    if isinstance(numbers, np.ndarray) and numbers.ndim and numbers.dtype in (np.int64, np.uint64):
        return numbers.view(np.uint64)
    given = np.atleast_1d(np.asarray(numbers))
    if given.dtype.kind not in "iub":
        raise TypeError(f"addresses, counters and bounds are whole numbers, not {given.dtype}")
    return given.astype(np.uint64, copy=False)


def bits(seed: int, entity: Address, counter: Counter = 0) -> Bits:
    """64 random bits an entity and counter. entity, counter: int64 or uint64 arrays that broadcast."""
    start = _start(seed, counter) if type(counter) is int else _mix(_unsigned(counter) * _COUNTER + np.uint64(seed))
    return _mix(_unsigned(entity) * _GAMMA + start)


def chance(seed: int, threshold: int | Bits, entity: Address, counter: Counter = 0) -> Bools:
    """True with probability threshold / 2^53, one for all or one an entity."""
    return (bits(seed, entity, counter) >> _S11) < np.asarray(threshold, dtype=np.uint64)


def choose(seed: int, choice: ResolvedChoice, entity: Address, counter: Counter = 0) -> Ints:
    """Positions, by the choice's thresholds; int64."""
    drawn = bits(seed, entity, counter) >> _S11
    if len(choice.thresholds) > 6:
        return np.searchsorted(choice.thresholds, drawn, side="right").astype(np.int64, copy=False)
    code = np.zeros(len(drawn), dtype=np.int64)
    for threshold in choice.thresholds:
        code += drawn >= threshold
    return code


def below(seed: int, bound: Ints | int, entity: Address, counter: Counter = 0) -> Ints:
    """Whole numbers in [0, bound), bound ≤ 2^53; int64. The bias is below bound / 2^32 for bounds up to 2^32, and below
    bound / 2^64 for others. Raises ValueError for a bound that is negative or larger.
    """
    bounds = _unsigned(bound)
    # As unsigned numbers the negative ones are the largest.
    if (most := bounds.max(initial=0)) > _WIDEST:
        raise ValueError(f"a bound is a whole number from 0 to 2^53, not {int(most.view(np.int64))}")
    drawn = bits(seed, entity, counter)
    if most <= _NARROW:
        drawn >>= _S32
        drawn *= bounds
        drawn >>= _S32
        return drawn.view(np.int64)
    narrow = ((drawn >> _S32) * np.minimum(bounds, _NARROW)) >> _S32
    return np.where(bounds <= _NARROW, narrow, _high_half(drawn, bounds)).view(np.int64)


def _high_half(drawn: Bits, bounds: Bits) -> Bits:
    """The upper 64 of the 128 bits of a product, by halves; bounds ≤ 2^53."""
    low, high = drawn & _LOW32, drawn >> _S32
    by_low, by_high = bounds & _LOW32, bounds >> _S32
    middle = high * by_low + ((low * by_low) >> _S32)
    out: Bits = high * by_high + (middle >> _S32) + ((low * by_high + (middle & _LOW32)) >> _S32)
    return out


def within(seed: int, span: ResolvedRange, entity: Address, counter: Counter = 0) -> Ints:
    """Whole numbers from low to high, both included; int64."""
    drawn = below(seed, span.high - span.low + 1, entity, counter)
    drawn += span.low
    return drawn


def quantile(seed: int, table: ResolvedQuantiles, entity: Address, counter: Counter = 0) -> Ints:
    """Whole numbers distributed as the table says: integer interpolation between its knots, then rounded."""
    drawn = bits(seed, entity, counter) >> _S11
    place = (drawn >> _KNOT_SHIFT).view(np.int64)
    fraction = ((drawn & _FRACTION) >> np.uint64(17)).view(np.int64)
    lower = table.knots[place]
    value = lower + (((table.knots[place + 1] - lower) * fraction) >> 24)
    return (value + FINE // 2) // FINE


def stratified_chance(seed: int, threshold: int, group: Address, entity: Address) -> Bools:
    """Which members of each group do: in the order of their draws every so many-th, from a random start.

    Of a group of n, n × p do, rounded down or up, and in the mean exactly. Groups have fewer than 2^32 members, which
    are adjacent; there are fewer than 2^21 groups.
    """
    edges = np.flatnonzero(np.r_[True, group[1:] != group[:-1]]) if len(group) else np.zeros(0, dtype=np.int64)
    sizes = np.diff(np.r_[edges, len(group)])
    if len(edges) >> 21 or sizes.max(initial=0) >> 32:
        raise ValueError(f"too many groups for one stratified chance: {len(edges):,}; at most 2^21 at once")
    which = np.repeat(np.arange(len(edges)), sizes)
    drawn = bits(seed, entity)
    # One sort of 64 bits, where no two are equal: then there is only one order on any machine.
    key = (which.astype(np.uint64) << _S43) | (drawn >> _S21)
    order = np.argsort(key)
    if (key[order[1:]] == key[order[:-1]]).any():
        order = np.lexsort((drawn, which))
    step = np.int64(threshold >> 22)
    start = below(seed, 1 << 31, group[edges], 1)[which]
    before = start + (np.arange(len(group)) - np.repeat(edges, sizes)) * step
    out = np.empty(len(group), dtype=np.bool_)
    out[order] = (before + step) >> 31 > before >> 31
    return out


def shuffled(seed: int, bound: int, entity: Address, position: Ints) -> Ints:
    """Place `position` of the shuffle of [0, bound) that belongs to each entity.

    For one entity, different positions give different places. A few values are sorted by their draws, which is exact;
    more are shuffled by a Feistel network over the next even power of two, walked until it lands inside.
    """
    if not len(position):
        return np.empty(0, dtype=np.int64)
    if bound <= _FEW:
        entities = np.broadcast_to(_unsigned(entity), position.shape)[:, None]
        order = np.argsort(bits(seed, entities, np.arange(bound)[None, :]), axis=1, kind="stable")
        return order[np.arange(len(position)), position]
    half = ((bound - 1).bit_length() + 1) // 2
    turns = _TURNS if half <= 3 else _TURNS[:6]
    keys = np.broadcast_to(bits(seed, entity), position.shape)
    if len(position) <= (_WALKED if 1 << 2 * half > bound + bound // 4 else _SINGLE):
        return np.array([
            _walked_alone(place, key, turns, half, bound)
            for place, key in zip(position.tolist(), keys.tolist(), strict=True)
        ], dtype=np.int64)  # fmt: skip
    place = _walked(position.astype(np.uint64), keys, turns, half)
    open_ = np.flatnonzero(place >= np.uint64(bound))
    while len(open_):
        walked = _walked(place[open_], keys[open_], turns, half)
        place[open_] = walked
        open_ = open_[walked >= np.uint64(bound)]
    return place.view(np.int64)


def _walked(place: Bits, keys: Bits, turns: Bits, half: int) -> Bits:
    """Once through the network."""
    shift = np.uint64(half)
    mask = (np.uint64(1) << shift) - np.uint64(1)
    left, right = place >> shift, place & mask
    for turn in turns:
        turned = right * _GAMMA
        turned += keys
        turned += turn
        _mix(turned)
        turned &= mask
        turned ^= left
        left, right = right, turned
    left <<= shift
    left |= right
    return left


def _walked_alone(place: int, key: int, turns: Bits, half: int, bound: int) -> int:
    """As `_walked`, until it lands inside, with numbers of Python's: for a few they are faster than arrays."""
    mask, gamma, m1, m2 = (1 << half) - 1, int(_GAMMA), int(_M1), int(_M2)
    keys = [key + turn for turn in turns.tolist()]
    while True:
        left, right = place >> half, place & mask
        for turn in keys:
            z = (right * gamma + turn) & _WHOLE
            z = ((z ^ (z >> 30)) * m1) & _WHOLE
            z = ((z ^ (z >> 27)) * m2) & _WHOLE
            left, right = right, ((z ^ (z >> 31)) & mask) ^ left
        place = left << half | right
        if place < bound:
            return place
