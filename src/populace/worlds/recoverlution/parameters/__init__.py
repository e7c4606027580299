"""Every number of Recoverlution, once: with its unit, bounds, default and the requirement it serves.

Ids (`A13`) are those of the requirements list; "seed function" and "runner" are the app's own documented rules.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from populace.clock import HOUR_US
from populace.errors import BadInput
from populace.spec import Parameter, Values
from populace.spec.kit.parameters import amount, share, switch
from populace.spec.login import LOGIN
from populace.worlds.recoverlution import catalogue
from populace.worlds.recoverlution.catalogue.templates import CONTRACT_SHARE
from populace.worlds.recoverlution.parameters.fixed import DAY_CURVE, READING_HOURS, SEED_HOURS, ZONES
from populace.worlds.recoverlution.parameters.lives import (
    LIVES_PARAMETERS,
    arriving,
    derive_lives,
    lived_hours,
    temperaments,
)

HORIZON_US = 2 * HOUR_US
"""From an arrival to the end of its visit, at most: a visit of three scenes lasts 8 minutes, the rest is waiting."""

PRESETS = {
    "sample_run": (4.7, 2.35, True, 0.316),
    "expected_metrics": (1.0, 0.5, False, 0.0),
}
"""Scene events a session, mindblock events a session, whether the start of a scene is an event, artifacts a scene.

The documents' sample responses (A13, A14, B2) and their expected metrics (B5, B8) contradict each other; one event a
session leaves room for the end of one scene only, so that preset records no starts and no artifacts.
"""

INTENSITIES = {"light": (1, 2), "moderate": (2, 5), "heavy": (5, 8), "intense": (10, 15)}
"""Sessions a minute and most of them (runner)."""

MOST_SCENES = 3
"""Scenes of a practice, and scenes that one visit to a sprint goes through, at most (runner)."""
SPRINT_SCENES = 13
MEAN_ABANDON_RATE, MEAN_ERROR_RATE = 0.15, 0.05
"""A11, A10. Lengths are calibrated at these rates; a change of the live ones then shows in the data."""

ORGANIZATION_PERCENTS = (60, 90)
"""Percent of people, by ordinal, up to which they belong to alpha, then to beta (seed function)."""
PILLARS, SCHEMAS, FAMILIES, MINDBLOCKS = 6, 20, 200, 2_400
PRACTICES, TEMPLATES, CUES = 9, 64, 3_000
LEGACY_RUNS, WELCOMED = 200, 100
"""People with a legacy journey run, and with a welcome notification, where these are wanted (seed function)."""


PARAMETERS = (
    amount("count_users", 3_000, (1, 2_000_000), "synthetic people", "A1", unit="people"),
    amount("coverage_per_mindblock", 15, (0, 100_000), "distinct people who engage with each mindblock", "A2, A4"),
    amount("days", 45, (1, 3_650), "length of history", "A5", unit="days"),
    Parameter(path="cohort_label", default="synthetics_v1", means="label of this cohort in its rows", source="000 §3"),
    switch("with_orgs", "people belong to alpha (60 %), beta (30 %) or gamma", "000 §3"),
    switch("with_journeys", "the first 200 people have a legacy journey run", "000 §3", default=False),
    switch("with_notifications", "the first 100 people have a welcome notification", "000 §3", default=False),
    switch("details", "people have a name, a time zone with its hours of the day, and a last sign-in", "ours",
           default=False),
    switch("engagements_continue", "engagements go on after the epoch, at the rate of history", "ours",
           default=False),
    amount("signup_days", 90, (1, 3_650), "people signed up within so many days before history", "ours", unit="days"),
    LOGIN,
    # The seed function: what one engagement of a person with a mindblock leaves.
    share("engagement_completed", 0.65, "engagements that are completed", "seed function"),
    share("engagement_reflection", 0.20, "completed engagements with a reflection", "seed function"),
    share("engagement_rated", 0.50, "engagements that are rated", "seed function"),
    Parameter(path="rating_mean", default=4.1, low=1.0, high=5.0, means="mean rating before rounding", unit="stars",
              source="seed function"),
    Parameter(path="rating_deviation", default=0.7, low=0.05, high=5.0, means="its standard deviation", unit="stars",
              source="seed function"),
    amount("duration_median", 180, (15, 1_800), "median time to complete", "seed function", unit="s"),
    Parameter(path="duration_sigma", default=0.9, low=0.0, high=3.0, means="spread of that time (log-normal)",
              source="seed function"),
    # The runner: how life goes on.
    Parameter(path="enabled", default=True, source="A9", live=True,
              means="whether sessions begin, and engagements after the epoch; sign-ups go on"),
    amount("sessions_per_min", 2, (0, 10_000), "mean of sessions that begin in a simulated minute", "A9", live=True),
    amount("max_per_run", 5, (0, 20_000), "most sessions that begin in a simulated minute", "A7, A9", live=True),
    Parameter(path="arrivals", default="poisson", choices=("poisson", "fixed"),
              means="whether the number a minute varies or is always the same", source="A7"),
    share("abandon_rate", 0.15, "journeys that are abandoned", "A11", live=True),
    share("error_rate", 0.05, "journeys in which an error occurs", "A10", live=True),
    share("error_retried", 0.6, "errors after which the scene goes on; after the others the journey pauses", "ours"),
    switch("time_of_day", "whether the rate follows the hour (UTC)", "runner", default=False, live=True),
    amount("session_history_days", 0, (0, 365), "days of sessions before the epoch", "ours", unit="days"),
    Parameter(path="preset", default="sample_run", choices=tuple(PRESETS),
              means="which of the documents' contradicting volumes holds", source="A13, A14, B5"),
    amount("retention_days", 0, (0, 3_650),
           "closed journeys are kept so long, looked at daily at 04:00 UTC; 0: for ever",
           "A23", unit="days", live=True),
    Parameter(path="vocabulary", default="g3", choices=("g3", "g1"),
              means="names of scene events and signals: the documents', or the older ones", source="apps 1.1"),
    share("practice_share", 0.8, "new journeys that are short practices; the others are sprints of 13 scenes", "A19"),
    Parameter(path="scenes_per_journey", default=4.0, low=1.0, high=13.0,
              means="mean scenes of a completed journey, with practices and sprints", source="A19", unit="scenes"),
    Parameter(path="scene_events_per_session", default=0.0, low=0.0, high=7.0, means="mean; 0: as the preset says",
              source="A13, B5", unit="rows"),
    Parameter(path="mindblock_events_per_session", default=0.0, low=0.0, high=9.0,
              means="mean; 0: as the preset says", source="A14, B5", unit="rows"),
    share("engaged_share", 0.9, "mindblocks viewed that are engaged with", "A18"),
    share("completed_share", 0.8333, "of these, completed", "A18"),
    share("resonated_share", 0.6, "of these, resonated", "A18"),
    amount("dwell_low", 20, (1, 600), "shortest time in a scene", "runner", unit="s"),
    amount("dwell_high", 120, (2, 600), "longest time in a scene", "runner", unit="s"),
    amount("think_low", 2, (0, 60), "shortest pause before a scene", "runner", unit="s"),
    amount("think_high", 8, (1, 120), "longest pause before a scene", "runner", unit="s"),
    Parameter(path="resistance_mean", default=4.2, low=0.0, high=10.0, means="mean answer of a resistance check",
              source="ours"),
    amount("hesitation_median", 2_400, (200, 60_000), "median hesitation before an answer", "ours", unit="ms"),
    share("cue_share", 0.35, "completed scenes in which a cue is shown", "ours"),
    share("answered_share", 0.72, "cues that are answered, of those that ask for it, over all personas", "ours"),
    share("helpful_share", 0.64, "answered cues found helpful", "ours"),
    amount("latency_median", 6_500, (500, 120_000), "median time to answer a cue", "ours", unit="ms"),
    *(
        Parameter(path=f"activity.{p.key}", default=p.weight, low=0.0, high=100.0,
                  means=f"how often people of the persona {p.key} come, against the others", source="ours")
        for p in catalogue.personas()
    ),
    *LIVES_PARAMETERS,
)  # fmt: skip


def derive(values: Values) -> Mapping[str, object]:
    """What follows from the parameters. Raises BadInput for numbers that do not go together."""
    for low, high in (("dwell_low", "dwell_high"), ("think_low", "think_high")):
        if values.number(low) > values.number(high):
            raise BadInput("the shortest time is above the longest", where=f"recoverlution.{low}", given=values[low],
                           allowed=f"at most {high} = {values[high]}")  # fmt: skip
    starts, artifacts = PRESETS[values.text("preset")][2:]
    users, days = int(values.number("count_users")), int(values.number("days"))
    pairs = min(int(values.number("coverage_per_mindblock")), users)
    hours: tuple[float, ...] = DAY_CURVE if values["time_of_day"] else ()
    reading: tuple[float, ...] = READING_HOURS if values["details"] else SEED_HOURS
    if values["differ"]:
        hours, reading = arriving(values, values.number("sessions_share")), lived_hours(values)
    return {
        "mindblocks": MINDBLOCKS,
        "templates": TEMPLATES,
        "practices": PRACTICES,
        "cues": CUES,
        "sprint_scenes": SPRINT_SCENES,
        "most_scenes": MOST_SCENES,
        "mean_abandon_rate": MEAN_ABANDON_RATE,
        "mean_error_rate": MEAN_ERROR_RATE,
        "personas": len(catalogue.personas()),
        "alpha_percent": ORGANIZATION_PERCENTS[0],
        "beta_percent": ORGANIZATION_PERCENTS[1],
        "organizations": 3 if values["with_orgs"] else 0,
        "pairs_per_mindblock": pairs,
        # As many in each such time as in history.
        "engagement_stretches": ((0, days, MINDBLOCKS * pairs if values["engagements_continue"] else 0),),
        "reading_zone": ZONES[0] if values["details"] else "UTC",
        "reading_months": (1.0,) * 12,
        "reading_weekdays": (1.0,) * 7,
        "reading_hours": tuple(map(float, reading)),
        "scene_starts": starts,
        "artifact_share": artifacts,
        **_volumes(values),
        "dwell_low_ms": values.number("dwell_low") * 1000,
        "dwell_high_ms": values.number("dwell_high") * 1000,
        "think_low_ms": values.number("think_low") * 1000,
        "think_high_ms": values.number("think_high") * 1000,
        "hours": hours,
        **derive_lives(values),
        **temperaments(values),
    }


def _volumes(values: Values) -> Mapping[str, object]:
    """Lengths of practices and of visits, and shares of what happens in a scene, such that the documented means hold.

    Someone who abandons enters a number of scenes that is even in 1 … length and completes all but the last. So with
    mean length m and abandon rate a: entered = (1 − a/2) m + a/2, completed = (1 − a/2) m − a/2. A practice is one
    visit, a sprint as many as its scenes need; a pause after an error adds a visit that enters the same scene again.
    """
    events, mindblocks, starts, artifacts = PRESETS[values.text("preset")]
    events = values.number("scene_events_per_session") or events
    mindblocks = values.number("mindblock_events_per_session") or mindblocks
    practices = values.number("practice_share")
    half, pauses = MEAN_ABANDON_RATE / 2, MEAN_ERROR_RATE * (1 - values.number("error_retried"))
    rows = 2 if starts else 1
    errors = (MEAN_ERROR_RATE if starts else 0.0) + pauses * rows

    def events_of(length: float) -> float:
        return rows * ((1 - half) * length + half) + artifacts * ((1 - half) * length - half) + errors

    if practices == 1:
        length = 1 + (events * (1 + pauses) - events_of(1)) / (events_of(2) - events_of(1))
        _within(length, "scene_events_per_session", events, [events_of(n) / (1 + pauses) for n in (1, MOST_SCENES)])
    else:
        scenes = values.number("scenes_per_journey")
        length = (scenes - (1 - practices) * SPRINT_SCENES) / practices if practices else 1.0
        _within(length, "scenes_per_journey", scenes,
                [practices * n + (1 - practices) * SPRINT_SCENES for n in (1, MOST_SCENES)])  # fmt: skip
    length = min(max(length, 1.0), float(MOST_SCENES))
    q = (length - 1) / (MOST_SCENES - 1)
    mean = practices * length + (1 - practices) * SPRINT_SCENES
    in_a_visit, visits = _visit_lengths(events_of(mean) / events, practices, pauses, events, events_of(mean))
    signals = _signals(values)
    entered = ((1 - half) * mean + half + pauses) / visits
    _carried(values, entered)
    met = mindblocks / (entered * signals)
    if met > 1:
        raise BadInput("there are too few scenes for so many mindblock events",
                       where="recoverlution.mindblock_events_per_session", given=mindblocks,
                       allowed=f"at most {entered * signals:.2f} with these scenes and shares")  # fmt: skip
    if practices < 1 and artifacts < CONTRACT_SHARE:
        raise BadInput("the scene contracts of sprints alone leave more artifacts than the preset has",
                       where="recoverlution.practice_share", given=practices,
                       todo="set practice_share=1, or use --scenario expected_metrics")  # fmt: skip
    return {
        "scene_weights": _weights(q),
        "visit_weights": in_a_visit,
        "artifact_beside_share": max(0.0, (artifacts - CONTRACT_SHARE) / (1 - CONTRACT_SHARE)),
        "encounter_share": met,
        # What follows on average, for checks and estimates.
        "scenes_of_journey": mean,
        "visits_of_journey": visits,
        "most_visits_of_journey": visits * _longer(values, half, mean) + _pauses_more(values),
        "practice_sessions": practices * (1 + pauses) / visits,
        "scenes_of_session": entered,
        "scene_events_of_session": events,
        "mindblock_events_of_session": mindblocks,
    }


def _longer(values: Values, half: float, mean: float) -> float:
    """How many times the scenes of the usual abandon rate a journey has at this one; at least 1."""
    now = values.number("abandon_rate") / 2
    return max(1.0, ((1 - now) * mean + now) / ((1 - half) * mean + half))


def _pauses_more(values: Values) -> float:
    """Visits that a journey has beside those of the usual error rate: an error that is not retried ends a visit."""
    return max(0.0, values.number("error_rate") - MEAN_ERROR_RATE) * (1 - values.number("error_retried"))


def _carried(values: Values, entered: float) -> None:
    """Refuse more sessions than the people have time for: the rest would wait for ever, and be turned away."""
    dwell, think = (values.number(f"{s}_low") + values.number(f"{s}_high") for s in ("dwell", "think"))
    a_minute = min(values.number("sessions_per_min"), values.number("max_per_run"))
    most = values.number("count_users") * 60 / (entered * (dwell + think) / 2)
    if a_minute > most:
        raise BadInput("the people have no time for so many sessions", where="recoverlution.sessions_per_min",
                       given=values["sessions_per_min"],
                       allowed=f"at most {int(most)} with {values['count_users']} people",
                       todo="take a lower rate, or more people")  # fmt: skip


def _within(length: float, path: str, given: float, edges: list[float]) -> None:
    if not 1 - 1e-9 <= length <= MOST_SCENES + 1e-9:
        raise BadInput("no length of practices gives this mean", where=f"recoverlution.{path}", given=given,
                       allowed=f"{edges[0]:.2f} to {edges[1]:.2f}",
                       todo="or another practice_share; --scenario expected_metrics has practices only")  # fmt: skip


def _weights(q: float) -> tuple[float, float, float]:
    """Of 1, 2 and 3 scenes, with mean 1 + 2 q."""
    return ((1 - q) ** 2, 2 * q * (1 - q), q * q)


def _visit_lengths(
    visits: float, practices: float, pauses: float, events: float, events_of_journey: float
) -> tuple[tuple[float, float, float], float]:
    """Weights of the scenes of a visit to a sprint such that a journey takes so many visits, and these visits."""
    if practices == 1:
        return _weights(1.0), 1 + pauses

    def taken(q: float) -> float:
        weights, needed = _weights(q), [0.0]
        for left in range(1, SPRINT_SCENES + 1):
            needed.append(1 + math.fsum(w * needed[max(0, left - k)] for k, w in enumerate(weights, start=1)))
        abandoned = math.fsum(needed[1:]) / SPRINT_SCENES
        sprint = (1 - MEAN_ABANDON_RATE) * needed[-1] + MEAN_ABANDON_RATE * abandoned
        return practices + (1 - practices) * sprint + pauses

    low, high = 0.0, 1.0
    if not taken(high) - 1e-9 <= visits <= taken(low) + 1e-9:
        raise BadInput("no length of visits gives this mean", where="recoverlution.scene_events_per_session",
                       given=events,
                       allowed=f"{events_of_journey / taken(low):.2f} to {events_of_journey / taken(high):.2f}",
                       todo="or another practice_share; --scenario expected_metrics has practices only")  # fmt: skip
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if taken(middle) > visits else (low, middle)
    return _weights(high), taken(high)


def _signals(values: Values) -> float:
    """Mindblock events of one mindblock that is met: viewed, then perhaps three more."""
    engaged, completed, resonated = (values.number(f"{s}_share") for s in ("engaged", "completed", "resonated"))
    return 1 + engaged * (1 + completed * (1 + resonated))
