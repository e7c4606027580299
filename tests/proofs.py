"""What proves rows in tests that no seed has written."""

from __future__ import annotations

from collections.abc import Sequence

from psycopg import sql

from populace.database.connection import Connection
from populace.database.ownership import Staged, ledger_key
from populace.spec import Table


def as_written(conn: Connection, tables: Sequence[Table]) -> Staged:
    """As if every row with a mark were one of ours."""
    stages = {}
    for number, table in enumerate(tables):
        name, mark = sql.Identifier(table.schema, table.name), sql.SQL(table.mark.condition)  # type: ignore[arg-type]
        if not table.hashed:
            note = sql.SQL(
                "INSERT INTO populace.own_row SELECT {}::regclass, {} FROM {} AS t WHERE {} ON CONFLICT DO NOTHING"
            )
            conn.execute(note.format(table.quoted_name, ledger_key(table), name, mark))
        elif not table.proven_by:
            stage = stages[table.full_name] = sql.Identifier("pg_temp", f"written_{number}")
            columns = sql.SQL(", ").join(map(sql.Identifier, table.proof))
            conn.execute(sql.SQL("CREATE TEMPORARY TABLE {} AS SELECT {} FROM {} AS t WHERE {}").format(
                stage, columns, name, mark))  # fmt: skip
    return Staged(stages)
