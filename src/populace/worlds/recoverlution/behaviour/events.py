"""The events of scenes, and of the mindblocks that are met in them: rows that are appended as a visit goes on."""

from __future__ import annotations

import numpy as np

from populace.spec import (
    Columns,
    Draw,
    Key,
    Optional,
    Rows,
    Words,
)
from populace.worlds.recoverlution.behaviour.journeys import PAUSED
from populace.worlds.recoverlution.behaviour.walk import (
    ARTIFACTS,
    Walk,
    checked,
    journey_address,
    mindblock_of,
    payload,
    template,
)
from populace.worlds.recoverlution.catalogue.content import mindblock_key
from populace.worlds.recoverlution.parameters.fixed import CAPTURE_AT, CHECK_AT
from populace.worlds.recoverlution.people import organization_key, person_key

EVENTS = {
    "g3": ("scene_started", "artifact_captured", "scene_completed", "scene_abandoned", "scene_progressed",
           "prompt_viewed", "resistance_submitted"),
    "g1": ("scene_opened", "capture_submitted", "scene_completed", "scene_abandoned", "scene_progressed",
           "prompt_viewed", "resistance_submitted"),
}  # fmt: skip
"""Kinds of scene events by vocabulary; the last two are emitted in the older one only."""
SIGNALS = {
    "g3": ("viewed", "engaged", "completed", "resonated"),
    "g1": ("activation", "release", "reframe", "alignment_choice"),
}
SIGNAL_CHAIN = ("mindblock.engaged", "mindblock.completed", "mindblock.resonated")
ERROR_CODES = ("network_timeout", "audio_unavailable", "save_conflict", "session_expired")


def scene_events(draw: Draw, walk: Walk) -> Rows:
    """One scene_started a scene, then one scene_completed or scene_abandoned; artifacts and errors in between.

    In the older vocabulary the prompt that was viewed and the check that was submitted are emitted as well.
    """
    course = walk.course
    steps = np.arange(len(walk.visit))
    starts, older = draw.values.flag("scene_starts"), draw.values.text("vocabulary") == "g1"
    errs = np.flatnonzero(walk.of("error_scene")[walk.visit] == walk.number)
    checks = walk.finished[checked(walk, walk.finished)]
    kinds = {
        0: (steps if starts else steps[:0], course.step_started_at[steps if starts else steps[:0]]),
        5: (steps, walk.moment(steps, 10)) if older else (steps[:0], course.step_started_at[:0]),
        4: (errs, walk.moment(errs, 40)) if starts else (steps[:0], course.step_started_at[:0]),
        6: (checks, walk.moment(checks, CHECK_AT)) if older else (steps[:0], course.step_started_at[:0]),
        1: (walk.captures, walk.moment(walk.captures, CAPTURE_AT)),
        2: (steps, course.step_ended_at),
    }
    step = np.concatenate([index for index, _ in kinds.values()])
    at = np.concatenate([moment for _, moment in kinds.values()])
    event = np.repeat(list(kinds), [len(index) for index, _ in kinds.values()]).astype(np.int64)
    event += (event == 2) & course.step_abandoned[step]
    artifact = np.zeros(len(steps), dtype=np.int64)
    artifact[walk.captures] = walk.artifact
    visit = walk.visit[step]
    person = course.visits.person[visit]
    journey = journey_address(person, walk.of("journey")[visit])
    # Where starts are not emitted, an error is not a row of its own but a mark on the scene's only event.
    erring = np.isin(step, errs) & ((event == 4) | ((event >= 2) & (event <= 3) & (not starts)))
    code = np.zeros(len(step), dtype=np.int64)
    some = np.flatnonzero(erring)
    code[some] = draw.choose("journey.error_code", journey[some], walk.at[step[some]])
    pauses = (event == 3) & (walk.of("outcome")[visit] == PAUSED)
    columns = {
        "id": Key("journey_scene_events", walk.event_address(step, event), at),
        "journey_instance_id": walk.journey_key(visit),
        "user_id": person_key(draw, person),
        "organization_id": organization_key(draw, person),
        "template_id": template(walk, visit),
        "scene_number": walk.number[step],
        "event_type": Words(event, EVENTS[draw.values.text("vocabulary")]),
        "event_payload": payload(
            person,
            at,
            duration_seconds=Optional((event == 2) | (event == 3), walk.lasted_ms[step] // 1000),
            artifact_type=Optional(event == 1, Words(artifact[step], ARTIFACTS)),
            error=Optional(erring, np.ones(len(step), dtype=np.bool_)),
            error_code=Optional(erring, Words(code, ERROR_CODES)),
            reason=Optional(event == 3, Words(pauses.astype(np.int64), ("left", "error"))),
        ),
        "created_at": at,
    }
    return Rows(person, columns, at)


def mindblock_events(draw: Draw, walk: Walk) -> Rows:
    """In some scenes a mindblock is met: viewed, then perhaps engaged with, completed, resonated; in this order."""
    number = walk.course.step_number
    at_stage = [np.flatnonzero(draw.chance("mindblock.met", walk.address, walk.at, number))]
    for point in SIGNAL_CHAIN:
        before = at_stage[-1]
        yes = draw.chance(point, walk.address[before], walk.at[before], number[before])
        at_stage.append(before[yes])
    step = np.concatenate(at_stage)
    signals = SIGNALS[draw.values.text("vocabulary")]
    signal = np.repeat(np.arange(len(signals)), [len(s) for s in at_stage])
    at = walk.course.step_started_at[step] + walk.lasted_ms[step] * (signal + 1) // (len(signals) + 1) * 1000
    visit = walk.visit[step]
    person = walk.course.visits.person[visit]
    words: tuple[str, ...] = signals
    if draw.values.text("vocabulary") == "g1":
        # A practice has no phase of aligning: what a mindblock sets off there is carried over into life.
        signal, words = np.where((signal == 3) & (walk.sprint[step] < 0), 4, signal), (*signals, "transfer")
    columns: Columns = {
        "id": Key("mindblock_events", walk.event_address(step, np.minimum(signal, 3)), at),
        "individual_id": person_key(draw, person),
        "organization_id": organization_key(draw, person),
        "mindblock_id": mindblock_key(mindblock_of(draw, walk, step)),
        "signal_type": Words(signal, words),
        "evidence": payload(person, at, journey_instance_id=walk.journey_key(visit), context="journey_scene"),
        "created_at": at,
    }
    return Rows(person, columns, at)
