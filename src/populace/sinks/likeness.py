"""How rows of a plan and of a table go together, in SQL: `s` is the row of the plan, `t` that of the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg.sql import SQL, Composable, Identifier

from populace.spec import Table

STATE, ROW, WHY = Identifier("populace state"), Identifier("populace row"), Identifier("populace why")
"""Columns of a table of rows that differ: how, their number, and why the server did not take them."""


@dataclass(frozen=True, slots=True)
class Found:
    """The rows of one table that differ. stage: all of the plan; rows: those that differ. same: whether `t` is the row
    `s`; ours: whether we wrote `t`."""

    table: Table
    stage: Identifier
    rows: Identifier
    same: Composable
    ours: Composable


def identity(table: Table) -> tuple[str, ...]:
    """The columns by which a row of the plan is found again: its proof where that is its own, else its key."""
    return table.key if table.proven_by else table.proof


def columns_of(table: Table, *row: str) -> Composable:
    """All columns of a table; row: `s` or `t`."""
    return SQL(", ").join(Identifier(*row, column.name) for column in table.columns)


def equal(columns: Sequence[str], others: Sequence[str] = (), one: str = "t", other: str = "s") -> Composable:
    """Whether rows `one` and `other` have the same values in these columns, or in theirs and in `others`."""
    pairs = zip(columns, others or columns, strict=True)
    return SQL("({})").format(
        SQL(" AND ").join(SQL("{} = {}").format(Identifier(one, a), Identifier(other, b)) for a, b in pairs)
    )


def unlike(table: Table, names: Sequence[str]) -> Composable:
    """Whether rows `s` and `t` differ in one of these columns."""
    if not names:
        return SQL("false")
    # An app may hold json, which the server does not compare.
    cast = {name: SQL("::jsonb" if table.column(name).type == "jsonb" else "") for name in names}
    parts = (
        SQL("{}{} IS DISTINCT FROM {}{}").format(Identifier("s", n), c, Identifier("t", n), c) for n, c in cast.items()
    )
    return SQL("({})").format(SQL(" OR ").join(parts))
