"""What a world's function gave back, looked at before anything is made of it: tables, columns, lengths, kinds, keys.

An array that is too long, a fraction where a whole number belongs or a key of a misspelt table would go on unnoticed as
other rows; here each is one error, with the table and the column.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from populace.errors import nearest
from populace.spec import (
    NEVER,
    OUTBOX,
    Columns,
    ColumnValue,
    Flow,
    Ints,
    Joined,
    Json,
    Key,
    Optional,
    Rows,
    Table,
    TableRows,
    World,
)
from populace.spec.authors import Misuse
from populace.spec.column import own_entries

_DTYPES: Mapping[str, tuple[str, str]] = {
    "int4": ("iu", "whole numbers"),
    "int8": ("iu", "whole numbers"),
    "timestamptz": ("iu", "whole microseconds"),
    "date": ("iu", "whole days"),
    "numeric": ("iu", "whole hundredths"),
    "float8": ("iuf", "numbers"),
    "bool": ("b", "true and false"),
}
"""Of what kind an array in a column of a type is: NumPy's letters, and in words."""


def require(world: World, flow: Flow | None, emitted: TableRows) -> None:
    """Raise Misuse for rows that cannot be what the author meant."""
    for name, rows in emitted.items():
        if name == OUTBOX.name:
            _require(OUTBOX, rows, None)
            continue
        if flow is not None and name not in flow.tables:
            raise Misuse("it has rows for a table that its flow does not write", given=name,
                         allowed=nearest(name, flow.tables))  # fmt: skip
        _require(world.table(name), rows, world)


def _require(table: Table, rows: Rows, world: World | None) -> None:
    many = len(rows.owner)
    for name, array in (("owner", rows.owner), ("at", rows.at), ("entity", rows.entity)):
        if array is not None and (array.dtype.kind not in "iu" or array.shape != (many,)):
            raise Misuse(
                f"`{name}` of its rows is no array of one whole number a row",
                where=table.full_name,
                given=f"{array.dtype} of shape {array.shape}, and {many} rows",
            )
    columns = [column.name for column in table.columns]
    for name in rows.columns:
        if name not in columns:
            raise Misuse("there is no such column", where=table.full_name, given=name, allowed=nearest(name, columns))
    for column in table.columns:
        where = f"{table.full_name}.{column.name}"
        if column.name not in rows.columns:
            raise Misuse("the rows lack this column", where=where)
        value = rows.columns[column.name]
        if value is None or isinstance(value, (str, int, float, tuple)):
            continue
        if isinstance(value, np.ndarray):
            _require_kind(value, column.type, where)
        for part in _parts(value):
            if isinstance(part, Key) and world is not None and part.table not in (keys := _keys(world)):
                raise Misuse("a key is of no table of the world, and of nothing in its `keys`", where=where,
                             given=part.table, allowed=nearest(part.table, keys))  # fmt: skip
            if (length := _length(part)) is not None and length != many:
                raise Misuse(f"the column has {length:,} values, and there are {many:,} rows", where=where)


def require_moments(table: Table, columns: Columns, kept: Ints) -> None:
    """Raise Misuse where a row that is written has `NEVER` in a column."""
    for column in table.columns:
        value = columns[column.name]
        if column.type == "timestamptz" and isinstance(value, np.ndarray) and (value[kept] == NEVER).any():
            raise Misuse(
                "NEVER is no moment that a row can have",
                where=f"{table.full_name}.{column.name}",
                allowed="Optional(at != NEVER, at), which is null there",
            )


def _require_kind(value: np.ndarray, kind: str, where: str) -> None:
    letters, meant = _DTYPES.get(kind, ("iub", "whole numbers, or a description of texts"))
    if value.dtype.kind not in letters:
        raise Misuse(f"the column holds {value.dtype}, and not {meant}", where=where)


def _parts(value: ColumnValue) -> Iterator[ColumnValue]:
    """A value and those that it is put together of, each with one entry a row."""
    yield value
    if isinstance(value, Optional):
        yield value.present
        yield from _parts(value.value)
    elif isinstance(value, Joined):
        for part in value.parts:
            yield from _parts(part)
    elif isinstance(value, Json):
        for member in value.members.values():
            yield from _parts(member)


def _length(value: ColumnValue) -> int | None:
    """How many entries a value has of its own; None where it is the same in every row, or put together of others."""
    array = own_entries(value)
    # One number that is repeated without end has a length that says nothing.
    return None if array is None or array.strides == (0,) else len(array)


def _keys(world: World) -> tuple[str, ...]:
    return (*(table.name for table in world.tables), *world.keys)
