"""Keys: a number from a range of our own, a uuid that the plan gives again, a text with a prefix; each row another."""

from __future__ import annotations

from populace.declared.kinds.cell import HIGHEST, REAL, TEXTS, WHOLE, Cell, Kind, code, of
from populace.spec import ColumnValue, Joined, Key, Number

PREFIX = "syn-"
"""What a text of a key begins with, where there is room for it."""
FIRST = {"int2": 20_000, "int4": 1_000_000_000, "int8": 1_000_000_000_000, "numeric": 1_000_000_000}
"""Numbers of our own come after these: an app that counts from one does not come there."""


def _values(cell: Cell) -> ColumnValue:
    base = cell.column.base
    if base == "uuid":
        return Key(cell.table, cell.ordinal)
    if base in WHOLE:
        return cell.ordinal + (cell.base + 1)
    if base in REAL:
        return Number(cell.ordinal + (cell.base + 1))
    if cell.room >= len(PREFIX) + 9:
        return Joined((PREFIX, Number(cell.ordinal + 1, 6)))
    return code(cell.ordinal, min(cell.room, 12))


def first(base: str, highest: int | None = None) -> int:
    """The number before our first. highest: that a condition allows."""
    number = FIRST.get(base, 0)
    return number if highest is None or number + 1_000_000 < highest else 0


KINDS = (
    Kind(
        "key",
        "another value for each row: a uuid, a number above the app's own, or a text with a prefix",
        _values,
        of("uuid", *WHOLE, "numeric", "float8", *TEXTS),
        {"first": int},
        distinct=True,
    ),
)
assert set(FIRST) >= set(HIGHEST)
