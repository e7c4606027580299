"""What a kind of column is given to make values from, and what a kind says of itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from populace.declared.schema import Column
from populace.spec import ColumnValue, Draw, Ints, Joined, Number, Words
from populace.spec.reserved import is_reserved
from populace.spec.table import Contact, contact_of

Option = object
"""A value in `world.toml`."""

WIDEST = 10_000
"""Characters of a text without a limit."""
DIGITS = 9
"""The most that the number of a row takes."""


def whole(options: Mapping[str, Option], name: str, otherwise: int) -> int:
    """An option that is a whole number; `world_file` has seen to it that it is."""
    given = options.get(name, otherwise)
    assert isinstance(given, int)
    return given


@dataclass(frozen=True, slots=True)
class Cell:
    """A column of some rows of a table. stream: names its draws. ordinal: which rows. at: their moments, µs.

    options: as `world.toml` gives them. distinct: no two rows of the table may have the same value. base: numbers of
    keys begin after it. beside: what stands in other columns of the same rows, by kind, where kinds agree.
    """

    draw: Draw
    stream: str
    table: str
    ordinal: Ints
    at: Ints
    column: Column
    options: Mapping[str, Option] = field(default_factory=dict)
    distinct: bool = False
    base: int = 0

    @property
    def room(self) -> int:
        """The most characters that a text may have."""
        return self.column.length or WIDEST

    def whole(self, option: str, otherwise: int) -> int:
        """An option that is a whole number."""
        return whole(self.options, option, otherwise)

    def below(self, bound: int | Ints, part: str = "", counter: int = 0) -> Ints:
        """A whole number in [0, bound) a row."""
        return self.draw.below(f"{self.stream}{part}", bound, self.ordinal, counter)

    def pick(self, words: Sequence[str], part: str = "") -> Words:
        """One of some texts a row, as long as the column takes them."""
        return Words(self.below(len(words), part), tuple(word[: self.room] for word in words))

    def numbered(self, words: Sequence[str], between: str = " ", part: str = "", end: str = "") -> ColumnValue:
        """One of some texts a row; where values are distinct, followed by the row's number."""
        if not self.distinct:
            return Joined((self.pick(words, part), end)) if end else self.pick(words, part)
        room = self.room - DIGITS - len(between) - len(end)
        if room < 1:
            return code(self.ordinal, min(self.room, 12))
        kept = tuple(word[:room].rstrip() or "x" for word in words)
        return Joined((Words(self.below(len(kept), part), kept), between, Number(self.ordinal + 1), end))


_LETTERS = tuple("abcdefghijklmnopqrstuvwxyz")


def code(ordinal: Ints, width: int) -> ColumnValue:
    """Letters that are another word for each row, as long as there are words of this width."""
    parts: list[ColumnValue] = []
    for place in range(width - 1, -1, -1):
        power = min(26**place, 1 << 62)
        parts.append(Words((ordinal // power) % 26, _LETTERS))
    return Joined(tuple(parts))


Takes = Callable[[Column], str]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of column, as `world.toml` names it.

    means: in words. values: of a cell. takes: why a column is not of this kind; "" where it is. options: what it
    understands beside `kind` and `empty`, with the type of each. distinct: whether it can give each row another value.
    contact: what it reaches somebody by. fits: whether a value is within what options ask for.
    """

    name: str
    means: str
    values: Callable[[Cell], ColumnValue]
    takes: Takes
    options: Mapping[str, type | tuple[type, ...]] = field(default_factory=dict)
    distinct: bool = False
    contact: Contact = "nothing"
    fits: Callable[[Mapping[str, Option], Any], bool] = lambda options, value: True

    def reaches(self, column: Column) -> Contact:
        """What a text of a condition's in the place of the kind's would reach somebody by."""
        return contact_of(column.name) if self.contact == "nothing" else self.contact

    def may_hold(self, column: Column, options: Mapping[str, Option], value: Any) -> bool:
        """Whether a value that a condition asks for may stand in the place of what the kind gives: it is within what
        the options ask for, and reaches nobody."""
        by = self.reaches(column)
        if isinstance(value, str) and column.base in TEXTS:
            by = "email" if by == "nothing" and "@" in value else by
            return is_reserved(by, value) and self.fits(options, value)
        return self.fits(options, value)


TEXTS = ("text", "varchar", "bpchar", "citext", "name")
WHOLE = ("int2", "int4", "int8")
REAL = ("numeric", "float4", "float8", "money")
TIMES = ("timestamptz", "timestamp", "date", "time", "timetz")
HIGHEST = {"int2": 32_767, "int4": 2_147_483_647, "int8": 9_007_199_254_740_991}


def of(*bases: str, least: int = 1) -> Takes:
    """Whether a column is of one of some types, and has room for so many characters."""

    def why_not(column: Column) -> str:
        if column.base not in bases:
            return f"its type is {column.type}"
        if column.base in TEXTS and column.length is not None and column.length < least:
            return f"it takes {column.length} characters, and needs {least}"
        return ""

    return why_not


def array(ordinal: Ints, value: int) -> Ints:
    """The same number for every row."""
    return np.full(len(ordinal), value, dtype=np.int64)


def capacity(column: Column, base: int = 0) -> int:
    """How many different values a column of a kind that differs in each row can take, at least. base: of numbers."""
    if column.base in TEXTS:
        return int(26 ** min(column.length or 12, 12))
    if column.base in HIGHEST:
        return HIGHEST[column.base] - base
    if column.precision is not None:
        return int(10 ** (column.precision - (column.scale or 0))) - 1 - base
    return 1 << 62
