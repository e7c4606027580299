"""How far campaigns and people differ, once: none of it as documented, all of it in the scenario `realistic`.

Every default makes no difference.
"""

from __future__ import annotations

from collections.abc import Mapping

from populace.spec import Beta, Chance, Decision, LogNormal, Parameter, Values
from populace.spec.heterogeneity import WHOLE
from populace.spec.kit.parameters import amount, share, switch, texts

DIFFERENCES_PARAMETERS: tuple[Parameter, ...] = (
    share("response_spread", 0.0, "how far campaigns differ in how readily they are answered: what two of one "
          "campaign's recipients have in common", "ours"),
    amount("appeal_strength", 0.0, (0.0, 2.0), "how much of what the catalogue says of industries, themes, seasons, "
           "lists and stages counts for who answers", "ours"),
    amount("person_spread", 0.0, (0.0, 3.0), "how far people's odds to answer differ for life: the deviation of the "
           "logarithm", "ours"),
    amount("answer_decay", 1.0, (0.2, 1.0), "what is left of the readiness to answer mail from one day to the next",
           "ours"),
    amount("call_spread", 0.0, (0.0, 2.0), "how far lengths of calls differ: the deviation of their logarithm; 0: they "
           "are normal, from 30 seconds to 15 minutes", "4.4"),
    amount("talk_spread", 0.0, (0.0, 2.0), "how far people differ in how long they talk: the same", "ours"),
    amount("reply_spread", 0.0, (0.0, 3.0), "how far replies to text messages differ in time: the deviation of the "
           "logarithm; 0: 5 to 60 minutes after the call was answered, evenly", "4.4"),
    share("own_hour", 0.0, "answers that come at an hour of the person's own", "ours"),
    share("scan_opens", 0.0, "who scans and visits: whose visit is the page that the code opened", "ours"),
    share("call_soon", 0.0, "who scans and calls: who calls as soon as somebody answers after the scan", "ours"),
    switch("carriers_rest", "whether no mail is dropped or delivered on Sundays and holidays", "ours", default=False),
    Parameter(path="pipeline", default="document", choices=("document", "steady"), source="E11",
              means="campaigns around the epoch: as many in each status as documented, or as many as come at one rate"),
    Parameter(path="lead_scores", default="drawn", choices=("drawn", "earned"), source="4.4",
              means="lead scores: any of their stage's, or by how readily somebody answers and what they have done"),
    Parameter(path="vehicles", default="drawn", choices=("drawn", "agreeing"), source="4.4",
              means="cars: age and mileage as they come, or a mileage by age and a value by both"),
    texts("names of campaigns, notes and messages of errors: the catalogue's, or put together from banks"),
)  # fmt: skip

DIFFERENCES_DECISIONS: tuple[Decision, ...] = (
    Beta("campaign.response", "response_mean", "response_spread"),
    LogNormal("person.response", WHOLE, "person_spread", 40, 25_000),
    LogNormal("person.talk", WHOLE, "talk_spread", 200, 6_000),
    LogNormal("call.length", 175, "call_spread", 6, 2_700),
    LogNormal("sms.reply_after", 140, "reply_spread", 12, 9_000),
    Chance("answer.own_hour", "own_hour"),
    Chance("scan.opens", "scan_opens"),
    LogNormal("scan.opened", 5, 1.0, 1, 240),
    Chance("scan.calls", "call_soon"),
    LogNormal("scan.called", 1_500, 1.6, 40, 25_000),
)
"""Lengths of calls and times of replies in seconds, the others in thousandths."""


def derive_differences(values: Values) -> Mapping[str, object]:
    """What follows from them."""
    differ = ("response_spread", "appeal_strength", "person_spread")
    return {
        "response_mean": min(max(values.number("scan_share"), 0.01), 0.99),
        # Whether everybody answers alike, as the document's shares and counts want it.
        "alike": not any(values.number(path) for path in differ),
        # Whether days and hours of answers are as the document weighs them.
        "even_days": values.number("answer_decay") == 1
        and not values.flag("carriers_rest")
        and not any(values.number(path) for path in ("own_hour", "scan_opens", "call_soon")),
    }
