"""Words from lists: one drawn for each, all as likely or by weight."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import overload

from populace.spec.column import Ints, Words
from populace.spec.draw import Address, Counter, Draw


def drawn(draw: Draw, stream: str, entity: Address, words: Sequence[str]) -> Words:
    """One of the words for each, all as likely."""
    return Words(draw.below(stream, len(words), entity), words)


def chosen(draw: Draw, point: str, entity: Address, at: Ints, counter: Counter, words: Sequence[str]) -> Words:
    """One of the words for each, by the weights of a `Choice` that has one for every word."""
    return Words(draw.choose(point, entity, at, counter), words)


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
