"""What a kind of column is given to make values from, and what a kind says of itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from populace.declared.schema import Column
from populace.spec import ColumnValue, Draw, Ints, Joined, Number, Words

Option = object
"""A value in `world.toml`."""

WIDEST = 10_000
"""Characters of a text without a limit."""


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
        width = digits(self.ordinal)
        room = self.room - width - len(between) - len(end)
        if room < 1:
            return code(self.ordinal, min(self.room, 12))
        kept = tuple(word[:room].rstrip() or "x" for word in words)
        return Joined((Words(self.below(len(kept), part), kept), between, Number(self.ordinal + 1), end))


def digits(ordinal: Ints) -> int:
    """The most digits that the number of a row takes; of all rows the same."""
    return 9


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
    contact: what it reaches somebody by.
    """

    name: str
    means: str
    values: Callable[[Cell], ColumnValue]
    takes: Takes
    options: Mapping[str, type | tuple[type, ...]] = field(default_factory=dict)
    distinct: bool = False
    contact: str = "nothing"


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
