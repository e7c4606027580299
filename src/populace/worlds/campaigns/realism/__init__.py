"""With what the contacts of campaigns are compared, what moves each metric, and which numbers make it red.

A person is a contact; what they do is answering mail. The SQL beside this file reads them.
"""

from __future__ import annotations

from populace.spec import Realism
from populace.spec.realism import Fitting, because, by_metric
from populace.worlds.campaigns.realism.observing import OBSERVING

_ANSWERS = ("scan_share", "visit_share", "form_share", "call_share")
_PEOPLE = ("person_spread", "appeal_strength", *_ANSWERS, "campaigns_per_client")
_TIMES = ("answer_decay", "scan_opens", "call_soon")
_NAMES = ("texts", "catalogue/sayings.csv", "catalogue/themes.csv")
_DOCUMENTED = ("small", "development", "analytics", "load_test")

REALISM = Realism(
    fitting=Fitting(observing=OBSERVING, fixed=("months",)),
    domain="mail",
    realistic=("realistic", "demo"),
    drivers=by_metric({
        "gini top_tenth single_visit": _PEOPLE,
        "burstiness_person burstiness_visits memory": (*_TIMES, "campaigns_per_client", "months"),
        "hour_peak night hour_entropy same_minute": ("own_hour", "timezone"),
        "hour_habit": ("own_hour",),
        "weekend weekday_spread": ("carriers_rest", "timezone"),
        "day_correlation day_variation stickiness": ("pipeline", "campaigns_per_client", "closing_high_days"),
        "size_shape size_spread size_tail same_size": ("call_spread",),
        "size_habit": ("talk_spread",),
        "campaign_spread": ("response_spread", "appeal_strength", *_ANSWERS, "delivered_share"),
        "text_repeated text_near text_sentence": _NAMES,
        "equal_gaps": _TIMES,
        "same_offset": ("reply_spread", *_TIMES),
        "interchangeable": ("own_hour", "person_spread", "talk_spread"),
    }),
    because=because(_DOCUMENTED, {
        "campaign_spread": "the document has one funnel for all campaigns (E9), each stage an exact share of the one "
        "before",
        "size_shape size_tail size_habit": "the document bounds how long calls last, from a shortest to a longest, "
        "with nothing beyond, for all",
        "text_repeated text_sentence": "the document has eight themes an industry, and the notes of calls are chosen "
        "from a list of nine",
    }),
)  # fmt: skip
