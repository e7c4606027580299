"""Values that rows of the app's have taken: the numbers of rows skip those that would give one of them.

A value that is another in each row is made of the row's number. Where a plan leaves some numbers out of a column, each
row takes the next one that is free, so that no value is looked up and none is tried again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from populace.declared.constants import native
from populace.declared.declaration import REFERENCE
from populace.declared.kinds import KINDS
from populace.spec import Avoids, ColumnValue, Draw, Ints
from populace.spec.given import left_out

if TYPE_CHECKING:
    from populace.declared.rows import Filler

_BY_TIME = ("created", "updated", "later", "ahead", "birthday", "slot")
"""Kinds whose values come of more than the number of their row."""


def number(filler: Filler, draw: Draw, name: str, ordinal: Ints) -> Ints:
    """The number by which each row has its value in a column: its own, moved past those that are left out."""
    if name not in filler.arranged.distinct:
        return ordinal
    out = left_out(draw.values, filler.arranged.table.full_name, name)
    if not out:
        return ordinal
    taken = np.array(out, dtype=np.int64)
    free_before = taken - np.arange(len(taken))
    return ordinal + np.searchsorted(free_before, ordinal, side="right")


def avoids(filler: Filler) -> Iterator[Avoids]:
    """The columns of a table of which the app's rows may have taken values, because a unique key is on them."""
    arranged, table = filler.arranged, filler.arranged.table
    unique = {name for key in table.uniques for name in (*key.columns, *_inside(filler, key.expressions))}
    referring = {name for reference in arranged.references for name in reference.columns}
    for name in sorted(arranged.distinct & unique - referring):
        kind, column = arranged.columns[name].kind, table.column(name)
        hashed = column.base == "uuid" or (kind == "key" and arranged.bases.get(name, 0) > 0)
        if not hashed and kind != REFERENCE and kind in KINDS and kind not in _BY_TIME:
            yield Avoids(table.full_name, name, filler.name, native(column), _plainly(filler, name), arranged.most)


def _inside(filler: Filler, expressions: tuple[str, ...]) -> Iterator[str]:
    """The columns that expressions speak of."""
    for column in filler.arranged.table.columns:
        if any(column.name in text for text in expressions):
            yield column.name


def _plainly(filler: Filler, name: str) -> Callable[[Draw, Ints], ColumnValue]:
    """The values of a column, as if none were taken."""
    return lambda draw, ordinal: filler.value(draw, name, ordinal)
