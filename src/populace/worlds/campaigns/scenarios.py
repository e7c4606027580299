"""The four scenarios of the document, from a demonstration to a load test, and what a configuration of one's own asks.

A configuration of one's own (4.5) has sizes within the document's bounds, and four features. What the document derives
from these is not asked. What goes with the length of history goes with it as in the four scenarios (`pace`), so that
the mix of statuses stays as documented.
"""

from __future__ import annotations

from itertools import pairwise

from populace.spec import Scenario, Value
from populace.spec.questions import Answers, Question
from populace.worlds.campaigns.parameters import CLOSING
from populace.worlds.campaigns.parameters.fixed import BRANDS, CARDS_A_CLIENT, CONTACTS_A_LIST, USERS_PER_ORG

SIZES = (
    "organizations", "clients", "users_per_org", "contacts_per_client", "lists_per_client", "campaigns_per_client",
    "recipients_per_campaign", "brands", "inventory", "months",
)  # fmt: skip


def pace(months: int) -> dict[str, int]:
    """What goes with the length of history: days to a campaign's close, between the steps of CLOSING in proportion."""
    low, high = CLOSING[-1][1:]
    for lower, upper in pairwise(CLOSING):
        if months <= upper[0]:
            part, whole = max(0, months - lower[0]), upper[0] - lower[0]
            low, high = (lower[i] + (upper[i] - lower[i]) * part // whole for i in (1, 2))
            break
    return {"closing_low_days": low, "closing_high_days": high}


def sized(*sizes: int, **more: Value) -> dict[str, Value]:
    """The values of one of the document's scenarios, in the order of its table (`SIZES`)."""
    return {**dict(zip(SIZES, sizes, strict=True)), **more}


REALISTIC: dict[str, Value] = {
    "response_spread": 0.05, "appeal_strength": 1.0, "person_spread": 0.9, "answer_decay": 0.75, "call_spread": 0.75,
    "talk_spread": 0.45, "reply_spread": 1.4, "own_hour": 0.6, "scan_opens": 0.75, "call_soon": 0.45,
    "carriers_rest": True, "pipeline": "steady", "lead_scores": "earned",
    "vehicles": "agreeing", "texts": "composed",
}  # fmt: skip
"""What makes campaigns and people look like real ones, where the document wants something else or says nothing."""
SMALL = sized(2, 6, 3, 50, 3, 3, 56, 10, 200, 1, analytics=False, error_logs=False, batch_size=100, **pace(1))
DEVELOPMENT = sized(5, 20, 5, 250, 5, 5, 150, 15, 2_000, 3, batch_size=500, parallel=2, **pace(3))

SCENARIOS = (
    Scenario(
        name="demo",
        about="about 18 campaigns of 6 clients over a month, which differ as real ones do; no analytics, no error logs",
        values={**SMALL, **REALISTIC},
    ),
    Scenario(
        name="small",
        about="the document's demo: 18 campaigns of 6 clients over a month, about 1,000 recipients",
        values=SMALL,
    ),
    Scenario(
        name="realistic",
        about="as in development, with campaigns and people that differ as real ones do",
        values={**DEVELOPMENT, **REALISTIC},
    ),
    Scenario(
        name="development",
        about="100 campaigns of 20 clients over three months, 15,000 recipients",
        values=DEVELOPMENT,
    ),
    Scenario(
        name="analytics",
        about="480 campaigns of 60 clients over six months, 192,000 recipients",
        values=sized(12, 60, 8, 1_000, 10, 8, 400, 25, 15_000, 6,
                        batch_size=1_000, parallel=3, **pace(6)),
    ),
    Scenario(
        name="load_test",
        about="1,000 campaigns of 100 clients over a year, 600,000 recipients",
        values=sized(15, 100, 10, 2_000, 15, 10, 600, 30, 25_000, 12,
                        batch_size=1_000, parallel=5, **pace(12)),
    ),
)  # fmt: skip
DEFAULT = "development"


def _whole(answers: Answers, path: str) -> int:
    return int(answers[path])


def _lists(answers: Answers) -> int:
    return -(-_whole(answers, "contacts_per_client") // CONTACTS_A_LIST)


def _recipients(answers: Answers) -> int:
    return -(-_whole(answers, "contacts_per_client") // _whole(answers, "campaigns_per_client"))


QUESTIONS = (
    Question(path="organizations", asks="Organisations", low=5, high=15),
    Question(path="clients", asks="Clients of all organisations", low=10, high=100),
    Question(path="contacts_per_client", asks="Contacts of each client", low=100, high=2_000),
    Question(path="campaigns_per_client", asks="Campaigns of each client", low=3, high=10),
    Question(path="months", asks="Months of history", low=1, high=12),
    Question(path="call_center", asks="Call centre: calls, and opt-ins by text message"),
    Question(path="gift_cards", asks="Gift cards, with billing and credit"),
    Question(path="analytics", asks="Analytics: performance metrics and usage"),
    Question(path="error_logs", asks="Error logs, with incidents"),
    Question(path="lists_per_client", follows=_lists),
    Question(path="recipients_per_campaign", follows=_recipients),
    Question(path="brands", follows=lambda _: BRANDS),
    Question(path="inventory", follows=lambda answers: _whole(answers, "clients") * CARDS_A_CLIENT),
    Question(path="users_per_org", follows=lambda _: USERS_PER_ORG),
    Question(path="closing_low_days", follows=lambda answers: pace(_whole(answers, "months"))["closing_low_days"]),
    Question(path="closing_high_days", follows=lambda answers: pace(_whole(answers, "months"))["closing_high_days"]),
)
