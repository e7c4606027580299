"""Words of a list, switches, constants, and columns that hold nothing."""

from __future__ import annotations

from collections.abc import Mapping

from populace.declared.kinds.cell import TEXTS, WHOLE, Cell, Kind, of
from populace.declared.schema import Column
from populace.spec import ColumnValue, Ints, Words


def weights(options: Mapping[str, object]) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """The words of a column, and how often each comes."""
    given = options.get("words", ())
    if isinstance(given, Mapping):
        return tuple(given), tuple(float(weight) for weight in given.values())
    some = tuple(str(word) for word in given)  # type: ignore[attr-defined]
    return some, (1.0,) * len(some)


def begins(options: Mapping[str, object]) -> str:
    """The word that a row has when it comes; "" where it has its own from the beginning."""
    return str(options.get("begins", ""))


def _words(cell: Cell) -> ColumnValue:
    words, _ = weights(cell.options)
    codes: Ints = cell.draw.choose(cell.stream, cell.ordinal, cell.at)
    if cell.column.base in WHOLE:
        return codes_of([int(word) for word in words], codes)
    return Words(codes, words)


def codes_of(numbers: list[int], codes: Ints) -> Ints:
    """The number of each code."""
    import numpy as np

    return np.array(numbers, dtype=np.int64)[codes]


def _switch(cell: Cell) -> ColumnValue:
    yes = cell.draw.chance(cell.stream, cell.ordinal, cell.at)
    base = cell.column.base
    if base == "bool":
        return yes
    number = yes.astype("int64")
    return number if base in WHOLE else Words(number, ("0", "1"))


def _constant(cell: Cell) -> ColumnValue:
    value = cell.options["value"]
    base = cell.column.base
    if base == "bool":
        return bool(value)
    if base in WHOLE:
        return int(value)  # type: ignore[call-overload, no-any-return]
    return str(value)


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
