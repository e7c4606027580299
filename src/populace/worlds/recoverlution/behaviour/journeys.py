"""Journeys: a short practice in one visit, or a sprint of 13 scenes over several; begun, paused, resumed, ended.

How a journey will go (which one, how long, whether it is abandoned or meets an error, and in which scene) is decided
once, when it is created, for (person, journey number). A person carries the rest from visit to visit.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from populace.spec import (
    Begun,
    Bits,
    Bools,
    Chance,
    Choice,
    Draw,
    Ints,
    Json,
    Key,
    Optional,
    Rows,
    SessionStarts,
    Stamp,
    Uniform,
    Words,
)
from populace.spec.kit.places import placed
from populace.worlds.recoverlution.behaviour import lives
from populace.worlds.recoverlution.behaviour.walk import (
    Walk,
    journey_address,
    template,
)
from populace.worlds.recoverlution.parameters import PRACTICES, SPRINT_SCENES, TEMPLATES
from populace.worlds.recoverlution.people import organization_key, person_key, persona

MEMORY = ("journey", "scene", "began", "leaves_in", "errs_in")
"""What a person carries: the number of their last journey, the scene that comes next (0: no journey is open), when the
journey began (µs), the scene in which they will leave it (0: none), and the scene in which an error will occur (0:
none; negative: the journey will pause there).
"""

GOES_ON, COMPLETED, ABANDONED, PAUSED = range(4)
STATUS = ("active", "completed", "abandoned", "paused")

DECISIONS = (
    Chance("journey.is_practice", "practice_share"),
    Chance("journey.own", "own_theme"),
    Choice("journey.practice", (1,) * PRACTICES),
    Choice("journey.scenes", "scene_weights"),
    Chance("journey.abandoned", "abandon_rate"),
    Chance("journey.error", "error_rate"),
    Chance("journey.error_retried", "error_retried"),
    Choice("journey.error_code", (4, 2, 2, 1)),
    Choice("visit.scenes", "visit_weights"),
    Uniform("scene.dwell", "dwell_low_ms", "dwell_high_ms"),
    Uniform("scene.think", "think_low_ms", "think_high_ms"),
    Chance("mindblock.met", "encounter_share"),
    Chance("mindblock.engaged", "engaged_share"),
    Chance("mindblock.completed", "completed_share"),
    Chance("mindblock.resonated", "resonated_share"),
)


def begin(draw: Draw, visits: SessionStarts) -> Begun:
    """A visit goes on with the journey that is open, or begins a new one."""
    at, memory = visits.arrived_at, visits.memory
    fresh = memory["scene"] == 0
    journey = np.where(fresh, memory["journey"] + 1, memory["journey"])
    address = journey_address(visits.person, journey)
    template, length = _template_and_length(draw, fresh, address, at, visits.person, journey)
    leaves_in, errs_in = memory["leaves_in"].copy(), memory["errs_in"].copy()
    leaves_in[fresh], errs_in[fresh] = _fate(draw, address[fresh], at[fresh], length[fresh])
    first = np.where(fresh, 1, memory["scene"])

    sprint = template >= PRACTICES
    steps = length - first + 1
    some = np.flatnonzero(sprint)
    steps[some] = np.minimum(steps[some], 1 + draw.choose("visit.scenes", visits.address[some], at[some]))
    leaves = (leaves_in > 0) & (leaves_in < first + steps)
    steps = np.where(leaves, leaves_in - first + 1, steps)
    error_scene = np.abs(errs_in)
    errs = (error_scene >= first) & (error_scene < first + steps)
    pauses = errs & (errs_in < 0)
    steps = np.where(pauses, error_scene - first + 1, steps)
    leaves &= leaves_in == first + steps - 1
    leaves &= ~pauses
    done = ~leaves & ~pauses & (first + steps > length)
    outcome = np.where(pauses, PAUSED, np.where(leaves, ABANDONED, np.where(done, COMPLETED, GOES_ON)))
    began = np.where(fresh, visits.starts_at, memory["began"])
    ended = leaves | done
    return Begun(
        steps=steps,
        abandoned=leaves | pauses,
        memory={
            "journey": journey,
            "scene": np.where(ended, 0, np.where(pauses, error_scene, first + steps)),
            "began": began,
            "leaves_in": np.where(ended, 0, leaves_in),
            "errs_in": np.where(errs | ended, 0, errs_in),
        },
        columns={
            "fresh": fresh.astype(np.int64),
            "journey": journey,
            "template": template,
            "length": length,
            "first": first,
            "outcome": outcome,
            "error_scene": np.where(errs, error_scene, 0),
            "began": began,
            "unlocked": np.where(fresh, visits.starts_at, visits.left_at),
        },
    )


def _template_and_length(
    draw: Draw, fresh: Bools, address: Bits, at: Ints, person: Ints, journey: Ints
) -> tuple[Ints, Ints]:
    """Which journey it is (practices first, then templates) and how many scenes it has; accounted when it is new."""

    def decided(decide: Callable[[Draw, Bools], Ints]) -> Ints:
        out = np.zeros(len(fresh), dtype=np.int64)
        out[fresh], out[~fresh] = decide(draw, fresh), decide(draw.unrecorded, ~fresh)
        return out

    short = decided(lambda d, some: d.chance("journey.is_practice", address[some], at[some]).astype(np.int64)) == 1
    practice = decided(lambda d, some: d.choose("journey.practice", address[some], at[some]))
    if draw.values.flag("differ"):
        own = decided(lambda d, some: d.chance("journey.own", address[some], at[some]).astype(np.int64))
        sprint = lives.sprint(draw, person, journey, own)
        practice = lives.practice(draw, person, journey, practice, own)
    else:
        sprint = draw.shuffled("journey.sprint", TEMPLATES, person, journey % TEMPLATES)
    scenes = decided(lambda d, some: d.choose("journey.scenes", address[some], at[some]) + 1)
    return np.where(short, practice, PRACTICES + sprint), np.where(short, scenes, SPRINT_SCENES)


def _fate(draw: Draw, address: Bits, at: Ints, length: Ints) -> tuple[Ints, Ints]:
    """In which scene a new journey is abandoned, and in which an error occurs; see `MEMORY`."""
    leaves = draw.chance("journey.abandoned", address, at)
    leaves_in = np.where(leaves, 1 + draw.below("journey.left_in", length, address), 0)
    errs = draw.chance("journey.error", address, at)
    entered = np.where(leaves, leaves_in, length)
    errs_in = np.where(errs, 1 + draw.below("journey.errs_in", entered, address), 0)
    some = np.flatnonzero(errs)
    retried = draw.chance("journey.error_retried", address[some], at[some])
    errs_in[some] = np.where(retried, errs_in[some], -errs_in[some])
    return leaves_in, errs_in


def instances(draw: Draw, walk: Walk) -> Rows:
    """Versions of each journey: a visit begins, a scene further, the visit ends."""
    course = walk.course
    visits = np.arange(len(course.started_at))
    first, steps, length, outcome = walk.of("first"), course.begun.steps, walk.of("length"), walk.of("outcome")
    # Completing a scene that is not the last one of the visit moves the journey on to the next.
    moves = np.flatnonzero(course.step_number < steps[walk.visit])
    visit = np.concatenate([visits, walk.visit[moves], visits])
    at = np.concatenate([course.started_at, course.step_ended_at[moves], course.ended_at])
    ending = first + steps - 1 + (outcome == GOES_ON)
    scene = np.concatenate([first, walk.number[moves] + 1, ending])
    last = np.arange(len(visit)) >= len(visits) + len(moves)
    status = np.where(last, outcome[visit], GOES_ON)
    person, began = course.visits.person[visit], walk.of("began")[visit]
    ended = (status == COMPLETED) | (status == ABANDONED)
    columns = {
        "id": walk.journey_key(visit),
        "user_id": person_key(draw, person),
        "organization_id": organization_key(draw, person),
        "template_id": template(walk, visit),
        "status": Words(status, STATUS),
        "current_scene_number": scene,
        "total_scenes": length[visit],
        "started_at": began,
        "completed_at": Optional(status == COMPLETED, at),
        "source": "populace",
        "metadata": Json(
            {
                "synthetic": True,
                "persona_key": persona(person),
                "run_timestamp": Stamp(began),
                "ended_at": Optional(ended, Stamp(at)),
                "paused_by": Optional(status == PAUSED, "error"),
            }
        ),
        "created_at": began,
        "updated_at": at,
    }
    return Rows(person, columns, at, entity=journey_address(person, walk.of("journey")[visit]).astype(np.int64))


def instance_scenes(draw: Draw, walk: Walk) -> Rows:
    """Versions of each scene of each journey: all of them when it is created, then completed and unlocked in turn."""
    del draw
    course = walk.course
    fresh = np.flatnonzero(walk.of("fresh"))
    length, began = walk.of("length"), walk.of("began")
    journey, place = placed(length[fresh])
    new, new_number = fresh[journey], place + 1
    done = walk.finished
    done_visit, done_number = walk.visit[done], walk.number[done]
    unlocked = np.where(
        course.step_number[done] == 1, walk.of("unlocked")[done_visit], course.step_ended_at[np.maximum(done - 1, 0)]
    )
    # The next scene opens; one in which the journey pauses opens again when the visit ends.
    pauses = np.flatnonzero(course.step_abandoned & (walk.of("outcome")[walk.visit] == PAUSED))
    opens = np.concatenate([done[done_number < length[done_visit]], pauses])
    visit = np.concatenate([new, done_visit, walk.visit[opens]])
    number = np.concatenate([new_number, done_number, walk.number[opens] + ~course.step_abandoned[opens]])
    status = np.concatenate([(new_number == 1).astype(np.int64), np.full(len(done), 2), np.full(len(opens), 1)])
    opened = np.concatenate([began[new], unlocked, course.step_ended_at[opens]])
    completed = np.concatenate([began[new], course.step_ended_at[done], course.step_ended_at[opens]])
    at = np.concatenate([began[new], course.step_ended_at[done], course.step_ended_at[opens]])
    person = course.visits.person[visit]
    address = (journey_address(person, walk.of("journey")[visit]) << np.uint64(4)) | number.astype(np.uint64)
    columns = {
        "id": Key("journey_instance_scenes", address, began[visit]),
        "journey_instance_id": walk.journey_key(visit),
        "scene_number": number,
        "status": Words(status, ("locked", "available", "completed")),
        "unlocked_at": Optional(status > 0, opened),
        "completed_at": Optional(status == 2, completed),
        "created_at": began[visit],
    }
    return Rows(person, columns, at, entity=address.astype(np.int64))
