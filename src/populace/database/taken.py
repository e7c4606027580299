"""Which values that a population would write rows of the app's have already: by their places in a list, and only these.

Values are compared without regard to case, since unique keys may be: one too many is left out, and no harm is done.
"""

from __future__ import annotations

from collections.abc import Iterable

import psycopg
from psycopg.sql import SQL, Identifier

from populace.database.connection import Connection
from populace.database.named import named

QUERIES = named("populace.database", "taken.sql")
MOST = 10_000
"""So many rows of the app's are avoided; where there are more, a value that is taken is an error with its name."""


def rows_of(connection: Connection, table: str) -> int:
    """How many rows a table (`schema.table`) holds that this role sees, up to one more than are avoided; 0 where it may
    not read it."""
    schema, _, name = table.partition(".")
    query = SQL("SELECT pg_catalog.count(*) FROM (SELECT FROM {} LIMIT {}) AS held").format(
        Identifier(schema, name), MOST + 1)  # fmt: skip
    try:
        with connection.transaction():
            ((many,),) = connection.execute(query).fetchall()
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedTable):
        return 0
    return int(many)


def places(connection: Connection, table: str, column: str, values: Iterable[str | None]) -> list[int]:
    """The places of those values, counted from 0, that a column holds. In the caller's transaction."""
    schema, _, name = table.partition(".")
    found = connection.execute(QUERIES["column"], {"schema": schema, "table": name, "column": column}).fetchone()
    if found is None:
        return []
    with connection.transaction(force_rollback=True):
        connection.execute("CREATE TEMPORARY TABLE wished (place bigint, value text) ON COMMIT DROP")
        with connection.cursor() as cursor, cursor.copy("COPY pg_temp.wished FROM STDIN") as copy:
            for row in enumerate(values):
                copy.write_row(row)
        connection.execute("ANALYZE pg_temp.wished")
        query = SQL(
            "SELECT w.place FROM pg_temp.wished AS w WHERE pg_catalog.lower(w.value::{type}::text) IN"
            " (SELECT pg_catalog.lower(t.{column}::text) FROM {table} AS t) ORDER BY 1"
        ).format(type=SQL(found[0]), column=Identifier(column), table=Identifier(schema, name))
        return [int(place) for (place,) in connection.execute(query).fetchall()]
