"""Recipes: when each is begun, published and perhaps taken back, by whom, and what it says."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np

from populace.clock import DAY_US, MINUTE_US
from populace.spec import (
    NEVER,
    Chance,
    Choice,
    Columns,
    Draw,
    EmitContext,
    Ints,
    Items,
    Joined,
    Key,
    LogNormal,
    Optional,
    Progress,
    Rows,
    Stamp,
    TableRows,
    Uniform,
    Words,
)
from populace.spec.kit.words import Lazily
from populace.worlds.worldchef.behaviour import interactions, rhythm
from populace.worlds.worldchef.catalogue import cookbook
from populace.worlds.worldchef.catalogue.cookbook import CHANCES, Recipe
from populace.worlds.worldchef.people import crowd

DECISIONS = (
    Choice("recipe.cuisine", "cuisine_weights"),
    Chance("recipe.own_cuisine", "own_cuisine"),
    Chance("recipe.by_creator", "by_creators"),
    LogNormal("recipe.drafting", 300, 1.3, 20, 4_320),
    Uniform("recipe.archived_after", 10, 100),
    Uniform("recipe.removed_after", 1, 10),
    *interactions.DECISIONS,
)
MOMENTS = ("created_at", "published_at", "retired_at", *interactions.MOMENTS)
STATUSES = ("draft", "published", "archived", "admin_removed")
TEXTS = ("name", "description", "ingredients", "instructions", "difficulty", "cuisine", "meal_type")
STRETCHES = "recipe_stretches"
DESIGNS = 1_000
"""So many recipes one after another share no design in their cuisine."""
_CHANCE = 1 << 31
_FATES = 100
_cooked: OrderedDict[tuple[int, int], Recipe] = OrderedDict()
_MOST_COOKED = 20_000


def begins(draw: Draw, items: Items) -> Ints:
    """When each is begun, as a draft (µs): one that a user requested at once."""
    even = rhythm.even(draw, STRETCHES, "recipe.comes", np.where(items.requested, 0, items.number))
    usual = rhythm.placed(draw, even, _clock(items.number))
    return usual if items.requested_at is None else np.where(items.requested, items.requested_at, usual)


def published_at(draw: Draw, items: Items) -> Ints:
    """When each is published (µs), if it is."""
    created = begins(draw, items)
    drafting = draw.measure("recipe.drafting", items.number, created) * (MINUTE_US // 1000)
    return rhythm.later(draw, created, drafting, _clock(items.number))


def follow(draw: Draw, items: Items) -> Progress:
    """Who writes each and in which cuisine, what becomes of it, and what people do with it."""
    number, created, published = items.number, begins(draw, items), published_at(draw, items)
    by_creator = draw.chance("recipe.by_creator", number, created).astype(np.int64)
    author = crowd.author(draw, number, created, creator=by_creator)
    own = draw.chance("recipe.own_cuisine", number, created)
    cuisine = np.where(own, crowd.taste(draw, author), draw.choose("recipe.cuisine", number, created))
    fate = _fate(draw, number)
    retired = np.full(len(number), NEVER)
    for position, point in ((2, "recipe.archived_after"), (3, "recipe.removed_after")):
        some = np.flatnonzero(fate == position)
        retired[some] = published[some] + draw.measure(point, number[some], published[some]) * DAY_US
    columns = {
        "created_at": created,
        "published_at": np.where(fate > 0, published, NEVER),
        "retired_at": retired,
        "author": author,
        "cuisine": cuisine,
        "design": cuisine * DESIGNS + number % DESIGNS,
    }
    recipes, which = designed(draw, columns["design"])
    of, parts = interactions.follow(draw, number, columns, interactions.facts(recipes, which))
    return Progress(columns, of, parts)


def emit(draw: Draw, context: EmitContext) -> TableRows:
    """Recipes that changed in the span, and what people did with those under way."""
    items, course = context.items, context.progress.items
    recipes, which = designed(draw, course["design"])
    stages = np.stack([course[name] for name in ("created_at", "published_at", "retired_at")])
    over = stages < context.span.end_us
    reached, last = over.sum(axis=0), np.where(over, stages, 0).max(axis=0)
    there = np.flatnonzero(reached > 0)
    rows = _states(items.number[there], {name: c[there] for name, c in course.items()}, reached[there], last[there],
                    _fate(draw, items.number[there]))  # fmt: skip
    said = _written(recipes, which[there], course["created_at"][there])
    return {
        "recipes": Rows(items.member[there], {**rows, **said}, last[there], entity=items.number[there]),
        **interactions.emit(draw, context, recipes, which),
    }


def recipe_key(number: Ints) -> Key:
    """The key of a recipe: of its number alone."""
    return Key("recipes", number)


def designed(draw: Draw, design: Ints) -> tuple[list[Recipe], Ints]:
    """The recipes of these designs, each once, and which of them each is."""
    once, which = np.unique(design, return_inverse=True)
    plan = int(draw.below("recipe.plan", 1 << 53, np.zeros(1, dtype=np.int64))[0])
    new = np.array([one for one in once.tolist() if (plan, one) not in _cooked], dtype=np.int64)
    if len(new):
        spread = np.repeat(new, CHANCES), np.tile(np.arange(CHANCES), len(new))
        chances = draw.below("recipe.chance", _CHANCE, *spread).reshape(-1, CHANCES).tolist()
        fresh = [cookbook.recipe(one // DESIGNS, chance) for one, chance in zip(new.tolist(), chances, strict=True)]
        _cooked.update(zip(((plan, one) for one in new.tolist()), fresh, strict=True))
    recipes = [_cooked[plan, one] for one in once.tolist()]
    while len(_cooked) > _MOST_COOKED:
        _cooked.popitem(last=False)
    return recipes, which


def _clock(number: Ints) -> Ints:
    """Recipes are begun by the clocks of most people, hours from UTC."""
    return np.full(len(number), -5)


def _fate(draw: Draw, number: Ints) -> Ints:
    """Which status each comes to, a position in `STATUSES`: dealt out to each hundred."""
    dealt = draw.shuffled("recipe.fate", _FATES, number // _FATES, number % _FATES)
    shares = [round(_FATES * draw.values.number(path)) for path in ("removed", "archived", "drafts")]
    return np.array((3, 2, 0, 1))[np.searchsorted(np.cumsum(shares), dealt, side="right")]


def _states(number: Ints, course: dict[str, Ints], reached: Ints, last: Ints, fate: Ints) -> Columns:
    status = np.where(reached < 2, 0, np.where(reached < 3, 1, fate))
    return {
        "id": recipe_key(number),
        "author_id": crowd.user_key(course["author"]),
        "is_public": status == 1,
        "status": Words(status, STATUSES),
        "published_at": Optional(reached > 1, course["published_at"]),
        "created_at": course["created_at"],
        "updated_at": last,
        "deleted_at": None,
    }


def _written(recipes: list[Recipe], which: Ints, created: Ints) -> Columns:
    """What they say: the words of each design, and numbers."""

    def said(name: str, until: int | None = None) -> Words:
        return Words(which, Lazily(lambda: [getattr(one.said, name)[:until] for one in recipes]))

    numbers = {
        "prep_time_minutes": [one.prep for one in recipes],
        "cook_time_minutes": [one.cook for one in recipes],
        "servings": [one.servings for one in recipes],
    }
    return {
        **{name: said(name) for name in TEXTS},
        "dietary_tags": Words(which, tuple(one.tags for one in recipes)),
        **{name: np.array(column, dtype=np.int64)[which] for name, column in numbers.items()},
        "nutrition_data": Joined((said("facts", -1), ', "generated_at": "', Stamp(created), '"}')),
    }
