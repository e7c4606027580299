"""Sequences that number columns into which we write values of our own: moved past these, or an app's INSERT would be
given a number that is taken.

What a sequence has handed out is not part of any transaction: a move stays when the rows are rolled back, as gaps do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg.sql import SQL, Identifier

from populace.database import queries
from populace.database.connection import Connection
from populace.spec import Table

MOST_STEPS = 10_000
"""So many numbers are taken one by one, which can move no sequence backwards, whoever else takes some meanwhile. Where
more are between, it is set: nobody takes that many in the same millisecond."""


@dataclass(frozen=True, slots=True)
class Numbering:
    """A sequence that numbers a column of a table (`schema.table`). name: of the sequence, as SQL reads it.

    low, high: its bounds. may_move: whether we have the rights to.
    """

    table: str
    column: str
    name: str
    step: int
    low: int
    high: int
    may_move: bool

    def later(self, one: int, other: int) -> int:
        """The one of two values that the sequence comes to last."""
        return max(one, other) if self.step > 0 else min(one, other)


def numberings(connection: Connection, tables: Sequence[Table]) -> list[Numbering]:
    """The sequences behind columns that we write into these tables."""
    wanted = {(t.full_name, c.name) for t in tables for c in t.columns if c.type in ("int4", "int8") and not c.apart}
    if not wanted:
        return []
    names = {"schemas": [t.schema for t in tables], "names": [t.relation for t in tables]}
    found = connection.execute(queries.load("queries/sequences.sql"), names).fetchall()
    numbered = [Numbering(f"{schema}.{table}", *rest) for schema, table, *rest in found]
    return [one for one in numbered if (one.table, one.column) in wanted]


def pass_value(connection: Connection, numbering: Numbering, value: int) -> None:
    """Have a sequence's next number lie past a value within its bounds. It never moves backwards."""
    if _is_past(numbering, _last(connection, numbering), value):
        return
    at = _take(connection, numbering, 1)
    if _is_past(numbering, at, value):
        return
    steps = -(-(value - at) // numbering.step)
    if steps > MOST_STEPS or not numbering.low <= at + steps * numbering.step <= numbering.high:
        connection.execute("SELECT setval(%s::regclass, %s)", (numbering.name, value))
    else:
        _take(connection, numbering, steps)


def pass_rows(connection: Connection, tables: Sequence[Table]) -> None:
    """Have the sequences of tables lie past every value that is there."""
    by_name = {table.full_name: table for table in tables}
    for one in numberings(connection, tables):
        table = by_name[one.table]
        query = SQL("SELECT {extreme}(t.{column}) FROM {table} AS t WHERE t.{column} BETWEEN %s AND %s").format(
            extreme=SQL("max" if one.step > 0 else "min"),
            column=Identifier(one.column),
            table=Identifier(table.schema, table.relation),
        )
        row = connection.execute(query, (one.low, one.high)).fetchone()
        if row is not None and row[0] is not None:
            pass_value(connection, one, row[0])


def _last(connection: Connection, numbering: Numbering) -> int | None:
    """The last number that was handed out; None before the first one."""
    row = connection.execute("SELECT pg_sequence_last_value(%s::regclass)", (numbering.name,)).fetchone()
    assert row is not None
    return None if row[0] is None else int(row[0])


def _take(connection: Connection, numbering: Numbering, many: int) -> int:
    """Take numbers; the last one."""
    row = connection.execute(
        "SELECT min(n), max(n) FROM (SELECT nextval(%s::regclass) AS n FROM generate_series(1, %s)) AS taken",
        (numbering.name, many),
    ).fetchone()
    assert row is not None
    return int(row[numbering.step > 0])


def _is_past(numbering: Numbering, last: int | None, value: int) -> bool:
    """Whether the next number lies past a value, or there is no next one."""
    if last is None:
        return False
    if not numbering.low <= last + numbering.step <= numbering.high:
        return True
    return last >= value if numbering.step > 0 else last <= value
