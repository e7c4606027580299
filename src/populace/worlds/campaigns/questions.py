"""What is asked for a configuration of one's own (4.5): sizes within the document's bounds, and four features.

What the document derives from these is not asked. What goes with the length of history goes with it as in the four
scenarios (`pace`), so that the mix of statuses stays as documented.
"""

from __future__ import annotations

from populace.spec.questions import Answers, Question
from populace.worlds.campaigns.scenarios import pace

BRANDS, USERS_PER_ORG, CARDS_A_CLIENT, CONTACTS_A_LIST = 20, 5, 100, 100


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
    Question(path="settled_days", follows=lambda answers: pace(_whole(answers, "months"))["settled_days"]),
    Question(path="closing_low_days", follows=lambda answers: pace(_whole(answers, "months"))["closing_low_days"]),
    Question(path="closing_high_days", follows=lambda answers: pace(_whole(answers, "months"))["closing_high_days"]),
)
