"""HogFlix's scenarios: named values for its parameters, and presets for a population that lives."""

from __future__ import annotations

from populace.spec import Scenario
from populace.worlds.hogflix.parameters.people import WEEKDAYS

APP_WEEKDAYS = (0.90, 0.95, 1.00, 1.10, 1.15, 1.05, 0.85)
"""Factors from Monday to Sunday that the app's own script had."""
QUIET, BUSIER, LIVELY = 0.6, 1.1, 1.25

REALISTIC = {
    "drop_out": 0.20, "drop_out_spread": 0.40, "propensity_spread": 1.0, "phase_spread": 0.7, "second_habit": 0.6,
    "first_visit": 0.94, "new_returns_at_least": 0.0, "assigned_after": 1, "day_spread": 0.18, "holiday_strength": 1.0,
    "kept": 0.96, "signups_low": 4, "signups_high": 12, "churn_basic": 0.08, "churn_standard": 0.06,
    "churn_premium": 0.04, "zipf_exponent": 1.0, "start_page_turns": 1,
}  # fmt: skip
"""What makes people look like those of real products, where the documents want something else or say nothing."""

SCENARIOS = (
    Scenario(name="default", about="400 people and half a year of history, calibrated to the document's own scale"),
    Scenario(
        name="demo",
        about="the same with 30 days of history, a bit livelier, of people with names",
        values={"days": 30, "activity": BUSIER, "display_names": "person"},
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
