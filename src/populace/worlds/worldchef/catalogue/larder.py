"""The larder: what there is to cook with, how much of it, and what 100 g of it contain; all else about food follows.

Figures are those of raw food, as recipes list it. Quantities stand on a ladder of usual ones, so that a recipe never
asks for 187 g, and every line of a recipe is a row of the nutrition table.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from bisect import bisect
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from populace.spec.kit.catalogue import reader

rows = reader(__package__)

MACROS = ("calories", "protein_g", "fat_g", "carbohydrates_g", "fiber_g", "sugar_g", "sodium_mg")
"""Of every 100 g, and of every recipe."""
GRAMS = {"g": 1.0, "kg": 1000.0, "oz": 28.35, "lb": 453.6, "ml": 1.0, "l": 1000.0, "cup": 240.0}
"""The same for all food; of spoons, pieces and the like each ingredient says what it weighs."""
_FINE = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 7.5)
_LADDERS = {
    "g": tuple(round(step * ten, 1) for ten in (1, 10, 100, 1000) for step in _FINE),
    "piece": (0.25, 0.5, 1, 1.5, 2, 3, 4, 5, 6, 8, 10, 12, 14, 16, 18, 20, 24),
    "spoon": (0.25, 0.5, 0.75, 1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 12, 16),
}
_KINDS = {"g": "g", "ml": "g", "tbsp": "spoon", "tsp": "spoon"}
_LOOKED_UP = {
    "lb": ("g", 453.592), "oz": ("g", 28.3495), "cup": ("ml", 236.588), "tsp": ("ml", 4.92892),
    "tbsp": ("ml", 14.7868), "l": ("ml", 1000.0),
}  # fmt: skip
_BESIDE = {"g": (("oz", 4.0), ("lb", 1.0)), "ml": (("cup", 1.0), ("l", 1.0))}


class Ingredient(NamedTuple):
    """said: what sentences call it. per: usual quantity of a serving, in `unit`; least, most: that recipes ask for.
    grams: of one unit. mins: of preparing it for four. flags: see `tags`. heat: minutes to simmer, fry and roast it,
    or to boil it. cut: how it is prepared, with * for its name."""

    name: str
    said: str
    unit: str
    per: float
    least: float
    most: float
    grams: float
    mins: int
    macros: tuple[float, ...]
    flags: str
    heat: tuple[int, ...]
    cut: str

    def titled(self, *, alone: bool) -> str:
        """Its name in a title: as sentences say it, or as one of its kind before another noun."""
        return _titled(self.said if alone or self.unit != "piece" else self.name, alone=alone)

    @property
    def done(self) -> bool:
        """Whether it comes out of a can, cooked: then it is warmed, and not browned."""
        return "c" in self.flags

    @property
    def boils(self) -> bool:
        """Whether it is cooked in water by itself."""
        return len(self.heat) == 1 and self.unit == "g"

    def minutes(self, way: str) -> int:
        """How long it takes to `simmer`, `fry` or `roast` it."""
        heat = self.heat or (4, 2, 10)
        return heat[("simmer", "fry", "roast").index(way)] if len(heat) == 3 else heat[0]

    def ladder(self) -> tuple[float, ...]:
        """The quantities that recipes ask for: whole ones of what is never less than one, such as eggs."""
        return _ladder(self.unit, self.least, self.most)

    def usual(self, wanted: float) -> float:
        """The usual quantity that is nearest, in proportion."""
        steps = self.ladder()
        place = bisect(steps, wanted)
        if place in (0, len(steps)):
            return steps[min(place, len(steps) - 1)]
        below, above = steps[place - 1], steps[place]
        return below if wanted / below <= above / wanted else above

    def weight(self, quantity: float, unit: str) -> float:
        """How many grams it is."""
        return quantity * (self.grams if unit == self.unit else GRAMS[unit])


@cache
def _titled(name: str, *, alone: bool) -> str:
    if not alone and not name.endswith(("us", "ss")):
        name = re.sub(r"ies$", "y", name) if name.endswith("ies") else re.sub(r"(?<=o|h)es$|s$", "", name)
    return name.title().replace("'S", "'s")


@cache
def _ladder(unit: str, least: float, most: float) -> tuple[float, ...]:
    steps = tuple(step for step in _LADDERS[_KINDS.get(unit, "piece")] if least <= step <= most)
    whole = unit in ("piece", "slice") and least >= 1
    return tuple(step for step in steps if step == int(step)) if whole else steps


@cache
def ingredients() -> Mapping[str, Ingredient]:
    """All of them, by name."""
    return {row["name"]: _read(row) for row in rows("ingredients")}


def _read(row: Mapping[str, str]) -> Ingredient:
    macros = tuple(float(row[c]) for c in ("kcal", "protein", "fat", "carbs", "fiber", "sugar", "sodium"))
    heat = tuple(int(minutes) for minutes in row["heat"].split("/") if minutes)
    per, least, most, grams = (float(row[column]) for column in ("per", "least", "most", "grams"))
    return Ingredient(row["name"], row["said"], row["unit"], per, least, most, grams, int(row["mins"]), macros,
                      row["flags"], heat, row["cut"])  # fmt: skip


class Amount(NamedTuple):
    """A row of the nutrition table: so much of an ingredient."""

    of: Ingredient
    quantity: float
    unit: str

    @property
    def canonical(self) -> str:
        """How the app's edge function looks it up: `name|quantity|unit`, in small letters, without punctuation, and
        with units that are another one's multiple as that one."""
        unit, factor = _LOOKED_UP.get(self.unit, (self.unit, 1.0))
        return f"{re.sub(r'[^a-z0-9 ]', '', self.of.name.lower())}|{self.quantity * factor:g}|{unit}"

    @property
    def hashed(self) -> str:
        """The key of a cache of it."""
        return hashlib.sha256(self.canonical.encode()).hexdigest()

    @property
    def grams(self) -> float:
        return round(self.of.weight(self.quantity, self.unit), 2)

    def macros(self) -> dict[str, float]:
        return stated(of_weight(self.of, self.grams))


@cache
def amounts() -> tuple[Amount, ...]:
    """Everything that the nutrition table says: 100 g, what recipes ask for, and other units."""
    out: dict[str, Amount] = {}
    for one in ingredients().values():
        beside = [(quantity, unit) for unit, quantity in _BESIDE.get(one.unit, ())]
        for quantity, unit in ((100.0, "g"), *((step, one.unit) for step in one.ladder()), *beside):
            amount = Amount(one, float(quantity), unit)
            out.setdefault(amount.canonical, amount)
    return tuple(out.values())


class Line(NamedTuple):
    """So much of an ingredient, as a line of a recipe has it. line: as JSON. macros: what it contains."""

    line: str
    macros: tuple[float, ...]


@cache
def line_of(name: str, quantity: float) -> Line:
    """So much of an ingredient, in its unit."""
    one = ingredients()[name]
    shown = int(quantity) if quantity == int(quantity) else quantity
    line = json.dumps({"name": one.name, "quantity": shown, "unit": one.unit}, ensure_ascii=False)
    return Line(line, of_weight(one, one.weight(quantity, one.unit)))


def of_weight(one: Ingredient, grams: float) -> tuple[float, ...]:
    """What so many grams of an ingredient contain, in the order of `MACROS`."""
    return tuple(per_100 * grams / 100 for per_100 in one.macros)


def contained(food: Iterable[Sequence[float]]) -> list[float]:
    """What food contains together, in the order of `MACROS`."""
    return [math.fsum(column) for column in zip(*food, strict=True)]


def stated(sums: Sequence[float], servings: int = 1) -> dict[str, float]:
    """What a serving contains, to a tenth."""
    return {name: round(total / servings, 1) for name, total in zip(MACROS, sums, strict=True)}


TAGS = ("vegetarian", "vegan", "gluten_free", "dairy_free", "keto", "paleo", "low_carb", "low_fat", "halal", "kosher")


def tags(flags: Iterable[str], serving: Mapping[str, float]) -> tuple[str, ...]:
    """What may be said of a recipe, by what is in it and what a serving contains; in the order of `TAGS`.

    Flags: m meat, p of the pig, f fish, s shellfish, d dairy, e egg, h honey, g gluten, a alcohol, l legume, r grain,
    u refined sugar. And c, which says nothing of a diet: it comes cooked, in a can.
    """
    has = set("".join(flags))
    carbohydrates, fat = serving["carbohydrates_g"], serving["fat_g"]
    holds = {
        "vegetarian": not has & set("mfs"),
        "vegan": not has & set("mfsdeh"),
        "gluten_free": "g" not in has,
        "dairy_free": "d" not in has,
        "keto": carbohydrates < 10 and fat > 20,
        "paleo": not has & set("grldu"),
        "low_carb": carbohydrates < 20,
        "low_fat": fat < 10,
        "halal": not has & set("pa"),
        "kosher": not has & set("ps") and not {"m", "d"} <= has,
    }
    return tuple(tag for tag in TAGS if holds[tag])
