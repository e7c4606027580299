"""Words from lists: one drawn for each, all as likely or by weight; of one list, or of that of a group."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import overload

import numpy as np

from populace.spec.column import Ints, Words
from populace.spec.draw import Address, Counter, Draw
from populace.spec.kit.places import firsts

_FURTHER = 7
"""So many words further in its list lies the second one of a text that has two."""


def drawn(draw: Draw, stream: str, entity: Address, words: Sequence[str]) -> Words:
    """One of the words for each, all as likely."""
    return Words(draw.below(stream, len(words), entity), words)


def chosen(draw: Draw, point: str, entity: Address, at: Ints, counter: Counter, words: Sequence[str]) -> Words:
    """One of the words for each, by the weights of a `Choice` that has one for every word."""
    return Words(draw.choose(point, entity, at, counter), words)


@dataclass(frozen=True, slots=True, eq=False)
class Lists:
    """Words in lists, one for each group; words: those of all lists, one after another."""

    first: Ints
    many: Ints
    words: tuple[str, ...]

    @classmethod
    def of(cls, lists: Sequence[Sequence[str]]) -> Lists:
        """The lists of the groups, in their order; none of them is empty."""
        many = np.array([*map(len, lists)], dtype=np.int64)
        return cls(firsts(many), many, tuple(word for some in lists for word in some))

    def drawn(self, draw: Draw, stream: str, group: Ints, address: Address) -> tuple[Words, Words]:
        """A word of its group for each, all as likely; and another one of it, or the same of a list of one or seven."""
        first, many = self.first[group], self.many[group]
        place = draw.below(stream, many, address)
        return Words(first + place, self.words), Words(first + (place + _FURTHER) % many, self.words)


class Lazily(Sequence[str]):
    """Words that are made when they are read for the first time: rows that are only counted need none."""

    def __init__(self, make: Callable[[], Sequence[str]]) -> None:
        self._words = cache(make)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        return self._words()[index]

    def __len__(self) -> int:
        return len(self._words())
