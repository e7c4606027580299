"""What people did in history: each mindblock has its people, who viewed it, and perhaps finished and rated it."""

from __future__ import annotations

import numpy as np

from populace.clock import DAY_US, HOUR_US
from populace.spec import (
    Along,
    Chance,
    Choice,
    Columns,
    Draw,
    Ints,
    Joined,
    Json,
    Key,
    LogNormal,
    Optional,
    Pairs,
    RoundedNormal,
    Rows,
    TableRows,
    Uniform,
    Words,
)
from populace.worlds.recoverlution import catalogue
from populace.worlds.recoverlution.catalogue.content import mindblock_key
from populace.worlds.recoverlution.parameters.fixed import FIRST_HOUR, LAST_HOUR, LONGEST_S, SHORTEST_S
from populace.worlds.recoverlution.people import organization_key, person_key

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


def engagements(draw: Draw, pairs: Pairs) -> TableRows:
    """A person and a mindblock: viewed, started, perhaps completed with a reflection, perhaps rated; in one day."""
    at = _viewed_at(draw, pairs)
    person = draw.shuffled("engagement.person", draw.size("person"), pairs.ordinal, pairs.j)
    started = at + draw.measure("engagement.start", pairs.address, at) * 1_000_000
    duration = draw.measure("engagement.duration", pairs.address, at)
    completes = draw.chance("engagement.completed", pairs.address, at)
    completed = started + duration * 1_000_000
    rates = draw.chance("engagement.rated", pairs.address, at)
    rated = np.where(completes, completed, started) + draw.measure("engagement.rate", pairs.address, at) * 1_000_000
    rating = draw.measure("engagement.rating", pairs.address, at)
    reflects = np.zeros(len(at), dtype=np.bool_)
    reflects[completes] = draw.chance("engagement.reflection", pairs.address[completes], at[completes])
    words = draw.choose("engagement.words", pairs.address, at)

    every = np.arange(len(at))
    of_action = (every, every, np.flatnonzero(completes), np.flatnonzero(rates))
    index = np.concatenate(of_action)
    action = np.repeat(np.arange(len(ACTIONS)), [len(i) for i in of_action])
    moment = np.concatenate([when[i] for when, i in zip((at, started, completed, rated), of_action, strict=True)])

    cohort = draw.values.text("cohort_label")
    mindblock, member = mindblock_key(pairs.ordinal), person_key(draw, person)
    seed_key = Joined((f"{cohort}:", mindblock, ":", member))
    done, starred = action == 2, action == 3
    columns: Columns = {
        "id": Key("content_engagements", pairs.address[index] * len(ACTIONS) + action, moment),
        "individual_id": Along(member, index),
        "organization_id": organization_key(draw, person[index]),
        "content_type": "mindblock",
        "content_id": Along(mindblock, index),
        "action": Words(action, ACTIONS),
        "duration_seconds": Optional(done, duration[index]),
        "context_tags": (),
        "metadata": Json(
            {
                "cohort_label": cohort,
                "seed_key": Along(seed_key, index),
                "reflection": Optional(done & reflects[index], Words(words[index], catalogue.reflections())),
                "rating": Optional(starred, rating[index]),
            }
        ),
        "created_at": moment,
    }
    return {"content_engagements": Rows(pairs.ordinal[index], columns, moment)}


def _viewed_at(draw: Draw, pairs: Pairs) -> Ints:
    """A moment of history, even over its days and the hours of the day in which people engage."""
    days = (draw.epoch_us - draw.origin_us) // DAY_US
    hours = LAST_HOUR - FIRST_HOUR + 1
    drawn = draw.below("engagement.hour", days * hours, pairs.address)
    millis = draw.below("engagement.moment", HOUR_US // 1000, pairs.address)
    return draw.origin_us + drawn // hours * DAY_US + (FIRST_HOUR + drawn % hours) * HOUR_US + millis * 1000
