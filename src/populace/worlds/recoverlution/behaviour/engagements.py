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
    ColumnValue,
    Draw,
    EmitContext,
    Ints,
    Items,
    Joined,
    Json,
    Key,
    LogNormal,
    Number,
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
from populace.spec.kit.parameters import composed
from populace.spec.kit.phrases import taken
from populace.worlds.recoverlution import catalogue
from populace.worlds.recoverlution.behaviour import lives, wording
from populace.worlds.recoverlution.catalogue.content import mindblock_key
from populace.worlds.recoverlution.parameters.fixed import LONGEST_S, SHORTEST_S, UTC_BEHIND_HOURS, ZONES
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
    Choice("engagement.zone", tuple(share for _, share in UTC_BEHIND_HOURS)),
)


MOMENTS = ("started_at", "completed_at", "rated_at")
"""The columns of `follow` that hold moments."""
LASTS_DAYS = 1
_AFTER = 1 << 40
"""The address of an engagement after the epoch is its number above this: no pair of history has one as high."""
_LONGEST_OWN_US = HOUR_US
"""From the first row of an engagement to its last, at most, where people differ."""
_WITHOUT_DURATION_S = 90
"""From the first row of an engagement to its last, at most, beside the time to complete it."""


def engagements(draw: Draw, pairs: Pairs) -> TableRows:
    """A person and a mindblock: viewed, started, perhaps completed with a reflection, perhaps rated; in one day.

    Where people differ a pair says only that somebody engages with something: who, when and with what is drawn.
    """
    if draw.values.flag("differ"):
        lives.count_items(draw, pairs.ordinal[pairs.j == 0])
        at = _viewed_at(draw, pairs, None)
        return _of_somebody(draw, pairs.address, at, _own(draw, pairs.address, at))
    person = _person(draw, pairs.ordinal, pairs.j)
    at = _viewed_at(draw, pairs, zone(draw, person))
    return _rows(draw, pairs.ordinal, person, pairs.address, at, _course(draw, pairs.address, at))


def _own(draw: Draw, address: Ints, at: Ints) -> dict[str, Ints]:
    """Of engagements of whoever would come at these moments: `person` (−1: nobody would) and `content`, and a course as
    that person goes it, as fast as they are and rated as they rate.
    """
    person = draw.comers("practising", "engagement", address, at)
    came = np.flatnonzero(person >= 0)
    known = _as_they_go(draw, person[came], address[came], at[came])
    out = {name: np.full(len(at), NEVER if name in MOMENTS else 0) for name in known} | {"person": person}
    for name, column in known.items():
        out[name][came] = column
    return out


def _as_they_go(draw: Draw, person: Ints, address: Ints, at: Ints) -> dict[str, Ints]:
    """What people in particular engage with, and the course of it."""
    content = lives.mindblock(draw, person, address, at)
    pace = lives.own_pace(draw, person)
    course = _course(draw, address, at, lives.stars(draw, person, content, address, at))

    def within(name: str) -> Ints:
        return draw.below(f"engagement.{name}", SECOND_US // 1000, address) * 1000

    started = at + (course["started_at"] - at) * pace // 1_000_000 * 1000 + within("started")
    took = np.clip(course["duration"] * pace // 1000, SHORTEST_S, LONGEST_S)
    completes = course["completed_at"] < NEVER
    completed = started + took * SECOND_US + within("completed")
    since = np.where(completes, completed, started)
    before = np.where(completes, course["completed_at"], course["started_at"])
    rated = since + (course["rated_at"] - before) * pace // 1_000_000 * 1000 + within("rated")
    return {
        **course,
        "content": content,
        "duration": took,
        "started_at": started,
        "completed_at": np.where(completes, completed, NEVER),
        "rated_at": np.where(course["rated_at"] < NEVER, rated, NEVER),
    }


def _of_somebody(draw: Draw, address: Ints, at: Ints, course: Mapping[str, Ints]) -> TableRows:
    """The rows of those for which somebody came."""
    came = np.flatnonzero(course["person"] >= 0)
    course = {name: column[came] for name, column in course.items()}
    return _rows(draw, course["content"], course["person"], address[came], at[came], course)


def follow(draw: Draw, items: Items) -> Progress:
    """How engagements after the epoch go: `_course`, of each."""
    if draw.values.flag("differ"):
        return Progress(_own(draw, _AFTER + items.number, items.at))
    return Progress(_course(draw, _AFTER + items.number, items.at))


def after_history(draw: Draw, context: EmitContext) -> TableRows:
    """Engagements that go on after the epoch: each mindblock goes on to people it has not had yet, round by round."""
    items = context.items
    if draw.values.flag("differ"):
        return _of_somebody(draw, _AFTER + items.number, items.at, context.progress.items)
    nth = draw.values.whole("pairs_per_mindblock") + items.number // draw.size("pairing")
    person = _person(draw, items.member, nth % draw.size("person"))
    return _rows(draw, items.member, person, _AFTER + items.number, items.at, context.progress.items)


def _person(draw: Draw, mindblock: Ints, nth: Ints) -> Ints:
    return draw.shuffled("engagement.person", draw.size("person"), mindblock, nth)


def _course(draw: Draw, address: Ints, at: Ints, stars: Ints | None = None) -> dict[str, Ints]:
    """Of each: started_at, completed_at, rated_at (µs, `NEVER` for what does not come), and duration (s), rating,
    reflects (0 or 1), words. stars: the ratings, where it is known who gives them, and for what.
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
        "rating": draw.measure("engagement.rating", address, at) if stars is None else stars,
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
    which = (":", Number(address)) if draw.values.flag("differ") else ()
    seed_key = Joined((f"{cohort}:", content, ":", member, *which))
    done, starred, reflects = action == 2, action == 3, course["reflects"] > 0
    if composed(draw):
        wrote = np.flatnonzero(reflects)
        place = np.full(len(at), -1)
        place[wrote] = np.arange(len(wrote))
        texts = wording.reflections(
            draw, person[wrote], course["completed_at"][wrote], address[wrote], mindblock[wrote]
        )
        said: ColumnValue = taken(texts, np.where(done, place[index], -1))
    else:
        said = Words(course["words"][index], catalogue.reflections())
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
                "reflection": Optional(done & reflects[index], said),
                "rating": Optional(starred, course["rating"][index]),
            }
        ),
        "created_at": moment,
    }
    return {"content_engagements": Rows(mindblock[index], columns, moment)}


def _viewed_at(draw: Draw, pairs: Pairs, where: Ints | None) -> Ints:
    """A moment of history, even over its days, at an hour of the day at which people engage: where they live, if that
    is known. where: positions in `ZONES`; None where the moment says who it is.
    """
    days = (draw.epoch_us - draw.origin_us) // DAY_US
    edges = np.cumsum([0, *draw.values.series("reading_hours")]).astype(np.int64)
    drawn = draw.below("engagement.hour", days * int(edges[-1]), pairs.address)
    millis = draw.below("engagement.moment", HOUR_US // 1000, pairs.address)
    hour: Ints = np.searchsorted(edges, drawn % edges[-1], side="right") - 1
    day: Ints = draw.origin_us + drawn // edges[-1] * DAY_US
    within: Ints = hour * HOUR_US + millis * 1000
    if where is None:
        behind = np.array([hours for hours, _ in UTC_BEHIND_HOURS])
        within = (within + behind[draw.choose("engagement.zone", pairs.address, day)] * HOUR_US) % DAY_US
        at: Ints = day + within
        # Who would end after the epoch begins that much sooner.
        sooner: Ints = np.where(at > draw.epoch_us - _LONGEST_OWN_US, at - _LONGEST_OWN_US, at)
        return sooner
    if not draw.values.flag("details"):
        return day + within
    # Local hours come round within the same UTC day, and who would end after the epoch begins sooner: nothing leaves
    # history at either end.
    at = day + (within - zones.offset_us(ZONES, where, day + within)) % DAY_US
    lasts = _WITHOUT_DURATION_S + draw.unrecorded.measure("engagement.duration", pairs.address, at)
    return np.minimum(at, draw.epoch_us - lasts * SECOND_US)
