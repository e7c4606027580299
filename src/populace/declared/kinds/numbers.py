"""Numbers: counts, amounts of money, shares, places on a map."""

from __future__ import annotations

from populace.declared.kinds.cell import HIGHEST, REAL, WHOLE, Cell, Kind, array, of
from populace.spec import ColumnValue, Ints, Joined, Number, Words

_MOST_DIGITS = 15


def _bounds(cell: Cell, low: int, high: int) -> tuple[int, int]:
    low, high = int(cell.options.get("low", low)), int(cell.options.get("high", high))  # type: ignore[call-overload]
    if cell.column.base in HIGHEST:
        high = min(high, HIGHEST[cell.column.base])
    if cell.column.precision is not None:
        high = min(high, 10 ** (cell.column.precision - (cell.column.scale or 0)) - 1)
    return low, max(low, high)


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
    low, high = _bounds(cell, 0, 100)
    if cell.distinct:
        return written(cell, cell.ordinal + max(low, cell.base + 1 if cell.base else 1), 0)
    return written(cell, low + cell.below(high - low + 1), 0)


def _amount(cell: Cell) -> ColumnValue:
    """Many small amounts and some large ones; in hundredths where there is room for them."""
    places = _places(cell, 2)
    low, high = (n * 10**places for n in _bounds(cell, 1, 500))
    if cell.distinct:
        return written(cell, low + cell.ordinal, places)
    return written(cell, low + cell.below(cell.below(high - low + 1, ".size") + 1), places)


def _share(cell: Cell) -> ColumnValue:
    places = _places(cell, 4)
    return written(cell, cell.below(10**places + 1), places)


def _position(cell: Cell, most: int) -> ColumnValue:
    return written(cell, cell.below(2 * most * 10_000 + 1) - most * 10_000, _places(cell, 4)) if _places(
        cell, 4) == 4 else written(cell, cell.below(2 * most + 1) - most, 0)  # fmt: skip


def _version(cell: Cell) -> ColumnValue:
    return written(cell, array(cell.ordinal, 1), 0)


_NUMBERS = of(*WHOLE, *REAL)
KINDS = (
    Kind("number", "a whole number from `low` to `high`", _whole, _NUMBERS, {"low": int, "high": int}, distinct=True),
    Kind("money", "an amount: many small, some large", _amount, _NUMBERS, {"low": int, "high": int}, distinct=True),
    Kind("share", "a number from 0 to 1", _share, of(*REAL)),
    Kind("latitude", "degrees from -90 to 90", lambda cell: _position(cell, 80), of(*REAL)),
    Kind("longitude", "degrees from -180 to 180", lambda cell: _position(cell, 170), of(*REAL)),
    Kind("one", "the number 1: a version, a count of something that happened once", _version, _NUMBERS),
)
