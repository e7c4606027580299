"""With what HogFlix's people are compared, what moves each metric, and which of the documents' numbers make it red.

The SQL beside this file reads them.
"""

from __future__ import annotations

from collections.abc import Mapping

from populace.spec import Realism, Value
from populace.spec.realism import Fitting, because, by_metric
from populace.worlds.hogflix.catalogue import REGIONS
from populace.worlds.hogflix.parameters.people import WEEKDAYS
from populace.worlds.hogflix.realism.observing import OBSERVING

_HABITS = ("daily_returns", "regular_returns", "weekend_returns", "binge_returns", "monthly_returns")
_LEAVING = ("drop_out", "churn_idle_days", "churn_basic", "churn_standard", "churn_premium")
_DIFFERENCES = ("propensity_spread", "phase_spread", "second_habit")
_BRIEF_DAYS, _MOST_UNSEEN = 75, 1_000
_DOCUMENTED = ("default", "literal", "top_up", "large")
_LENGTHS = ("depth_active_high", "completion_daily", "completion_regular", "visits_second")
_WORDS = ("texts", "catalogue/phrases.csv", "catalogue/questions.csv", "catalogue/tickets.csv")
_WEEK = ("weekday_saturday", "weekday_sunday", "weekend_special", "daily_returns")


def _briefly(values: Mapping[str, Value], days: int) -> Mapping[str, Value]:
    """A shorter history of people who have been there as long, on days that are alike."""
    shown = int(values["days"])
    brief = min(shown, max(_BRIEF_DAYS, days))
    most = {"days": brief, "unseen_days": min(_MOST_UNSEEN, int(values["unseen_days"]) + shown - brief)}
    return {**most, "day_spread": 0.0}


REALISM = Realism(
    fitting=Fitting(
        observing=OBSERVING,
        sizes=("persona_pool",),
        week="rhythm",
        weekdays=tuple(f"weekday_{day}" for day in WEEKDAYS),
        fixed=(
            *("kept", "churn_idle_days", "start_page_turns", "new_days"),
            *("weekend_returns", "binge_returns", "monthly_returns"),
        ),
        briefly=_briefly,
    ),
    domain="media",
    realistic=("realistic", "demo"),
    zones={region.key: region.zone for region in REGIONS},
    drivers=by_metric({
        "gini top_tenth": ("propensity_spread", *_HABITS, "kept", "activity"),
        "single_visit": ("drop_out", "drop_out_spread", "new_returns_at_least"),
        "burstiness_person burstiness_visits": (*_DIFFERENCES, "visits_second", "visits_third", *_HABITS),
        "memory": ("phase_spread", "phase_days", "new_release_hype_chance", "busy_work_chance", "vacation_chance"),
        "hour_peak": ("rhythm", "hours", "own_hour", "catalogue/hours.csv"),
        "night hour_entropy": ("rhythm", "hours", "catalogue/hours.csv"),
        "same_minute": ("catalogue/hours.csv",),
        "weekend weekday_spread": _WEEK,
        "day_correlation": ("day_spread", "day_memory", "season_strength", "signups_low", "signups_high"),
        "day_variation": ("day_spread", "holiday_strength", "season_strength", *_WEEK),
        "stickiness": (*_HABITS, "activity"),
        "return_1": ("first_visit", "drop_out", "new_returns_at_least", "new_days"),
        "return_7": ("drop_out", "drop_out_spread", "new_returns_at_least", "new_days"),
        "return_30": ("drop_out", "drop_out_spread", *_HABITS),
        "flattening": ("drop_out_spread", *_LEAVING),
        "item_top_tenth": ("zipf_exponent", "favourite_share", "release_hype", "start_page_turns"),
        "item_top_hundredth": ("zipf_exponent", "release_hype"),
        "zipf": ("zipf_exponent", "start_page_turns"),
        "size_shape": ("visit_size_spread", *_LENGTHS),
        "size_spread": ("visit_size_spread", "watched", *_LENGTHS),
        "size_tail": ("visit_size_spread", *_LENGTHS),
        "rating_people": ("rating_variance_person", "rating_mean_basic", "rating_mean_premium"),
        "rating_items": ("rating_variance_title", "rating_variance_taste"),
        "rating_commonest": ("rating_deviation_basic", "rating_deviation_standard", "rating_deviation_premium"),
        "hour_habit": ("own_hour", "own_hour_spread"),
        "size_habit": ("own_size_spread", *_LENGTHS),
        "lift": ("taste_strength", "affinity_strength"),
        "text_repeated text_near text_sentence": _WORDS,
        "equal_gaps same_offset": ("acts_spread",),
        "same_size": ("watched", "catalogue/titles.csv", "completion_daily"),
        "interchangeable": ("own_hour", "taste_strength", *_DIFFERENCES, *_HABITS, "affinity_strength"),
    }),
    because=because(_DOCUMENTED, {
        "gini top_tenth interchangeable": "the document knows five habits (C17, C18), each with one chance to "
        "come for everybody who has it",
        "gini top_tenth single_visit": "whoever stays away for 30 days is deleted with all rows (C12, C14), and "
        "with them the rare visitors",
        "return_1 return_7": "the document has NEW people come with a chance of 0.8 or more on each of their "
        "first 7 days (C8, C10)",
        "single_visit": "a NEW person comes with a chance of 0.8 a day (C10), so that nobody is seen once",
        "item_top_tenth item_top_hundredth zipf": "the document wants few titles watched twice (C37), which "
        "spreads choices over the whole catalogue",
        "hour_habit": "the document gives people no hour of their own: each visit draws from one table for "
        "everybody",
        "text_repeated text_sentence": "the document lists FlixBuddy's questions and the ticket texts (C4, apps "
        "2.2): people choose from them",
    }),
)  # fmt: skip
