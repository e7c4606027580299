"""What rows hold in columns that conditions tie together: which shape each has, and what that says of a column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from populace.clock import DAY_US
from populace.declared import avoiding, claims, shapes
from populace.declared.constants import constants, native
from populace.declared.kinds.cell import Cell
from populace.declared.kinds.moments import written
from populace.declared.kinds.words import codes, weights
from populace.declared.schema import Column
from populace.declared.shapes import Shape
from populace.spec import Bools, ColumnValue, Draw, Ints, Optional
from populace.spec.authors import Misuse

if TYPE_CHECKING:
    from populace.declared.rows import Filler


def which(filler: Filler, draw: Draw, shape: Shape, ordinal: Ints) -> Ints:
    """Which of its choices each row has of a shape."""
    many = len(shape.choices)
    if len(shape.columns) > 1 or shape.columns[0] not in filler.arranged.distinct:
        stream = f"{filler.name}.{shape.columns[0]}.shape"
        if shape.inside:
            outside = [n for n in range(many) if n not in shape.inside]
            mine = claims.claimed(filler, draw, ordinal) >= 0
            inner = _worded(filler, draw.unrecorded, shape, f"{stream}.inside", ordinal, list(shape.inside))
            return np.where(mine, inner, _worded(filler, draw.unrecorded, shape, stream, ordinal, outside))
        if len(shape.columns) > 1:
            return _worded(filler, draw.unrecorded, shape, stream, ordinal, list(range(many)))
        return draw.below(stream, many, ordinal)
    ordinal = avoiding.number(filler, draw, shape.columns[0], ordinal)
    if int(ordinal.max()) >= many:
        raise Misuse(
            "there are not so many different values that its conditions take",
            where=f"{filler.name}.{shape.columns[0]}",
            given=f"row {int(ordinal.max()) + 1:,}",
            allowed=f"at most {many:,} rows",
        )
    return ordinal


def _worded(filler: Filler, draw: Draw, shape: Shape, stream: str, ordinal: Ints, every: list[int]) -> Ints:
    """One of those choices that have the word which its weights give a row; any, where there are none of it. every: the
    choices that a row may have."""
    columns = filler.arranged.columns
    place = next((n for n, name in enumerate(shape.columns) if name in columns and columns[name].kind == "words"), None)
    if place is None:
        return _late(filler, draw, shape, stream, ordinal, every)
    name = shape.columns[place]
    by_word: dict[str, list[int]] = {}
    for number in every:
        by_word.setdefault(str(shape.choices[number][place].value), []).append(number)
    some = [by_word.get(word, every) for word in weights(columns[name].options)[0]]
    table = np.array([one + [0] * (len(every) - len(one)) for one in some], dtype=np.int64)
    code = codes(filler.cell(draw, name, ordinal))
    sizes = np.array([len(one) for one in some], dtype=np.int64)
    return table[code, draw.below(stream, sizes[code], ordinal)]


def _late(filler: Filler, draw: Draw, shape: Shape, stream: str, ordinal: Ints, every: list[int]) -> Ints:
    """Any of those choices; where a moment may be NULL, it is so in the share of rows that its column declares."""
    columns = filler.arranged.columns
    for place, name in enumerate(shape.columns):
        none = [n for n in every if shape.choices[n][place].how == shapes.NULL]
        some = [n for n in every if n not in none]
        if name in columns and columns[name].kind in ("later", "ahead") and columns[name].empty and none and some:
            empty = draw.below(f"{stream}.empty", 1_000_000, ordinal) < round(columns[name].empty * 1_000_000)
            return np.where(empty, _one_of(draw, f"{stream}.none", ordinal, none), _one_of(draw, stream, ordinal, some))
    return _one_of(draw, stream, ordinal, every)


def _one_of(draw: Draw, stream: str, ordinal: Ints, some: list[int]) -> Ints:
    found: Ints = np.array(some, dtype=np.int64)[draw.below(stream, len(some), ordinal)]
    return found


def shaped(
    filler: Filler, draw: Draw, shape: Shape, name: str, ordinal: Ints, value: ColumnValue, which: Ints
) -> ColumnValue:
    """What the row's shape says of a column. value: what its kind gives."""
    place, column = shape.columns.index(name), filler.arranged.table.column(name)
    holds = [choice[place] for choice in shape.choices]
    fixed = [hold.value for hold in holds]
    sort = next((hold.how for hold in holds if hold.how != shapes.NULL), shapes.NULL)
    if sort == shapes.FIXED:
        came = value if isinstance(value, np.ndarray) and shape.spans else None
        value = constants(fixed, which, column)
        if came is not None and isinstance(value, np.ndarray):
            # When it came, wherever there is a part for that.
            day = came if native(column) == "date" else came // DAY_US
            inside = np.any([(low <= day) & (day < high) for low, high in shape.spans], axis=0)
            value = np.where(inside, came, value)
    elif sort == shapes.OFFSET:
        value = _offset(filler, draw, fixed, which, column, ordinal)
    none = np.array([hold.how == shapes.NULL for hold in holds], dtype=np.bool_)[which]
    return missing(none, value) if none.any() and value is not None else value


def _offset(filler: Filler, draw: Draw, fixed: list[Any], which: Ints, column: Column, ordinal: Ints) -> ColumnValue:
    later = np.array([value or 0 for value in fixed], dtype=np.int64)[which]
    at = draw.joined(filler.name)[ordinal]
    return written(Cell(draw, "", filler.name, ordinal, at, column), at + later)


def missing(none: Bools, value: ColumnValue) -> ColumnValue:
    """A value that is NULL in some rows, of those that it is not NULL in by itself."""
    if isinstance(value, Optional):
        return Optional(value.present & ~none, value.value)
    return Optional(~none, value) if value is not None else None
