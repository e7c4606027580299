"""HogFlix's scenarios: named values for its parameters, and presets for a population that lives."""

from __future__ import annotations

from populace.spec import Scenario, Value
from populace.worlds.hogflix.parameters.people import WEEKDAYS

APP_WEEKDAYS = (0.90, 0.95, 1.00, 1.10, 1.15, 1.05, 0.85)
"""Factors from Monday to Sunday that the app's own script had."""
QUIET, LIVELY = 0.6, 1.25

REALISTIC: dict[str, Value] = {
    "drop_out": 0.20, "drop_out_spread": 0.40, "propensity_spread": 1.6, "phase_spread": 1.3, "second_habit": 0.6,
    "first_visit": 0.94, "new_returns_at_least": 0.0, "assigned_after": 1, "day_spread": 0.18,
    "holiday_strength": 1.0, "kept": 0.96, "signups_low": 1, "signups_high": 12, "churn_basic": 0.08,
    "churn_standard": 0.06, "churn_premium": 0.04, "zipf_exponent": 1.4, "start_page_turns": 1, "release_hype": 8.0,
    "hours": "lived", "own_hour": 0.7, "own_hour_spread": 55, "visit_size_spread": 0.75, "own_size_spread": 0.65,
    "visit_size": 2.4, "bounce_share": 0.14, "watched": "ends", "taste_strength": 0.9, "affinity_strength": 0.55,
    "favourite_share": 0.3, "popularity_drift": 0.5, "rating_variance_title": 0.10, "rating_variance_person": 0.18,
    "rating_variance_taste": 0.15, "display_names": "person", "rating_watched": 1.2, "other_devices": 0.22,
    "texts": "composed", "phase_days": 6, "visits_second": 0.2, "visits_third": 0.14, "activity": 0.7,
    "acts_spread": 0.8, "tickets_answered": 0.93,
}  # fmt: skip
"""What makes people look like those of real products, where the documents want something else or say nothing."""

SCENARIOS = (
    Scenario(name="default", about="400 people and half a year of history, calibrated to the document's own scale"),
    Scenario(
        name="demo",
        about="people who differ, with names, and 30 days of history",
        values={**REALISTIC, "days": 30},
    ),
    Scenario(
        name="literal",
        about="the document's rules as they stand: scores count, nobody drops out silently, 2 to 5 sign-ups every day",
        values={
            "drop_out": 0.0,
            "score_weight": 1.0,
            "signups": "always",
            "activity": 1.0,
            "unseen_days": 0,
            "season_strength": 0.0,
            "subscription_change": 0.0,
            "payment_failure": 0.0,
            **{f"weekday_{day}": factor for day, factor in zip(WEEKDAYS, APP_WEEKDAYS, strict=True)},
        },
    ),
    Scenario(
        name="top_up",
        about="sign-ups as in the app's own script: no more than are missing",
        values={"signups": "top_up", "drop_out": 0.016},
    ),
    Scenario(
        name="realistic",
        about="400 people who differ as those of real products do, in their own ways",
        values=REALISTIC,
    ),
    Scenario(name="large", about="40,000 people", values={"persona_pool": 40_000}),
)
PRESETS = tuple(
    Scenario(name=name, about=f"people come {about}", values={"activity": activity})
    for name, activity, about in (
        ("quiet", QUIET, "less often"),
        ("normal", 1.0, "as often as the documents say"),
        ("lively", LIVELY, "more often"),
    )
)
DEFAULT = "default"
