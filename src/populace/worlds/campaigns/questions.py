"""What is asked for a configuration of one's own (4.5): sizes within the document's bounds, and four features.

What the document derives from these is not asked. The days to a campaign's close go with the length of history as they
do in the four scenarios, so that the mix of statuses stays as documented.
"""

from __future__ import annotations

from itertools import pairwise

from populace.spec.questions import Answers, Question

BRANDS, USERS_PER_ORG, CARDS_A_CLIENT, CONTACTS_A_LIST = 20, 5, 100, 100
CLOSING = ((1, 10, 18), (3, 20, 32), (6, 30, 60), (12, 60, 100))
"""Months of history, and the days within which its campaigns close; steps between in proportion."""


def _whole(answers: Answers, path: str) -> int:
    return int(answers[path])


def _lists(answers: Answers) -> int:
    return -(-_whole(answers, "contacts_per_client") // CONTACTS_A_LIST)


def _recipients(answers: Answers) -> int:
    return -(-_whole(answers, "contacts_per_client") // _whole(answers, "campaigns_per_client"))


def _closing(answers: Answers, which: int) -> int:
    months = _whole(answers, "months")
    for lower, upper in pairwise(CLOSING):
        if months <= upper[0]:
            part, whole = max(0, months - lower[0]), upper[0] - lower[0]
            return lower[which] + (upper[which] - lower[which]) * part // whole
    return CLOSING[-1][which]


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
    Question(path="closing_low_days", follows=lambda answers: _closing(answers, 1)),
    Question(path="closing_high_days", follows=lambda answers: _closing(answers, 2)),
)
