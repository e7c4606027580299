"""When campaigns begin and are mailed, on clocks where their clients are; those of the calendar, and requested ones."""

from __future__ import annotations

import numpy as np

from populace.clock import DAY_US, HOUR_US
from populace.spec import Draw, Ints, Items, zones
from populace.spec.lifecycle import FRIDAY
from populace.worlds.campaigns.parameters import CLOSES, LEAD_DAYS, OPENS, ZONES

HISTORY, PIPELINE = (0, 1, 2), (3, 4)
"""The stretches of campaigns that are mailed before the epoch, and of those in production, or drafts, at it."""


def zone_of(draw: Draw, client: Ints) -> Ints:
    """The time zone of each client, a position in `ZONES`. Accounted by whoever emits the clients; unrecorded here."""
    return draw.unrecorded.choose("client.zone", client, np.full(len(client), draw.origin_us))


def local(zone: Ints, at: Ints) -> Ints:
    """Moments as they are read on a clock in the zone (µs)."""
    return zones.local(ZONES, zone, at)


def from_local(zone: Ints, read: Ints) -> Ints:
    """The moment at which a clock in the zone reads so (µs)."""
    return zones.from_local(ZONES, zone, read)


def created_at(draw: Draw, items: Items) -> Ints:
    """When campaigns are created, the beginning of their lives: within business hours where the client is, or when they
    are requested.
    """
    if items.requested_at is None:
        return _created_at(draw, items)
    out, others = items.requested_at.copy(), np.flatnonzero(~items.requested)
    out[others] = _created_at(draw, items.of(others))
    return out


def _created_at(draw: Draw, items: Items) -> Ints:
    zone = zone_of(draw, items.member)
    day = local(zone, items.at) // DAY_US
    within = draw.below("campaign.created", (CLOSES - OPENS) * 3_600_000, items.number) * 1000
    return _opened(zone, day - _lead(draw, items, zone, day, within)) + within


def _opened(zone: Ints, day: Ints) -> Ints:
    """When business hours begin on a day in the zone."""
    return from_local(zone, day * DAY_US + OPENS * HOUR_US)


def mailed_at(draw: Draw, items: Items) -> Ints:
    """The mail date of requested campaigns: in business hours of a working day, after a lead like that of others."""
    assert items.requested_at is not None
    zone, number, (low, high) = zone_of(draw, items.member), items.number, LEAD_DAYS
    lead = low + draw.below("campaign.requested_lead", high - low + 1, number)
    day = local(zone, items.requested_at) // DAY_US + lead
    # A weekend is left towards the middle of what a lead may be.
    beyond = zones.weekday(day) - FRIDAY
    day += np.where(beyond > 0, np.where(lead * 2 < low + high, 3 - beyond, -beyond), 0)
    within = draw.below("campaign.requested_moment", (CLOSES - OPENS) * 3_600_000, number) * 1000
    return from_local(zone, day * DAY_US + OPENS * HOUR_US) + within


def _lead(draw: Draw, items: Items, zone: Ints, day: Ints, within: Ints) -> Ints:
    """Days from creation to mail date. What is in production or a draft at the epoch was created before it, and what
    is mailed later after it.
    """
    # The last day on which a campaign is created before the epoch, at its hour.
    last = local(zone, np.full(len(day), draw.epoch_us)) // DAY_US
    last -= _opened(zone, last) + within >= draw.epoch_us
    low, high = (np.full(len(day), bound) for bound in LEAD_DAYS)
    pipeline, later = np.isin(items.stretch, PIPELINE), items.stretch > PIPELINE[-1]
    if draw.values.text("pipeline") == "steady":
        pipeline, later = np.zeros_like(pipeline), np.zeros_like(later)
    low[pipeline] = np.maximum(low, day - last)[pipeline]
    high[later] = np.minimum(high, day - last - 1)[later]
    free = (low == LEAD_DAYS[0]) & (high == LEAD_DAYS[1])
    lead = np.empty(len(day), dtype=np.int64)
    lead[free] = draw.measure("campaign.lead_days", items.number[free], items.at[free])
    bound = np.flatnonzero(~free)
    lead[bound] = low[bound] + draw.below("campaign.draft_days", (high - low + 1)[bound], items.number[bound])
    return lead
