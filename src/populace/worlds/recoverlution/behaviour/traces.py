"""What scenes leave beside their events: captures, resistance checks, moments of real life, audio, signals."""

from __future__ import annotations

import numpy as np

from populace.spec import (
    Chance,
    Choice,
    Columns,
    ColumnValue,
    Draw,
    Ints,
    Joined,
    Json,
    Key,
    LogNormal,
    Optional,
    RoundedNormal,
    Rows,
    Words,
)
from populace.spec.kit.parameters import composed
from populace.worlds.recoverlution import catalogue
from populace.worlds.recoverlution.behaviour import wording
from populace.worlds.recoverlution.behaviour.walk import ARTIFACTS, Walk, checked, mindblock_of, payload, template
from populace.worlds.recoverlution.catalogue import templates
from populace.worlds.recoverlution.catalogue.templates import AUDIO_MS, EXPECTS_RECEIPT, EXPECTS_TRIGGER, IS_SPOKEN
from populace.worlds.recoverlution.parameters.fixed import AUDIO_BEGINS_MS, CAPTURE_AT, CHECK_AT, TRIGGER_AT
from populace.worlds.recoverlution.people import person_key

_CAPTURES = tuple(text for kind in ARTIFACTS for text in templates.captures()[kind])
_CAPTURES_A_KIND = len(_CAPTURES) // len(ARTIFACTS)
_SCENE_KEYS = tuple(s.scene_key for s in templates.scenes())
_PRACTICE_SCENE_KEYS = tuple(
    f"{p.template_id}-{number:02d}" for p in catalogue.practices() for number in range(1, len(p.scenes) + 1)
)
_MINDBLOCK_KEYS = tuple(m.key for m in catalogue.mindblocks())
_MINDBLOCK_LISTS = tuple((key,) for key in _MINDBLOCK_KEYS)
_TAGS = tuple((kind,) for kind in ARTIFACTS)

DECISIONS = (
    Choice("capture.words", (1,) * _CAPTURES_A_KIND),
    RoundedNormal("capture.strength", 6.0, 1.8, 0, 10),
    RoundedNormal("resistance.value", "resistance_mean", 2.2, 0, 10),
    LogNormal("resistance.hesitation", "hesitation_median", 0.7, 200, 120_000),
    Chance("resistance.noted", 0.3),
    Choice("resistance.note", (1,) * len(templates.notes()["resistance"])),
    Choice("trigger.note", (1,) * len(templates.notes()["trigger"])),
    Chance("audio.faster", 0.1),
    Chance("audio.muted", 0.03),
)


def captures(draw: Draw, walk: Walk) -> Rows:
    """What someone wrote or said into the scene: one for each artifact."""
    step, entered = walk.captures, walk.course.step_number[walk.captures]
    person, at = walk.person(step), walk.moment(step, CAPTURE_AT)
    expected = walk.sprint[step] >= 0
    expected &= EXPECTS_RECEIPT[walk.scene(step)]
    spoken = expected & IS_SPOKEN[walk.scene(step)]
    strength = _strength(draw, walk)
    if composed(draw):
        said: ColumnValue = wording.captures(
            draw,
            person,
            at,
            walk.event_address(step, 0),
            walk.template(step),
            walk.artifact,
            strength,
        )
    else:
        words = draw.choose("capture.words", walk.address[step], walk.at[step], entered)
        said = Words(walk.artifact * _CAPTURES_A_KIND + words, _CAPTURES)
    key = Key("journey_scene_captures", walk.event_address(step, 0), at)
    columns: Columns = {
        "id": key,
        "journey_instance_id": walk.journey_key(walk.visit[step]),
        "scene_number": walk.number[step],
        "capture_kind": Words(spoken.astype(np.int64), ("text", "voice")),
        "capture_text": Optional(~spoken, said),
        "capture_storage_path": Optional(spoken, Joined(("captures/", key, ".webm"))),
        "arousal_snapshot": Json({"synthetic": True, "strength": strength}),
        "tags": Words(walk.artifact, _TAGS),
        "luma_extracted": "{}",
        "created_at": at,
    }
    return Rows(person, columns, at)


def _strength(draw: Draw, walk: Walk) -> Ints:
    step = walk.captures
    return draw.measure("capture.strength", walk.address[step], walk.at[step], walk.course.step_number[step])


def checks(draw: Draw, walk: Walk) -> Rows:
    """Answers to the resistance checks that scenes expect: 0 (none) to 10, after some hesitation."""
    step = _checked(walk)
    entered, address, arrived = walk.course.step_number[step], walk.address[step], walk.at[step]
    person, at = walk.person(step), walk.moment(step, CHECK_AT)
    noted = draw.chance("resistance.noted", address, arrived, entered)
    value = draw.measure("resistance.value", address, arrived, entered)
    if composed(draw):
        note: ColumnValue = wording.notes(draw, person, walk.event_address(step, 1), walk.template(step), value)
    else:
        note = Words(draw.choose("resistance.note", address, arrived, entered), templates.notes()["resistance"])
    columns: Columns = {
        "id": Key("journey_resistance_checks", walk.event_address(step, 1), at),
        "journey_instance_id": walk.journey_key(walk.visit[step]),
        "scene_number": walk.number[step],
        "value_num": value,
        "hesitation_ms": slowed(
            draw, "hesitation", person, draw.measure("resistance.hesitation", address, arrived, entered)
        ),
        "notes": Optional(noted, note),
        "mindblock_inferred": Words(mindblock_of(draw, walk, step), _MINDBLOCK_LISTS),
        "resistance_kind": "slider",
        "created_at": at,
    }
    return Rows(person, columns, at)


def _checked(walk: Walk) -> Ints:
    return walk.finished[checked(walk, walk.finished)]


def slowed(draw: Draw, of: str, person: Ints, millis: Ints) -> Ints:
    """Times of people whose persona takes longer, or shorter, than others (`latency`, `hesitation`)."""
    factors = np.array(draw.values.series(f"{of}_per_mille"), dtype=np.int64)
    return millis * factors[person % len(factors)] // 1000


def triggers(draw: Draw, walk: Walk) -> Rows:
    """What happened in real life that a scene had asked to watch for."""
    step = walk.finished[(walk.sprint[walk.finished] >= 0) & EXPECTS_TRIGGER[walk.scene(walk.finished)]]
    person, at = walk.person(step), walk.moment(step, TRIGGER_AT)
    if composed(draw):
        note: ColumnValue = wording.events(draw, person, walk.event_address(step, 2), walk.template(step))
    else:
        which = draw.choose("trigger.note", walk.address[step], walk.at[step], walk.course.step_number[step])
        note = Words(which, templates.notes()["trigger"])
    columns: Columns = {
        "id": Key("journey_real_world_triggers", walk.event_address(step, 2), at),
        "journey_instance_id": walk.journey_key(walk.visit[step]),
        "scene_number": walk.number[step],
        "trigger_text": note,
        "created_at": at,
    }
    return Rows(person, columns, at)


def audio_events(draw: Draw, walk: Walk) -> Rows:
    """The audio of a scene: it plays, and ends, or is paused when its listener moves on before."""
    heard = np.flatnonzero((walk.sprint >= 0) & (AUDIO_MS[np.maximum(walk.scene(np.arange(len(walk.sprint))), 0)] > 0))
    entered, address, arrived = walk.course.step_number[heard], walk.address[heard], walk.at[heard]
    faster = draw.chance("audio.faster", address, arrived, entered)
    muted = draw.chance("audio.muted", address, arrived, entered)
    long_ms = AUDIO_MS[walk.scene(heard)]
    begins_ms = np.minimum(AUDIO_BEGINS_MS, walk.lasted_ms[heard] // 2)
    plays_ms = np.where(faster, long_ms * 4 // 5, long_ms)
    left_ms = walk.lasted_ms[heard] - begins_ms
    ends = plays_ms <= left_ms
    stops_ms = begins_ms + np.where(ends, plays_ms, left_ms)
    position_ms = np.where(ends, long_ms, np.where(faster, left_ms * 5 // 4, left_ms))
    every = np.concatenate([heard, heard])
    first = np.arange(len(every)) < len(heard)
    at = walk.course.step_started_at[every] + np.concatenate([begins_ms, stops_ms]) * 1000
    person = walk.person(every)
    columns = {
        "id": Key("journey_audio_events", walk.event_address(every, np.where(first, 3, 4)), at),
        "journey_instance_id": walk.journey_key(walk.visit[every]),
        "scene_number": walk.number[every],
        "event_type": Words(np.where(first, 0, 1 + np.tile(ends, 2)), ("play", "pause", "ended")),
        "position_ms": np.where(first, 0, np.tile(position_ms, 2)),
        "duration_ms": np.tile(long_ms, 2),
        "playback_rate": np.where(np.tile(faster, 2), 1.25, 1.0),
        "muted": np.tile(muted, 2),
        "created_at": at,
    }
    return Rows(person, columns, at)


def realtime_signals(draw: Draw, walk: Walk) -> Rows:
    """What captures and checks say at once about the mindblock that a scene is about; strength from 0 to 1."""
    emitted, asked = walk.captures, _checked(walk)
    step = np.concatenate([emitted, asked])
    source = np.repeat(np.array([0, 1]), [len(emitted), len(asked)])
    unrecorded = draw.unrecorded
    answer = unrecorded.measure("resistance.value", walk.address[asked], walk.at[asked], walk.course.step_number[asked])
    strength = np.concatenate([_strength(unrecorded, walk), answer])
    at = np.where(source == 0, walk.moment(step, CAPTURE_AT), walk.moment(step, CHECK_AT)) + 1000
    person, visit = walk.person(step), walk.visit[step]
    sprint = walk.sprint[step] >= 0
    practice = walk.of("template")[visit] * PRACTICE_SCENES + walk.number[step] - 1
    scene = np.where(sprint, walk.scene(step), len(_SCENE_KEYS) + practice)
    columns: Columns = {
        "id": Key("mindblock_realtime_signals", walk.event_address(step, 5 + source), at),
        "individual_id": person_key(draw, person),
        "template_id": template(walk, visit),
        "scene_key": Words(scene, _SCENE_KEYS + _PRACTICE_SCENE_KEYS),
        "mindblock_key": Words(mindblock_of(draw, walk, step), _MINDBLOCK_KEYS),
        "signal_strength": strength / 10,
        "evidence": payload(person, at, journey_instance_id=walk.journey_key(visit)),
        "source": Words(source, ("journey_capture", "journey_resistance")),
        "created_at": at,
    }
    return Rows(person, columns, at)


PRACTICE_SCENES = len(_PRACTICE_SCENE_KEYS) // len(catalogue.practices())
