"""A recipe in the making: the dish and the form that it follows, what is in it so far, and the numbers that decide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple, TypeVar

from populace.worlds.worldchef.catalogue.larder import Ingredient, Line, rows
from populace.worlds.worldchef.catalogue.phrases import Phrase

T = TypeVar("T")
ROLES = ("base", "main", "veg", "aroma", "spice", "fat", "liquid", "finish")


class Form(NamedTuple):
    """noun: what such a dish is called. servings: fewest and most. temp: of the oven. skill: 1 to 3. scale: how much
    more of a role it takes than usual. cuts: how a role is prepared here. steps: kind, minutes, and variants."""

    noun: str
    servings: tuple[int, int]
    temp: str
    skill: int
    scale: Mapping[str, float]
    cuts: Mapping[str, str]
    steps: tuple[tuple[str, str, tuple[Phrase, ...]], ...]


class Step(NamedTuple):
    """minutes: it takes. kind: prep or cook. phrase: of which its sentence is made, at the board with `cuts`. board:
    what is prepared there, and how."""

    minutes: int
    kind: str
    phrase: Phrase | str
    board: Sequence[tuple[Ingredient, str]] = ()


@dataclass(slots=True)
class Pot:
    """A recipe in the making. of: its ingredients by role. food: of each, how much; as `every` has them."""

    dish: Mapping[str, str]
    form: Form
    chance: Iterator[int]
    servings: int
    of: dict[str, list[Ingredient]] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    food: list[Line] = field(default_factory=list)

    def below(self, bound: int) -> int:
        """A whole number in [0, bound)."""
        return next(self.chance) % bound

    def one(self, among: Sequence[T]) -> T:
        """One of several, all as likely."""
        return among[self.below(len(among))]

    def minutes(self, kind: str) -> int:
        """What all steps of a kind take."""
        return sum(step.minutes for step in self.steps if step.kind == kind)

    def every(self) -> list[tuple[str, Ingredient]]:
        """All ingredients, each with its role."""
        return [(role, one) for role in ROLES for one in self.of[role]]


@cache
def texts(kind: str) -> tuple[str, ...]:
    """The patterns of `words.csv` of a kind."""
    return tuple(row["text"] for row in rows("words") if row["kind"] == kind)
