"""With what Recoverlution's people are compared, what moves each metric, and which of the documents' numbers make it
red.

The SQL beside this file reads them. Where documents are silent, so is `because`.
"""

from __future__ import annotations

from populace.spec import Because, Realism
from populace.worlds.recoverlution import catalogue

_ACTIVITY = tuple(f"activity.{persona.key}" for persona in catalogue.personas())
_COVERAGE = ("coverage_per_mindblock", "count_users")
_HOURS = ("time_of_day", "details")
_SESSIONS = ("sessions_per_min", "arrivals")
_SIZES = ("duration_median", "duration_sigma", "dwell_low", "dwell_high")
_WORDS = ("catalogue/captures.csv", "catalogue/notes.csv", "catalogue/situations.csv")
_ALONE = ("documented",)

REALISM = Realism(
    domain="health",
    drivers={
        **dict.fromkeys(("gini", "top_tenth", "single_visit", "stickiness"), (*_SESSIONS, *_COVERAGE, *_ACTIVITY)),
        **dict.fromkeys(("burstiness_person", "burstiness_visits", "memory"), (*_SESSIONS, "session_history_days")),
        **dict.fromkeys(("hour_peak", "night", "hour_entropy", "same_minute", "hour_habit"), _HOURS),
        **dict.fromkeys(("weekend", "weekday_spread", "day_correlation", "day_variation"), (*_SESSIONS, "max_per_run")),
        **dict.fromkeys(("return_1", "return_7", "return_30", "flattening"), ("signup_days",)),
        **dict.fromkeys(("item_top_tenth", "item_top_hundredth", "zipf"), (*_COVERAGE, "practice_share")),
        **dict.fromkeys(("size_shape", "size_spread", "size_tail", "same_size", "size_habit"), _SIZES),
        **dict.fromkeys(("rating_people", "rating_items", "rating_commonest"), ("rating_mean", "rating_deviation")),
        **dict.fromkeys(("text_repeated", "text_near", "text_sentence"), _WORDS),
        **dict.fromkeys(("same_offset", "equal_gaps"), ("think_low", "think_high", "dwell_low", "dwell_high")),
        "lift": _COVERAGE,
        "interchangeable": (*_ACTIVITY, *_SIZES),
    },
    because=(
        Because(
            metrics=("gini", "top_tenth", "single_visit", "item_top_tenth", "interchangeable"),
            why="the documents have 15 people engage with each of 2,400 mindblocks (A2, A4): everybody about 12 times",
        ),
        Because(
            metrics=("burstiness_person", "burstiness_visits", "weekday_spread", "day_variation", "day_correlation"),
            why="the documents have sessions begin at one rate a minute (A9), each with somebody drawn by lot",
        ),
        Because(
            metrics=("rating_people", "rating_items"),
            why="the seed function draws every rating around 4.1, whoever gives it and for what",
        ),
        Because(
            metrics=("size_habit",),
            why="the seed function draws every duration around the same median, whoever takes it",
        ),
        Because(
            metrics=("hour_habit",),
            why="the documents give people no hour of their own: all draw from one table of hours",
        ),
        Because(
            metrics=("stickiness",),
            why="1 session a minute (A9) for 3,000 people is a visit every other day of each of them",
            scenarios=("demo",),
        ),
        Because(
            metrics=("hour_peak", "hour_entropy"),
            why="the seed function places engagements without regard of where people live",
            scenarios=_ALONE,
        ),
    ),
)
