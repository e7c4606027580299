"""A visit: when it begins, which of the documents' classes it belongs to, its steps, and the pages beside titles.

It begins by the hour where people live, so that the evening stays where it is when clocks change. A persona's day
begins at 07:15 UTC, which is another local time for everybody: each local hour is looked for between one such moment
and the next. Of the classes one says how many videos a visit has, another how much is watched; the documents' two
tables disagree: a habit counts for more than a state, and a binge for more than both (C26). Pages beside titles leave
no row, only events; prices and demos belong to the later names of events, and so do their draws.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from populace.clock import DAY_US, HOUR_US, MINUTE_US
from populace.spec import Bits, Draw, Ints, Visits
from populace.spec.cohort import STEP_BITS
from populace.spec.kit import rhythm
from populace.spec.lifecycle import SATURDAY
from populace.spec.zones import offset_us
from populace.worlds.hogflix import catalogue
from populace.worlds.hogflix.parameters.fixed import DEMO_MS, PRICING_MS
from populace.worlds.hogflix.parameters.people import EVENTS, PATTERNS, STATES
from populace.worlds.hogflix.parameters.tastes import HOUR_STEP_MINUTES
from populace.worlds.hogflix.parameters.visits import COMPLETIONS, DEPTHS, SECTIONED
from populace.worlds.hogflix.people import traits

_WEARY = tuple(1 + EVENTS.index(name) for name in ("SICK", "BUSY_WORK"))
_DEPTHS, _COMPLETIONS = tuple(DEPTHS), tuple(COMPLETIONS)
_HOUR_MS = HOUR_US // 1000
MOST_CARDS = 96
"""Cards shown in a visit, at most: steps 0 to 95."""
CHAT = MOST_CARDS
"""Turns of a chat are steps from here on, two each: the question and the reply."""


def depth_class(visits: Visits) -> Ints:
    """A position in `DEPTHS` for each visit."""
    by_state = _by_state(_DEPTHS)
    ordinary = _by_pattern(
        _DEPTHS,
        {"DAILY": "daily", "REGULAR": "regular", "WEEKEND": "weekend_off", "BINGE": "resting", "MONTHLY": "monthly"},
    )
    special = ordinary.copy()
    special[PATTERNS.index("WEEKEND")] = _DEPTHS.index("weekend_on")
    habit = np.where(visits.special, special[visits.who.pattern], ordinary[visits.who.pattern])
    return _settled(visits, by_state, habit, _DEPTHS, "low")


def completion_class(visits: Visits) -> Ints:
    """A position in `COMPLETIONS` for each visit."""
    by_pattern = _by_pattern(
        _COMPLETIONS, {name: name.lower() if name in ("DAILY", "REGULAR") else "active" for name in PATTERNS}
    )
    return _settled(visits, _by_state(_COMPLETIONS), by_pattern[visits.who.pattern], _COMPLETIONS, "casual")


def _settled(visits: Visits, by_state: Ints, habit: Ints, names: tuple[str, ...], weary: str) -> Ints:
    who = visits.who
    found = np.where(who.state == STATES.index("ACTIVE"), habit, by_state[who.state])
    found = np.where(np.isin(who.event, _WEARY), names.index(weary), found)
    return np.where(visits.binging, names.index("binging"), found)


def _by_state(names: tuple[str, ...]) -> Ints:
    said = {"CHURNED": "dormant"}
    return np.array([names.index(said.get(state, state.lower())) for state in STATES], dtype=np.int64)


def _by_pattern(names: tuple[str, ...], said: dict[str, str]) -> Ints:
    return np.array([names.index(said[pattern]) for pattern in PATTERNS], dtype=np.int64)


def times(draw: Draw, visits: Visits) -> Ints:
    """When each visit would begin, µs after the start of its day, in whole ms.

    The curve is that of the weekday on which the persona's day begins where they live; an hour that the clocks skip is
    taken an hour later, one that they repeat is taken once.
    """
    who = visits.who
    zone = traits.region(draw.unrecorded, who)
    ahead = offset_us(catalogue.ZONES, zone, who.at)
    local = who.at + ahead
    mine = np.zeros(0, dtype=np.int64)
    if draw.values.number("own_hour") > 0:
        mine = np.flatnonzero(draw.chance("visit.own_hour", visits.address, who.at))
    of_day = _hours(draw, visits, local, mine) * HOUR_US + draw.below("visit.moment", _HOUR_MS, visits.address) * 1000
    if len(mine):
        off = draw.measure("visit.own_hour.off", visits.address[mine], who.at[mine]) * HOUR_STEP_MINUTES * MINUTE_US
        of_day[mine] = (of_day[mine] + off) % DAY_US
    after = (of_day - local) % DAY_US
    moved = offset_us(catalogue.ZONES, zone, who.at + after) - ahead
    return np.where(moved == 0, after, (after - moved) % DAY_US)


def _hours(draw: Draw, visits: Visits, local: Ints, mine: Ints) -> Ints:
    """The local hour in which each visit begins. local: when its day begins. mine: visits at the person's own hour."""
    who = visits.who
    # 1970 began on a Thursday.
    weekday = (local // DAY_US + 3) % 7
    if found := draw.values.table("rhythm_week"):
        quantile = rhythm.quantile(draw, "visit.hour", visits.address)
        quantile[mine] = rhythm.quantile(draw, "own.hour", who.person[mine])
        return rhythm.hour_at(found, weekday, local % DAY_US // HOUR_US, quantile)
    weekend = weekday >= SATURDAY
    hour = np.empty(len(visits.k), dtype=np.int64)
    for curve, some in (("weekday", np.flatnonzero(~weekend)), ("weekend", np.flatnonzero(weekend))):
        hour[some] = draw.choose(f"visit.hour.{curve}", visits.address[some], who.at[some])
    hour[mine] = traits.own_hour(draw.unrecorded, who)[mine]
    return hour


def device(draw: Draw, visits: Visits) -> Ints:
    """What each visit is on, a position in DEVICES: the person's favourite, or now and then one of two others."""
    mine = traits.device(draw.unrecorded, visits.who)
    if draw.values.number("other_devices") == 0:
        return mine
    some = np.flatnonzero(draw.chance("visit.other_device", visits.address, visits.who.at))
    second = draw.below("visit.which_device", 2, visits.address[some]) == 1
    others = [traits.other_device(draw.unrecorded, visits.who, which)[some] for which in (0, 1)]
    mine[some] = np.where(second, others[1], others[0])
    return mine


def step(address: Bits, number: Ints | int) -> Bits:
    """The address of a step of a visit."""
    return (address << np.uint64(STEP_BITS)) | np.asarray(number).astype(np.uint64)


def looked_at(draw: Draw, visits: Visits) -> Mapping[str, Ints]:
    """How far each visit gets in `section`, `pricing` and `demo`: 0 for not at all, 1 for the first step …"""
    everywhere = np.full(len(visits.k), draw.values.text("event_names") == "object_action")
    entry = draw.unrecorded.choose("visit.entry", visits.address, visits.who.at)
    return {
        name: _depth(draw, visits, np.flatnonzero(there), points)
        for name, there, points in (
            ("section", np.isin(entry, SECTIONED), ("visit.section", "section.clicked")),
            ("pricing", everywhere, ("visit.pricing", "pricing.selected", "pricing.checkout")),
            ("demo", everywhere, ("visit.demo", "demo.played", "demo.progress", "demo.completed")),
        )
    }


def lasts_ms(depths: Mapping[str, Ints]) -> Ints:
    """How long prices and then a demo keep each visit from its titles; a section is passed on the way."""
    return depths["pricing"] * PRICING_MS + depths["demo"] * DEMO_MS


def _depth(draw: Draw, visits: Visits, some: Ints, points: tuple[str, ...]) -> Ints:
    depth = np.zeros(len(visits.k), dtype=np.int64)
    for point in points:
        some = some[draw.chance(point, visits.address[some], visits.who.at[some])]
        depth[some] += 1
    return depth
