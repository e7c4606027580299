"""A course as a walk through journeys: what the tables that visits write ask of its visits, steps and scenes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from populace.spec import Bits, Bools, Chance, Choice, ColumnValue, Course, Draw, Ints, Json, Key, Stamp, Words
from populace.worlds.recoverlution import catalogue
from populace.worlds.recoverlution.catalogue import templates
from populace.worlds.recoverlution.catalogue.templates import EXPECTS_CHECKS, EXPECTS_RECEIPT, MAY_EXPECT_RECEIPT
from populace.worlds.recoverlution.parameters import MINDBLOCKS, PRACTICES, SPRINT_SCENES
from populace.worlds.recoverlution.people import persona

ARTIFACTS = ("reflection", "insight", "commitment", "practice")
_ARTIFACT_OF_TYPE = {"reflection": 0, "teaching": 1, "integration": 2, "cue": 3, "introduction": 0}
_EVENT_KINDS = 8

DECISIONS = (
    Chance("scene.artifact", "artifact_share"),
    Chance("scene.artifact_beside", "artifact_beside_share"),
    Choice("scene.artifact_type", (1,) * len(ARTIFACTS)),
)


def journey_address(person: Ints, journey: Ints) -> Bits:
    """The address of a person's n-th journey."""
    return (person.astype(np.uint64) << np.uint64(20)) | journey.astype(np.uint64)


@dataclass(frozen=True, slots=True, eq=False)
class Walk:
    """A course as journeys: what several tables ask of its visits and steps. Arrays are one a visit, or one a step.

    visit, number: of each step, its visit and the scene's number in the journey. address, at: of each step, the visit's
    address and the moment of its arrival. finished: steps that were completed. lasted_ms: each step. sprint: of each
    step, the template's ordinal, −1 in a practice. captures: indices of the steps that left an artifact; artifact: its
    kind, for these.
    """

    course: Course
    visit: Ints
    number: Ints
    address: Bits
    at: Ints
    finished: Ints
    lasted_ms: Ints
    sprint: Ints
    captures: Ints
    artifact: Ints

    def of(self, name: str) -> Ints:
        """A column of the visits."""
        return self.course.begun.columns[name]

    def journey_key(self, visit: Ints) -> Key:
        """The key of the journey that a visit belongs to."""
        address = journey_address(self.course.visits.person[visit], self.of("journey")[visit])
        return Key("journey_instances", address, self.of("began")[visit])

    def person(self, step: Ints) -> Ints:
        """Whose steps these are."""
        return self.course.visits.person[self.visit[step]]

    def event_address(self, step: Ints, kind: Ints | int) -> Bits:
        """The address of something that happens once a step and kind."""
        entered = self.course.step_number[step] * _EVENT_KINDS + kind
        return (self.address[step] << np.uint64(6)) | entered.astype(np.uint64)

    def moment(self, step: Ints, percent: int) -> Ints:
        """So far into a step, µs."""
        return self.course.step_started_at[step] + self.lasted_ms[step] * percent // 100 * 1000

    def template(self, step: Ints) -> Ints:
        """In which practice or template steps are: practices first."""
        return self.of("template")[self.visit[step]]

    def scene(self, step: Ints) -> Ints:
        """The ordinals of scenes of sprints in `templates.scenes()`."""
        return self.sprint[step] * SPRINT_SCENES + self.number[step] - 1


def walk(draw: Draw, course: Course) -> Walk:
    """The walk of a course, with the artifacts that its scenes leave behind."""
    visit = course.step_visit
    number = course.begun.columns["first"][visit] + course.step_number - 1
    address, at = course.visits.address[visit], course.visits.arrived_at[visit]
    sprint = np.maximum(course.begun.columns["template"][visit] - PRACTICES, -1)
    finished = np.flatnonzero(~course.step_abandoned)
    lasted_ms = (course.step_ended_at - course.step_started_at) // 1000
    out = Walk(course, visit, number, address, at, finished, lasted_ms, sprint, visit[:0], visit[:0])
    captures, artifact = _artifacts(draw, out)
    return replace(out, captures=captures, artifact=artifact)


def _artifacts(draw: Draw, walk: Walk) -> tuple[Ints, Ints]:
    """Completed scenes that leave an artifact, and its kind: always where a contract expects it, else now and then.

    Scenes that carry a contract in some templates leave one rarely in the others, so that each has the same mean.
    """
    step, number = walk.course.step_number, walk.number
    in_sprint: Bools = walk.sprint[walk.finished] >= 0
    scene = walk.scene(walk.finished)
    expected: Bools = in_sprint & EXPECTS_RECEIPT[scene]
    beside: Bools = in_sprint & ~expected & MAY_EXPECT_RECEIPT[number[walk.finished] - 1]
    free = walk.finished[~expected & ~beside]
    rare = walk.finished[beside]
    captures = np.sort(
        np.concatenate(
            [
                walk.finished[expected],
                free[draw.chance("scene.artifact", walk.address[free], walk.at[free], step[free])],
                rare[draw.chance("scene.artifact_beside", walk.address[rare], walk.at[rare], step[rare])],
            ]
        )
    )
    kind = np.where(walk.sprint[captures] >= 0, _ARTIFACT_OF_SCENE[walk.number[captures] - 1], -1)
    any_kind = np.flatnonzero(kind < 0)
    some = captures[any_kind]
    kind[any_kind] = draw.choose("scene.artifact_type", walk.address[some], walk.at[some], step[some])
    return captures, kind


_ARTIFACT_OF_SCENE = np.array(
    [_ARTIFACT_OF_TYPE.get(s.scene_type.rsplit("_", 1)[-1], 0) for s in templates.scenes()[:SPRINT_SCENES]],
    dtype=np.int64,
)


_TEMPLATE_IDS = (*(p.template_id for p in catalogue.practices()), *(t.key for t in templates.templates()))


def template(walk: Walk, visit: Ints) -> Words:
    """The id of the practice or template of each visit's journey."""
    return Words(walk.of("template")[visit], _TEMPLATE_IDS)


def checked(walk: Walk, step: Ints) -> Bools:
    """Steps whose scene expects a resistance check."""
    return (walk.sprint[step] >= 0) & EXPECTS_CHECKS[walk.scene(step)]


def mindblock_of(draw: Draw, walk: Walk, step: Ints) -> Ints:
    """The mindblock that a scene is about for this person."""
    return draw.below("mindblock.which", MINDBLOCKS, walk.address[step], walk.course.step_number[step])


def payload(person: Ints, at: Ints, **more: ColumnValue) -> Json:
    """The JSON that every event carries: the mark, the persona, the moment."""
    return Json({"synthetic": True, "persona_key": persona(person), "timestamp": Stamp(at), **more})
