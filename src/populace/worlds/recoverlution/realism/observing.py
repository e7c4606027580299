"""What people did, read from rows: as `actions.sql` and `people.sql` read it from a database."""

from __future__ import annotations

import numpy as np

from populace.clock import SECOND_US
from populace.spec.observed import MISSING, Observed, Observing, Recorded, acts, found, together
from populace.spec.zones import local
from populace.worlds.recoverlution.parameters.fixed import ZONES

COLUMNS = {
    "sim_users": ("profile_id", "started_at", "metadata"),
    "journey_scene_events": ("user_id", "created_at", "template_id", "event_type", "event_payload"),
    "content_engagements": ("individual_id", "created_at", "content_id", "duration_seconds", "action"),
    "navicue_responses_v2": ("individual_id", "created_at", "completed"),
}
_SCENES = ("scene_started", "scene_completed", "scene_abandoned", "artifact_captured")
_CLOCKS = ("UTC", *ZONES)
"""Without details nothing says where people live: their clocks show UTC."""


def read(rows: Recorded) -> Observed:
    """Scenes of journeys, engagements with a mindblock, answers to cues; and who signed up when."""
    person = rows.codes("sim_users", "profile_id")
    zone = np.array(
        [_CLOCKS.index(said.get("timezone") or "UTC") for said in rows.documents("sim_users", "metadata")],
        dtype=np.int64,
    )
    started = rows.moments("sim_users", "started_at")

    scenes = np.flatnonzero(np.isin(rows.texts("journey_scene_events", "event_type").astype(str), _SCENES))
    payloads = rows.documents("journey_scene_events", "event_payload")
    lasted = np.array([float(payloads[n].get("duration_seconds") or 0) for n in scenes.tolist()], dtype=np.float64)
    read_ = np.flatnonzero(rows.texts("content_engagements", "action") != "viewed")
    answered = np.flatnonzero(rows.numbers("navicue_responses_v2", "completed") == 1)
    engaged_s = np.nan_to_num(rows.numbers("content_engagements", "duration_seconds")[read_])
    scene_at = rows.moments("journey_scene_events", "created_at")[scenes]
    read_at = rows.moments("content_engagements", "created_at")[read_]
    done = together(
        acts(
            rows.codes("journey_scene_events", "user_id")[scenes],
            scene_at - np.round(lasted * SECOND_US).astype(np.int64),
            until=scene_at,
            item=rows.codes("journey_scene_events", "template_id")[scenes],
            size=lasted,
        ),
        acts(
            rows.codes("content_engagements", "individual_id")[read_],
            read_at - np.round(engaged_s * SECOND_US).astype(np.int64),
            until=read_at,
            item=rows.codes("content_engagements", "content_id")[read_],
            size=engaged_s,
        ),
        acts(
            rows.codes("navicue_responses_v2", "individual_id")[answered],
            rows.moments("navicue_responses_v2", "created_at")[answered],
        ),
    )
    whose, known = found(person, done.person)
    done, whose = done.of(known), whose[known]
    there = np.flatnonzero(started != MISSING)
    return Observed(
        done.on_clocks(local(_CLOCKS, zone[whose], done.at)),
        person[there],
        local(_CLOCKS, zone[there], started[there]),
    )


OBSERVING = Observing(read=read, columns=COLUMNS)
