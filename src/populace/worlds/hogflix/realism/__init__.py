"""With what HogFlix's people are compared, what moves each metric, and which of the documents' numbers make it red.

The SQL beside this file reads them.
"""

from __future__ import annotations

from populace.spec import Because, Realism
from populace.worlds.hogflix.catalogue import REGIONS

_HABITS = ("daily_returns", "regular_returns", "weekend_returns", "binge_returns", "monthly_returns")
_LEAVING = ("drop_out", "churn_idle_days", "churn_basic", "churn_standard", "churn_premium")
_DIFFERENCES = ("propensity_spread", "phase_spread", "second_habit")
_DOCUMENTED = ("default", "demo", "literal", "top_up", "large")
_LENGTHS = ("depth_active_high", "completion_daily", "completion_regular", "visits_second")
_WEEK = ("weekday_saturday", "weekday_sunday", "weekend_special", "daily_returns")

REALISM = Realism(
    domain="media",
    zones={region.key: region.zone for region in REGIONS},
    drivers={
        "gini": ("propensity_spread", *_HABITS, "kept"),
        "top_tenth": ("propensity_spread", *_HABITS, "kept"),
        "single_visit": ("drop_out", "drop_out_spread", "new_returns_at_least", "first_visit"),
        "burstiness_person": (*_DIFFERENCES, *_HABITS),
        "burstiness_visits": (*_DIFFERENCES, *_HABITS),
        "memory": ("phase_spread", "phase_days", "new_release_hype_chance", "busy_work_chance", "vacation_chance"),
        "hour_peak": ("catalogue/hours.csv",),
        "night": ("catalogue/hours.csv",),
        "hour_entropy": ("catalogue/hours.csv",),
        "same_minute": ("catalogue/hours.csv",),
        "weekend": _WEEK,
        "weekday_spread": _WEEK,
        "day_correlation": ("day_spread", "day_memory", "season_strength"),
        "day_variation": ("day_spread", "holiday_strength", *_WEEK),
        "stickiness": (*_HABITS, "activity"),
        "return_1": ("new_returns_at_least", "first_visit", "drop_out"),
        "return_7": ("new_returns_at_least", "new_days", "drop_out"),
        "return_30": ("drop_out", "drop_out_spread", *_HABITS),
        "flattening": ("drop_out_spread", *_LEAVING),
        "item_top_tenth": ("zipf_exponent", "release_hype", "start_page_turns"),
        "item_top_hundredth": ("zipf_exponent", "release_hype"),
        "zipf": ("zipf_exponent", "start_page_turns"),
        "size_shape": _LENGTHS,
        "size_spread": _LENGTHS,
        "size_tail": _LENGTHS,
        "rating_people": ("rating_variance_person", "rating_mean_basic", "rating_mean_premium"),
        "rating_items": ("rating_variance_title",),
        "rating_commonest": ("rating_deviation_basic", "rating_deviation_standard", "rating_deviation_premium"),
        "hour_habit": ("catalogue/hours.csv",),
        "size_habit": _LENGTHS,
        "lift": ("affinity_strength",),
        "text_repeated": ("catalogue/questions.csv", "catalogue/tickets.csv"),
        "text_near": ("catalogue/questions.csv", "catalogue/tickets.csv"),
        "text_sentence": ("catalogue/questions.csv", "catalogue/tickets.csv"),
        "equal_gaps": ("parameters/fixed.py",),
        "same_offset": ("parameters/fixed.py",),
        "same_size": ("catalogue/titles.csv", "completion_daily"),
        "interchangeable": (*_DIFFERENCES, *_HABITS, "affinity_strength"),
    },
    because=(
        Because(
            metrics=("gini", "top_tenth", "interchangeable"),
            why="the document knows five habits (C17, C18), each with one chance to come for everybody who has it",
            scenarios=_DOCUMENTED,
        ),
        Because(
            metrics=("gini", "top_tenth", "single_visit"),
            why="whoever stays away for 30 days is deleted with all rows (C12, C14), and with them the rare visitors",
            scenarios=_DOCUMENTED,
        ),
        Because(
            metrics=("return_1", "return_7"),
            why="the document has NEW people come with a chance of 0.8 or more on each of their first 7 days (C8, C10)",
            scenarios=_DOCUMENTED,
        ),
        Because(
            metrics=("single_visit",),
            why="a NEW person comes with a chance of 0.8 a day (C10), so that nobody is seen once",
            scenarios=_DOCUMENTED,
        ),
        Because(
            metrics=("item_top_tenth", "item_top_hundredth", "zipf"),
            why="the document wants few titles watched twice (C37), which spreads choices over the whole catalogue",
            scenarios=_DOCUMENTED,
        ),
        Because(
            metrics=("hour_habit",),
            why="the document gives people no hour of their own: each visit draws from one table for everybody",
        ),
        Because(
            metrics=("text_repeated", "text_sentence"),
            why="the document lists FlixBuddy's questions and the ticket texts (C4, apps 2.2): people choose from them",
        ),
    ),
)
