"""Words from lists: one drawn for each, all as likely or by weight."""

from __future__ import annotations

from collections.abc import Sequence

from populace.spec.column import Ints, Words
from populace.spec.draw import Address, Counter, Draw


def drawn(draw: Draw, stream: str, entity: Address, words: Sequence[str]) -> Words:
    """One of the words for each, all as likely."""
    return Words(draw.below(stream, len(words), entity), words)


def chosen(draw: Draw, point: str, entity: Address, at: Ints, counter: Counter, words: Sequence[str]) -> Words:
    """One of the words for each, by the weights of a `Choice` that has one for every word."""
    return Words(draw.choose(point, entity, at, counter), words)
