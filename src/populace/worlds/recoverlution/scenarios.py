"""Recoverlution's scenarios: named values for its parameters."""

from __future__ import annotations

from populace.spec import Scenario, Value
from populace.worlds.recoverlution.parameters import INTENSITIES

REALISTIC: dict[str, Value] = {
    "differ": True, "details": True, "time_of_day": True, "engagements_continue": True, "texts": "composed",
    "days": 60, "session_history_days": 60, "signup_days": 60, "sessions_per_min": 1, "coverage_per_mindblock": 5,
    "rating_mean": 3.9, "rating_deviation": 0.9,
}  # fmt: skip
"""What makes people look like those of real products, where the documents want something else or say nothing."""

SCENARIOS = (
    Scenario(name="documented", about="3,000 people and 36,000 engagements over 45 days, as the documents say"),
    Scenario(
        name="demo",
        about="3,000 people who differ, with names, in six weeks of history and after it",
        values={**REALISTIC, "days": 45, "session_history_days": 45},
    ),
    Scenario(
        name="realistic",
        about="3,000 people who differ as those of real products do, in two months of history and after it",
        values=REALISTIC,
    ),
    Scenario(
        name="expected_metrics",
        about="the volumes of the documents' expected metrics: one scene event a session, practices only",
        values={"preset": "expected_metrics", "practice_share": 1.0},
    ),
)
PRESETS = tuple(
    Scenario(
        name=name,
        about=f"{per_min} sessions a minute, at most {most}",
        values={"sessions_per_min": per_min, "max_per_run": most},
    )
    for name, (per_min, most) in INTENSITIES.items()
)
DEFAULT = "documented"
