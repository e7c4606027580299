"""What people do with a recipe: they come across it, like it, keep it, cook and rate it, and put it into a collection.

A recipe reaches followers of its author, people who like its cuisine, and others. Whoever makes it a favorite shows it
to their own followers, and so on: a recipe spreads along who follows whom. All of one recipe is drawn in one pass, so
that nobody likes or rates it twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np

from populace.clock import DAY_US, HOUR_US, MINUTE_US, SECOND_US
from populace.spec import (
    NEVER,
    Bools,
    Chance,
    Choice,
    Columns,
    Draw,
    EmitContext,
    Ints,
    Key,
    LogNormal,
    Optional,
    Rows,
    TableRows,
    Uniform,
)
from populace.spec.heterogeneity import WHOLE
from populace.spec.kit import days
from populace.spec.kit.places import placed
from populace.worlds.worldchef.behaviour import ratings, rhythm, wording
from populace.worlds.worldchef.catalogue.cookbook import Recipe
from populace.worlds.worldchef.catalogue.larder import TAGS
from populace.worlds.worldchef.parameters import COOK_HOURS, LASTS_DAYS, RANKS
from populace.worlds.worldchef.people import crowd, users
from populace.worlds.worldchef.people.crowd import Crowd, user_key

DECISIONS = (
    LogNormal("seen.after", 7_000, 1.3, 5, 115_000),
    Choice("spread.many", "spread_weights"),
    LogNormal("spread.after", 1_200, 1.1, 5, 14_000),
    Chance("recipe.liked", "like_share"),
    Uniform("recipe.liked_after", 1, 30),
    Chance("recipe.favorite", "favorite_share"),
    Chance("recipe.favorite_too", "spread_share"),
    Chance("recipe.rated", "rate_share"),
    LogNormal("recipe.favorited_after", 60, "acts_spread", 2, 5_000),
    LogNormal("recipe.cooked_after", COOK_HOURS * 60, 1.0, 30, 36_000),
    Choice("rating.stars", "star_weights"),
    Chance("rating.comment", "comment_share"),
    Chance("recipe.collected", "collect_share"),
    Uniform("recipe.collected_after", 1, 20_000),
)
"""Times in minutes, of the rhythm where they are long; `recipe.favorited_after` in seconds."""
MOMENTS = ("seen_at", "liked_at", "favorited_at", "rated_at", "collected_at")
GENERATIONS = 2
"""So often a recipe spreads on: to followers of those who made it a favorite, and to theirs."""
_PAIR_BITS = 24
"""The address of somebody and a recipe is `recipe << _PAIR_BITS | somebody`."""
_SEEN_BITS = 13
"""Of somebody who is reached: `recipe << _SEEN_BITS | nth`."""
_SPREAD = 1 << (_SEEN_BITS - 2)
_SOURCES = (40, 35, 25)
"""By whom a new recipe is come across: followers of its author, people who like its cuisine, anybody; percent."""
_FOREVER_US = 1 << 56
"""No moment is as late as this."""
_EAGER_PERCENT = 33
"""So many of those whom a recipe could reach are eager enough, in the mean."""
_HARD = ("vegetarian", "vegan", "gluten_free", "dairy_free", "halal", "kosher")
"""How people eat without exceptions."""


class Facts(NamedTuple):
    """Of each recipe: the tags that it has, as bits, and how many minutes it takes."""

    tags: Ints
    minutes: Ints


class _Reached(NamedTuple):
    """Whom a recipe reaches: which recipe (a position), who, when (µs), and in which generation of favorites."""

    of: Ints
    who: Ints
    at: Ints
    generation: Ints

    def some(self, kept: Ints | Bools) -> _Reached:
        return _Reached(*(column[kept] for column in self))


def facts(recipes: Sequence[Recipe], which: Ints) -> Facts:
    """What matters of recipes for whoever comes across them."""
    tags = [_bits(one.tags) for one in recipes]
    return Facts(np.array(tags)[which], np.array([one.prep + one.cook for one in recipes])[which])


@cache
def _bits(tags: tuple[str, ...]) -> int:
    return sum(1 << TAGS.index(tag) for tag in tags)


def follow(draw: Draw, number: Ints, course: Mapping[str, Ints], facts: Facts) -> tuple[Ints, dict[str, Ints]]:
    """Everybody whom each recipe reaches, recipe by recipe, and when they do what (µs, or `NEVER`)."""
    many = int(np.max(crowd.known(draw, course["created_at"] + LASTS_DAYS * DAY_US), initial=1))
    people = crowd.of(draw, many)
    reached = _once(_first_reached(draw, number, course, people), number, course, facts, people)
    kept = _favorites(draw, number, course, reached)
    for generation in range(1, GENERATIONS + 1):
        fans = np.flatnonzero((kept < NEVER) & (reached.generation == generation - 1))
        more = _spread(draw, number, reached.some(fans), kept[fans], people)
        joint = _Reached(*(np.concatenate(pair) for pair in zip(reached, more, strict=True)))
        reached = _once(joint, number, course, facts, people)
        kept = _favorites(draw, number, course, reached)
    return reached.of, _actions(draw, number, course, facts, reached, kept)


def _first_reached(draw: Draw, number: Ints, course: Mapping[str, Ints], people: Crowd) -> _Reached:
    """Whom its author's followers, its cuisine and chance bring to a recipe."""
    rank = draw.shuffled("recipe.rank", RANKS, number // RANKS, number % RANKS)
    hundredths = np.array(draw.values.series("reaches"), dtype=np.int64)[rank] * (100 // _EAGER_PERCENT)
    hundredths[course["published_at"] == NEVER] = 0
    many = (hundredths + draw.below("recipe.reach", 100, number)) // 100
    of, nth = placed(np.minimum(many, _SPREAD))
    address = number[of] << _SEEN_BITS | nth
    published, cuisine, author = (course[name][of] for name in ("published_at", "cuisine", "author"))
    minutes = draw.measure("seen.after", address, published)
    source = np.searchsorted(np.cumsum(_SOURCES), draw.below("seen.source", 100, address), side="right")
    there = np.maximum(1, crowd.known(draw, published))
    first, followers = people.followers_place(author, published)
    source[(source == 0) & (followers == 0)] = 1
    begins, alike = people.taste_place(cuisine, there)
    source[(source == 1) & (alike == 0)] = 2
    who = draw.below("seen.anybody", there, address)
    for kind, among, place, many in ((0, people.follower, first, followers), (1, people.by_taste, begins, alike)):
        some = np.flatnonzero(source == kind)
        who[some] = among[place[some] + draw.below(f"seen.{kind}", many[some], address[some])]
    at = rhythm.later(draw, published, minutes * (MINUTE_US // 1000), people.offset[who])
    eager = people.eagerness[who]
    if (spread := draw.values.number("day_spread")) > 0:
        day = (at + people.offset[who] * HOUR_US) // DAY_US
        eager = eager * days.factors(draw, "day", day, spread, draw.values.number("day_memory")) // WHOLE
    kept = np.flatnonzero(draw.below("seen.eager", crowd.EAGER, address) < eager)
    return _Reached(of[kept], who[kept], at[kept], np.zeros(len(kept), dtype=np.int64))


def _spread(draw: Draw, number: Ints, fans: _Reached, since: Ints, people: Crowd) -> _Reached:
    """Whom the favorites of some people reach: some of their followers."""
    address = number[fans.of] << _PAIR_BITS | fans.who
    many = draw.choose("spread.many", address, since)
    first, followers = people.followers_place(fans.who, since)
    fan, nth = placed(np.where(followers > 0, many, 0))
    line = first[fan] + draw.below("spread.follower", followers[fan], address[fan], nth)
    who = people.follower[line]
    minutes = draw.measure("spread.after", address[fan], since[fan], nth)
    at = rhythm.later(draw, since[fan], minutes * (MINUTE_US // 1000), people.offset[who])
    return _Reached(fans.of[fan], who, at, fans.generation[fan] + 1)


def _once(reached: _Reached, number: Ints, course: Mapping[str, Ints], facts: Facts, people: Crowd) -> _Reached:
    """Everybody once, in the first generation that reaches them, if they have signed up and eat such things."""
    needs = crowd.diet_masks()[people.diet[reached.who]] & _bits(_HARD)
    fits = (needs & ~facts.tags[reached.of]) == 0
    fits &= (people.joined_at[reached.who] < reached.at) & (reached.who != course["author"][reached.of])
    fits &= reached.at < np.minimum(course["retired_at"][reached.of], people.left_at[reached.who])
    some = reached.some(np.flatnonzero(fits))
    pair = some.of << 32 | some.who
    order = np.lexsort((some.generation * _FOREVER_US + some.at, pair))
    ordered = pair[order]
    first = np.ones(len(pair), dtype=np.bool_)
    first[1:] = ordered[1:] != ordered[:-1]
    return some.some(order[first])


def _favorites(draw: Draw, number: Ints, course: Mapping[str, Ints], reached: _Reached) -> Ints:
    """When each likes a recipe so much that it becomes a favorite (µs, `NEVER`)."""
    quiet = draw.unrecorded
    liked = _liked(quiet, number, reached)
    address = number[reached.of] << _PAIR_BITS | reached.who
    chosen = np.where(reached.generation > 0, quiet.chance("recipe.favorite_too", address, reached.at),
                      quiet.chance("recipe.favorite", address, reached.at))  # fmt: skip
    after = np.full(len(liked), MINUTE_US)
    if draw.values.number("acts_spread") > 0:
        after = quiet.measure("recipe.favorited_after", address, reached.at) * SECOND_US
        after += draw.below("recipe.favorited_ms", 1_000, address) * 1_000
    there = liked < course["retired_at"][reached.of] - after
    return np.where(chosen & there, liked + after, NEVER)


def _liked(draw: Draw, number: Ints, reached: _Reached) -> Ints:
    address = number[reached.of] << _PAIR_BITS | reached.who
    after = draw.measure("recipe.liked_after", address, reached.at) * MINUTE_US
    return np.where(draw.chance("recipe.liked", address, reached.at), reached.at + after, NEVER)


def _actions(
    draw: Draw, number: Ints, course: Mapping[str, Ints], facts: Facts, reached: _Reached, kept: Ints
) -> dict[str, Ints]:
    of, who, at, generation = reached
    address, offset = number[of] << _PAIR_BITS | who, crowd.offset(draw, who)
    left = crowd.left_at(draw.unrecorded, who, crowd.joined_at(draw, who))
    liked = _liked(draw, number, reached)
    for some, point in ((generation == 0, "recipe.favorite"), (generation > 0, "recipe.favorite_too")):
        draw.chance(point, address[some & (liked < NEVER)], at[some & (liked < NEVER)])  # counted once, here
    cooks = np.flatnonzero(draw.chance("recipe.rated", address, at))
    minutes = draw.measure("recipe.cooked_after", address[cooks], at[cooks]) * (MINUTE_US // 1000)
    cooked = np.full(len(of), NEVER)
    cooked[cooks] = rhythm.later(draw, at[cooks] + facts.minutes[of[cooks]] * MINUTE_US, minutes, offset[cooks])
    rated = np.where(cooked < np.minimum(course["retired_at"][of], left), cooked, NEVER)
    stars, says = np.zeros(len(of), dtype=np.int64), np.zeros(len(of), dtype=np.int64)
    done = np.flatnonzero(rated < NEVER)
    suits = (crowd.taste(draw, who[done]) == course["cuisine"][of[done]]).astype(np.int64)
    stars[done] = ratings.stars(draw, address[done], rated[done], who=who[done], recipe=number[of[done]], suits=suits)
    says[done] = draw.chance("rating.comment", address[done], rated[done])
    return {
        "who": who,
        "seen_at": at,
        "liked_at": np.where(liked < course["retired_at"][of], liked, NEVER),
        "favorited_at": kept,
        "rated_at": rated,
        "stars": stars,
        "says": says,
        **_collected(draw, address, who, kept),
    }


def _collected(draw: Draw, address: Ints, who: Ints, kept: Ints) -> dict[str, Ints]:
    """Into which of their collections people put a favorite, and when; into none that comes much later."""
    fans = np.flatnonzero(kept < NEVER)
    joined = crowd.joined_at(draw, who[fans])
    many = users.collections(draw.unrecorded, who[fans], joined)
    some = fans[(many > 0) & draw.chance("recipe.collected", address[fans], kept[fans])]
    own = users.collections(draw.unrecorded, who[some], joined[np.searchsorted(fans, some)])
    which = draw.below("recipe.collection", own, address[some])
    there = users.started_at(draw.unrecorded, who[some], which, joined[np.searchsorted(fans, some)])
    after = draw.measure("recipe.collected_after", address[some], kept[some]) * MINUTE_US
    left = crowd.left_at(draw.unrecorded, who[some], joined[np.searchsorted(fans, some)])
    at = kept[some] + after
    at = np.where((there < at) & (at < left), at, NEVER)
    collected, nth = np.full(len(who), NEVER), np.zeros(len(who), dtype=np.int64)
    collected[some], nth[some] = at, which
    return {"collected_at": collected, "nth": nth}


def emit(draw: Draw, context: EmitContext, recipes: Sequence[Recipe], which: Ints) -> TableRows:
    """Likes, favorites, ratings of the span, and what is put into collections in it."""
    of, parts = context.progress.of, context.progress.parts

    def happened(name: str) -> tuple[Ints, Ints, Ints, Ints]:
        """Which parts have a moment in the span: members, recipes' numbers, who it was, and the parts."""
        some = np.flatnonzero(context.span.holds(parts[name]))
        return context.items.member[of[some]], context.items.number[of[some]], parts["who"][some], some

    out: dict[str, Rows] = {}
    for table, name in (("recipe_likes", "liked_at"), ("recipe_favorites", "favorited_at")):
        owner, number, who, some = happened(name)
        at = parts[name][some]
        columns: Columns = {"user_id": user_key(who), "recipe_id": Key("recipes", number), "created_at": at}
        out[table] = Rows(owner, columns, at)
    owner, number, who, some = happened("rated_at")
    at, stars, address = parts["rated_at"][some], parts["stars"][some], number << _PAIR_BITS | who
    said = wording.comments(draw, address, stars, recipes, which[of[some]])
    out["recipe_ratings"] = Rows(owner, {
        "id": Key("recipe_ratings", address), "user_id": user_key(who), "recipe_id": Key("recipes", number),
        "rating": stars, "comment": Optional(parts["says"][some] > 0, said), "created_at": at, "updated_at": at,
    }, at)  # fmt: skip
    owner, number, who, some = happened("collected_at")
    at = parts["collected_at"][some]
    out["recipe_collection_items"] = Rows(owner, {
        "collection_id": users.collection_key(who, parts["nth"][some]), "recipe_id": Key("recipes", number),
        "added_at": at,
    }, at)  # fmt: skip
    return out
