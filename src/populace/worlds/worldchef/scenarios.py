"""Named settings of WorldChef: the volumes of the document, those of the app's own scripts, and a load test."""

from __future__ import annotations

from populace.spec import Scenario

RICH = {"reach": 34.0, "like_share": 0.95, "rate_share": 0.47, "favorite_share": 0.13, "follows_each": 6.7}

SCENARIOS = (
    Scenario(name="staging", about="300 users, 600 recipes, about 2,000 nutrition records and 5,000 interactions"),
    Scenario(name="rich", about="the same people and recipes with about 17,000 interactions, as the app's scripts had",
             values=RICH),
    Scenario(name="demo", about="300 users and 600 recipes with many interactions, and much going on live",
             values={**RICH, "recipe_days": 84}),
    Scenario(name="load_test", about="60,000 users and 120,000 recipes, with a million interactions",
             values={"users": 60_000, "recipes": 120_000}),
)  # fmt: skip
DEFAULT = "staging"
