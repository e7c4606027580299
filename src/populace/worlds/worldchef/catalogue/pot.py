"""A recipe in the making: the dish and the form that it follows, what is in it so far, and the numbers that decide."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import NamedTuple

from populace.worlds.worldchef.catalogue.larder import Ingredient, rows

ROLES = ("base", "main", "veg", "aroma", "spice", "fat", "liquid", "finish")
_SINGULAR = ("us", "ss")


class Form(NamedTuple):
    """noun: what such a dish is called. servings: fewest and most. temp: of the oven. skill: 1 to 3. scale: how much
    more of a role it takes than usual. cuts: how a role is prepared here. steps: kind, minutes, and variants of the
    text."""

    noun: str
    servings: tuple[int, int]
    temp: str
    skill: int
    scale: Mapping[str, float]
    cuts: Mapping[str, str]
    steps: tuple[tuple[str, str, tuple[str, ...]], ...]


@dataclass(slots=True)
class Pot:
    """A recipe in the making. of: its ingredients by role. steps: minutes, kind, text, names."""

    dish: Mapping[str, str]
    form: Form
    chance: Iterator[int]
    servings: int
    of: dict[str, list[Ingredient]] = field(default_factory=dict)
    steps: list[tuple[int, str, str, list[str]]] = field(default_factory=list)

    def below(self, bound: int) -> int:
        """A whole number in [0, bound)."""
        return next(self.chance) % bound

    def one(self, among: Sequence[str]) -> str:
        """One of several, all as likely."""
        return among[self.below(len(among))]

    def every(self) -> list[tuple[str, Ingredient]]:
        """All ingredients, each with its role."""
        return [(role, one) for role in ROLES for one in self.of[role]]


@cache
def texts(kind: str) -> tuple[str, ...]:
    """The patterns of `words.csv` of a kind."""
    return tuple(row["text"] for row in rows("words") if row["kind"] == kind)


@lru_cache(maxsize=1024)
def names_in(text: str) -> frozenset[str]:
    """What a pattern has a word for, in braces."""
    return frozenset(re.findall(r"\{(\w+)\}", text))


def plural(some: Sequence[Ingredient]) -> bool:
    """Whether a verb after these is in the plural."""
    return len(some) > 1 or (some[0].said.endswith("s") and not some[0].said.endswith(_SINGULAR))


def joined(words: Sequence[str]) -> str:
    """`a, b and c`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
