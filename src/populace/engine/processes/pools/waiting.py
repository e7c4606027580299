"""Visits that wait for what comes after them, as fields of a snapshot: whole numbers alone, one a visit."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from populace.engine.snapshots import within
from populace.spec import Cohort, Ints, Lifecycle, Visits
from populace.spec.cohort import MOST_VISITS, PERSON_BITS

COHORT = ("person", "pool", "joined_at", "at", "state", "pattern", "segment", "event", "score", "tenure")
"""The fields of a `Cohort` that every lifecycle has."""
_VISIT = ("k", "day", "started_at")
_FLAGS = ("binging", "special", "first")
_ADDRESS = "address"
_FIELD = "waiting {}"


def packed(flow: Lifecycle, visits: Visits | None) -> dict[str, Ints]:
    """Fields of a snapshot: empty where nothing waits; none of a lifecycle without a `follow_up`."""
    if flow.follow_up is None:
        return {}
    if visits is None:
        return {_FIELD.format(name): np.zeros(0, dtype=np.int64) for name in _names(flow)}
    who = {name: getattr(visits.who, name) for name in COHORT} | dict(visits.who.fields)
    own = {name: getattr(visits, name) for name in (*_VISIT, *_FLAGS)}
    own[_ADDRESS] = visits.address.view(np.int64)
    return {_FIELD.format(name): np.asarray(values, dtype=np.int64) for name, values in (own | who).items()}


def unpacked(flow: Lifecycle, fields: Mapping[str, Ints]) -> Visits | None:
    """The visits that such fields describe; None where nothing waits."""
    if flow.follow_up is None or not len(fields[_FIELD.format(_ADDRESS)]):
        return None
    of = {name: fields[_FIELD.format(name)].copy() for name in _names(flow)}
    who = Cohort(**{name: of[name] for name in COHORT}, fields={name: of[name] for name in flow.fields})
    return Visits(
        address=of[_ADDRESS].view(np.uint64),
        who=who,
        **{name: of[name] for name in _VISIT},
        binging=of["binging"] != 0,
        special=of["special"] != 0,
        first=of["first"] != 0,
    )


def misplaced(flow: Lifecycle, low: int, day: int, signed_up: Ints, fields: Mapping[str, Ints]) -> bool:
    """Whether such fields are of visits that pools cannot have had in the days before a day."""
    visits = unpacked(flow, fields)
    if visits is None or flow.follow_up is None:
        return False
    who, many = visits.who, len(signed_up)
    bounds = (
        (who.pool, low, low + many - 1), (visits.day, day - flow.follow_up.days, day - 1), (visits.k, 0, MOST_VISITS),
        (who.state, 0, len(flow.states) - 1), (who.pattern, 0, len(flow.patterns) - 1),
        (who.segment, 0, len(flow.segments) - 1), (who.event, 0, len(flow.life_events)),
    )  # fmt: skip
    if not all(within(values, *bound) for values, *bound in bounds) or np.any(who.person >> PERSON_BITS != who.pool):
        return True
    return bool(np.any(who.person & ((1 << PERSON_BITS) - 1) >= signed_up[who.pool - low]))


def _names(flow: Lifecycle) -> tuple[str, ...]:
    return (_ADDRESS, *_VISIT, *_FLAGS, *COHORT, *flow.fields)
