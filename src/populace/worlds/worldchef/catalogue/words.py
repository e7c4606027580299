"""The texts about people: where they live, what they are called, what they say of themselves and of their dinner."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from populace.spec.kit import catalogue as kit
from populace.spec.kit.sayings import Sayings
from populace.worlds.worldchef.catalogue.larder import TAGS, rows

ROLES = ("standard", "creator", "moderator", "admin")


class Place(NamedTuple):
    """offset: of its clocks from UTC, in hours, in winter. weight: how many live there, against the others."""

    name: str
    offset: int
    weight: int


class Bio(NamedTuple):
    role: str
    before: str
    after: str


class Comment(NamedTuple):
    """word: what of the recipe it mentions (`main`, `veg` or `finish`), between its two parts."""

    stars: int
    before: str
    word: str
    after: str


class Diet(NamedTuple):
    weight: int
    tags: tuple[str, ...]

    @property
    def mask(self) -> int:
        """One bit for each tag that a recipe must have for somebody who eats so."""
        return sum(1 << TAGS.index(tag) for tag in self.tags)


@cache
def places() -> tuple[Place, ...]:
    return tuple(Place(row["name"], int(row["offset"]), int(row["weight"])) for row in rows("places"))


@cache
def given() -> tuple[str, ...]:
    return tuple(row["given"] for row in rows("names"))


@cache
def family() -> tuple[str, ...]:
    return tuple(row["family"] for row in rows("names"))


@cache
def bios() -> tuple[Bio, ...]:
    """By role, in the order of `ROLES`."""
    return tuple(sorted((Bio(**row) for row in rows("bios")), key=lambda bio: ROLES.index(bio.role)))


@cache
def comments() -> tuple[Comment, ...]:
    """From one star to five."""
    every = (Comment(int(row["stars"]), row["before"], row["word"], row["after"]) for row in rows("comments"))
    return tuple(sorted(every, key=lambda comment: comment.stars))


@cache
def sayings() -> Sayings:
    """What comments and bios are put together from."""
    return Sayings(rows("sayings"))


@cache
def collections() -> tuple[tuple[str, str], ...]:
    """Names, each with its description."""
    return tuple((row["name"], row["description"]) for row in rows("collections"))


@cache
def diets() -> tuple[Diet, ...]:
    return tuple(Diet(int(row["weight"]), tuple(filter(None, row["tags"].split(";")))) for row in rows("diets"))


FILES = (
    "ingredients", "dishes", "forms", "steps", "words", "places", "names", "bios", "comments", "collections", "diets",
    "sayings",
)  # fmt: skip


@cache
def digest() -> str:
    """Of every word there is."""
    return kit.digest(*((name, rows(name)) for name in FILES))
