"""Values that are given, one of some for each row, as a column's type takes them; and as what it is written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from populace.declared.kinds.cell import WHOLE
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
        moments = [np.datetime64(_bare_moment(str(v)), "us").astype(np.int64) if v else 0 for v in values]
        return np.array(moments, dtype=np.int64)[which]
    if native(column) == "date":
        days = [np.datetime64(str(v)[:10], "D").astype(np.int64) if v else 0 for v in values]
        return np.array(days, dtype=np.int64)[which]
    return Words(which, tuple("" if v is None else str(v) for v in values))


def _bare_moment(text: str) -> str:
    return re.sub(r"([+-]\d\d(:?\d\d)?|Z)$", "", text.replace(" ", "T"))
