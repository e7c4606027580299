"""Arrivals: when visits begin and who comes. A schedule fixed in the plan, the same whoever computes it.

An arrival's address is (simulated minute since 1970, k-th in it), packed in 64 bits.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from populace.clock import MINUTE_US
from populace.engine.draws import EngineDraw
from populace.engine.streams import choose
from populace.plan.plan import MOST_A_MINUTE
from populace.plan.thresholds import ResolvedChoice
from populace.spec import Bits, Bools, Ints, Sessions

K_BITS = MOST_A_MINUTE.bit_length() - 1
_ARRIVALS_AT_ONCE = 500_000
_MILLIS = 60_000


def arrivals(
    draw: EngineDraw, flow: Sessions, members: tuple[int, int], start_us: int, end_us: int
) -> Iterator[tuple[Bits, Ints, Ints]]:
    """Arrivals in [start, end) of the members in a slice, under the draw's era: address, person, moment (µs).

    In time order, in blocks. How many come in a minute is accounted in the era in which the minute begins and with
    the slice that begins at ordinal 0; who comes, with the slice that holds the person.
    """
    many = draw.era.decisions[f"{flow.name}.arrivals"]
    assert isinstance(many, ResolvedChoice)
    step = max(1, _ARRIVALS_AT_ONCE // max(1, len(many.thresholds)))
    first, last = start_us // MINUTE_US, -(-end_us // MINUTE_US)
    for minute in range(first, last, step):
        minutes = np.arange(minute, min(minute + step, last), dtype=np.int64)
        counts = choose(draw.seed(f"{flow.name}.arrivals"), many, minutes)
        if members[0] == 0:
            draw.accounts.choice(f"{flow.name}.arrivals", many, counts[_begins(draw, minutes, start_us)])
        which = np.repeat(minutes, counts)
        k = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
        address = ((which << K_BITS) | k).astype(np.uint64)
        at = which * MINUTE_US + draw.below(f"{flow.name}.moment", _MILLIS, address) * 1000
        inside = (at >= start_us) & (at < end_us)
        address, at = address[inside], at[inside]
        person, came = _people(draw, flow, members, address, at)
        order = np.lexsort((address[came], at[came]))
        yield address[came][order], person[order], at[came][order]


def _begins(draw: EngineDraw, minutes: Ints, start_us: int) -> Bools:
    """Minutes that begin in the window and not before the era's part of it."""
    return draw.window.holds(minutes * MINUTE_US) & (minutes * MINUTE_US >= start_us)


def _people(draw: EngineDraw, flow: Sessions, members: tuple[int, int], address: Bits, at: Ints) -> tuple[Ints, Ints]:
    """Who comes, of those in the slice, and the indices of their arrivals."""
    who = draw.era.decisions[f"{flow.name}.who"]
    assert isinstance(who, ResolvedChoice)
    classes = len(who.thresholds) + 1
    code = choose(draw.seed(f"{flow.name}.who"), who, address)
    size = draw.size(flow.root)
    of_class = np.array([len(range(c, size, classes)) for c in range(classes)], dtype=np.int64)
    person = code + classes * draw.below(f"{flow.name}.person", of_class[code], address)
    came = np.flatnonzero((person >= members[0]) & (person < members[1]))
    draw.accounts.choice(f"{flow.name}.who", who, code[came][draw.window.holds(at[came])])
    return person[came], came
