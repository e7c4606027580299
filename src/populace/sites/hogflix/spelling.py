"""Slips of the pen: a word that nobody knows becomes the known one that it nearly is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

LEAST, LONG = 5, 8
"""Letters of a word that may have one slip, and two."""
MOST_WORDS = 60
"""Of a text are looked at."""


@dataclass(frozen=True, slots=True)
class Spelling:
    """right: the words that a slip may stand for. known: others that are no slip."""

    right: frozenset[str]
    known: frozenset[str]
    _by_first: Mapping[str, list[str]] = field(init=False)

    def __post_init__(self) -> None:
        firsts: dict[str, list[str]] = {}
        for word in sorted(self.right):
            firsts.setdefault(word[:1], []).append(word)
        object.__setattr__(self, "_by_first", firsts)

    def corrected(self, word: str) -> str:
        """The word that is meant; the same where it is known, short, or like no other."""
        if len(word) < LEAST or not word.isalpha() or self._knows(word):
            return word
        most = 2 if len(word) >= LONG else 1
        near = [(distance(word, one, most), one) for one in self._by_first.get(word[0], ()) if len(one) >= LEAST]
        slips, best = min(near, default=(most + 1, word))
        return best if slips <= most else word

    def text(self, text: str, words_of: Callable[[str], Iterable[str]]) -> str:
        """A text with its words corrected."""
        for word in list(words_of(text))[:MOST_WORDS]:
            if (meant := self.corrected(word)) != word:
                text = text.replace(word, meant)
        return text

    def _knows(self, word: str) -> bool:
        forms = (word, word.removesuffix("s"), word.removesuffix("es"), word.removesuffix("'s"), word + "s")
        return any(form in self.right or form in self.known for form in forms)


def distance(one: str, other: str, most: int) -> int:
    """Letters to add, leave out, change or swap with the next to get from one word to the other; more than `most`: any
    number above it."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before, row = list[int](), list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        older, before, row = before, row, [i]
        for j, b in enumerate(other, 1):
            best = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and b == one[i - 2]:
                best = min(best, older[j - 2] + 1)
            row.append(best)
        if min(row) > most:
            return most + 1
    return row[-1]
