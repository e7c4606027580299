"""Cues shown in scenes, and what people answer: how fast, how haltingly, how they were doing, and whether it fitted."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from populace.clock import HOUR_US
from populace.spec import (
    Bools,
    Chance,
    Choice,
    Decision,
    Draw,
    Ints,
    Json,
    Key,
    LogNormal,
    Optional,
    RoundedNormal,
    Rows,
    Words,
)
from populace.spec.kit.words import chosen
from populace.worlds.recoverlution import catalogue
from populace.worlds.recoverlution.behaviour.traces import slowed
from populace.worlds.recoverlution.behaviour.walk import Walk, payload
from populace.worlds.recoverlution.catalogue import cues
from populace.worlds.recoverlution.catalogue.content import cue_key
from populace.worlds.recoverlution.parameters.fixed import BANDS, CUE_AT, FUSED_FROM
from populace.worlds.recoverlution.people import person_key

FIT = ("green", "amber", "red", "downshift_first")
DEVICES = ("ios", "android", "web")
REASONS = ("scene_cue", "state_band", "follow_up")
TIMES = ("night", "morning", "afternoon", "evening")
_QUARTER_US = 6 * HOUR_US
DECISIONS: tuple[Decision, ...] = (
    Chance("cue.shown", "cue_share"),
    *(Chance(f"cue.answered.{p.key}", f"answered.{p.key}") for p in catalogue.personas()),
    LogNormal("cue.latency", "latency_median", 0.8, 300, 600_000),
    LogNormal("cue.hesitation", "hesitation_median", 0.7, 200, 120_000),
    Chance("cue.helpful", "helpful_share"),
    Choice("cue.device", (5, 4, 2)),
    Choice("cue.reason", (6, 3, 1)),
    RoundedNormal("signal.fusion", 4.8, 2.0, 0, 10),
    RoundedNormal("signal.resistance", "resistance_mean", 2.0, 0, 10),
    RoundedNormal("signal.choice_access", 6.0, 2.0, 0, 10),
    RoundedNormal("signal.shame_threat", 4.0, 2.2, 0, 10),
    RoundedNormal("signal.connection", 5.8, 2.0, 0, 10),
    Chance("signal.shame_known", 0.6),
    Chance("signal.connection_known", 0.6),
)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the cues ask for. active: numbers of those in use. types: of answers; type_of: which of them each cue asks
    for, -1 for none. modality: how an answer of each type is given."""

    active: Ints
    types: tuple[str, ...]
    type_of: Ints
    modality: tuple[str, ...]


@cache
def _asked() -> _Asked:
    found = [c.default_response_type for c in cues.cues()]
    types = tuple(sorted({*found} - {"none"}))
    return _Asked(
        np.array([i for i, c in enumerate(cues.cues()) if c.status == "active"], dtype=np.int64),
        types,
        np.array([types.index(one) if one != "none" else -1 for one in found], dtype=np.int64),
        tuple(one if one in ("voice", "text") else "touch" for one in types),
    )


def responses(draw: Draw, walk: Walk) -> Rows:
    """Cues of completed scenes: answered, or looked at and left; some ask for no answer."""
    course = walk.course
    shown = draw.chance(
        "cue.shown", walk.address[walk.finished], walk.at[walk.finished], course.step_number[walk.finished]
    )
    step = walk.finished[shown]
    address, arrived, entered = walk.address[step], walk.at[step], course.step_number[step]
    person, at = walk.person(step), walk.moment(step, CUE_AT)
    asked = _asked()
    cue = asked.active[draw.below("cue.which", len(asked.active), address, entered)]
    answered = np.zeros(len(step), dtype=np.bool_)
    asks = asked.type_of[cue] >= 0
    personas = catalogue.personas()
    for place, one in enumerate(personas):
        some = np.flatnonzero(asks & (person % len(personas) == place))
        answered[some] = draw.chance(f"cue.answered.{one.key}", address[some], arrived[some], entered[some])
    latency = slowed(draw, "latency", person, draw.measure("cue.latency", address, arrived, entered))
    # An answer comes before the scene ends.
    room_ms = walk.lasted_ms[step] * (100 - CUE_AT) // 100
    latency = np.minimum(latency, room_ms)
    hesitation = np.minimum(
        slowed(draw, "hesitation", person, draw.measure("cue.hesitation", address, arrived, entered)), latency
    )
    some = np.flatnonzero(answered)
    helpful = np.zeros(len(step), dtype=np.bool_)
    helpful[some] = draw.chance("cue.helpful", address[some], arrived[some], entered[some])
    kind = np.maximum(asked.type_of[cue], 0)
    signals, fit = _signals(draw, walk, step)
    answered_at = at + np.where(answered, latency, room_ms) * 1000
    columns = {
        "id": Key("navicue_responses_v2", walk.event_address(step, 6), answered_at),
        "individual_id": person_key(draw, person),
        "navicue_id": cue_key(cue),
        "response_type": Words(np.where(answered, kind, len(asked.types)), (*asked.types, "none")),
        "response_data": payload(person, answered_at, journey_instance_id=walk.journey_key(walk.visit[step])),
        "latency_ms": Optional(answered, latency),
        "hesitation_ms": Optional(answered, hesitation),
        "dwell_time_ms": np.where(answered, latency, room_ms),
        "completed": answered,
        "helpful": Optional(answered, helpful),
        "signals": signals,
        "arousal_fit": Words(fit, FIT),
        "served_reason": chosen(draw, "cue.reason", address, arrived, entered, REASONS),
        "device_type": chosen(draw, "cue.device", address, arrived, entered, DEVICES),
        "time_of_day": Words(answered_at // _QUARTER_US % len(TIMES), TIMES),
        "modality": Words(kind, asked.modality),
        "created_at": answered_at,
    }
    return Rows(person, columns, answered_at)


def _signals(draw: Draw, walk: Walk, step: Ints) -> tuple[Json, Ints]:
    """How someone is doing, each from 0 to 10, and the band that follows: the mean of the votes of those known."""
    address, arrived, entered = walk.address[step], walk.at[step], walk.course.step_number[step]
    always = np.ones(len(step), dtype=np.bool_)
    known: dict[str, Bools] = {
        "resistance": always,
        "choice_access": always,
        "shame_threat": draw.chance("signal.shame_known", address, arrived, entered),
        "connection": draw.chance("signal.connection_known", address, arrived, entered),
    }
    fusion = draw.measure("signal.fusion", address, arrived, entered)
    values = {name: draw.measure(f"signal.{name}", address, arrived, entered) for name in BANDS}
    votes, voters = np.zeros(len(step), dtype=np.int64), np.zeros(len(step), dtype=np.int64)
    for name, (green, red, more_is_better) in BANDS.items():
        value = values[name]
        if more_is_better:
            vote = np.where(value >= green, 0, np.where(value < red, 2, 1))
        else:
            vote = np.where(value < green, 0, np.where(value >= red, 2, 1))
        votes += np.where(known[name], vote, 0)
        voters += known[name]
    # A mean of at least 1.5 is red, of at least 0.7 amber.
    fit = np.where(2 * votes >= 3 * voters, 2, np.where(10 * votes >= 7 * voters, 1, 0))
    fit = np.where((fit == 2) & (fusion >= FUSED_FROM), 3, fit)
    members = {"fusion": fusion} | {n: Optional(known[n], values[n]) for n in BANDS}
    return Json(members), fit
