"""What people write in their own words: an opening, what it is about, a detail and an end, each a choice from a bank,
with slots filled for who writes. The banks are a catalogue's: lines of use, part, about (whom or what) and text.

Some write one short line instead, and some in a hurry. Nothing of it has a declared probability.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from populace.spec.column import Ints, Joined, Words
from populace.spec.draw import Address, Draw
from populace.spec.kit.catalogue import Row
from populace.spec.kit.phrases import Part, hurried, joined
from populace.spec.kit.words import Lists

ANY = "any"
"""What a phrase is about that fits everybody."""
SLOT = "slot"
"""The use of the words that fill slots; their part is the slot's name."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How texts are put together. abouts: what phrases may be about, by code. before, core, after: the parts in their
    order. short: the part that takes their place in one of `short_of` texts; 0: in none. slips_of: one of so many is
    typed in a hurry; 0: none.
    """

    abouts: tuple[str, ...]
    before: tuple[str, ...]
    core: str
    after: tuple[str, ...]
    short: str = ""
    short_of: int = 0
    slips_of: int = 0


@dataclass(frozen=True, eq=False)
class Sayings:
    """The banks of a catalogue."""

    rows: Sequence[Row]
    _parts: dict[tuple[str, ...], Part] = field(default_factory=dict)
    _slots: dict[tuple[str, ...], Lists] = field(default_factory=dict)

    def texts(self, use: str, part: str, about: str) -> tuple[str, ...]:
        """The phrases of a part that fit somebody; one empty text where there are none."""
        some = self._texts.get((use, part, about), ())
        return (*some, *(self._texts.get((use, part, ANY), ()) if about != ANY else ())) or ("",)

    def slots(self, draw: Draw, address: Address) -> dict[str, Words]:
        """By name, the word of each slot that fits everybody, and another one as `name2`."""
        out: dict[str, Words] = {}
        for name in self._names:
            out |= self.chosen(draw, name, (ANY,), np.zeros(len(address), dtype=np.int64), address)
        return out

    def chosen(self, draw: Draw, name: str, abouts: Sequence[str], about: Ints, address: Address) -> dict[str, Words]:
        """The same of a slot that depends on whom or what a text is about: a position in `abouts`."""
        word, other = self._lists(name, tuple(abouts)).drawn(draw, f"text.{name}", about, address)
        return {name: word, f"{name}2": other}

    def composed(
        self, draw: Draw, use: str, about: Ints, address: Address, words: Mapping[str, Words], manner: Manner
    ) -> Joined:
        """A text for each. about: a position in the manner's `abouts`; address: of each text; words: by slot."""
        silent, many = len(manner.abouts), len(about)
        short = np.zeros(many, dtype=np.bool_)
        if manner.short_of:
            short = draw.below(f"{use}.text.short", manner.short_of, address) == 0
        slips: Ints = np.zeros(many, dtype=np.int64)
        if manner.slips_of:
            slips = hurried(draw, f"{use}.text.slip", manner.slips_of, address)
        out = []
        for part in (*manner.before, manner.core, *manner.after):
            core = part == manner.core
            group = np.where(short, about + silent if core else silent, about)
            bank = self._part(use, part, manner)
            out.append(bank.said(draw, f"{use}.text.{part}", group, address, words, slips=slips)[0])
        return joined(*out)

    def _part(self, use: str, part: str, manner: Manner) -> Part:
        key = (use, part, *manner.abouts)
        if key not in self._parts:
            ends = (" " if part in manner.before else "", " " if part in manner.after else "")
            said = [tuple(_spaced(text, ends) for text in self.texts(use, part, about)) for about in manner.abouts]
            core = part == manner.core
            said += [self.texts(use, manner.short, about) for about in manner.abouts] if core else [("",)]
            self._parts[key] = Part.of(said)
        return self._parts[key]

    def _lists(self, name: str, abouts: tuple[str, ...]) -> Lists:
        key = (name, *abouts)
        if key not in self._slots:
            self._slots[key] = Lists.of([self.texts(SLOT, name, one) for one in abouts])
        return self._slots[key]

    @cached_property
    def _texts(self) -> dict[tuple[str, str, str], tuple[str, ...]]:
        out: dict[tuple[str, str, str], tuple[str, ...]] = {}
        for row in self.rows:
            key = row["use"], row["part"], row["about"]
            out[key] = (*out.get(key, ()), row["text"])
        return out

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return tuple(part for (use, part, about) in self._texts if (use, about) == (SLOT, ANY))


def _spaced(text: str, ends: tuple[str, str]) -> str:
    """A phrase with a space between it and the core; nothing where there is no phrase."""
    behind, ahead = ends
    return f"{ahead}{text}{behind}" if text else ""
