"""With what WorldChef's people are compared, what moves each metric, and what is left out of the comparison.

The SQL beside this file reads them.
"""

from __future__ import annotations

from populace.spec import Realism
from populace.spec.realism import Fitting, because, by_metric
from populace.worlds.worldchef.catalogue import words
from populace.worlds.worldchef.realism.observing import OBSERVING

_TRACES = "the tables hold what people left (a like, a rating), not that they came and looked"
_REACH = ("reach", "fame", "like_share")
_HOURS = ("rhythm", "own_hour")
_LEAVING = ("drop_out", "drop_out_spread")
_WORDS = ("texts", "catalogue/sayings.csv", "catalogue/comments.csv", "catalogue/bios.csv", "catalogue/words.csv")
_DOCUMENTED = ("staging", "rich", "load_test")

REALISM = Realism(
    fitting=Fitting(observing=OBSERVING,
        briefly=lambda values, days: {"day_spread": 0.0},
        sizes=("users", "recipes"), week="rhythm", fixed=("days", "recipe_days")),
    domain="media",
    realistic=("realistic", "demo"),
    zones={place.name: str(place.offset) for place in words.places()},
    left_out=dict.fromkeys(("return_1", "return_7", "return_30", "stickiness"), _TRACES),
    drivers=by_metric({
        "gini top_tenth single_visit": (*_LEAVING, *_REACH, "follows_each"),
        "burstiness_person burstiness_visits memory": (*_REACH, "follows_after"),
        "day_correlation day_variation": ("day_spread", "day_memory", "recipe_days", "recipes"),
        "hour_peak night hour_entropy same_minute weekend weekday_spread hour_habit": _HOURS,
        "flattening": (*_LEAVING, "growth", "days"),
        "item_top_tenth item_top_hundredth zipf": ("fame", "reach"),
        "rating_people": ("rating_variance_person",),
        "rating_items": ("rating_variance_recipe", "rating_variance_taste"),
        "rating_commonest": ("rate_share",),
        "lift": ("own_cuisine",),
        "text_repeated text_near text_sentence": (*_WORDS, "comment_share"),
        "same_offset equal_gaps": ("acts_spread",),
        "interchangeable": ("own_hour", "own_cuisine", *_REACH),
    }),
    because=(
        *because(_DOCUMENTED, {
            "flattening": "the documents have nobody leave: whoever signed up goes on, so that nothing flattens",
            "hour_habit": "the documents give people no hour of their own: one rhythm of the week is everybody's",
            "rating_people rating_items": "the document has shares of stars (5, 10, 15, 35 and 35 %), whoever rates "
            "and whatever is rated",
            "zipf item_top_tenth": "5,000 interactions for 600 recipes are eight each (D2, D4): no recipe is far "
            "ahead of the others",
            "text_repeated text_near text_sentence": "the document asks for comments and bios from lists, and 70 % "
            "of ratings have one",
            "equal_gaps same_offset": "a favorite follows its like by a minute: the document says only that it comes "
            "after it",
        }),
        *because(("staging",), {
            "day_correlation day_variation": "5,000 interactions of 300 people over two years are six a day: what a "
            "new recipe brings is seen in each",
        }),
    ),
)  # fmt: skip
