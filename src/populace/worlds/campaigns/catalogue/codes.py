"""Words by which recipients and their mail are known: the token in a link, the code to redeem, the number on a piece.

Each is a function of the recipient's address, and different for each, without anybody keeping a list.
"""

from __future__ import annotations

from functools import cache
from itertools import product

import numpy as np

from populace.spec import Draw, Ints, Joined, Words
from populace.worlds.campaigns.tables.layout import RECIPIENT_BITS

_TOKEN_BITS, _TOKEN_DIGITS = 60, "0123456789abcdefghjkmnpqrstvwxyz"
_MIXED = (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9)
"""Odd numbers: to multiply by them, within any number of bits, takes no two numbers to one."""
_GROUP = 100_000
"""Digits are put together five at a time."""
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Of codes that people read aloud: none that looks like a digit."""


def token(draw: Draw, address: Ints) -> Joined:
    """The word in the link of each recipient, 12 letters and digits: another one for each address, and
    neighbours have nothing in common."""
    mask, half = np.uint64((1 << _TOKEN_BITS) - 1), np.uint64(_TOKEN_BITS // 2)
    start = draw.below("recipient.token", 1 << 30, np.arange(2))
    bits = address.astype(np.uint64) ^ np.uint64(int(start[0]) << 30 | int(start[1]))
    for factor in _MIXED:
        bits = (bits * np.uint64(factor)) & mask
        bits ^= bits >> half
    few = np.uint64(len(_threes()) - 1)
    parts = [(bits >> np.uint64(shift) & few).view(np.int64) for shift in (45, 30, 15, 0)]
    return Joined(tuple(Words(part, _threes()) for part in parts))


def redemption_code(draw: Draw, address: Ints) -> Joined:
    """The code of each recipient, three letters and six digits; in one campaign no digits come twice."""
    number, n = address >> RECIPIENT_BITS, address & ((1 << RECIPIENT_BITS) - 1)
    letters = draw.below("recipient.letters", len(_letters()), address)
    digits = draw.shuffled("recipient.digits", 1_000_000, number, n)
    halves = (Words(half, _thousand()) for half in np.divmod(digits, 1000))
    return Joined((Words(letters, _letters()), "-", *halves))


def mail_number(address: Ints, many: int, after: str) -> tuple[Words, ...]:
    """Fifteen digits on the mail of each recipient, and what follows them, in the first of `many` rows; nothing in the
    others."""
    digits = np.full((3, many), _GROUP)
    for place, scale in enumerate((_GROUP * _GROUP, _GROUP, 1)):
        digits[place, : len(address)] = address // scale % _GROUP
    first, second, third = digits
    return Words(first, _groups()), Words(second, _groups()), Words(third, _groups(after))


@cache
def _threes() -> tuple[str, ...]:
    return tuple("".join(three) for three in product(_TOKEN_DIGITS, repeat=3))


@cache
def _letters() -> tuple[str, ...]:
    return tuple("".join(three) for three in product(LETTERS, repeat=3))


@cache
def _thousand() -> tuple[str, ...]:
    return tuple(f"{n:03}" for n in range(1000))


@cache
def _groups(after: str = "") -> tuple[str, ...]:
    """Five digits and what follows them, or nothing."""
    return (*(f"{n:05}{after}" for n in range(_GROUP)), "")
