"""Every number of Recoverlution, once: with its unit, bounds, default and the requirement it serves.

Ids (`A13`) are those of the requirements list; "seed function" and "runner" are the app's own documented rules.
"""

from __future__ import annotations

from populace.clock import HOUR_US
from populace.errors import BadInput
from populace.spec import Parameter, Values
from populace.worlds.recoverlution import catalogue

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

MOST_SCENES = 3
MEAN_ABANDON_RATE = 0.15
"""A11. The lengths of practices are calibrated at this rate; a change of `abandon_rate` then shows in the data."""

ORGANIZATION_PERCENTS = (60, 90)
"""Percent of people, by ordinal, up to which they belong to alpha, then to beta (seed function)."""

PILLARS, SCHEMAS, FAMILIES, MINDBLOCKS = 6, 20, 200, 2_400


def _share(path: str, default: float, means: str, source: str, *, live: bool = False) -> Parameter:
    return Parameter(path=path, default=default, low=0.0, high=1.0, means=means, source=source, live=live)


def _whole(
    path: str, default: int, low: int, high: int, means: str, source: str, *, unit: str = "", live: bool = False
) -> Parameter:
    return Parameter(path=path, default=default, low=low, high=high, means=means, source=source, unit=unit, live=live)


PARAMETERS = (
    _whole("count_users", 3_000, 1, 2_000_000, "synthetic people", "A1", unit="people"),
    _whole("coverage_per_mindblock", 15, 0, 100_000, "distinct people who engage with each mindblock", "A2, A4"),
    _whole("days", 45, 1, 3_650, "length of history", "A5", unit="days"),
    Parameter(path="cohort_label", default="synthetics_v1", means="label of this cohort in its rows", source="000 §3"),
    Parameter(path="with_orgs", default=True, means="people belong to alpha (60 %), beta (30 %) or gamma",
              source="000 §3"),
    _whole("signup_days", 90, 1, 3_650, "people signed up within so many days before history", "ours", unit="days"),
    # The seed function: what one engagement of a person with a mindblock leaves.
    _share("engagement_completed", 0.65, "engagements that are completed", "seed function"),
    _share("engagement_reflection", 0.20, "completed engagements with a reflection", "seed function"),
    _share("engagement_rated", 0.50, "engagements that are rated", "seed function"),
    Parameter(path="rating_mean", default=4.1, low=1.0, high=5.0, means="mean rating before rounding", unit="stars",
              source="seed function"),
    Parameter(path="rating_deviation", default=0.7, low=0.05, high=5.0, means="its standard deviation", unit="stars",
              source="seed function"),
    _whole("duration_median", 180, 15, 1_800, "median time to complete", "seed function", unit="s"),
    Parameter(path="duration_sigma", default=0.9, low=0.0, high=3.0, means="spread of that time (log-normal)",
              source="seed function"),
    # The runner: how life goes on.
    Parameter(path="enabled", default=True, means="whether sessions begin", source="A9", live=True),
    _whole("sessions_per_min", 2, 0, 10_000, "mean of sessions that begin in a simulated minute", "A9", live=True),
    _whole("max_per_run", 5, 0, 20_000, "most sessions that begin in a simulated minute", "A7, A9", live=True),
    Parameter(path="arrivals", default="poisson", choices=("poisson", "fixed"),
              means="whether the number a minute varies or is always the same", source="A7"),
    _share("abandon_rate", 0.15, "journeys that are abandoned", "A11", live=True),
    _share("error_rate", 0.05, "journeys with an error; kept in synthetic_settings, it changes no row yet", "A10",
           live=True),
    _whole("session_history_days", 0, 0, 365, "days of sessions before the epoch", "ours", unit="days"),
    Parameter(path="preset", default="sample_run", choices=tuple(PRESETS),
              means="which of the documents' contradicting volumes holds", source="A13, A14, B5"),
    Parameter(path="scene_events_per_session", default=0.0, low=0.0, high=7.0, means="mean; 0: as the preset says",
              source="A13, B5", unit="rows"),
    Parameter(path="mindblock_events_per_session", default=0.0, low=0.0, high=9.0,
              means="mean; 0: as the preset says", source="A14, B5", unit="rows"),
    _share("engaged_share", 0.9, "mindblocks viewed that are engaged with", "A18"),
    _share("completed_share", 0.8333, "of these, completed", "A18"),
    _share("resonated_share", 0.6, "of these, resonated", "A18"),
    _whole("dwell_low", 20, 1, 600, "shortest time in a scene", "runner", unit="s"),
    _whole("dwell_high", 120, 2, 600, "longest time in a scene", "runner", unit="s"),
    _whole("think_low", 2, 0, 60, "shortest pause before a scene", "runner", unit="s"),
    _whole("think_high", 8, 1, 120, "longest pause before a scene", "runner", unit="s"),
    *(
        Parameter(path=f"activity.{p.key}", default=p.weight, low=0.0, high=100.0,
                  means=f"how often people of the persona {p.key} come, against the others", source="ours")
        for p in catalogue.personas()
    ),
)  # fmt: skip


def derive(values: Values) -> Values:
    """What follows from the parameters. Raises BadInput for numbers that do not go together."""
    scenes, mindblocks, starts, artifacts = PRESETS[str(values["preset"])]
    scenes = _number(values, "scene_events_per_session") or scenes
    mindblocks = _number(values, "mindblock_events_per_session") or mindblocks
    for low, high in (("dwell_low", "dwell_high"), ("think_low", "think_high")):
        if _number(values, low) > _number(values, high):
            raise BadInput("the shortest time is above the longest", where=f"recoverlution.{low}", given=values[low],
                           allowed=f"at most {high} = {values[high]}")  # fmt: skip
    mean, entered = _practice_length(scenes, 2 if starts else 1, artifacts)
    q = (mean - 1) / (MOST_SCENES - 1)
    engaged, completed, resonated = (_number(values, f"{s}_share") for s in ("engaged", "completed", "resonated"))
    signals = 1 + engaged * (1 + completed * (1 + resonated))
    encounter = mindblocks / (entered * signals)
    if encounter > 1:
        raise BadInput("there are too few scenes for so many mindblock events",
                       where="recoverlution.mindblock_events_per_session", given=mindblocks,
                       allowed=f"at most {entered * signals:.2f} with these scenes and shares")  # fmt: skip
    users = int(_number(values, "count_users"))
    return {
        "mindblocks": MINDBLOCKS,
        "personas": len(catalogue.personas()),
        "alpha_percent": ORGANIZATION_PERCENTS[0],
        "beta_percent": ORGANIZATION_PERCENTS[1],
        "organizations": 3 if values["with_orgs"] else 0,
        "pairs_per_mindblock": min(int(_number(values, "coverage_per_mindblock")), users),
        "scene_weights": ((1 - q) ** 2, 2 * q * (1 - q), q * q),
        "scene_starts": starts,
        "artifact_share": artifacts,
        "encounter_share": encounter,
        "dwell_low_ms": _number(values, "dwell_low") * 1000,
        "dwell_high_ms": _number(values, "dwell_high") * 1000,
        "think_low_ms": _number(values, "think_low") * 1000,
        "think_high_ms": _number(values, "think_high") * 1000,
        "activity": tuple(_number(values, f"activity.{p.key}") for p in catalogue.personas()),
    }


def _practice_length(events: float, rows_per_scene: int, artifacts: float) -> tuple[float, float]:
    """Mean length of a practice that gives so many scene events a session, and mean scenes entered a session.

    Someone who abandons enters a number of scenes that is even in 1 … length and completes all but the last. So with
    mean length m and abandon rate a: entered = (1 − a/2) m + a/2, completed = (1 − a/2) m − a/2.
    """
    half = MEAN_ABANDON_RATE / 2
    slope = (rows_per_scene + artifacts) * (1 - half)
    offset = (rows_per_scene - artifacts) * half
    mean = (events - offset) / slope
    if not 1 - 1e-9 <= mean <= MOST_SCENES:
        low, high = slope + offset, slope * MOST_SCENES + offset
        raise BadInput("no length of practices gives this mean", where="recoverlution.scene_events_per_session",
                       given=events, allowed=f"{low:.2f} to {high:.2f}")  # fmt: skip
    mean = max(mean, 1.0)
    return mean, (1 - half) * mean + half


def _number(values: Values, path: str) -> float:
    return float(str(values[path]))
