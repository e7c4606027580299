"""Who engages with which mindblock: each has its people in history, who viewed it, and perhaps finished and rated it;
and where engagements continue, as many again in as many days.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from populace.clock import DAY_US, HOUR_US, SECOND_US
from populace.spec import (
    NEVER,
    Along,
    Chance,
    Choice,
    Columns,
    Draw,
    EmitContext,
    Ints,
    Items,
    Joined,
    Json,
    Key,
    LogNormal,
    Optional,
    Pairs,
    Progress,
    RoundedNormal,
    Rows,
    TableRows,
    Uniform,
    Words,
    zones,
)
from populace.worlds.recoverlution import catalogue
from populace.worlds.recoverlution.catalogue.content import mindblock_key
from populace.worlds.recoverlution.parameters.fixed import LONGEST_S, SHORTEST_S, ZONES
from populace.worlds.recoverlution.people import organization_key, person_key, zone

ACTIONS = ("viewed", "started", "completed", "rated")

DECISIONS = (
    Chance("engagement.completed", "engagement_completed"),
    Chance("engagement.reflection", "engagement_reflection"),
    Chance("engagement.rated", "engagement_rated"),
    RoundedNormal("engagement.rating", "rating_mean", "rating_deviation", 1, 5),
    LogNormal("engagement.duration", "duration_median", "duration_sigma", SHORTEST_S, LONGEST_S),
    Uniform("engagement.start", 2, 20),
    Uniform("engagement.rate", 2, 60),
    Choice("engagement.words", (1,) * len(catalogue.reflections())),
)


MOMENTS = ("started_at", "completed_at", "rated_at")
"""The columns of `follow` that hold moments."""
LASTS_DAYS = 1
_AFTER = 1 << 40
"""The address of an engagement after the epoch is its number above this: no pair of history has one as high."""
_WITHOUT_DURATION_S = 90
"""From the first row of an engagement to its last, at most, beside the time to complete it."""


def engagements(draw: Draw, pairs: Pairs) -> TableRows:
    """A person and a mindblock: viewed, started, perhaps completed with a reflection, perhaps rated; in one day."""
    person = _person(draw, pairs.ordinal, pairs.j)
    at = _viewed_at(draw, pairs, person)
    return _rows(draw, pairs.ordinal, person, pairs.address, at, _course(draw, pairs.address, at))


def follow(draw: Draw, items: Items) -> Progress:
    """How engagements after the epoch go: `_course`, of each."""
    return Progress(_course(draw, _AFTER + items.number, items.at))


def after_history(draw: Draw, context: EmitContext) -> TableRows:
    """Engagements that go on after the epoch: each mindblock goes on to people it has not had yet, round by round."""
    items = context.items
    nth = draw.values.whole("pairs_per_mindblock") + items.number // draw.size("pairing")
    person = _person(draw, items.member, nth % draw.size("person"))
    return _rows(draw, items.member, person, _AFTER + items.number, items.at, context.progress.items)


def _person(draw: Draw, mindblock: Ints, nth: Ints) -> Ints:
    return draw.shuffled("engagement.person", draw.size("person"), mindblock, nth)


def _course(draw: Draw, address: Ints, at: Ints) -> dict[str, Ints]:
    """Of each: started_at, completed_at, rated_at (µs, `NEVER` for what does not come), and duration (s), rating,
    reflects (0 or 1), words.
    """
    started = at + draw.measure("engagement.start", address, at) * SECOND_US
    duration = draw.measure("engagement.duration", address, at)
    completes = draw.chance("engagement.completed", address, at)
    completed = np.where(completes, started + duration * SECOND_US, NEVER)
    rates = draw.chance("engagement.rated", address, at)
    since = np.where(completes, completed, started)
    rated = np.where(rates, since + draw.measure("engagement.rate", address, at) * SECOND_US, NEVER)
    reflects = np.zeros(len(at), dtype=np.int64)
    reflects[completes] = draw.chance("engagement.reflection", address[completes], at[completes])
    return {
        "started_at": started,
        "completed_at": completed,
        "rated_at": rated,
        "duration": duration,
        "rating": draw.measure("engagement.rating", address, at),
        "reflects": reflects,
        "words": draw.choose("engagement.words", address, at),
    }


def _rows(draw: Draw, mindblock: Ints, person: Ints, address: Ints, at: Ints, course: Mapping[str, Ints]) -> TableRows:
    moments = (at, *(course[name] for name in MOMENTS))
    of_action = [np.flatnonzero(when < NEVER) for when in moments]
    index = np.concatenate(of_action)
    action = np.repeat(np.arange(len(ACTIONS)), [len(i) for i in of_action])
    moment = np.concatenate([when[i] for when, i in zip(moments, of_action, strict=True)])

    cohort = draw.values.text("cohort_label")
    content, member = mindblock_key(mindblock), person_key(draw, person)
    seed_key = Joined((f"{cohort}:", content, ":", member))
    done, starred, reflects = action == 2, action == 3, course["reflects"] > 0
    columns: Columns = {
        "id": Key("content_engagements", address[index] * len(ACTIONS) + action, moment),
        "individual_id": Along(member, index),
        "organization_id": organization_key(draw, person[index]),
        "content_type": "mindblock",
        "content_id": Along(content, index),
        "action": Words(action, ACTIONS),
        "duration_seconds": Optional(done, course["duration"][index]),
        "context_tags": (),
        "metadata": Json(
            {
                "cohort_label": cohort,
                "seed_key": Along(seed_key, index),
                "reflection": Optional(done & reflects[index], Words(course["words"][index], catalogue.reflections())),
                "rating": Optional(starred, course["rating"][index]),
            }
        ),
        "created_at": moment,
    }
    return {"content_engagements": Rows(mindblock[index], columns, moment)}


def _viewed_at(draw: Draw, pairs: Pairs, person: Ints) -> Ints:
    """A moment of history, even over its days, at an hour of the day at which people engage: where they live, if that
    is known.
    """
    days = (draw.epoch_us - draw.origin_us) // DAY_US
    edges = np.cumsum([0, *draw.values.series("reading_hours")]).astype(np.int64)
    drawn = draw.below("engagement.hour", days * int(edges[-1]), pairs.address)
    millis = draw.below("engagement.moment", HOUR_US // 1000, pairs.address)
    hour: Ints = np.searchsorted(edges, drawn % edges[-1], side="right") - 1
    day: Ints = draw.origin_us + drawn // edges[-1] * DAY_US
    within: Ints = hour * HOUR_US + millis * 1000
    if not draw.values.flag("details"):
        return day + within
    # Local hours come round within the same UTC day, and who would end after the epoch begins sooner: nothing leaves
    # history at either end.
    at = day + (within - zones.offset_us(ZONES, zone(draw, person), day + within)) % DAY_US
    lasts = _WITHOUT_DURATION_S + draw.unrecorded.measure("engagement.duration", pairs.address, at)
    return np.minimum(at, draw.epoch_us - lasts * SECOND_US)
