"""Recoverlution's scenarios: named values for its parameters."""

from __future__ import annotations

from populace.spec import Scenario
from populace.worlds.recoverlution.parameters import INTENSITIES

SCENARIOS = (
    Scenario(name="documented", about="3,000 people and 36,000 engagements over 45 days, as the documents say"),
    Scenario(
        name="demo",
        about="3,000 people with names, who engage and practise by day, in a month of history and after it",
        values={
            "days": 30,
            "session_history_days": 30,
            "sessions_per_min": 1,
            "time_of_day": True,
            "details": True,
            "engagements_continue": True,
        },
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
