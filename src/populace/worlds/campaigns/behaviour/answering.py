"""When people answer: on one of the days after the mail has come, at an hour of its kind or of their own, local time.

Where people are as they are, a code that is scanned opens the page, and some call at once about what they see there.
"""

from __future__ import annotations

import numpy as np

from populace.clock import DAY_US, HOUR_US, SECOND_US
from populace.spec import Draw, Ints, zones
from populace.worlds.campaigns.behaviour.dates import from_local, local
from populace.worlds.campaigns.parameters import CALL_DAYS, CLOSES, OPENS

_KINDS = ("scan", "visit", "call")
_HOURS = {"scan": "visit_hours", "visit": "visit_hours", "call": "call_hours"}
_FINE = 1_000


def later(draw: Draw, kind: str, entity: Ints, after: Ints, zone: Ints, person: Ints) -> Ints:
    """A moment on one of the days after, at an hour of its kind: it is never moved to another day."""
    day = local(zone, after) // DAY_US
    weekday = zones.weekday(day)
    lag = np.empty(len(entity), dtype=np.int64)
    for one in range(7):
        here = np.flatnonzero(weekday == one)
        lag[here] = 1 + draw.choose(f"{kind}.days.{one}", entity[here], after[here])
    hour = draw.choose(f"{kind}.hour", entity, after)
    if draw.values.number("own_hour"):
        own = draw.chance("answer.own_hour", entity, after, _KINDS.index(kind))
        hour = np.where(own, _own_hour(draw, kind, person), hour)
    within = draw.below(f"{kind}.moment", 3_600_000, entity) * 1000
    return from_local(zone, (day + lag) * DAY_US + hour * HOUR_US + within)


def _own_hour(draw: Draw, kind: str, person: Ints) -> Ints:
    """The hour at which each likes to answer: as common as it is for all; who does one thing late does all of them."""
    weights = np.array([round(_FINE * weight) for weight in draw.values.series(_HOURS[kind])], dtype=np.int64)
    place = draw.below("person.hour", _FINE, person) * int(weights.sum()) // _FINE
    out: Ints = np.searchsorted(np.cumsum(weights), place, side="right")
    return out


def opened(draw: Draw, entity: Ints, scanned: Ints, visited: Ints) -> Ints:
    """When each visits their page, of those who scan and visit: after some seconds, or when they would anyway."""
    if draw.values.number("scan_opens") == 0:
        return visited
    ms = 1000 * draw.measure("scan.opened", entity, scanned) + draw.below("scan.opened_ms", 1000, entity)
    return np.where(draw.chance("scan.opens", entity, scanned), scanned + ms * 1000, visited)


def called(draw: Draw, entity: Ints, scanned: Ints, usual: Ints, zone: Ints, delivered: Ints) -> Ints:
    """When each calls, of those who scan and call: soon, within business hours, or when they would anyway."""
    if draw.values.number("call_soon") == 0:
        return usual
    soon = local(zone, scanned) + draw.measure("scan.called", entity, scanned) * SECOND_US
    day, moment = np.divmod(soon, DAY_US)
    late = moment >= CLOSES * HOUR_US
    shut = late | (moment < OPENS * HOUR_US)
    day += late
    # Who waits until somebody answers calls in the first hours.
    waited = OPENS * HOUR_US + draw.below("scan.waited", 3 * 3_600_000, entity) * 1000
    moment = np.where(shut, waited, moment + draw.below("scan.called_ms", 1000, entity) * 1000)
    fits = (day - local(zone, delivered) // DAY_US <= CALL_DAYS) & (moment < CLOSES * HOUR_US)
    return np.where(fits & draw.chance("scan.calls", entity, scanned), from_local(zone, day * DAY_US + moment), usual)
