"""What a population builds on and did not make: rows of the app's own, read when it is seeded, kept in its plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from populace.errors import BadInput
from populace.spec.values import Values

if TYPE_CHECKING:
    from populace.spec.column import ColumnValue, Ints
    from populace.spec.draw import Draw

MOST_GIVEN = 10_000
"""So many rows of a table are read, the first by their keys."""

Cells = Mapping[str, Sequence[str | int | bool]]
"""Columns by name, each with one value a row."""
Given = Mapping[str, Cells]
"""By the full name of a table, what was read of it."""


@dataclass(frozen=True, slots=True)
class Reads:
    """Rows of the app's that a world reads. table: full name. columns: by name the type of `TYPES` in which values are
    kept; whole numbers and truth values as such, others as texts. needed: False: there may be none."""

    table: str
    columns: Mapping[str, str]
    needed: bool = True


@dataclass(frozen=True, slots=True)
class Avoids:
    """A column whose values differ in every row, and of which rows of the app's may have taken some. table: full name.
    root: whose members have them. type: of `TYPES`. values: of members by their numbers, as if none were taken; most:
    how many there are. A plan holds the numbers that are left out, and no value of anybody's."""

    table: str
    column: str
    root: str
    type: str
    values: Callable[[Draw, Ints], ColumnValue]
    most: int

    @property
    def reads(self) -> Reads:
        """How a plan holds it."""
        return Reads(f"{self.table}.{self.column}", {LEFT_OUT: "int8"}, needed=False)


LEFT_OUT = "left_out"


def left_out(values: Values, table: str, column: str) -> Sequence[int]:
    """Which numbers a plan leaves out of a column, ascending."""
    found = cells_of(values, f"{table}.{column}")
    return [int(number) for number in found[LEFT_OUT]] if found else []


def path_of(table: str) -> str:
    """Under which path the values of a plan hold what was read of a table."""
    return f"given.{table}"


def by_path(given: Given) -> Mapping[str, object]:
    """What was read, as values of a plan have it."""
    return {path_of(table): cells for table, cells in given.items()}


def cells_of(values: Values, table: str) -> Cells | None:
    """What a plan holds of a table; None where nothing was read yet."""
    found = values.get(path_of(table))
    return found if isinstance(found, Mapping) else None


def checked(document: object, reads: Sequence[Reads], where: str) -> Given:
    """What a plan's document says was read. Raises BadInput for what a world does not read, or is no column."""
    if not isinstance(document, Mapping):
        raise BadInput("what was read of the app's tables is an object", where=where, given=document)
    known = {one.table: one for one in reads}
    for table, cells in document.items():
        columns = known[table].columns if table in known else {}
        if not isinstance(cells, Mapping) or cells.keys() != columns.keys():
            raise BadInput("this world reads other columns", where=f"{where}.{table}", given=cells,
                           allowed=", ".join(columns) or "none of this table")  # fmt: skip
        lists = list(cells.values())
        if any(not isinstance(c, list | tuple) or len(c) != len(lists[0]) for c in lists) or any(
            type(value) not in (str, int, bool) for cell in lists for value in cell):  # fmt: skip
            raise BadInput("these are no columns of equal length", where=f"{where}.{table}")
    return document
