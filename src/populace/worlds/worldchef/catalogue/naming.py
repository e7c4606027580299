"""What a recipe is called, what its author says of it, and what others mention: always of what is in it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from populace.worlds.worldchef.catalogue.larder import Ingredient
from populace.worlds.worldchef.catalogue.pot import ROLES, Pot, joined, names_in, texts

_ROLE = re.compile(r"\{([A-Z]\w*)\}")
_PLAIN = ("egg", "salt", "black pepper", "baking powder")
"""What nobody praises a recipe for."""


def title(pot: Pot, total: int, serving: Mapping[str, float]) -> str:
    """Its name; some have an adjective, which is true. total: minutes. serving: what one contains."""

    def named(match: re.Match[str]) -> str:
        rest = re.split(r" (?:with|in|of|from|off) |,", match.string[match.end() :])[0]
        return _at(pot, match[1]).titled(alone=not re.search("[A-Z]", re.sub(r"\{\w+\}", "", rest)))

    fits = [one for one in pot.dish["title"].split("/") if all(_has(pot, role) for role in _ROLE.findall(one))]
    title = _ROLE.sub(named, pot.one(fits))
    hot = any(re.search("chili|gochu|harissa|jalapeno|red curry", one.name) for _, one in pot.every())
    said = {"any": True, "quick": total <= 30, "slow": total >= 90, "light": serving["calories"] < 300,
            "hearty": serving["calories"] > 600, "hot": hot}  # fmt: skip
    fitting = [word for kind, _, word in (one.partition(":") for one in texts("adjective")) if said[kind]]
    return f"{pot.one(fitting)} {title}" if pot.below(5) < 2 else title


def _has(pot: Pot, role: str) -> bool:
    return len(pot.of[role.rstrip("1").lower()]) > role.endswith("1")


def _at(pot: Pot, role: str) -> Ingredient:
    return pot.of[role.rstrip("1").lower()][role.endswith("1")]


def described(pot: Pot, total: int, serving: Mapping[str, float], main: Mapping[str, float]) -> str:
    """A sentence or two by its author. serving, main: what a serving contains, and what of it the main ingredient."""
    words = {
        role: joined([one.said for one in named[:2]])
        for role, some in pot.of.items()
        if (named := [one for one in some if one.name not in _PLAIN and not (role == "aroma" and _sweet(one))])
    }
    words |= {"cuisine": pot.dish["cuisine"].title(), "noun": pot.form.noun, "total": str(total),
              "kcal": str(round(serving["calories"]))}  # fmt: skip
    if main["protein_g"] > serving["protein_g"] / 2:
        words["protein"] = str(round(serving["protein_g"]))
    words |= {"servings": str(pot.servings), "twice": str(2 * pot.servings)} if pot.servings > 1 else {}
    said = []
    for kind in ("opening", "closing")[: 1 + (pot.below(5) < 3)]:
        fits = [one for one in texts(kind) if names_in(one) <= words.keys()]
        text = re.sub(r"\{(\w+)\}", lambda match: words[match[1]], pot.one(fits))
        text = re.sub(r"\b([Aa]) (?=[AEIOUaeiou])", r"\1n ", text)
        said.append(text[0].upper() + text[1:])
    return " ".join(said)


def mentioned(pot: Pot) -> tuple[str, str, str]:
    """What others mention as its main ingredient, its vegetable and its finish."""
    said = {role: next((one.said for one in pot.of[role] if one.name not in _PLAIN), "") for role in ROLES}
    star = said["main"] or said["veg"] or said["base"]
    return star, said["veg"] or star, said["finish"] or star


def _sweet(one: Ingredient) -> bool:
    return bool(set("uh") & set(one.flags)) or one.name in ("maple syrup", "dates")
