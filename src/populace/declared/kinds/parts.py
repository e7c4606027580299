"""Values made of several: rows of composite types, and arrays of whatever type, as the texts that the server reads."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache

import numpy as np

from populace.clock import DAY_US
from populace.declared.kinds import people, places, texts
from populace.declared.kinds.cell import REAL, TEXTS, WHOLE, Cell
from populace.declared.naming import BY_NAME
from populace.declared.schema import Column
from populace.spec import Along, ColumnValue, Joined, Number, Optional, Stamp, Words

Make = Callable[[Cell], ColumnValue]
MOST_FIXED = 24
"""Values of a domain that asks for something: so many are used."""


def why_not(column: Column, types: Mapping[str, Make]) -> str:
    """Why no value of a type can be made; "" where it can. types: those that are made of one piece."""
    if column.kind == "c" or (column.base.startswith("_") and column.parts):
        return next((why for part in column.parts if (why := why_not(part, types))), "")
    if column.domain_checks and not _fixed(column):
        return f"no value was found that {column.domain} takes"
    plain = (*TEXTS, *WHOLE, *REAL, "bool", "timestamptz", "timestamp", "date", "time", "timetz")
    known = column.base in (*plain, *types) or column.kind == "e"
    return "" if known else f"the type {column.type} is not understood"


def made(cell: Cell, types: Mapping[str, Make]) -> ColumnValue:
    """A row of a composite type, or an array of two elements."""
    parts = cell.column.parts
    if cell.column.kind == "c":
        pieces = [_quoted(_piece(_of(cell, part, f".{part.name}"), types)) for part in parts]
        return Joined(("(", *_between(pieces), ")"))
    pieces = [_quoted(_piece(_of(cell, parts[0], more), types)) for more in ("", ".second")]
    return Joined(("{", *_between(pieces), "}"))


def _of(cell: Cell, part: Column, stream: str) -> Cell:
    # What an array holds has the length that the array's column names.
    length = part.length or cell.column.length
    return replace(cell, column=replace(part, length=length), stream=f"{cell.stream}{stream}", options={},
                   distinct=False)  # fmt: skip


def _between(pieces: list[ColumnValue]) -> list[ColumnValue]:
    out: list[ColumnValue] = []
    for piece in pieces:
        out += [piece, ","]
    return out[:-1]


def _piece(cell: Cell, types: Mapping[str, Make]) -> ColumnValue:
    """One value inside another, as text."""
    column = cell.column
    if column.domain_checks:
        fixed = _fixed(replace(column, length=None)) or _fixed(column)
        return Words(cell.below(len(fixed)), fixed)
    if column.kind == "e":
        return Words(cell.below(len(column.labels)), column.labels)
    if column.kind == "c" or (column.base.startswith("_") and column.parts):
        return made(cell, types)
    if column.base in TEXTS:
        return _text(cell)
    if column.base in (*WHOLE, *REAL):
        return Number(1 + cell.below(9))
    if column.base == "bool":
        return Words(cell.below(2), ("f", "t"))
    if column.base in ("timestamptz", "timestamp"):
        return Stamp(cell.at)
    if column.base == "date":
        days, index = np.unique(cell.at // DAY_US, return_inverse=True)
        return Words(index.astype(np.int64), tuple(str(day) for day in days.astype("datetime64[D]")))
    if column.base in ("time", "timetz"):
        return Joined((Number(8 + cell.below(12), 2), ":00", "+00" if column.base == "timetz" else ""))
    return '{"synthetic": true}' if column.base in ("json", "jsonb") else types[column.base](cell)


def _text(cell: Cell) -> ColumnValue:
    name = cell.column.name.lower()
    known = {kind.name: kind for module in (people, places, texts) for kind in module.KINDS}
    for pattern, kind in (*BY_NAME, ("country", "country code")):
        if kind in known and re.search(pattern, name) and not known[kind].takes(cell.column):
            value: ColumnValue = known[kind].values(cell)
            return value
    return cell.pick(texts.TAGS)


@lru_cache(maxsize=1024)
def _fixed(column: Column) -> tuple[str, ...]:
    """Values that a domain takes."""
    from populace.declared import fulfilling

    return tuple(str(value) for value in fulfilling.values(column, MOST_FIXED))


def _quoted(value: ColumnValue) -> ColumnValue:
    return Joined(('"', escaped(value), '"'))


def escaped(value: ColumnValue) -> ColumnValue:
    """A text as it stands between double quotes."""
    if isinstance(value, str):
        return _escape(value)
    if isinstance(value, Words):
        return Words(value.codes, tuple(_escape(str(word)) for word in value.words))
    if isinstance(value, Joined):
        return Joined(tuple(escaped(part) for part in value.parts))
    if isinstance(value, Optional):
        return Optional(value.present, escaped(value.value))
    if isinstance(value, Along):
        return Along(escaped(value.value), value.index)
    return value


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
