"""With what the contacts of campaigns are compared, what moves each metric, and which numbers make it red.

A person is a contact; what they do is answering mail. The SQL beside this file reads them.
"""

from __future__ import annotations

from populace.spec import Because, Realism

_ANSWERS = ("scan_share", "visit_share", "form_share", "call_share")
_NAMES = ("catalogue/themes.csv", "catalogue/words.py")

REALISM = Realism(
    domain="mail",
    drivers={
        **dict.fromkeys(("gini", "top_tenth", "single_visit"), (*_ANSWERS, "campaigns_per_client")),
        **dict.fromkeys(("burstiness_person", "burstiness_visits", "memory"), ("campaigns_per_client", "months")),
        **dict.fromkeys(("hour_peak", "night", "hour_entropy", "same_minute", "hour_habit"), ("timezone",)),
        **dict.fromkeys(("weekend", "weekday_spread"), ("timezone",)),
        **dict.fromkeys(
            ("day_correlation", "day_variation", "stickiness"), ("campaigns_per_client", "closing_high_days")
        ),
        **dict.fromkeys(("size_shape", "size_spread", "size_tail", "same_size", "size_habit"), ("behaviour/calls.py",)),
        "campaign_spread": (*_ANSWERS, "delivered_share"),
        **dict.fromkeys(("text_repeated", "text_near", "text_sentence"), _NAMES),
    },
    because=(
        Because(
            metrics=("campaign_spread",),
            why="the document has one funnel for all campaigns (E9), each stage an exact share of the one before",
        ),
        Because(
            metrics=("size_shape", "size_tail"),
            why="the document bounds how long calls last, from a shortest to a longest, with nothing beyond",
        ),
    ),
)
