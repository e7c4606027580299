"""Materialized views of the app over a world's tables: they show our rows, and are refreshed when these change."""

from __future__ import annotations

from collections.abc import Sequence

from psycopg.sql import SQL, Identifier

from populace.database import queries
from populace.database.connection import Connection
from populace.spec import Table


def refresh(connection: Connection, tables: Sequence[Table]) -> list[str]:
    """Refresh those that this role may refresh, in the connection's open transaction; their names."""
    named = {"schemas": [t.schema for t in tables], "names": [t.name for t in tables]}
    found = connection.execute(queries.load("queries/materialized_views.sql"), named).fetchall()
    for schema, name in found:
        connection.execute(SQL("REFRESH MATERIALIZED VIEW {}").format(Identifier(schema, name)))
    return [f"{schema}.{name}" for schema, name in found]
