"""A temporary database: made beside a target's, on the same server, and dropped again.

What is tried in it does not touch the target's own tables, locks and triggers.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL, Identifier, Literal

from populace.database import queries
from populace.database.connection import Connection, connect
from populace.database.libpq import elsewhere
from populace.errors import TargetUnavailable

PREFIX = "populace_scratch_"
MARK = "Populace measures in it for some seconds, and drops it"
"""The comment on such a database; one without it is not ours, whatever its name."""


@contextmanager
def scratch(url: str) -> Iterator[Connection]:
    """A session on a new, empty database of the server of `url`.

    It is dropped at the end, also after an error; and so are those that a killed process left. Raises psycopg's error
    when this role may not make one, TargetUnavailable when there is no connection to the server.
    """
    with connect(url, application_name="populace scratch", autocommit=True) as keeper:
        wanted = {"prefix": PREFIX, "number_from": len(PREFIX) + 1, "mark": MARK}
        for (left,) in keeper.execute(queries.load("queries/scratch_left.sql"), wanted).fetchall():
            with suppress(psycopg.Error):
                keeper.execute(SQL("DROP DATABASE IF EXISTS {}").format(Identifier(left)))
        name, ours = f"{PREFIX}{keeper.info.backend_pid}", True
        try:
            try:
                keeper.execute(SQL("CREATE DATABASE {} TEMPLATE template0").format(Identifier(name)))
            except psycopg.errors.DuplicateDatabase:
                ours = False
                raise
            keeper.execute(SQL("COMMENT ON DATABASE {} IS {}").format(Identifier(name), Literal(MARK)))
            with connect(
                elsewhere(url, make_conninfo(url, dbname=name)), application_name="populace scratch"
            ) as connection:
                yield connection
                connection.rollback()
        finally:
            if ours:
                _drop(keeper, url, name)


def _drop(keeper: Connection, url: str, name: str) -> None:
    """Drop it; by another session where the keeper was interrupted in the middle of a statement."""
    statement = SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name))
    try:
        keeper.execute(statement)
    except psycopg.Error:
        with (
            suppress(psycopg.Error, TargetUnavailable),
            connect(url, application_name="populace scratch", autocommit=True) as another,
        ):
            another.execute(statement)
