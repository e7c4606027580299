"""Sessions of an app, for tests: names are found in its schemas, as its role has it, and not in PostgreSQL's alone."""

from __future__ import annotations

from populace.database.connection import Connection
from populace.database.connection import connect as of_ours


def connect(url: str, *, application_name: str, autocommit: bool = False) -> Connection:
    """A session like ours, but for the search path."""
    connection = of_ours(url, application_name=application_name, autocommit=True)
    connection.execute("RESET search_path")
    connection.autocommit = autocommit
    return connection
