"""The cookbook: a recipe put together from a dish of a cuisine, its ingredients, and the steps of its form.

A dish says what may go into it, by role (base, main, veg, aroma, spice, fat, liquid, finish); its form says what is
done with each role. So whatever is in a recipe is used by one of its steps, and nothing else is. Chance comes as
numbers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from itertools import groupby
from typing import NamedTuple

from populace.worlds.worldchef.catalogue.larder import Ingredient, contained, ingredients, rows, stated, tags
from populace.worlds.worldchef.catalogue.naming import described, mentioned, title
from populace.worlds.worldchef.catalogue.pot import ROLES, Form, Pot, joined, plural, texts

CUISINES = (
    "american", "italian", "mexican", "chinese", "indian", "thai", "french", "mediterranean", "japanese", "korean",
)  # fmt: skip
MEALS = ("breakfast", "lunch", "dinner", "snack", "dessert", "appetizer")
LEVELS = ("easy", "medium", "hard")
CHANCES = 64
"""So many numbers decide about a recipe, at most."""
_SPOONFUL = 0.25
"""Of what sweetens a dessert, where it is one of the spices."""
_SHARED = 0.65
"""Of broth, milk, wine and the like, where there are two of them."""
_FIRM = 8
"""What takes so many minutes to simmer can be grated."""
_BRACKETS = re.compile(r"\[([^]]*)\]")
_TOKEN = re.compile(r"\{([a-z,]+)(\.bare|\.one|:boil| is)?\}")


class Recipe(NamedTuple):
    """A recipe, as the app's table has it; lists and objects as JSON. facts: nutrition, without its last member.
    mentioned: in comments, as its `main`, `veg` and `finish`."""

    name: str
    description: str
    ingredients: str
    instructions: str
    prep: int
    cook: int
    servings: int
    difficulty: str
    cuisine: str
    meal: str
    tags: tuple[str, ...]
    facts: str
    mentioned: tuple[str, str, str]


@cache
def dishes() -> Mapping[str, tuple[Mapping[str, str], ...]]:
    """By cuisine."""
    ordered = sorted(rows("dishes"), key=lambda row: CUISINES.index(row["cuisine"]))
    return {cuisine: tuple(some) for cuisine, some in groupby(ordered, key=lambda row: row["cuisine"])}


@cache
def _forms() -> Mapping[str, Form]:
    steps, out = rows("steps"), {}
    for row in rows("forms"):
        own = [step for step in steps if step["form"] == row["form"]]
        low, _, high = row["servings"].partition("-")
        scale = dict(part.split(":") for part in row["scale"].split(";") if part)
        celsius = int(row["temp"] or 0)
        out[row["form"]] = Form(
            row["noun"], (int(low), int(high)), f"{celsius} °C ({round((celsius * 9 / 5 + 32) / 5) * 5} °F)",
            int(row["skill"]), {role: float(by) for role, by in scale.items()},
            {step["minutes"]: step["text"] for step in own if step["kind"] == "cut"},
            tuple((s["kind"], s["minutes"], tuple(s["text"].split("|"))) for s in own if s["kind"] != "cut"),
        )  # fmt: skip
    return out


def recipe(cuisine: int, chances: Sequence[int]) -> Recipe:
    """The recipe that these numbers (each from 0 to 2^31) give in a cuisine."""
    chance = iter(chances)
    among = dishes()[CUISINES[cuisine]]
    dish = among[next(chance) % len(among)]
    form = _forms()[dish["form"]]
    low, high = form.servings
    pot = Pot(dish, form, chance, low + next(chance) % (high - low + 1))
    _fill(pot)
    _cut(pot)
    for kind, minutes, variants in form.steps:
        _cook(pot, kind, minutes, variants)
    return _written(pot)


def _fill(pot: Pot) -> None:
    """Choose what goes in: nothing twice."""
    known, taken = ingredients(), set[str]()
    for role in ROLES:
        pot.of[role] = []
        for many, names in _parts(pot.dish[role]):
            left = [name for name in names if name not in taken and known[name].said not in taken]
            for _ in range(min(many, len(left))):
                one = known[left.pop(pot.below(len(left)))]
                taken |= {one.name, one.said}
                pot.of[role].append(one)


@lru_cache(maxsize=2048)
def _parts(role: str) -> tuple[tuple[int, tuple[str, ...]], ...]:
    """Of what a dish says of a role: how many of which ingredients."""
    parts = (part.rpartition(":") for part in role.split("+") if part)
    return tuple((int(many or 1), tuple(names.split(";"))) for many, _, names in parts)


def _cut(pot: Pot) -> None:
    """What is done at the board, in one step or two."""
    done = []
    for role, one in pot.every():
        firm = role != "veg" or one.minutes("simmer") >= _FIRM
        how = pot.form.cuts.get(role, one.cut) if one.cut and firm else one.cut
        if how and role not in ("spice", "fat"):
            done.append((one, how.replace("*", f"the {one.said}")))
    halves = [done] if len(done) <= 4 else [done[: len(done) // 2], done[len(done) // 2 :]]
    for words, half in zip(("prep", "more"), halves, strict=False):
        if half:
            cuts = joined([how for _, how in half])
            text = pot.one(texts(words)).replace("{cuts}", cuts)
            minutes = max(1, round(sum(one.mins for one, _ in half) * (4 + pot.servings) / 8))
            pot.steps.append((minutes, "prep", text[0].upper() + text[1:], [one.name for one, _ in half]))


def _cook(pot: Pot, kind: str, minutes: str, texts: Sequence[str]) -> None:
    """A step of the form, where there is anything to do it with."""
    groups = _groups(pot)
    fits = [text for text in texts if _fits(text, groups)]
    if not fits:
        return
    text, takes = pot.one(fits), _minutes(pot, minutes, groups)
    used: list[str] = []

    def named(match: re.Match[str]) -> str:
        some = _some(groups, match[1], match[2])
        used.extend(one.name for one in some if one.name not in used and match[2] != ".one")
        if match[2] == ".one":
            return joined([one.titled(alone=False).lower() for one in some])
        words = joined([one.said for one in some])
        if match[2] == " is":
            return f"the {words} {'are' if plural(some) else 'is'}"
        return words if match[2] == ".bare" else f"the {words}"

    text = _BRACKETS.sub(lambda part: part[1] if _fits(part[1], groups) else "", text)
    text = text.replace("{min}", str(takes)).replace("{temp}", pot.form.temp)
    text = _TOKEN.sub(named, text)
    pot.steps.append((takes, kind, text[0].upper() + text[1:], used))


def _groups(pot: Pot) -> dict[str, list[Ingredient]]:
    """The roles; and of what simmers together what goes in first, and what then."""
    main, veg = pot.of["main"], pot.of["veg"]
    slow, fast = (main, veg) if _longest(main, "simmer") >= _longest(veg, "simmer") else (veg, main)
    whole = [one for one in pot.of["base"] if len(one.heat) == 3]
    return {**pot.of, "first": slow, "then": fast, "all": [*main, *veg, *whole]}


def _some(groups: Mapping[str, list[Ingredient]], names: str, mark: str | None) -> list[Ingredient]:
    some = [one for name in names.split(",") if name not in ("min", "temp") for one in groups[name]]
    return [one for one in some if one.boils] if mark == ":boil" else some


def _fits(text: str, groups: Mapping[str, list[Ingredient]]) -> bool:
    for names, boiled in _needed(text):
        if not any(one.boils for name in names for one in groups[name]) if boiled else not any(map(groups.get, names)):
            return False
    return True


@lru_cache(maxsize=2048)
def _needed(text: str) -> tuple[tuple[tuple[str, ...], bool], ...]:
    """The groups of ingredients without which a text makes no sense: all that it names outside of brackets, one of
    each; and whether it is one that boils.
    """
    found = [match for match in _TOKEN.finditer(_BRACKETS.sub("", text)) if match[1] not in ("min", "temp")]
    return tuple((tuple(match[1].split(",")), match[2] == ":boil") for match in found)


def _minutes(pot: Pot, given: str, groups: Mapping[str, list[Ingredient]]) -> int:
    """`4-6`: one of these. `veg.fry+4`: what the slowest of a group takes, and more. `first`: longer than `then`."""
    low, _, high = given.partition("-")
    if high:
        step = 5 if int(high) > 20 else 1
        return int(low) + step * pot.below((int(high) - int(low)) // step + 1)
    group, _, rest = given.partition(".")
    way, _, more = rest.partition("+")
    takes = _longest(groups[group], way or "simmer") + int(more or 0)
    if group == "first" and groups["then"]:
        return max(3, takes - _longest(groups["then"], way or "simmer"))
    return takes + pot.below(3)


def _longest(some: Sequence[Ingredient], way: str) -> int:
    return max((one.minutes(way) for one in some), default=0)


def _written(pot: Pot) -> Recipe:
    lines, food = [], []
    for role, one in pot.every():
        scale = _scale(pot, role, one)
        quantity = one.usual(one.per * scale * pot.servings * (0.9 + 0.1 * pot.below(3)))
        lines.append({"name": one.name, "quantity": int(quantity) if quantity == int(quantity) else quantity,
                      "unit": one.unit})  # fmt: skip
        food.append((one, one.weight(quantity, one.unit)))
    sums, main = contained(food), food[len(pot.of["base"]) :][: len(pot.of["main"])]
    serving = stated(sums, pot.servings)
    prep, cook = (sum(minutes for minutes, kind, *_ in pot.steps if kind == of) for of in ("prep", "cook"))
    steps = [
        {"step_number": number, "description": text, "minutes": minutes, "ingredients": used}
        for number, (minutes, _, text, used) in enumerate(pot.steps, start=1)
    ]
    facts = {"per_serving": serving, "total_recipe": stated(sums), "calculation_method": "synthetic_estimation"}
    effort = pot.form.skill - 1 + (len(lines) > 11) + (cook > 50) + (cook > 110)
    return Recipe(
        name=title(pot, prep + cook, serving),
        description=described(pot, prep + cook, serving, stated(contained(main), pot.servings)),
        ingredients=json.dumps(lines, ensure_ascii=False),
        instructions=json.dumps(steps, ensure_ascii=False),
        prep=prep, cook=cook, servings=pot.servings,
        difficulty=LEVELS[0 if effort == 0 else 1 if effort < 3 else 2],
        cuisine=pot.dish["cuisine"],
        meal=pot.one(pot.dish["meals"].split(";")),
        tags=tags((one.flags for one, _ in food), serving),
        facts=json.dumps(facts),
        mentioned=mentioned(pot),
    )  # fmt: skip


def _scale(pot: Pot, role: str, one: Ingredient) -> float:
    """How much more or less of it this form takes than usual."""
    scale = pot.form.scale.get(role, 1.0)
    if role == "spice" and "u" in one.flags:
        scale *= _SPOONFUL
    if role == "liquid" and one.unit != "ml":
        scale = min(scale, 1.0)  # a soup has more broth, and no more soy sauce
    elif role == "liquid" and sum(other.unit == "ml" for other in pot.of[role]) > 1:
        scale *= _SHARED
    return scale * (0.8 if len(pot.of[role]) > 2 else 1.0)
