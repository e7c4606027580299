"""Values that are given, one of some for each row, as a column's type takes them; and as what it is written."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from populace import clock
from populace.declared.kinds.cell import HIGHEST, WHOLE
from populace.declared.schema import Column
from populace.spec import ColumnValue, Ints, Words


def native(column: Column) -> str:
    """The type of `spec.TYPES` in which values of a column are given."""
    bases = {"uuid": "uuid", "int2": "int4", "int4": "int4", "int8": "int8", "bool": "bool", "float8": "float8",
             "timestamptz": "timestamptz", "date": "date", "jsonb": "jsonb"}  # fmt: skip
    if column.domain and column.base in ("timestamptz", "date"):
        return "text"
    return bases.get(column.base, "text")


def stored(column: Column) -> str | None:
    """The app's type, where rows must be sent as text for it."""
    plain = column.base in ("uuid", "int4", "int8", "bool", "float8", "timestamptz", "date", "jsonb", "text", "varchar")
    return None if plain and not column.domain else column.type


def constants(values: Sequence[Any], which: Ints, column: Column) -> ColumnValue:
    """Of some values, which each row has; None is no value, and stands for whatever its type has as the least."""
    if column.base in WHOLE:
        return np.array([int(v or 0) for v in values], dtype=np.int64)[which]
    if column.base == "bool":
        return np.array([bool(v) for v in values], dtype=np.bool_)[which]
    if column.base == "float8":
        return np.array([float(v or 0) for v in values], dtype=np.float64)[which]
    if native(column) == "timestamptz":
        return np.array([_us(str(v)) if v else 0 for v in values], dtype=np.int64)[which]
    if native(column) == "date":
        days = [np.datetime64(str(v)[:10], "D").astype(np.int64) if v else 0 for v in values]
        return np.array(days, dtype=np.int64)[which]
    return Words(which, tuple("" if v is None else str(v) for v in values))


def fits(value: Any, column: Column) -> bool:
    """Whether a column can hold a value, as far as its type says here; of other types the server says it."""
    if column.base == "bool":
        return value in (True, False)
    try:
        if column.base in WHOLE:
            room = HIGHEST[column.base]
            return (not isinstance(value, float) or value.is_integer()) and -room - 1 <= int(value) <= room
        if native(column) == "uuid":
            return bool(uuid.UUID(str(value)))
        constants([value], np.zeros(1, dtype=np.int64), column)
    except ValueError:
        return False
    return True


def _us(text: str) -> int:
    """A moment, UTC where it names no offset, in µs since 1970."""
    at = datetime.fromisoformat(text)
    return clock.from_datetime(at if at.tzinfo else at.replace(tzinfo=UTC))
