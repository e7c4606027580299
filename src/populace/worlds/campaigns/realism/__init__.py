"""With what the contacts of campaigns are compared, what moves each metric, and which numbers make it red.

A person is a contact; what they do is answering mail. The SQL beside this file reads them.
"""

from __future__ import annotations

from populace.spec import Because, Realism

_ANSWERS = ("scan_share", "visit_share", "form_share", "call_share")
_PEOPLE = ("person_spread", "appeal_strength", *_ANSWERS, "campaigns_per_client")
_TIMES = ("answer_decay", "scan_opens", "call_soon")
_NAMES = ("texts", "catalogue/sayings.csv", "catalogue/themes.csv")
_DOCUMENTED = ("small", "development", "analytics", "load_test")

REALISM = Realism(
    domain="mail",
    realistic=("realistic", "demo"),
    drivers={
        **dict.fromkeys(("gini", "top_tenth", "single_visit"), _PEOPLE),
        **dict.fromkeys(
            ("burstiness_person", "burstiness_visits", "memory"), (*_TIMES, "campaigns_per_client", "months")
        ),
        **dict.fromkeys(("hour_peak", "night", "hour_entropy", "same_minute"), ("own_hour", "timezone")),
        "hour_habit": ("own_hour",),
        **dict.fromkeys(("weekend", "weekday_spread"), ("carriers_rest", "timezone")),
        **dict.fromkeys(
            ("day_correlation", "day_variation", "stickiness"),
            ("pipeline", "campaigns_per_client", "closing_high_days"),
        ),
        **dict.fromkeys(("size_shape", "size_spread", "size_tail", "same_size"), ("call_spread",)),
        "size_habit": ("talk_spread",),
        "campaign_spread": ("response_spread", "appeal_strength", *_ANSWERS, "delivered_share"),
        **dict.fromkeys(("text_repeated", "text_near", "text_sentence"), _NAMES),
        "equal_gaps": _TIMES,
        "same_offset": ("reply_spread", *_TIMES),
        "interchangeable": ("own_hour", "person_spread", "talk_spread"),
    },
    because=(
        Because(
            metrics=("campaign_spread",),
            why="the document has one funnel for all campaigns (E9), each stage an exact share of the one before",
            scenarios=_DOCUMENTED,
        ),
        Because(
            metrics=("size_shape", "size_tail", "size_habit"),
            why="the document bounds how long calls last, from a shortest to a longest, with nothing beyond, for all",
            scenarios=_DOCUMENTED,
        ),
        Because(
            metrics=("text_repeated", "text_sentence"),
            why="the document has eight themes an industry, and the notes of calls are chosen from a list of nine",
            scenarios=_DOCUMENTED,
        ),
    ),
)
