"""What a world may put in a column: NumPy arrays, or descriptions that the engine turns into Arrow.

A description costs nothing until the engine has dropped the rows outside the window. All values of one block of
rows have the same length; plain scalars stand for a column that is the same in every row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bits = NDArray[np.uint64]
Bools = NDArray[np.bool_]

Floats = NDArray[np.float64]

NEVER = np.iinfo(np.int64).max
"""A moment (µs) that never comes: the removal time of a person who stays."""


@dataclass(frozen=True, slots=True, eq=False)
class Key:
    """The uuid of a row of `table` at `address`: a hash of (plan seed, table, address).

    at: the row's moment in µs; then the uuid begins with it (version 7), and rows made in order have keys in order.
    A child names its parent's table, address and moment, and so recomputes the parent's key.
    """

    table: str
    address: Ints | Bits
    at: Ints | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """Text from a list: row i holds `words[codes[i]]`. None is null; for a `text[]` column each entry is a tuple."""

    codes: Ints
    words: Sequence[str | None] | Sequence[tuple[str, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class Number:
    """A whole number as text, padded with zeros to `width`."""

    numbers: Ints
    width: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class Stamp:
    """A moment (µs) as ISO text with milliseconds and a `Z`, for use inside `Joined` and `Json`."""

    at: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Joined:
    """Texts one after another; each part is a scalar text or a text-like value (`Words`, `Key`, `Number`, `Stamp`)."""

    parts: tuple[ColumnValue, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Json:
    """A JSON object a row. Members: scalars, int and bool arrays, text-like values, or `Optional` of these.

    The first member is present in every row.
    """

    members: Columns


@dataclass(frozen=True, slots=True, eq=False)
class Optional:
    """`value` where `present`, else null (in a `Json`: no such member)."""

    present: Bools
    value: ColumnValue


@dataclass(frozen=True, slots=True, eq=False)
class Along:
    """`value` of a shorter block, repeated: row i holds `value[index[i]]`. Computed once a block, then taken."""

    value: ColumnValue
    index: Ints


Scalar = str | int | float | bool | tuple[str, ...] | None
Described = Key | Words | Number | Stamp | Joined | Json | Optional | Along
ColumnValue = Scalar | Ints | Bits | Bools | Floats | Described
"""A column of a block of rows: the same in every row, an array of one value a row, or a description of them."""


def own_entries(value: ColumnValue) -> Ints | Bits | Bools | Floats | None:
    """The array of one entry a row that a value has of its own; None where it is the same in every row, or put together
    of other values."""
    if isinstance(value, np.ndarray):
        return value
    if isinstance(value, Key):
        return value.address
    if isinstance(value, Words):
        return value.codes
    if isinstance(value, Number):
        return value.numbers
    if isinstance(value, Stamp):
        return value.at
    return value.index if isinstance(value, Along) else None


Columns = Mapping[str, ColumnValue]
"""Columns by name."""


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Rows of one table as a flow emits them, inside the window or not: the engine keeps those in the window.

    at: the moment each row belongs to, µs; None: the beginning of history. owner: ordinal of the root member that
    each row belongs to. columns: by column name, all of the table's columns. entity: for a table that is merged, which
    item the row is a version of (any number that is distinct within the block): of the versions before the
    window's end the last one counts.
    """

    owner: Ints
    columns: Columns
    at: Ints | None = None
    entity: Ints | None = None
