"""What lies over a world's tables: materialized views of the app, refreshed with our rows, and row level security."""

from __future__ import annotations

from collections.abc import Sequence

from psycopg.sql import SQL, Identifier

from populace.database import queries
from populace.database.connection import Connection
from populace.spec import Table


def refresh(connection: Connection, tables: Sequence[Table]) -> list[str]:
    """Refresh those that this role may refresh, in the connection's open transaction; their names."""
    named = {"schemas": [t.schema for t in tables], "names": [t.relation for t in tables]}
    found = connection.execute(queries.load("queries/materialized_views.sql"), named).fetchall()
    for schema, name in found:
        connection.execute(SQL("REFRESH MATERIALIZED VIEW {}").format(Identifier(schema, name)))
    return [f"{schema}.{name}" for schema, name in found]


def filtered(connection: Connection) -> frozenset[str]:
    """Tables by `schema.table` of which row level security shows this session's role some rows only."""
    query = (
        "SELECT pg_catalog.format('%s.%s', n.nspname, c.relname) FROM pg_catalog.pg_class AS c"
        " JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace"
        " WHERE c.relkind IN ('r', 'p') AND pg_catalog.row_security_active(c.oid)"
    )
    return frozenset(name for (name,) in connection.execute(query))
