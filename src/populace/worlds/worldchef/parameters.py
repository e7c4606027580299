"""Every number of WorldChef, once: with its unit, its bounds and the requirement it serves (D1 to D12)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise
from statistics import NormalDist

from populace.errors import BadInput
from populace.spec import Parameter, Values
from populace.spec.kit import rhythm, staying
from populace.spec.kit.parameters import amount, share, switch, texts

CUISINE_WEIGHTS = (16, 16, 13, 9, 10, 8, 7, 9, 7, 5)
"""Of what is cooked, and of what people like best, in the order of the cuisines."""
LASTS_DAYS = 220
"""Nothing of a recipe happens later than so many days after it was published; nothing of a sign-up either."""
BEFORE_DAYS = 44
"""An item of a schedule has moments of its own within its stretch; they lie so long before the schedule's, at most."""
MONTH_DAYS = 28
"""The stretches of growth: whole weeks, in which moments are placed by the rhythm of a week."""
RANKS = 100
"""Of each hundred recipes one is the most popular, and so on: popularity is dealt out, and not drawn."""
COOK_HOURS = 60.0
"""From seeing a recipe to having cooked it, in the middle."""
SPREAD = (6, 2, 1, 1)
"""How many followers of somebody are reached by a favourite of theirs, from none to three: weights."""
FOLLOWS = (20, 22, 20, 14, 9, 6, 4, 3, 2)
"""How many people somebody comes to follow, from none on: weights, whose mean is scaled by `follows_each`."""
COLLECTIONS = (40, 42, 13, 5)
"""How many collections somebody starts, from none on: weights."""
STARS = (5, 10, 15, 35, 35)
HOURS = (1, 1, 1, 1, 1, 2, 4, 7, 8, 6, 6, 8, 10, 8, 6, 7, 11, 18, 24, 28, 26, 20, 11, 4)
"""How much is going on, by hour of the day."""
DAYS = (4, 4, 4, 4, 5, 7, 7)
"""And by day of the week, Monday first."""
FINE = 8_000
"""What the numbers of a chosen week come to, about: as much as those of the world's own do."""
STAY_WEEKS = 104
"""Whoever has not left after so many weeks stays."""
_MOST_SPREAD = 0.95

PARAMETERS: tuple[Parameter, ...] = (
    amount("users", 300, (20, 1_000_000), "people who have signed up by the epoch", "D1", "people"),
    amount("recipes", 600, (10, 1_000_000), "recipes begun by the epoch", "D2", "recipes"),
    amount("days", 728, (56, 3_650), "length of history", "3.2: sign-ups lie within 730 days", "days"),
    amount("recipe_days", 182, (28, 3_650), "days of history in which recipes come", "3.2", "days"),
    amount("growth", 0.04, (-0.2, 1.0), "by what share sign-ups grow in four weeks", "a young app"),
    share("creators", 0.08, "users with the role creator", "3.2"),
    share("moderators", 0.015, "users with the role moderator", "3.2"),
    share("admins", 0.005, "users with the role admin", "3.2"),
    share("drafts", 0.08, "recipes that are never published", "3.5: 90 % are"),
    share("archived", 0.03, "recipes that their author takes back", "D12: every status", ),
    share("removed", 0.01, "recipes that an admin removes", "D12: every status"),
    share("own_cuisine", 0.65, "recipes in the cuisine that their author likes best", "clusters by cuisine"),
    share("by_creators", 0.75, "recipes by people with a role", "3.5: prefer creators"),
    amount("reach", 6.9, (0.0, 1_000.0), "people a recipe reaches by being published, in the mean", "D4", "people"),
    amount("fame", 0.9, (0.0, 3.0), "how unlike the reach of recipes is: sigma of its logarithm", "skewed degrees"),
    share("like_share", 0.80, "who is reached and likes it", "D4", live=True),
    share("rate_share", 0.60, "who is reached, cooks and rates it", "D4", live=True),
    share("favorite_share", 0.15, "who likes it and makes it a favorite", "3.2", live=True),
    share("spread_share", 0.55, "who is reached through a favorite and makes it one too", "spreads along follows",
          live=True),
    share("collect_share", 0.85, "who has a favorite and a collection, and puts it there", "D4", live=True),
    share("comment_share", 0.70, "ratings with a comment", "3.2", live=True),
    amount("follows_each", 2.6, (0.0, 50.0), "people that somebody follows, in the mean", "D4", "people"),
    share("bios", 0.60, "users with a bio", "3.2"),
    share("locations", 0.70, "users with a location", "3.2"),
    share("avatars", 0.80, "users with an avatar", "3.2"),
    share("verified", 0.20, "users who are verified", "3.2"),
    share("public_collections", 0.70, "collections that are public", "3.2"),
    rhythm.rhythm("how much goes on in each hour of each weekday, where people live, instead of the world's own week"),
    amount("own_hour", 0.0, (0.0, 6.0), "how far people's days lie apart from their clocks: the deviation; 0: all "
           "of a place have the same day", "ours", "hours"),
    share("drop_out", 0.0, "people without a role who leave for good in their first week", "the documents have nobody "
          "leave"),
    share("drop_out_spread", 0.0, "how far chances to leave differ: what two weeks of one person have in common",
          "ours"),
    amount("follows_after", 30_000, (1, 100_000), "half of whom people follow they follow later after signing up than "
           "this, in minutes in which something is going on", "ours", "minutes"),
    amount("follows_after_spread", 1.4, (0.0, 4.0), "how far these spans differ: the deviation of the logarithm",
           "ours"),
    amount("day_spread", 0.0, (0.0, 2.0), "how far days differ for everybody: the deviation of the logarithm", "ours"),
    amount("day_memory", 0.8, (0.0, 0.99), "how much of that a day has from the one before", "ours"),
    amount("acts_spread", 0.0, (0.0, 2.0), "how far spans from a like to a favorite differ: the deviation of the "
           "logarithm", "ours"),
    share("rating_variance_person", 0.0, "share of the variance of stars that is how kind somebody is", "ours"),
    share("rating_variance_recipe", 0.0, "share of it that is how good the recipe is", "ours"),
    share("rating_variance_taste", 0.0, "share of it that is whether it is the cuisine that somebody likes best",
          "ours"),
    texts("what people write: the catalogue's comments and bios, or texts put together for who writes"),
    switch("enabled", "whether people sign up and recipes come; what has begun goes on", "pause", live=True),
)  # fmt: skip


def derive(values: Values) -> Mapping[str, object]:
    """What follows from the parameters. Raises BadInput for those that do not go together."""
    users, recipes, cooking = (values.whole(path) for path in ("users", "recipes", "recipe_days"))
    weeks = values.whole("days") // 7
    if cooking // 7 + 4 > weeks:
        raise BadInput("recipes come before anybody can write them", where="worldchef.recipe_days", given=cooking,
                       allowed=f"at most days - 28 = {values.whole('days') - 28}")  # fmt: skip
    if (unpublished := math.fsum(values.number(path) for path in ("drafts", "archived", "removed"))) > 1:
        raise BadInput("these shares add up to more than all recipes", where="worldchef.drafts + archived + removed",
                       given=round(unpublished, 4), allowed="at most 1")  # fmt: skip
    parts = [values.number(f"rating_variance_{of}") for of in ("person", "recipe", "taste")]
    if (explained := math.fsum(parts)) > 1:
        raise BadInput("these parts of a variance add up to more than all of it",
                       where="worldchef.rating_variance_person + recipe + taste", given=round(explained, 4),
                       allowed="at most 1")  # fmt: skip
    if (spread := values.number("drop_out_spread")) > _MOST_SPREAD:
        raise BadInput("this spread leaves no chances between never and at once", where="worldchef.drop_out_spread",
                       given=spread, allowed=f"at most {_MOST_SPREAD}")  # fmt: skip
    begun = cooking // 7 * 7
    return {
        "people_stretches": _growing(users, weeks, values.number("growth")),
        "recipe_stretches": (
            *_months(-begun, recipes, 0.0),
            (0, MONTH_DAYS, max(1, round(recipes * MONTH_DAYS / begun))),
        ),
        "flat_months": (1,) * 12,
        "flat_weekdays": (1,) * 7,
        "flat_hours": (1,) * 24,
        "zone": "UTC",
        "week": _week(values),
        "cuisine_weights": CUISINE_WEIGHTS,
        "reaches": _reaches(values.number("reach"), values.number("fame")),
        "follow_weights": FOLLOWS,
        "collection_weights": COLLECTIONS,
        "spread_weights": SPREAD,
        "star_weights": STARS,
        "stay_weights": staying.weeks(values.number("drop_out"), spread, STAY_WEEKS),
        "rating_parts": tuple(round(1000 * math.sqrt(part)) for part in (*parts, max(0.0, 1 - explained))),
        "star_cuts": tuple(round(1000 * NormalDist().inv_cdf(sum(STARS[:n]) / sum(STARS))) for n in range(1, 5)),
        "five_stars": STARS[-1] / sum(STARS),
        # Whether it is the staging data of the document: its counts of interactions and its size hold for that alone.
        "documented": all(values[one.path] == one.default for one in PARAMETERS if not one.live),
        **{f"{role}_rate": round(values.number(role) * 10_000) for role in ("creators", "moderators", "admins")},
    }


def _week(values: Values) -> tuple[tuple[int, ...], ...]:
    """How much is going on in each hour of a week, Monday first: the world's own, or what was chosen."""
    found = rhythm.week(values, "worldchef")
    if found is None:
        return tuple(tuple(day * hour for hour in HOURS) for day in DAYS)
    total = sum(map(sum, found))
    return tuple(tuple(int(-(-by * FINE // total)) for by in day) for day in found)


def _growing(users: int, weeks: int, growth: float) -> tuple[tuple[int, int, int], ...]:
    """How many sign up when: a few found the app, the others come in each four weeks of history; then at the last rate.

    So all of them have come at its end.
    """
    founders, founded = max(4, users // 20), 7 - 7 * weeks
    months = _months(founded, users - founders, growth)
    return ((founded - 7, founded, founders), *months, (0, MONTH_DAYS, max(1, months[-1][2])))


def _months(begins: int, many: int, growth: float) -> tuple[tuple[int, int, int], ...]:
    """So many from a day to the epoch, in stretches of four weeks: each slot of an item is within one of them."""
    edges = sorted({begins, *range(0, begins, -MONTH_DAYS)})
    rate, sums = 1.0, [0.0]
    for day, next_day in pairwise(edges):
        sums.append(sums[-1] + rate * (next_day - day))
        rate *= 1 + growth
    reached = [round(many * part / sums[-1]) for part in sums]
    return tuple((b, e, m - n) for (b, e), (n, m) in zip(pairwise(edges), pairwise(reached), strict=True))


def _reaches(mean: float, sigma: float) -> tuple[int, ...]:
    """How many people recipes of each rank reach, a hundredfold: quantiles of a log-normal with that mean."""
    raw = [2.718281828459045 ** (sigma * NormalDist().inv_cdf((rank + 0.5) / RANKS)) for rank in range(RANKS)]
    return tuple(round(100 * mean * RANKS * one / math.fsum(raw)) for one in raw)
