"""Arrivals: when visits begin and who comes. A schedule fixed in the plan, the same whoever computes it.

An arrival's address is (simulated minute since 1970, k-th in it), packed in 64 bits; that of a requested one is
(intervention, k), above all minutes.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from populace.clock import HOUR_US, MINUTE_US
from populace.engine.draws import EngineDraw
from populace.engine.joining import joined
from populace.engine.processes.visits.inclination import anybody, comers, differs, first_visits, kept
from populace.engine.streams import choose
from populace.plan import Intervention
from populace.plan.plan import MOST_A_MINUTE
from populace.plan.thresholds import ResolvedChoice
from populace.spec import Bits, Bools, Ints, Sessions

K_BITS = MOST_A_MINUTE.bit_length() - 1
_REQUESTED = np.uint64(1 << 56)
"""Above every minute, and every intervention's number times 2^20; low enough for a world to add six bits below."""
_ARRIVALS_AT_ONCE = 500_000
_MILLIS = 60_000
_MINUTES_AN_HOUR = HOUR_US // MINUTE_US


def arrivals(
    draw: EngineDraw, flow: Sessions, members: tuple[int, int], start_us: int, end_us: int
) -> Iterator[tuple[Bits, Ints, Ints]]:
    """Arrivals in [start, end) of the members in a slice, under the draw's era: address, person, moment (µs).

    In time order, in blocks. How many come in a minute is counted in the era in which the minute begins and with
    the slice that begins at ordinal 0; who comes, with the slice that holds the person.
    """
    by_hour = _by_hour(draw, flow)
    step = max(1, _ARRIVALS_AT_ONCE // max(1, *(len(many.thresholds) for _, many in by_hour)))
    low, last = start_us // MINUTE_US, -(-end_us // MINUTE_US)
    requests = draw.plan.requests if flow is draw.plan.world.answering else ()
    for minute in range(low, last, step):
        minutes = np.arange(minute, min(minute + step, last), dtype=np.int64)
        counts = _counts(draw, flow, by_hour, minutes, _begins(draw, minutes, start_us) & (members[0] == 0))
        which = np.repeat(minutes, counts)
        k = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
        address = ((which << K_BITS) | k).astype(np.uint64)
        at = which * MINUTE_US + draw.below(f"{flow.name}.moment", _MILLIS, address) * 1000
        edges = max(start_us, minute * MINUTE_US), min(end_us, (minute + len(minutes)) * MINUTE_US)
        for intervention in requests:
            # Whole milliseconds, like every arrival.
            from_us = -(-intervention.at_us // 1000) * 1000
            if from_us < edges[1] and edges[0] < from_us + MINUTE_US:
                more = requested(intervention)
                address = np.concatenate([address, more])
                within = draw.below(f"{flow.name}.moment", _MILLIS, more) * 1000
                at = np.concatenate([at, from_us + within])
        inside = (at >= edges[0]) & (at < edges[1])
        address, at = address[inside], at[inside]
        inclination = differs(draw, flow)
        if inclination and len(at):
            asked = address >= _REQUESTED
            stay = kept(draw, flow, inclination, address, at, ~asked & (members[0] == 0)) | asked
            address, at = address[stay], at[stay]
        if inclination and not len(at):
            # As in most minutes: nobody need be asked.
            person = at
        else:
            person, came = _people(draw, flow, members, address, at)
            address, at = address[came], at[came]
        if inclination:
            first, who, when = first_visits(draw, flow, inclination, members, *edges)
            address, person, at = (np.concatenate(p) for p in ((address, first), (person, who), (at, when)))
        order = np.lexsort((address, at))
        yield address[order], person[order], at[order]


def requested(intervention: Intervention) -> Bits:
    """The addresses of the visits that an intervention brings."""
    k = np.arange(intervention.sessions, dtype=np.uint64)
    return _REQUESTED | np.uint64(intervention.number << K_BITS) | k


def would_come(draw: EngineDraw, name: str, stream: str, address: Bits, at: Ints) -> Ints:
    """Who would come to a flow at each moment; nothing is counted. −1 where nobody would."""
    flow = next(flow for flow in draw.plan.world.sessions if flow.name == name)
    who, inclination = draw.era.decisions[f"{name}.who"], differs(draw, flow)
    assert isinstance(who, ResolvedChoice)
    assert inclination is not None, name
    code = choose(draw.seed(f"{stream}.who"), who, address)
    return comers(draw, flow, inclination, stream, address, at, code, len(who.thresholds) + 1)


def _by_hour(draw: EngineDraw, flow: Sessions) -> list[tuple[str, ResolvedChoice]]:
    """How many arrive in a minute: the point and its decision, one for all hours or one for each of 24."""
    whole = f"{flow.name}.arrivals"
    points = [whole] if whole in draw.era.decisions else [f"{whole}.{hour:02}" for hour in range(24)]
    found = []
    for point in points:
        many = draw.era.decisions[point]
        assert isinstance(many, ResolvedChoice)
        found.append((point, many))
    return found


def _counts(
    draw: EngineDraw, flow: Sessions, by_hour: list[tuple[str, ResolvedChoice]], minutes: Ints, counted: Bools
) -> Ints:
    hour = minutes // _MINUTES_AN_HOUR % len(by_hour)
    counts = np.zeros(len(minutes), dtype=np.int64)
    for place in np.unique(hour):
        point, many = by_hour[place]
        now = np.flatnonzero(hour == place)
        counts[now] = choose(draw.seed(f"{flow.name}.arrivals"), many, minutes[now])
        if counted[now].any():
            draw.statistics.choice(point, many, counts[now][counted[now]])
    return counts


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
    when = joined(draw.plan, flow.root)
    there = np.full(len(at), size) if when is None else np.searchsorted(when, at, side="right")
    of_class = np.maximum(0, (there - code + classes - 1) // classes)
    if inclination := differs(draw, flow):
        person = comers(draw, flow, inclination, flow.name, address, at, code, classes)
        asked = np.flatnonzero((person < 0) & (address >= _REQUESTED))
        person[asked] = anybody(draw, flow, inclination, address[asked], at[asked], code[asked], classes)
        of_class = person + 1
        # An arrival for which nobody comes is counted once too.
        nobody = np.flatnonzero(person < 0) if members[0] == 0 else asked[:0]
        draw.statistics.choice(f"{flow.name}.who", who, code[nobody][draw.window.holds(at[nobody])])
    else:
        person = code + classes * draw.below(f"{flow.name}.person", np.maximum(of_class, 1), address)
    came = np.flatnonzero((person >= members[0]) & (person < members[1]) & (of_class > 0))
    draw.statistics.choice(f"{flow.name}.who", who, code[came][draw.window.holds(at[came])])
    return person[came], came
