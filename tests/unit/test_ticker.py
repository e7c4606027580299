"""How much was written is said by the unit of time in which it is a number."""

from __future__ import annotations

import pytest

from populace.cli.ticker import rate
from populace.clock import DAY_US, HOUR_US, MINUTE_US


@pytest.mark.parametrize(
    ("rows", "simulated_us", "said"),
    [
        (0, HOUR_US, "0 a minute"),
        (0, 0, "0 a minute"),
        (90, MINUTE_US, "90 a minute"),
        (337, 60 * HOUR_US, "6 an hour"),
        (10, 5 * DAY_US, "2 a day"),
        (1, 30 * DAY_US, "0 a day"),
        (120_000, 10 * MINUTE_US, "12,000 a minute"),
    ],
)
def test_a_rate(rows: int, simulated_us: int, said: str) -> None:
    assert rate(rows, simulated_us) == said
