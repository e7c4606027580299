"""Texts put together from banks: phrases with slots in braces, each filled from a list of words, for arrays of rows.

A phrase is cut once into what stands between its slots; a text is then parts one after another, each a choice from a
list, so that a block of rows costs a few arrays. Slips of the pen are other spellings of a phrase, computed from it
alone: the same phrase slips in the same ways everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from populace.spec.column import Ints, Joined, Words
from populace.spec.draw import Address, Draw
from populace.spec.kit.places import firsts

_SLOT = re.compile(r"\{(\w+)\}")
SLIPS = 4
"""Other spellings of a phrase: without capitals and the last dot, and with two letters swapped, one left out or one
struck twice."""


@dataclass(frozen=True, slots=True, eq=False)
class Bank:
    """Phrases, cut. texts: by place in a phrase, what stands before its slot, one for each phrase and spelling. slots:
    by place and phrase, which of `names` follows; −1 for none.
    """

    names: tuple[str, ...]
    texts: tuple[tuple[str, ...], ...]
    slots: Ints
    phrases: int = field(default=0)

    @classmethod
    def of(cls, phrases: Sequence[str]) -> Bank:
        """A bank of phrases such as `something with {topic}, please`."""
        spelled = [*phrases, *(slipped(phrase, way) for way in range(SLIPS) for phrase in phrases)]
        cut = [_SLOT.split(phrase) for phrase in spelled]
        names = tuple(sorted({name for parts in cut for name in parts[1::2]}))
        places = max((len(parts) + 1) // 2 for parts in cut)
        texts = tuple(tuple(parts[2 * p] if 2 * p < len(parts) else "" for parts in cut) for p in range(places))
        slots = np.full((places, len(spelled)), -1, dtype=np.int64)
        for row, parts in enumerate(cut):
            for place, name in enumerate(parts[1::2]):
                slots[place, row] = names.index(name)
        return cls(names, texts, slots, len(phrases))

    def filled(self, which: Ints, slip: Ints, words: Mapping[str, Words]) -> tuple[Words, ...]:
        """The parts of texts. which: the phrase of each; slip: 0 for none, else the way in which it is misspelt.

        words: by slot, what would fill it in each text; KeyError for one that is not given.
        """
        row = which + slip * self.phrases
        codes = np.zeros((len(self.names) + 1, len(row)), dtype=np.int64)
        said = _together(tuple(tuple(words[name].words) for name in self.names))
        before = 1
        for number, name in enumerate(self.names):
            codes[number] = before + words[name].codes
            before += len(words[name].words)
        every, parts = np.arange(len(row)), []
        for texts, slots in zip(self.texts, self.slots, strict=True):
            parts += [Words(row, texts), Words(codes[slots[row], every], said)]
        return tuple(parts)


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A bank of which each group has its own phrases. first, many: by group; capital: how far a capital one is off."""

    bank: Bank
    first: Ints
    many: Ints
    capital: int

    @classmethod
    def of(cls, groups: Sequence[Sequence[str]], *, slots: bool = False) -> Part:
        """A part of texts: the phrases of each group. slots: a capital letter begins also what fills a slot."""
        texts = [text for group in groups for text in group]
        many = np.array([len(group) for group in groups])
        bank = Bank.of([*texts, *(_begun(text, slots) for text in texts)])
        return cls(bank, firsts(many), many, len(texts))

    def said(
        self, draw: Draw, stream: str, group: Ints, address: Address, words: Mapping[str, Words], *,
        capital: Ints | int = 0, slips: Ints | int = 0,
    ) -> tuple[tuple[Words, ...], Ints]:  # fmt: skip
        """The parts of each text, and which phrase it is within its group."""
        place = draw.below(stream, self.many[group], address)
        which = self.first[group] + place
        large = {n: Words(words[of].codes, _capitals(tuple(words[of].words)))
                 for n in self.bank.names if n not in words and (of := n[:1].lower() + n[1:]) in words}  # fmt: skip
        return self.bank.filled(which + capital * self.capital, slips + 0 * which, {**words, **large}), which


def _begun(text: str, slots: bool) -> str:
    """A phrase at the beginning of a text: its first letter is a capital one, also of what fills a slot there."""
    return "{" + _capital(text[1:]) if slots and text.startswith("{") else _capital(text)


@lru_cache(maxsize=64)
def _capitals(words: tuple[object, ...]) -> tuple[str, ...]:
    """Words as they begin a text."""
    return tuple(_capital(word) if isinstance(word, str) else "" for word in words)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


@lru_cache(maxsize=256)
def _together(lists: tuple[tuple[object, ...], ...]) -> tuple[str, ...]:
    """An empty text, then the words of all lists: what fills slots."""
    return ("", *(word if isinstance(word, str) else "" for words in lists for word in words))


@lru_cache(maxsize=512)
def blanked(words: tuple[object, ...]) -> tuple[str, ...]:
    """Words, and an empty text after the last."""
    return (*(word if isinstance(word, str) else "" for word in words), "")


def hurried(draw: Draw, stream: str, one_of: int, address: Address) -> Ints:
    """How each text is misspelt, since one of so many is typed in a hurry; 0 for not at all."""
    hurry = draw.below(stream, one_of, address) == 0
    return np.where(hurry, 1 + draw.below(f"{stream}.how", SLIPS, address), 0)


def slipped(phrase: str, way: int) -> str:
    """A phrase as it is typed in a hurry: one of `SLIPS` ways; slots stay whole."""
    if way == 0:
        return _lower(phrase).rstrip(".!?")
    words = phrase.split(" ")
    long = [at for at, word in enumerate(words) if len(word) > 4 and word.isalpha() and word.isascii()]
    if not long:
        return phrase
    at = long[(len(phrase) * 7 + way) % len(long)]
    word = words[at]
    k = 1 + (len(phrase) + way) % (len(word) - 2)
    ways = (word[:k] + word[k + 1] + word[k] + word[k + 2 :], word[:k] + word[k + 1 :], word[:k] + word[k] + word[k:])
    words[at] = ways[way - 1]
    return " ".join(words)


def _lower(phrase: str) -> str:
    """In small letters, but for the names of slots."""
    parts = _SLOT.split(phrase)
    return "".join(part.lower() if at % 2 == 0 else "{" + part + "}" for at, part in enumerate(parts))


def joined(*parts: Sequence[Words]) -> Joined:
    """Texts from parts of several banks, one after another."""
    return Joined(tuple(part for some in parts for part in some))


def taken(text: Words | Joined, index: Ints) -> Words | Joined:
    """Some of the texts, by position; −1 for an empty one."""

    def of(words: Words) -> Words:
        return Words(np.where(index < 0, len(words.words), np.r_[words.codes, 0][index]), blanked(tuple(words.words)))

    if isinstance(text, Words):
        return of(text)
    return Joined(tuple(of(part) for part in text.parts if isinstance(part, Words)))
