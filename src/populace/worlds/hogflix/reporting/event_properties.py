"""Who did it: what every analytics event says of the person behind it, and what `$identify` says of a person."""

from __future__ import annotations

import numpy as np

from populace.spec import Cohort, Columns, Draw, Ints, Json, Words
from populace.worlds.hogflix import catalogue
from populace.worlds.hogflix.catalogue import REGIONS
from populace.worlds.hogflix.parameters.people import PATTERNS, SEGMENTS, STATES
from populace.worlds.hogflix.people import traits

MEDIUM, CAMPAIGN = "synthetic", "hogflix-dynamic"


def said_of(draw: Draw, who: Cohort, machine: Ints | None = None) -> Columns:
    """Properties of events, by name: as the person is at the time. machine: what each is on; their favourite."""
    quiet = draw.unrecorded
    pattern, source = Words(who.pattern, PATTERNS), _source(quiet, who)
    return {
        "plan": Words(who.segment, SEGMENTS),
        "is_synthetic": True,
        "$geoip_disable": True,  # else PostHog takes everybody to be where the sender's address is
        "source": source,
        "state": Words(who.state, STATES),
        # The document asks for activity_pattern and its script sent pattern: both are here.
        "pattern": pattern,
        "activity_pattern": pattern,
        "utm_source": source,
        "utm_medium": MEDIUM,
        "utm_campaign": CAMPAIGN,
        **_device(draw, traits.device(quiet, who) if machine is None else machine),
    }


def person_properties(draw: Draw, who: Cohort) -> Json:
    """What `$identify` sets: how the person is now, and how they came."""
    source, plan = _source(draw.unrecorded, who), Words(who.segment, SEGMENTS)
    return Json(
        {
            "plan": plan,
            "company_plan": plan,
            "acq_source": source,
            "is_synthetic": True,
            "state": Words(who.state, STATES),
            "activity_pattern": Words(who.pattern, PATTERNS),
            "engagement_score": who.score,
            "country": Words(traits.region(draw.unrecorded, who), tuple(region.country for region in REGIONS)),
            "$initial_utm_source": source,
            "$initial_utm_medium": MEDIUM,
            "$initial_utm_campaign": CAMPAIGN,
        }
    )


def _source(quiet: Draw, who: Cohort) -> Words:
    return Words(traits.source(quiet, who), tuple(source.utm_source for source in catalogue.sources()))


def _device(draw: Draw, machine: Ints) -> Columns:
    """What they watch on. The later names come with more of it."""
    there = catalogue.DEVICES
    kind = {"$device_type": Words(machine, tuple(one.device_type for one in there))}
    if draw.values.text("event_names") == "document":
        return kind
    return {
        **kind,
        "$browser": Words(machine, tuple(one.browser for one in there)),
        "$browser_version": Words(machine, tuple(one.browser_version for one in there)),
        "$os": Words(machine, tuple(one.os for one in there)),
        "$screen_width": np.array([one.screen_width for one in there])[machine],
        "$screen_height": np.array([one.screen_height for one in there])[machine],
    }
