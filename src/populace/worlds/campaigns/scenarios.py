"""The four scenarios of the document, from a demonstration to a load test."""

from __future__ import annotations

from populace.spec import Scenario
from populace.worlds.campaigns.parameters import scenario

# The days to a campaign's close keep the documented mix of statuses (E11) over a history of this many months.
SCENARIOS = (
    Scenario(
        name="demo",
        about="18 campaigns of 6 clients over a month, about 1,000 recipients; no analytics, no error logs",
        values=scenario(2, 6, 3, 50, 3, 3, 56, 10, 200, 1, analytics=False, error_logs=False,
                        settled_days=15, closing_low_days=13, closing_high_days=21, batch_size=100),
    ),
    Scenario(
        name="development",
        about="100 campaigns of 20 clients over three months, 15,000 recipients",
        values=scenario(5, 20, 5, 250, 5, 5, 150, 15, 2_000, 3, closing_low_days=20, closing_high_days=32,
                        batch_size=500, parallel=2),
    ),
    Scenario(
        name="analytics",
        about="480 campaigns of 60 clients over six months, 192,000 recipients",
        values=scenario(12, 60, 8, 1_000, 10, 8, 400, 25, 15_000, 6, closing_high_days=55,
                        batch_size=1_000, parallel=3),
    ),
    Scenario(
        name="load_test",
        about="1,000 campaigns of 100 clients over a year, 600,000 recipients",
        values=scenario(15, 100, 10, 2_000, 15, 10, 600, 30, 25_000, 12, closing_low_days=60, closing_high_days=100,
                        batch_size=1_000, parallel=5),
    ),
)  # fmt: skip
DEFAULT = "development"
