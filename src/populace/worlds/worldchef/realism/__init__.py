"""With what WorldChef's people are compared, what moves each metric, and what is left out of the comparison.

The SQL beside this file reads them.
"""

from __future__ import annotations

from populace.spec import Because, Realism
from populace.worlds.worldchef.catalogue import words

_TRACES = "the tables hold what people left (a like, a rating), not that they came and looked"
_REACH = ("reach", "fame", "like_share")
_WORDS = ("catalogue/comments.csv", "catalogue/bios.csv", "catalogue/words.csv")

REALISM = Realism(
    domain="media",
    zones={place.name: str(place.offset) for place in words.places()},
    left_out=dict.fromkeys(("return_1", "return_7", "return_30", "stickiness"), _TRACES),
    drivers={
        **dict.fromkeys(("gini", "top_tenth", "single_visit"), (*_REACH, "follows_each")),
        **dict.fromkeys(("burstiness_person", "burstiness_visits", "memory"), _REACH),
        **dict.fromkeys(("day_correlation", "day_variation"), ("growth", "recipe_days", "recipes")),
        **dict.fromkeys(
            ("hour_peak", "night", "hour_entropy", "same_minute", "weekend", "weekday_spread", "hour_habit"),
            ("behaviour/rhythm.py",),
        ),
        "flattening": ("growth", "days"),
        **dict.fromkeys(("item_top_tenth", "item_top_hundredth", "zipf"), ("fame", "reach")),
        **dict.fromkeys(("rating_people", "rating_items", "rating_commonest"), ("rate_share",)),
        "lift": ("own_cuisine",),
        **dict.fromkeys(("text_repeated", "text_near", "text_sentence"), (*_WORDS, "comment_share")),
        **dict.fromkeys(("same_offset", "equal_gaps"), ("behaviour/interactions.py",)),
        "interchangeable": ("own_cuisine", *_REACH),
    },
    because=(
        Because(
            metrics=("flattening",),
            why="the documents have nobody leave: whoever signed up goes on, so that nothing flattens",
        ),
        Because(
            metrics=("hour_habit",),
            why="the documents give people no hour of their own: one rhythm of the week is everybody's",
        ),
        Because(
            metrics=("day_correlation", "day_variation"),
            why="5,000 interactions of 300 people over two years are six a day: what a new recipe brings is seen in "
            "each",
            scenarios=("staging",),
        ),
    ),
)
