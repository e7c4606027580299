"""With what Recoverlution's people are compared, what moves each metric, and which of the documents' numbers make it
red.

The SQL beside this file reads them. Where documents are silent, so is `because`.
"""

from __future__ import annotations

from populace.spec import Realism
from populace.spec.realism import Fitting, because, by_metric
from populace.worlds.recoverlution import catalogue
from populace.worlds.recoverlution.realism.observing import OBSERVING

_ACTIVITY = tuple(f"activity.{persona.key}" for persona in catalogue.personas())
_COVERAGE = ("coverage_per_mindblock", "count_users")
_HOURS = ("rhythm", "time_of_day", "details", "own_hour", "own_hour_spread")
_SESSIONS = ("sessions_per_min", "sessions_share", "arrivals")
_SIZES = ("duration_median", "duration_sigma", "dwell_low", "dwell_high", "own_pace_spread", "scene_pace_spread")
_WORDS = ("texts", "catalogue/writing.csv", "catalogue/captures.csv", "catalogue/notes.csv")
_STAYING = ("stays_days", "stays_spread")
_DAYS = ("rhythm", "day_spread", "day_memory")
_PHASES = ("phase_spread", "phase_days")
_RATINGS = ("rating_mean", "rating_deviation", "rating_spread_people", "rating_spread_items")
_LIKING = ("own_theme", "popular")
_ALONE = ("documented",)
_BY_DOCUMENTS = ("documented", "expected_metrics")

REALISM = Realism(
    fitting=Fitting(
        observing=OBSERVING,
        briefly=lambda values, days: {"day_spread": 0.0},
        week="rhythm",
        fixed=(
            # A whole number of few, whose part that begins is `sessions_share`.
            *("sessions_per_min", "max_per_run"),
            *("session_history_days", "signup_days", "count_users", "practice_share"),
            *_ACTIVITY,
        ),
    ),
    domain="health",
    drivers=by_metric({
        "gini top_tenth single_visit stickiness": ("propensity_spread", *_STAYING, *_SESSIONS, *_COVERAGE, *_ACTIVITY),
        "burstiness_person burstiness_visits memory": (*_PHASES, *_SESSIONS, "session_history_days"),
        "hour_peak night hour_entropy same_minute hour_habit": _HOURS,
        "weekend weekday_spread day_correlation day_variation": (*_DAYS, *_SESSIONS, "max_per_run"),
        "return_1 return_7 return_30 flattening": (*_STAYING, *_SESSIONS, "signup_days"),
        "item_top_tenth item_top_hundredth zipf": (*_LIKING, *_COVERAGE, "practice_share"),
        "size_shape size_spread size_tail same_size size_habit": _SIZES,
        "rating_people rating_items rating_commonest": _RATINGS,
        "text_repeated text_near text_sentence": _WORDS,
        "same_offset equal_gaps": ("think_low", "think_high", "dwell_low", "dwell_high"),
        "lift": (*_LIKING, *_COVERAGE),
        "interchangeable": ("propensity_spread", "own_hour", "own_pace_spread", *_ACTIVITY, *_SIZES),
    }),
    realistic=("realistic", "demo"),
    because=(
        *because(_BY_DOCUMENTS, {
            "gini top_tenth single_visit item_top_tenth interchangeable": "the documents have 15 people engage with "
            "each of 2,400 mindblocks (A2, A4): everybody about 12 times",
            "burstiness_person burstiness_visits weekday_spread day_variation day_correlation": "the documents have "
            "sessions begin at one rate a minute (A9), each with somebody drawn by lot",
            "rating_people rating_items": "the seed function draws every rating around 4.1, whoever gives it and for "
            "what",
            "size_habit": "the seed function draws every duration around the same median, whoever takes it",
            "hour_habit": "the documents give people no hour of their own: all draw from one table of hours",
        }),
        *because(_ALONE, {
            "hour_peak hour_entropy": "the seed function places engagements without regard of where people live",
        }),
    ),
)  # fmt: skip
