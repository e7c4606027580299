"""What people of Recoverlution do: engage with mindblocks in history, and walk through short practices from then on."""

from __future__ import annotations

from typing import Any

import numpy as np

from populace.clock import DAY_US, HOUR_US
from populace.spec import (
    Along,
    Begun,
    Bits,
    Bools,
    Chance,
    Choice,
    Course,
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
    Stamp,
    Story,
    Uniform,
    Visits,
    Words,
)
from populace.worlds.recoverlution import catalogue
from populace.worlds.recoverlution.parameters import MINDBLOCKS
from populace.worlds.recoverlution.people import mindblock_key, organization_key, person_key, persona

FIRST_HOUR, LAST_HOUR = 8, 21
"""Engagements of history begin in these hours, both included (seed function)."""
SHORTEST_S, LONGEST_S = 15, 1_800
"""Bounds of the time to complete a mindblock (seed function)."""

ACTIONS = ("viewed", "started", "completed", "rated")
ARTIFACTS = ("reflection", "insight", "commitment", "practice")
SIGNALS = ("viewed", "engaged", "completed", "resonated")
STATUS = ("active", "completed", "abandoned")

DECISIONS = (
    Chance("engagement.completed", "engagement_completed"),
    Chance("engagement.reflection", "engagement_reflection"),
    Chance("engagement.rated", "engagement_rated"),
    RoundedNormal("engagement.rating", "rating_mean", "rating_deviation", 1, 5),
    LogNormal("engagement.duration", "duration_median", "duration_sigma", SHORTEST_S, LONGEST_S),
    Uniform("engagement.start", 2, 20),
    Uniform("engagement.rate", 2, 60),
    Choice("engagement.words", (1,) * len(catalogue.reflections())),
    Choice("journey.practice", (1,) * len(catalogue.practices())),
    Choice("journey.scenes", "scene_weights"),
    Chance("journey.abandoned", "abandon_rate"),
    Uniform("scene.dwell", "dwell_low_ms", "dwell_high_ms"),
    Uniform("scene.think", "think_low_ms", "think_high_ms"),
    Chance("scene.artifact", "artifact_share"),
    Choice("scene.artifact_type", (1,) * len(ARTIFACTS)),
    Chance("mindblock.met", "encounter_share"),
    Chance("mindblock.engaged", "engaged_share"),
    Chance("mindblock.completed", "completed_share"),
    Chance("mindblock.resonated", "resonated_share"),
)


def engagements(draw: Draw, pairs: Pairs) -> Story:
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

    cohort = str(draw.value("cohort_label"))
    mindblock, member = mindblock_key(pairs.ordinal), person_key(draw, person)
    seed_key = Joined((f"{cohort}:", mindblock, ":", member))
    done, starred = action == 2, action == 3
    columns = {
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


def begin(draw: Draw, visits: Visits) -> Begun:
    """A visit is a new journey: a short practice of one to three scenes, finished or abandoned in one of them."""
    address, at = visits.address, visits.arrived_at
    length = draw.choose("journey.scenes", address, at) + 1
    abandoned = draw.chance("journey.abandoned", address, at)
    left_in = draw.below("journey.left_in", length, address) + 1
    return Begun(
        steps=np.where(abandoned, left_in, length),
        abandoned=abandoned,
        columns={"length": length, "practice": draw.choose("journey.practice", address, at)},
    )


def practise(draw: Draw, course: Course) -> Story:
    """The journey, its scene events and the mindblock events met on the way."""
    return {
        "journey_instances": _journeys(draw, course),
        "journey_scene_events": _scene_events(draw, course),
        "mindblock_events": _mindblock_events(draw, course),
    }


def _journey_key(course: Course, visit: Ints) -> Key:
    return Key("journey_instances", course.visits.address[visit], course.started_at[visit])


def _template(course: Course, visit: Ints) -> Words:
    return Words(course.begun.columns["practice"][visit], tuple(p.template_id for p in catalogue.practices()))


def _journeys(draw: Draw, course: Course) -> Rows:
    """Versions of each journey: begun, a scene further, ended."""
    visits = np.arange(len(course.started_at))
    length = course.begun.columns["length"]
    # Completing a scene that is not the last one of the visit moves the journey on to the next.
    moves = np.flatnonzero(course.step_number < course.begun.steps[course.step_visit])
    visit = np.concatenate([visits, course.step_visit[moves], visits])
    at = np.concatenate([course.started_at, course.step_ended_at[moves], course.ended_at])
    scene = np.concatenate([np.ones(len(visits), dtype=np.int64), course.step_number[moves] + 1, course.begun.steps])
    ended = np.arange(len(visit)) >= len(visits) + len(moves)
    status = np.where(ended, np.where(course.begun.abandoned[visit], 2, 1), 0)
    person, began = course.visits.person[visit], course.started_at[visit]
    columns = {
        "id": _journey_key(course, visit),
        "user_id": person_key(draw, person),
        "organization_id": organization_key(draw, person),
        "template_id": _template(course, visit),
        "status": Words(status, STATUS),
        "current_scene_number": scene,
        "total_scenes": length[visit],
        "started_at": began,
        "completed_at": Optional(status == 1, at),
        "source": "populace",
        "metadata": Json(
            {
                "synthetic": True,
                "persona_key": persona(person),
                "run_timestamp": Stamp(began),
                "ended_at": Optional(ended, Stamp(at)),
            }
        ),
        "created_at": began,
        "updated_at": at,
    }
    return Rows(person, columns, at, entity=visit)


def _scene_events(draw: Draw, course: Course) -> Rows:
    """One scene_started a scene, then one scene_completed or scene_abandoned; an artifact in some completed ones."""
    steps = np.arange(len(course.step_visit))
    address, number = course.visits.address[course.step_visit], course.step_number
    arrived = course.visits.arrived_at[course.step_visit]
    finished = np.flatnonzero(~course.step_abandoned)
    leaves = draw.chance("scene.artifact", address[finished], arrived[finished], number[finished])
    artful = finished[leaves]
    kind = draw.choose("scene.artifact_type", address[artful], arrived[artful], number[artful])
    started = steps if draw.value("scene_starts") else steps[:0]

    step = np.concatenate([started, artful, steps])
    event = np.concatenate(
        [np.zeros(len(started), np.int64), np.ones(len(artful), np.int64), 2 + course.step_abandoned]
    )
    lasted_ms = (course.step_ended_at - course.step_started_at) // 1000
    caught = course.step_started_at + lasted_ms * 4 // 5 * 1000
    at = np.concatenate([course.step_started_at[started], caught[artful], course.step_ended_at])
    artifact = np.concatenate([np.zeros(len(started), np.int64), kind, np.zeros(len(steps), np.int64)])
    visit = course.step_visit[step]
    person = course.visits.person[visit]
    columns = {
        "id": Key("journey_scene_events", _address(address[step], number[step], event), at),
        "journey_instance_id": _journey_key(course, visit),
        "user_id": person_key(draw, person),
        "organization_id": organization_key(draw, person),
        "template_id": _template(course, visit),
        "scene_number": number[step],
        "event_type": Words(event, ("scene_started", "artifact_captured", "scene_completed", "scene_abandoned")),
        "event_payload": _payload(
            person,
            at,
            duration_seconds=Optional(event >= 2, lasted_ms[step] // 1000),
            artifact_type=Optional(event == 1, Words(artifact, ARTIFACTS)),
        ),
        "created_at": at,
    }
    return Rows(person, columns, at)


def _mindblock_events(draw: Draw, course: Course) -> Rows:
    """In some scenes a mindblock is met: viewed, then perhaps engaged with, completed, resonated; in this order."""
    address, number = course.visits.address[course.step_visit], course.step_number
    arrived = course.visits.arrived_at[course.step_visit]
    at_stage = [np.flatnonzero(draw.chance("mindblock.met", address, arrived, number))]
    for point in ("mindblock.engaged", "mindblock.completed", "mindblock.resonated"):
        before = at_stage[-1]
        at_stage.append(before[_yes(draw, point, before, address, arrived, number)])
    step = np.concatenate(at_stage)
    signal = np.repeat(np.arange(len(SIGNALS)), [len(s) for s in at_stage])
    lasted_ms = (course.step_ended_at[step] - course.step_started_at[step]) // 1000
    at = course.step_started_at[step] + lasted_ms * (signal + 1) // (len(SIGNALS) + 1) * 1000
    visit = course.step_visit[step]
    person = course.visits.person[visit]
    mindblock = draw.below("mindblock.which", MINDBLOCKS, address[step], number[step])
    columns = {
        "id": Key("mindblock_events", _address(address[step], number[step], signal), at),
        "individual_id": person_key(draw, person),
        "organization_id": organization_key(draw, person),
        "mindblock_id": mindblock_key(mindblock),
        "signal_type": Words(signal, SIGNALS),
        "evidence": _payload(person, at, journey_instance_id=_journey_key(course, visit), context="journey_scene"),
        "created_at": at,
    }
    return Rows(person, columns, at)


def _yes(draw: Draw, point: str, some: Ints, address: Bits, at: Ints, number: Ints) -> Bools:
    return draw.chance(point, address[some], at[some], number[some])


def _address(visit: Bits, number: Ints, event: Ints) -> Bits:
    """The address of an event: visit, scene number, kind."""
    return (visit << np.uint64(4)) | (number << 2 | event).astype(np.uint64)


def _payload(person: Ints, at: Ints, **more: Any) -> Json:
    return Json({"synthetic": True, "persona_key": persona(person), "timestamp": Stamp(at), **more})
