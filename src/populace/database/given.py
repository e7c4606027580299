"""Rows of the app's own that a population builds on, read once: keys that ours refer to, and values that are taken."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg
from psycopg.sql import SQL, Composable, Identifier, Literal

from populace.database.connection import Connection
from populace.errors import BadInput, Refused
from populace.spec.given import MOST_GIVEN, Given, Reads

_KEPT = {"int4": SQL("{}::pg_catalog.int8"), "int8": SQL("{}::pg_catalog.int8"), "bool": SQL("{}")}


def read(connection: Connection, reads: Sequence[Reads], world: str) -> Given:
    """What a world reads, by table: the first `MOST_GIVEN` rows by these columns, of those without NULL in them.

    In the caller's transaction. Raises BadInput for a table that is not there, or holds no row where some are needed;
    Refused where this role may not read it.
    """
    return {one.table: _read(connection, one, world) for one in reads}


def _read(connection: Connection, reads: Reads, world: str) -> dict[str, list[str | int | bool]]:
    schema, _, name = reads.table.partition(".")
    columns = {column: Identifier("t", column) for column in reads.columns}
    shown = SQL(", ").join(_KEPT.get(kind, SQL("{}::pg_catalog.text")).format(columns[column])
                           for column, kind in reads.columns.items())  # fmt: skip
    there: list[Composable] = [SQL("{} IS NOT NULL").format(column) for column in columns.values()]
    query = SQL("SELECT {} FROM {} AS t WHERE {} ORDER BY {} LIMIT {}").format(
        shown, Identifier(schema, name), SQL(" AND ").join(there), SQL(", ").join(columns.values()), Literal(MOST_GIVEN)
    )
    where = f"{world}: {reads.table}"
    try:
        with connection.transaction():
            rows = connection.execute(query).fetchall()
    except psycopg.errors.InsufficientPrivilege as error:
        raise Refused(f"this role may not read the app's rows, which ours refer to: {error.diag.message_primary}",
                      where=where, todo="grant it SELECT, or have the table filled (`rows` in the place of `source`)",
                      ) from error  # fmt: skip
    except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn) as error:
        raise BadInput(f"the app's rows cannot be read: {error.diag.message_primary}", where=where,
                       todo="adopt the schema as it is now") from error  # fmt: skip
    if reads.needed and not rows:
        raise BadInput(
            "rows of ours refer to the app's own in this table, and it holds none that this role sees",
            where=where,
            todo="let the app fill it first, or have it filled (`rows` in the place of `source`)",
        )
    return {column: [row[place] for row in rows] for place, column in enumerate(reads.columns)}
