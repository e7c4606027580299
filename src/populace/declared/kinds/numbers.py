"""Numbers: counts, amounts of money, shares, places on a map."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from populace.declared.kinds.cell import HIGHEST, REAL, WHOLE, Cell, Kind, Option, array, of, whole
from populace.declared.schema import Column
from populace.spec import ColumnValue, Ints, Joined, Number, Words

BOUNDS: Mapping[str, tuple[int, int]] = {"number": (0, 100), "money": (1, 500)}
"""`low` and `high` of kinds that have them, where nobody says."""


def _bounds(cell: Cell, kind: str) -> tuple[int, int]:
    """From where to where, in the room that the column has."""
    low, high = (cell.whole(name, otherwise) for name, otherwise in zip(("low", "high"), BOUNDS[kind], strict=True))
    high = min(high, most(cell.column))
    return low, max(low, high)


def most(column: Column) -> int:
    """The largest whole number that a column has room for, of those that rows are given."""
    room = HIGHEST.get(column.base, HIGHEST["int8"])
    return room if column.precision is None else min(room, 10 ** (column.precision - (column.scale or 0)) - 1)


def in_the_room(column: Column, bounds: Mapping[str, Any]) -> dict[str, Any]:
    """Such bounds, none above what a column has room for."""
    return {name: min(value, most(column)) if isinstance(value, int) else value for name, value in bounds.items()}


def _fits(options: Mapping[str, Option], value: Any) -> bool:
    """Whether a number is within the bounds that options give."""
    low, high = whole(options, "low", -(1 << 63)), whole(options, "high", 1 << 63)
    return not isinstance(value, (int, float)) or low <= value <= high


def written(cell: Cell, numbers: Ints, places: int) -> ColumnValue:
    """Numbers of so many places after the point, each times ten to the power of these, as the column's type takes
    them."""
    if cell.column.base in WHOLE:
        whole: Ints = numbers // 10**places
        return whole
    if cell.column.base == "float8" and not cell.column.domain:
        # One division, which every processor rounds alike.
        return numbers / float(10**places)
    sign = Words((numbers < 0).astype("int64"), ("", "-"))
    whole, rest = abs(numbers) // 10**places, abs(numbers) % 10**places
    return Joined((sign, Number(whole), ".", Number(rest, places))) if places else Joined((sign, Number(whole)))


def _places(cell: Cell, most: int) -> int:
    if cell.column.base in WHOLE:
        return 0
    return min(most, cell.column.scale) if cell.column.scale is not None else most


def _whole(cell: Cell) -> ColumnValue:
    low, high = _bounds(cell, "number")
    if cell.distinct:
        return written(cell, cell.ordinal + max(low, cell.base + 1 if cell.base else 1), 0)
    return written(cell, low + cell.below(high - low + 1), 0)


def _amount(cell: Cell) -> ColumnValue:
    """Many small amounts and some large ones; in hundredths where there is room for them."""
    places = _places(cell, 2)
    low, high = (n * 10**places for n in _bounds(cell, "money"))
    if cell.distinct:
        return written(cell, low + cell.ordinal, places)
    return written(cell, low + cell.below(cell.below(high - low + 1, ".size") + 1), places)


def _share(cell: Cell) -> ColumnValue:
    places = _places(cell, 4)
    return written(cell, cell.below(10**places + (most(cell.column) >= 1)), places)


def _position(cell: Cell, furthest: int) -> ColumnValue:
    places = 4 if _places(cell, 4) == 4 else 0
    far = min(furthest, most(cell.column)) * 10**places
    return written(cell, cell.below(2 * far + 1) - far, places)


def _version(cell: Cell) -> ColumnValue:
    return written(cell, array(cell.ordinal, 1), 0)


_NUMBERS = of(*WHOLE, *REAL)
_LIMITS = {"low": int, "high": int}
KINDS = (
    Kind("number", "a whole number from `low` to `high`", _whole, _NUMBERS, _LIMITS, distinct=True, fits=_fits),
    Kind("money", "an amount: many small, some large", _amount, _NUMBERS, _LIMITS, distinct=True, fits=_fits),
    Kind("share", "a number from 0 to 1", _share, of(*REAL)),
    Kind("latitude", "degrees from -90 to 90", lambda cell: _position(cell, 80), of(*REAL)),
    Kind("longitude", "degrees from -180 to 180", lambda cell: _position(cell, 170), of(*REAL)),
    Kind("one", "the number 1: a version, a count of something that happened once", _version, _NUMBERS),
    Kind("edition", "how often the row has changed, and one", _version, of(*WHOLE)),
)
