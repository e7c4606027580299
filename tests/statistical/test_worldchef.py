"""The people of WorldChef: skewed degrees, clusters by cuisine, favorites that spread, and the rhythm of a week."""

from __future__ import annotations

from collections import Counter
from functools import cache

import numpy as np
import pytest

from bounds import ALPHA, assert_shares, chi_square, chi_square_bound, normal_bound
from golden.runs import Outcome, run
from populace.clock import DAY_US, HOUR_US, MINUTE_US, parse
from populace.engine.draw_statistics import DrawStatistics
from populace.engine.draws import EMPTY, EngineDraw
from populace.engine.keys import uuids
from populace.plan import resolve
from populace.spec import NEVER
from populace.worlds.worldchef import WORLD
from populace.worlds.worldchef.catalogue import words
from populace.worlds.worldchef.parameters import STARS
from populace.worlds.worldchef.people import crowd

EPOCH = parse("2026-01-09T00:00:00Z", "epoch")
LIFE_DAYS = 28


@cache
def lived() -> Outcome:
    """The rich profile, and four weeks of life."""
    plan = resolve(WORLD, "rich", seed=1, epoch_us=EPOCH)
    return run(plan, [plan.origin_us, EPOCH + LIFE_DAYS * DAY_US])


@cache
def column(table: str, name: str) -> tuple[object, ...]:
    return tuple(row[name] for row in lived().rows(table))


def moments(table: str, name: str = "created_at") -> np.ndarray:
    return np.array([int(at.timestamp()) for at in column(table, name)]) * 1_000_000  # type: ignore[attr-defined]


def gini(counts: list[int]) -> float:
    ordered = np.sort(counts)
    return float((2 * np.arange(1, len(ordered) + 1) - len(ordered) - 1) @ ordered / (len(ordered) * ordered.sum()))


def test_the_rich_profile_has_the_volumes_of_the_apps_own_scripts():
    plan = resolve(WORLD, "rich", seed=2, epoch_us=EPOCH)
    rows = run(plan, [plan.origin_us, EPOCH]).sink.rows
    many = sum(len(rows[name]) for name in rows if name not in ("users", "recipes", "nutrition"))
    assert 15_500 <= many <= 19_000


def test_stars_come_as_declared_and_comments_fit_them():
    ratings = lived().rows("recipe_ratings")
    by_stars = Counter(row["rating"] for row in ratings)
    assert_shares([by_stars[stars] for stars in range(1, 6)], [weight / 100 for weight in STARS])
    said = 0
    for row in ratings:
        if row["comment"] is not None:
            fits = [c for c in words.comments() if c.stars == row["rating"]]
            said += 1
            assert any(row["comment"].startswith(c.before) and row["comment"].endswith(c.after) for c in fits)
    assert abs(said - 0.7 * len(ratings)) <= normal_bound((len(ratings) * 0.21) ** 0.5)


@pytest.mark.parametrize(
    ("table", "name", "least"),
    [("recipe_likes", "recipe_id", 0.3), ("recipe_likes", "user_id", 0.3), ("user_follows", "following_id", 0.5),
     ("recipes", "author_id", 0.5)],
)  # fmt: skip
def test_degrees_are_skewed(table: str, name: str, least: float):
    """Few recipes get most of the likes, few people give them, and few are followed: far from even (Gini 0)."""
    everybody = {row["id"] for row in lived().rows("recipes" if name == "recipe_id" else "users")}
    counts = Counter(column(table, name))
    assert gini([counts[one] for one in everybody]) >= least


def test_people_cluster_by_cuisine():
    """Whoever likes a recipe of a cuisine likes another of the same more often than chance would have it."""
    cuisine = {row["id"]: row["cuisine"] for row in lived().rows("recipes")}
    likes = [(row["user_id"], cuisine[row["recipe_id"]]) for row in lived().rows("recipe_likes")]
    overall = Counter(kind for _, kind in likes)
    kinds, table = sorted(overall), dict[object, Counter[str]]()
    for user, kind in likes:
        table.setdefault(user, Counter())[kind] += 1
    busy = [counts for counts in table.values() if counts.total() >= 60]
    statistic = sum(
        chi_square([c[k] for k in kinds], [overall[k] / len(likes) * c.total() for k in kinds]) for c in busy
    )
    assert len(busy) > 30
    assert statistic > 1.5 * chi_square_bound(len(busy) * (len(kinds) - 1), ALPHA)


def test_favorites_spread_along_who_follows_whom():
    """Of those who make a recipe a favorite, far more follow an earlier fan of it than of those who merely like it."""
    followed: dict[object, dict[object, object]] = {}
    for row in lived().rows("user_follows"):
        followed.setdefault(row["follower_id"], {})[row["following_id"]] = row["created_at"]
    fans: dict[object, list[tuple[object, object]]] = {}
    for row in lived().rows("recipe_favorites"):
        fans.setdefault(row["recipe_id"], []).append((row["user_id"], row["created_at"]))
    kept = {(row["user_id"], row["recipe_id"]) for row in lived().rows("recipe_favorites")}
    exposed, chosen = Counter[bool](), Counter[bool]()
    for row in lived().rows("recipe_likes"):
        user, recipe, at = row["user_id"], row["recipe_id"], row["created_at"]
        shown = any(
            fan in followed.get(user, {}) and followed[user][fan] < since < at  # type: ignore[operator]
            for fan, since in fans.get(recipe, ())
        )
        exposed[shown] += 1
        chosen[shown] += (user, recipe) in kept
    assert exposed[True] > 200
    others, shown = chosen[False] / exposed[False], chosen[True] / exposed[True]
    deviation = (others * (1 - others) / exposed[True]) ** 0.5
    assert shown > others + normal_bound(deviation)


@pytest.mark.parametrize(("table", "name"), [("recipe_likes", "created_at"), ("recipe_ratings", "created_at"),
                                             ("recipes", "published_at")])  # fmt: skip
def test_evenings_and_weekends_are_busy_and_nights_are_quiet(table: str, name: str):
    """Where most people live clocks are five to eight hours behind; so counted over all of them, six."""
    if name == "published_at":
        at = np.array([int(p.timestamp()) for p in column(table, name) if p]) * 1_000_000  # type: ignore[attr-defined]
    else:
        at = moments(table, name)
    local = at - 6 * HOUR_US
    hour, day = local % DAY_US // HOUR_US, local // DAY_US
    evening, night = np.isin(hour, range(17, 22)).sum() / 5, np.isin(hour, range(1, 6)).sum() / 5
    assert evening > 3 * night
    weekend = np.isin((day + 3) % 7, (5, 6))
    share, deviation = weekend.mean(), (2 / 7 * 5 / 7 / len(at)) ** 0.5
    assert share > 2 / 7 + normal_bound(deviation, 0.01)


def test_life_goes_on_at_the_rate_of_history():
    for table, name, days in (
        ("users", "created_at", 56),
        ("recipes", "created_at", 182),
        ("recipe_likes", "created_at", 91),
    ):
        at = moments(table, name)
        before, after = ((at >= EPOCH - days * DAY_US) & (at < EPOCH)).sum() / days, (at >= EPOCH).sum() / LIFE_DAYS
        deviation = (before / LIFE_DAYS) ** 0.5
        assert abs(after - before) <= normal_bound(deviation) + 0.3 * before, (table, before, after)


def test_in_realistic_stars_are_as_common_as_declared_though_people_and_recipes_differ():
    plan = resolve(WORLD, "realistic", seed=1, epoch_us=EPOCH, overrides={"users": 600})
    ratings = run(plan, [plan.origin_us, EPOCH]).rows("recipe_ratings")
    given = np.array([row["rating"] for row in ratings])
    # What people and recipes have in common makes shares less sure than those of so many throws of dice.
    groups = [np.unique([row[name].hex() for row in ratings], return_inverse=True)[1]
              for name in ("user_id", "recipe_id")]  # fmt: skip
    for stars, weight in enumerate(STARS, 1):
        off = (given == stars) - weight / sum(STARS)
        deviation = sum((np.bincount(group, off) ** 2).sum() for group in groups) ** 0.5 / len(given)
        assert abs(off.mean()) <= normal_bound(deviation, ALPHA / len(STARS)), (stars, off.mean())
    of = {name: dict[object, list[int]]() for name in ("user_id", "recipe_id")}
    for row in ratings:
        for name, some in of.items():
            some.setdefault(row[name], []).append(row["rating"])
    overall = np.var([row["rating"] for row in ratings])
    for some in of.values():
        many = [stars for stars in some.values() if len(stars) >= 10]
        between = np.var([np.mean(stars) for stars in many]) - np.mean([overall / len(stars) for stars in many])
        assert len(many) > 30
        assert between > 0.04 * overall


def test_in_realistic_who_leaves_is_not_seen_again_and_most_leave_early():
    plan = resolve(WORLD, "realistic", seed=1, epoch_us=EPOCH, overrides={"users": 600})
    draw = EngineDraw(plan, plan.eras[0], EMPTY, DrawStatistics())
    number = np.arange(600)
    joined = crowd.joined_at(draw, number)
    left = crowd.left_at(draw, number, joined)
    weeks = (left - joined)[left < NEVER] // (7 * DAY_US)
    # Whoever has a role stays, and so does the first of all.
    free = int(((crowd.role(draw, number) == 0) & (number > 0)).sum())
    share = plan.eras[0].values.number("drop_out")
    assert_shares([int((weeks == 0).sum()), free - int((weeks == 0).sum())], [share, 1 - share], alpha=1e-3)
    assert (weeks < 4).sum() > (weeks >= 26).sum()
    keys = [key.tobytes() for key in uuids(plan.seed, "users", number)]
    gone = dict(zip(keys, left.tolist(), strict=True))
    likes = run(plan, [plan.origin_us, EPOCH]).rows("recipe_likes")
    assert sum(gone[row["user_id"]] < EPOCH for row in likes) > 100
    for row in likes:
        assert int(row["created_at"].timestamp() * 1_000_000) < gone[row["user_id"]] + 31 * MINUTE_US
