"""The cookbook: a recipe put together from a dish of a cuisine, its ingredients, and the steps of its form.

A dish says what may go into it, by role (base, main, veg, aroma, spice, fat, liquid, finish); its form says what is
done with each role. So whatever is in a recipe is used by one of its steps, and nothing else is. Chance comes as
numbers.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from functools import cache, cached_property, lru_cache
from itertools import groupby
from typing import NamedTuple

from populace.worlds.worldchef.catalogue.larder import (
    MACROS,
    Ingredient,
    contained,
    ingredients,
    line_of,
    rows,
    stated,
    tags,
)
from populace.worlds.worldchef.catalogue.naming import described, mentioned, title
from populace.worlds.worldchef.catalogue.phrases import Groups, Phrase, joined, phrase
from populace.worlds.worldchef.catalogue.pot import ROLES, Form, Pot, Step, texts

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
_PROTEIN = MACROS.index("protein_g")
_json = json.JSONEncoder(ensure_ascii=False).encode


class Said(NamedTuple):
    """What a recipe says, as the app's table has it; lists and objects as JSON. facts: nutrition, without its last
    member. mentioned: in comments, as its `main`, `veg` and `finish`."""

    name: str
    description: str
    ingredients: str
    instructions: str
    difficulty: str
    cuisine: str
    meal_type: str
    facts: str
    mentioned: tuple[str, str, str]


class Recipe:
    """A recipe. prep, cook: minutes. tags: as it has them. What it says is made for whoever reads it: to know whom it
    suits takes a part of the time."""

    def __init__(self, pot: Pot, groups: Groups) -> None:
        self._pot, self._groups = pot, groups
        self.prep, self.cook, self.servings = pot.minutes("prep"), pot.minutes("cook"), pot.servings
        self.sums = contained([one.macros for one in pot.food])
        self.serving = stated(self.sums, pot.servings)
        self.tags = tags((one.flags for _, one in pot.every()), self.serving)

    @cached_property
    def said(self) -> Said:
        """What it says."""
        pot, total, first = self._pot, self.prep + self.cook, len(self._pot.of["base"])
        protein = math.fsum(one.macros[_PROTEIN] for one in pot.food[first : first + len(pot.of["main"])])
        facts = {"per_serving": self.serving, "total_recipe": stated(self.sums),
                 "calculation_method": "synthetic_estimation"}  # fmt: skip
        effort = pot.form.skill - 1 + (len(pot.food) > 11) + (self.cook > 50) + (self.cook > 110)
        said = Said(
            name=title(pot, total, self.serving),
            description=described(pot, total, self.serving, round(protein / pot.servings, 1)),
            ingredients=f"[{', '.join(one.line for one in pot.food)}]",
            instructions=_json([_step(pot, self._groups, number, step) for number, step in enumerate(pot.steps, 1)]),
            difficulty=LEVELS[0 if effort == 0 else 1 if effort < 3 else 2],
            cuisine=pot.dish["cuisine"],
            meal_type=pot.one(pot.dish["meals"].split(";")),
            facts=_json(facts),
            mentioned=mentioned(pot),
        )
        del self._pot, self._groups
        return said


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
            tuple((step["kind"], step["minutes"], tuple(map(phrase, step["text"].split("|"))))
                  for step in own if step["kind"] != "cut"),
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
    groups = _groups(pot)
    for number, (kind, minutes, _) in enumerate(form.steps):
        _cook(pot, groups, kind, minutes, _fitting(dish["form"], number, groups.there))
    pot.food = [line_of(one.name, _quantity(pot, role, one)) for role, one in pot.every()]
    return Recipe(pot, groups)


def _fill(pot: Pot) -> None:
    """Choose what goes in: nothing twice."""
    taken = set[str]()
    for role in ROLES:
        chosen = pot.of[role] = []
        for many, among, names in _parts(pot.dish[role]):
            left = list(among)
            if not taken.isdisjoint(names):
                left = [one for one in among if one.name not in taken and one.said not in taken]
            for _ in range(min(many, len(left))):
                one = left.pop(pot.below(len(left)))
                taken |= {one.name, one.said}
                chosen.append(one)


@lru_cache(maxsize=2048)
def _parts(role: str) -> tuple[tuple[int, tuple[Ingredient, ...], frozenset[str]], ...]:
    """Of what a dish says of a role: how many of which ingredients, and all that these are called."""
    parts, out = (part.rpartition(":") for part in role.split("+") if part), []
    for many, _, names in parts:
        among = tuple(ingredients()[name] for name in names.split(";"))
        out.append((int(many or 1), among, frozenset(word for one in among for word in (one.name, one.said))))
    return tuple(out)


def _cut(pot: Pot) -> None:
    """What is done at the board, in one step or two."""
    done = []
    for role, one in pot.every():
        firm = role != "veg" or one.minutes("simmer") >= _FIRM
        how = pot.form.cuts.get(role, one.cut) if one.cut and firm else one.cut
        if how and role not in ("spice", "fat"):
            done.append((one, how))
    halves = [done] if len(done) <= 4 else [done[: len(done) // 2], done[len(done) // 2 :]]
    for words, half in zip(("prep", "more"), halves, strict=False):
        if half:
            minutes = max(1, round(sum(one.mins for one, _ in half) * (4 + pot.servings) / 8))
            pot.steps.append(Step(minutes, "prep", pot.one(texts(words)), half))


def _cook(pot: Pot, groups: Groups, kind: str, minutes: str, fits: Sequence[Phrase]) -> None:
    """A step of the form, where there is anything to do it with."""
    if fits:
        chosen = pot.one(fits)
        pot.steps.append(Step(_minutes(pot, minutes, groups.of), kind, chosen))


@lru_cache(maxsize=8192)
def _fitting(form: str, step: int, there: frozenset[str]) -> tuple[Phrase, ...]:
    """The variants of a step that make sense where these groups are."""
    return tuple(one for one in _forms()[form].steps[step][2] if one.fits(there))


def _groups(pot: Pot) -> Groups:
    """The roles; the main ingredients that are raw, and those that come cooked; and of what simmers together what goes
    in first, and what then."""
    main, veg = pot.of["main"], pot.of["veg"]
    slow, fast = (main, veg) if _longest(main, "simmer") >= _longest(veg, "simmer") else (veg, main)
    whole = [one for one in pot.of["base"] if len(one.heat) == 3]
    raw, done = [one for one in main if not one.done], [one for one in main if one.done]
    groups = {"raw": raw, "done": done, "first": slow, "then": fast, "all": [*main, *veg, *whole]}
    return Groups.made({**pot.of, **groups})


def _minutes(pot: Pot, given: str, groups: Mapping[str, Sequence[Ingredient]]) -> int:
    """`4-6`: one of these. `veg.fry+4`: what the slowest of a group takes, and more. `first`: longer than `then`."""
    low, high, group, way, more = _read(given)
    if high:
        step = 5 if high > 20 else 1
        return low + step * pot.below((high - low) // step + 1)
    takes = _longest(groups[group], way) + more
    if group == "first" and groups["then"]:
        return max(3, takes - _longest(groups["then"], way))
    return takes + pot.below(3)


@cache
def _read(minutes: str) -> tuple[int, int, str, str, int]:
    """The fewest and the most; or a group, how it is heated, and how much longer."""
    low, _, high = minutes.partition("-")
    if high:
        return int(low), int(high), "", "", 0
    group, _, rest = minutes.partition(".")
    way, _, more = rest.partition("+")
    return 0, 0, group, way or "simmer", int(more or 0)


def _longest(some: Sequence[Ingredient], way: str) -> int:
    return max((one.minutes(way) for one in some), default=0)


def _step(pot: Pot, groups: Groups, number: int, step: Step) -> dict[str, object]:
    """A step as the table has it."""
    used = [one.name for one, _ in step.board]
    if isinstance(step.phrase, Phrase):
        text = step.phrase.filled(groups, {"min": str(step.minutes), "temp": pot.form.temp}, used)
    else:
        cuts = joined([how.replace("*", f"the {one.said}") for one, how in step.board])
        text = step.phrase.replace("{cuts}", cuts)
    text = text[0].upper() + text[1:]
    return {"step_number": number, "description": text, "minutes": step.minutes, "ingredients": used}


def _quantity(pot: Pot, role: str, one: Ingredient) -> float:
    """How much of it is in the pot, in its unit."""
    return one.usual(one.per * _scale(pot, role, one) * pot.servings * (0.9 + 0.1 * pot.below(3)))


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
