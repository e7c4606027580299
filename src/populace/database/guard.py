"""Whether a target may be written to (K9): only after it was opened for synthetic data with `init`."""

from __future__ import annotations

import psycopg

import populace
from populace import clock
from populace.database import migrations
from populace.database.connection import Connection, translate
from populace.errors import Refused, Remedy


def is_open(conn: Connection) -> bool:
    """Whether the database has been opened for synthetic data.

    Raises Refused when Populace's tables in it are of another version.
    """
    migrations.require_layout(conn)
    there = conn.execute("SELECT to_regclass('populace.target') IS NOT NULL").fetchone()
    if there is None or not there[0]:
        return False
    return conn.execute("SELECT 1 FROM populace.target").fetchone() is not None


def open_target(conn: Connection, opened_at_us: int, by: str) -> list[str]:
    """Open the database: Populace's schema, and the mark. Returns what was made, one line each; nothing when all was
    there already.

    opened_at_us: the time to record. by: who or what opens it. The connection should be outside a transaction.
    Raises TargetUnavailable when a right is missing, Refused when another version of Populace was here.
    """
    made = [f"migration {name}" for name in migrations.migrate(conn)]
    row = (clock.to_datetime(opened_at_us), by, populace.__version__)
    try:
        with conn.transaction():
            marked = conn.execute(
                "INSERT INTO populace.target (opened_at, opened_by, populace_version) VALUES (%s, %s, %s)"
                " ON CONFLICT (only_row) DO NOTHING",
                row,
            )
    except psycopg.Error as error:
        known = translate(error, "opening the target")
        if known is None:
            raise
        raise known from error
    return [*made, "opened for synthetic data"] if marked.rowcount else made


def require_open(conn: Connection, shown_target: str) -> None:
    """Raises Refused unless the database is open. shown_target: the target without password, as it may be typed."""
    if not is_open(conn):
        raise Refused(
            "this database has not been opened for synthetic data",
            where=shown_target,
            todo=Remedy("init", {"target": shown_target}, "if it is the right one, run {}"),
        )
