"""Named settings of WorldChef: the volumes of the document, those of the app's own scripts, and a load test."""

from __future__ import annotations

from populace.spec import Scenario, Value

RICH: dict[str, Value] = {
    "reach": 34.0,
    "like_share": 0.95,
    "rate_share": 0.47,
    "favorite_share": 0.13,
    "follows_each": 6.7,
}

REALISTIC: dict[str, Value] = {
    "reach": 45.0, "fame": 1.6, "like_share": 0.9, "rate_share": 0.42, "favorite_share": 0.14, "follows_each": 6.0,
    "own_hour": 2.6, "drop_out": 0.18, "drop_out_spread": 0.45, "follows_after": 900, "follows_after_spread": 2.4,
    "day_spread": 0.3, "acts_spread": 1.1, "rating_variance_person": 0.2, "rating_variance_recipe": 0.14,
    "rating_variance_taste": 0.08, "texts": "composed",
}  # fmt: skip
"""What makes people look like those of real products, where the document wants something else or says nothing."""

SCENARIOS = (
    Scenario(name="staging", about="300 users, 600 recipes, about 2,000 nutrition records and 5,000 interactions"),
    Scenario(name="rich", about="the same people and recipes with about 17,000 interactions, as the app's scripts had",
             values=RICH),
    Scenario(name="demo", about="300 users and 600 recipes with many interactions, and much going on live",
             values={**REALISTIC, "recipe_days": 84}),
    Scenario(name="realistic", about="300 people and 600 recipes, whose people differ as those of real products do",
             values=REALISTIC),
    Scenario(name="load_test", about="60,000 users and 120,000 recipes, with a million interactions",
             values={"users": 60_000, "recipes": 120_000}),
)  # fmt: skip
DEFAULT = "staging"
