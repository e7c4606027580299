"""What people of Recoverlution do: engage with mindblocks in history, and walk through journeys from then on."""

from __future__ import annotations

from populace.spec import Course, Decision, Draw, TableRows
from populace.worlds.recoverlution.behaviour import cue_responses, engagements, events, journeys, traces, walk
from populace.worlds.recoverlution.parameters.lives import LIVES_DECISIONS

DECISIONS: tuple[Decision, ...] = (
    *LIVES_DECISIONS,
    *engagements.DECISIONS,
    *journeys.DECISIONS,
    *walk.DECISIONS,
    *traces.DECISIONS,
    *cue_responses.DECISIONS,
)

WALKS = {
    "journey_instances": journeys.instances,
    "journey_instance_scenes": journeys.instance_scenes,
    "journey_scene_events": events.scene_events,
    "mindblock_events": events.mindblock_events,
    "journey_scene_captures": traces.captures,
    "journey_resistance_checks": traces.checks,
    "journey_real_world_triggers": traces.triggers,
    "journey_audio_events": traces.audio_events,
    "mindblock_realtime_signals": traces.realtime_signals,
    "navicue_responses_v2": cue_responses.responses,
}
"""What emits the rows of each table that visits write; parents before children."""


def practise(draw: Draw, course: Course) -> TableRows:
    """Everything that visits leave."""
    walked = walk.walk(draw, course)
    return {table: emit(draw, walked) for table, emit in WALKS.items()}
