"""What a recipe is called, what its author says of it, and what others mention: always of what is in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import NamedTuple

from populace.worlds.worldchef.catalogue.larder import Ingredient, ingredients
from populace.worlds.worldchef.catalogue.phrases import joined
from populace.worlds.worldchef.catalogue.pot import ROLES, Pot, texts

_ROLE = re.compile(r"\{([A-Z]\w*)\}")
_A = re.compile(r"\b([Aa]) (?=[AEIOUaeiou])")
_PLAIN = ("egg", "salt", "black pepper", "baking powder")
"""What nobody praises a recipe for."""


class _Title(NamedTuple):
    """pattern: with {} for each of `roles`, of which is known whether no other noun follows it."""

    pattern: str
    roles: tuple[tuple[str, bool], ...]


@cache
def _titles(pattern: str) -> tuple[_Title, ...]:
    """The titles that a dish may have."""
    return tuple(map(_title, pattern.split("/")))


def _title(pattern: str) -> _Title:
    roles = []
    for match in _ROLE.finditer(pattern):
        rest = re.split(r" (?:with|in|of|from|off) |,", pattern[match.end() :])[0]
        roles.append((match[1], not re.search("[A-Z]", re.sub(r"\{\w+\}", "", rest))))
    return _Title(_ROLE.sub("{}", pattern), tuple(roles))


def title(pot: Pot, total: int, serving: Mapping[str, float]) -> str:
    """Its name; some have an adjective, which is true. total: minutes. serving: what one contains."""
    fits = [one for one in _titles(pot.dish["title"]) if all(_has(pot, role) for role, _ in one.roles)]
    chosen = pot.one(fits)
    title = chosen.pattern.format(*(_at(pot, role).titled(alone=alone) for role, alone in chosen.roles))
    fitting = _adjectives((total <= 30, total >= 90, serving["calories"] < 300, serving["calories"] > 600,
                           any(one.name in _hot() for _, one in pot.every())))  # fmt: skip
    return f"{pot.one(fitting)} {title}" if pot.below(5) < 2 else title


@cache
def _adjectives(true: tuple[bool, ...]) -> tuple[str, ...]:
    """What may be said of a recipe that is quick, slow, light, hearty or hot, or is not."""
    holds = {"any": True, **dict(zip(("quick", "slow", "light", "hearty", "hot"), true, strict=True))}
    return tuple(word for kind, _, word in (one.partition(":") for one in texts("adjective")) if holds[kind])


@cache
def _hot() -> frozenset[str]:
    """The ingredients that are."""
    return frozenset(one for one in ingredients() if re.search("chili|gochu|harissa|jalapeno|red curry", one))


def _has(pot: Pot, role: str) -> bool:
    return len(pot.of[role.rstrip("1").lower()]) > role.endswith("1")


def _at(pot: Pot, role: str) -> Ingredient:
    return pot.of[role.rstrip("1").lower()][role.endswith("1")]


def described(pot: Pot, total: int, serving: Mapping[str, float], protein_g: float) -> str:
    """A sentence or two by its author. serving: what one contains. protein_g: of it, in the main
    ingredient."""
    words = {
        role: joined([one.said for one in named[:2]])
        for role, some in pot.of.items()
        if (named := [one for one in some if one.name not in _PLAIN and not (role == "aroma" and _sweet(one))])
    }
    words |= {"cuisine": pot.dish["cuisine"].title(), "noun": pot.form.noun, "total": str(total),
              "kcal": str(round(serving["calories"]))}  # fmt: skip
    if protein_g > serving["protein_g"] / 2:
        words["protein"] = str(round(serving["protein_g"]))
    words |= {"servings": str(pot.servings), "twice": str(2 * pot.servings)} if pot.servings > 1 else {}
    said = []
    for kind in ("opening", "closing")[: 1 + (pot.below(5) < 3)]:
        text = _A.sub(r"\1n ", pot.one(_about(kind, frozenset(words))).format_map(words))
        said.append(text[0].upper() + text[1:])
    return " ".join(said)


@lru_cache(maxsize=4096)
def _about(kind: str, words: frozenset[str]) -> tuple[str, ...]:
    """The patterns of a kind that have no other words in braces."""
    return tuple(text for text in texts(kind) if set(re.findall(r"\{(\w+)\}", text)) <= words)


def mentioned(pot: Pot) -> tuple[str, str, str]:
    """What others mention as its main ingredient, its vegetable and its finish."""
    said = {role: next((one.said for one in pot.of[role] if one.name not in _PLAIN), "") for role in ROLES}
    star = said["main"] or said["veg"] or said["base"]
    return star, said["veg"] or star, said["finish"] or star


def _sweet(one: Ingredient) -> bool:
    return bool(set("uh") & set(one.flags)) or one.name in ("maple syrup", "dates")
