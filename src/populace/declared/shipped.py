"""Rows that the app ships: rows of ours refer to them, and none of them is ours. A plan holds their keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from populace.declared.constants import constants
from populace.declared.kinds.cell import WHOLE
from populace.declared.references import Reference
from populace.declared.schema import Column, Table
from populace.spec import Bools, ColumnValue, Draw, Ints, Reads, Values
from populace.spec.given import Cells, cells_of

UNREAD = 12
"""So many rows there are where nothing was read: a plan without its target."""
_BEFORE = -(1 << 60)


@dataclass(frozen=True)
class Shipped:
    """A table of the app's rows. keys: the columns by which rows of ours refer to it."""

    table: Table
    keys: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name of the table."""
        return self.table.name

    @property
    def reads(self) -> Reads:
        """What of it a plan holds."""
        return Reads(self.table.full_name, {name: _kept(self.table.column(name)) for name in self.keys})

    def many(self, values: Values) -> int:
        """How many rows there are."""
        return len(self._cells(values)[self.keys[0]])

    def _cells(self, values: Values) -> Cells:
        found = cells_of(values, self.table.full_name)
        return _unread(self.table, self.keys) if found is None else found

    def names(self, values: Values, key: str) -> Sequence[str] | None:
        """The keys of its rows as texts; None where they were not read yet."""
        found = cells_of(values, self.table.full_name)
        return None if found is None else [str(value).strip() for value in found[key]]

    def weighed(self, draw: Draw, stream: str, reference: Reference, ordinal: Ints) -> Ints:
        """A row for each, as often as weights say; those without one are not taken."""
        names = self.names(draw.values, reference.keys[0])
        given = [weight for _, weight in reference.weights]
        if names is not None:
            given = [dict(reference.weights).get(name, 0) for name in names]
        ends = np.cumsum(np.array(given[: self.many(draw.values)], dtype=np.int64))
        drawn = draw.below(stream, max(int(ends[-1]), 1), ordinal)
        return np.minimum(np.searchsorted(ends, drawn, side="right"), len(ends) - 1)

    # As rows of ours are asked, whoever refers to them.

    thinned = False

    def initial(self, draw: Draw) -> int:
        """How many rows are there from the beginning: all of them."""
        return self.many(draw.values)

    def presence(self, values: Values) -> tuple[int, int, int]:
        """How many rows there are when history begins, when it ends, and ever: all of them."""
        many = self.many(values)
        return many, many, many

    def there(self, draw: Draw, at: Ints) -> Ints:
        """How many rows there are by each moment."""
        return np.full(len(at), self.many(draw.values), dtype=np.int64)

    def came(self, draw: Draw, number: Ints) -> Ints:
        """When each row came: before everything."""
        return np.full(len(number), _BEFORE, dtype=np.int64)

    def exists(self, draw: Draw, number: Ints) -> Bools:
        """All of them do."""
        return np.ones(len(number), dtype=np.bool_)

    def value(self, draw: Draw, name: str, number: Ints) -> ColumnValue:
        """What rows hold in a column that is a key."""
        return constants(self._cells(draw.values)[name], number, self.table.column(name))


def _kept(column: Column) -> str:
    return "int8" if column.base in WHOLE and not column.domain else "bool" if column.base == "bool" else "text"


def _unread(table: Table, keys: Sequence[str]) -> Mapping[str, Sequence[str | int | bool]]:
    """What stands for rows that were not read."""
    return {name: [_stand_in(table.column(name), n) for n in range(UNREAD)] for name in keys}


def _stand_in(column: Column, number: int) -> str | int | bool:
    if column.labels:
        return column.labels[number % len(column.labels)]
    if column.base == "uuid":
        return f"00000000-0000-4000-8000-{number:012x}"
    if column.base == "bool":
        return bool(number % 2)
    if column.base in ("timestamptz", "timestamp", "date"):
        return f"2020-01-{number + 1:02d}"
    return number + 1 if _kept(column) == "int8" else str(number + 1)
