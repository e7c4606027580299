"""What HogFlix's people cost outside the database: accounts, events, calls to the chat's endpoint, room on the disk.

The limits are those of the free tiers that the document names (C36, C41, C42); the amounts are the estimate's.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from populace.spec import Cost, Values, Volume
from populace.worlds.hogflix.parameters.fixed import (
    AUTH_USERS,
    BYTES_AFTER_A_MONTH,
    CALLS_A_MONTH,
    EVENTS_A_MONTH,
    MONTH_DAYS,
)
from populace.worlds.hogflix.parameters.visits import MOST_TURNS
from populace.worlds.hogflix.reporting.channels import POSTHOG


def costs(values: Values, volume: Volume) -> Sequence[Cost]:
    """Each thing with its limit. Accounts are counted as they stand at the end; events and calls by month or day."""
    days = max(volume.days, 1.0)
    questions = volume.rows["chat_conversations"] * _questions_a_chat(values) / days
    calls = min(questions, values.number("flixbuddy_per_day"))
    asks = values["flixbuddy_answers"] == "endpoint"
    capped = "flixbuddy_per_day" if asks else f"flixbuddy_per_day; an endpoint would be asked {calls:,.0f} times"
    events, size = (
        amount / days * MONTH_DAYS for amount in (volume.leaving.get(POSTHOG.name, 0), volume.bytes_on_disk)
    )
    return (
        Cost("auth users", volume.rows["users"], AUTH_USERS, "Supabase, free tier"),
        Cost("events a month", events, EVENTS_A_MONTH, "PostHog, free tier"),
        Cost("chat calls a day", calls if asks else 0, values.number("flixbuddy_per_day"), capped),
        Cost("function calls a month", calls * MONTH_DAYS if asks else 0, CALLS_A_MONTH, "Supabase, free tier"),
        Cost("database after 30 days", size, BYTES_AFTER_A_MONTH, "the document", "B"),
    )


def _questions_a_chat(values: Values) -> float:
    """Questions of a chat, on average."""
    weights = [values.number(f"chat_turns_{k}") for k in range(1, MOST_TURNS + 1)]
    return math.fsum(k * w for k, w in enumerate(weights, 1)) / (math.fsum(weights) or 1.0)
