"""Patterns of sentences: what stands in braces is filled in, what stands in brackets is said where it makes sense.

A pattern is read once, and filled in for thousands of recipes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from populace.worlds.worldchef.catalogue.larder import Ingredient

_BRACKETS = re.compile(r"\[([^]]*)\]")
_TOKEN = re.compile(r"\{([a-z,]+)(\.bare|\.one|:boil|:if| is)?\}")
_ALONE = ("us", "ss")


class Groups(NamedTuple):
    """The ingredients of a recipe, in groups. there: the names of those that are not empty, and with `:boil` behind it
    of those of which something boils."""

    of: Mapping[str, Sequence[Ingredient]]
    there: frozenset[str]

    @classmethod
    def made(cls, of: Mapping[str, Sequence[Ingredient]]) -> Groups:
        """Of ingredients by group."""
        boiled = [f"{name}:boil" for name, some in of.items() if any(one.boils for one in some)]
        return cls(of, frozenset([*(name for name, some in of.items() if some), *boiled]))


class Token(NamedTuple):
    """What is filled in: ingredients of some groups, in the way of a mark; nothing, where the mark only says that some
    must be there (`:if`)."""

    groups: tuple[str, ...]
    mark: str

    @property
    def needs(self) -> frozenset[str]:
        """One of these groups must be there."""
        return frozenset(name + self.mark if self.mark == ":boil" else name for name in self.groups)


class Phrase(NamedTuple):
    """parts: words, what is filled in, and phrases that may be left out. needs: what it names outside of brackets."""

    parts: tuple[str | Token | Phrase, ...]
    needs: tuple[frozenset[str], ...]

    def fits(self, there: frozenset[str]) -> bool:
        """Whether it makes sense where these groups are."""
        return not any(map(there.isdisjoint, self.needs))

    def filled(self, groups: Groups, numbers: Mapping[str, str], used: list[str]) -> str:
        """The sentence. numbers: `min` and `temp`. used: the names of what it says are added."""
        out = []
        for part in self.parts:
            if isinstance(part, str):
                out.append(part)
            elif isinstance(part, Phrase):
                out.append(part.filled(groups, numbers, used) if part.fits(groups.there) else "")
            elif part.groups[0] in numbers:
                out.append(numbers[part.groups[0]])
            else:
                some = [one for name in part.groups for one in groups.of[name]]
                out.append(_said(some, part.mark, used))
        return "".join(out)


@lru_cache(maxsize=2048)
def phrase(text: str) -> Phrase:
    """The phrase that a pattern is."""
    parts: list[str | Token | Phrase] = []
    for number, piece in enumerate(_BRACKETS.split(text)):
        parts += [phrase(piece)] if number % 2 else _tokens(piece)
    tokens = [part for part in parts if isinstance(part, Token) and part.groups[0] not in ("min", "temp")]
    return Phrase(tuple(parts), tuple(token.needs for token in tokens))


def _tokens(text: str) -> Iterator[str | Token]:
    """Words and what is filled in, by turns."""
    words = _TOKEN.split(text)
    for at in range(0, len(words) - 1, 3):
        yield words[at]
        yield Token(tuple(words[at + 1].split(",")), words[at + 2] or "")
    yield words[-1]


def _said(some: Sequence[Ingredient], mark: str, used: list[str]) -> str:
    if mark == ":if":
        return ""
    if mark == ":boil":
        some = [one for one in some if one.boils]
    if mark == ".one":
        return joined([one.titled(alone=False).lower() for one in some])
    for one in some:
        if one.name not in used:
            used.append(one.name)
    words = joined([one.said for one in some])
    if mark == " is":
        return f"the {words} {'are' if plural(some) else 'is'}"
    return words if mark == ".bare" else f"the {words}"


def plural(some: Sequence[Ingredient]) -> bool:
    """Whether a verb after these is in the plural."""
    return len(some) > 1 or (some[0].said.endswith("s") and not some[0].said.endswith(_ALONE))


def joined(words: Sequence[str]) -> str:
    """`a, b and c`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
