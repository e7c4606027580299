"""Words of a list, switches, constants, and columns that hold nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from populace.declared import constants
from populace.declared.kinds.cell import TEXTS, WHOLE, Cell, Kind, of
from populace.declared.schema import Column
from populace.spec import ColumnValue, Ints, Words


def weights(options: Mapping[str, object]) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """The words of a column, and how often each comes."""
    given = options.get("words", ())
    if isinstance(given, Mapping):
        return tuple(given), tuple(float(weight) for weight in given.values())
    assert isinstance(given, list | tuple)
    some = tuple(str(word) for word in given)
    return some, (1.0,) * len(some)


def begins(options: Mapping[str, object]) -> str:
    """The word that a row has when it comes; "" where it has its own from the beginning."""
    return str(options.get("begins", ""))


def codes(cell: Cell) -> Ints:
    """Which of its words each row has, or comes to."""
    return cell.draw.choose(cell.stream, cell.ordinal, cell.at)


def coded(codes: Ints, words: Sequence[str], column: Column) -> ColumnValue:
    """Words by their codes, as the column's type takes them."""
    if column.base in WHOLE:
        return np.array([int(word) for word in words], dtype=np.int64)[codes]
    return Words(codes, words)


def _words(cell: Cell) -> ColumnValue:
    return coded(codes(cell), weights(cell.options)[0], cell.column)


def _switch(cell: Cell) -> ColumnValue:
    yes = cell.draw.chance(cell.stream, cell.ordinal, cell.at)
    base = cell.column.base
    if base == "bool":
        return yes
    number = yes.astype("int64")
    return number if base in WHOLE else Words(number, ("0", "1"))


def _constant(cell: Cell) -> ColumnValue:
    value = cell.options["value"]
    if constants.native(cell.column) in ("text", "uuid", "jsonb"):
        return str(value)
    return constants.constants([value], np.zeros_like(cell.ordinal), cell.column)


def _empty(cell: Cell) -> ColumnValue:
    return None


def _nullable(column: Column) -> str:
    return "it takes no NULL" if column.not_null else ""


KINDS = (
    Kind(
        "words",
        "one of `words`, each as often as its weight says; a row `begins` with one, and comes to its own",
        _words,
        lambda column: (
            "" if column.kind == "e" or not of(*TEXTS, *WHOLE, "char")(column) else f"its type is {column.type}"
        ),
        {"words": (list, dict), "begins": str, "minutes": int, "through": bool},
        fits=lambda options, value: str(value) in weights(options)[0],
    ),
    Kind("switch", "true for a `share` of the rows", _switch, of("bool", *WHOLE, "bit"), {"share": (float, int)}),
    Kind(
        "constant",
        "the same `value` in every row",
        _constant,
        lambda column: "",
        {"value": (str, int, float, bool)},
        fits=lambda options, value: str(value) == str(options["value"]),
    ),
    Kind("empty", "NULL in every row", _empty, _nullable),
)
