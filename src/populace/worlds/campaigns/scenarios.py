"""The four scenarios of the document, from a demonstration to a load test."""

from __future__ import annotations

from itertools import pairwise

from populace.spec import Scenario, Value
from populace.worlds.campaigns.parameters import CLOSING


def pace(months: int) -> dict[str, int]:
    """What goes with the length of history: days without a mailing before the epoch, and days to a campaign's close,
    between the steps of CLOSING in proportion.

    A short history has few campaigns, and the last of them need longer to settle.
    """
    low, high = CLOSING[-1][1:]
    for lower, upper in pairwise(CLOSING):
        if months <= upper[0]:
            part, whole = max(0, months - lower[0]), upper[0] - lower[0]
            low, high = (lower[i] + (upper[i] - lower[i]) * part // whole for i in (1, 2))
            break
    return {"settled_days": 15 if months <= 2 else 12, "closing_low_days": low, "closing_high_days": high}


def sizes(
    organizations: int,
    clients: int,
    users: int,
    contacts: int,
    lists: int,
    campaigns: int,
    recipients: int,
    brands: int,
    inventory: int,
    months: int,
    **more: Value,
) -> dict[str, Value]:
    """The values of one of the document's scenarios, in the order of its table."""
    return {
        "organizations": organizations, "clients": clients, "users_per_org": users, "contacts_per_client": contacts,
        "lists_per_client": lists, "campaigns_per_client": campaigns, "recipients_per_campaign": recipients,
        "brands": brands, "inventory": inventory, "months": months, **more,
    }  # fmt: skip


SCENARIOS = (
    Scenario(
        name="demo",
        about="18 campaigns of 6 clients over a month, about 1,000 recipients; no analytics, no error logs",
        values=sizes(2, 6, 3, 50, 3, 3, 56, 10, 200, 1, analytics=False, error_logs=False,
                        batch_size=100, **pace(1)),
    ),
    Scenario(
        name="development",
        about="100 campaigns of 20 clients over three months, 15,000 recipients",
        values=sizes(5, 20, 5, 250, 5, 5, 150, 15, 2_000, 3,
                        batch_size=500, parallel=2, **pace(3)),
    ),
    Scenario(
        name="analytics",
        about="480 campaigns of 60 clients over six months, 192,000 recipients",
        values=sizes(12, 60, 8, 1_000, 10, 8, 400, 25, 15_000, 6,
                        batch_size=1_000, parallel=3, **pace(6)),
    ),
    Scenario(
        name="load_test",
        about="1,000 campaigns of 100 clients over a year, 600,000 recipients",
        values=sizes(15, 100, 10, 2_000, 15, 10, 600, 30, 25_000, 12,
                        batch_size=1_000, parallel=5, **pace(12)),
    ),
)  # fmt: skip
DEFAULT = "development"
