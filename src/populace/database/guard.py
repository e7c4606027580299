"""Whether a target may be written to (K9): only after it was opened for synthetic data with `init`, and only while it
is the database that was opened."""

from __future__ import annotations

import psycopg

import populace
from populace import clock
from populace.database import canaries, identity, made, migrations, queries
from populace.database.connection import Connection, translate
from populace.database.identity import Difference
from populace.errors import Refused, Remedy


def is_open(conn: Connection) -> bool:
    """Whether the database, or the one that it is a copy of, has been opened for synthetic data.

    Raises Refused when Populace's tables in it are of another version, or the schema populace is somebody else's.
    """
    return migrations.require_layout(conn) and conn.execute("SELECT FROM populace.target").fetchone() is not None


def open_target(conn: Connection, opened_at_us: int, by: str) -> list[str]:
    """Open the database: Populace's schema, and the mark. Returns what was made, one line each; nothing when all was
    there already.

    opened_at_us: the time to record. by: who or what opens it. The connection should be outside a transaction.
    Raises TargetUnavailable when a right is missing, Refused when another version of Populace was here, or when the
    database does not know its encoding.
    """
    canaries.require_known_encoding(conn, f"database {conn.info.dbname}")
    done = [f"migration {name}" for name in migrations.migrate(conn)]
    try:
        with conn.transaction():
            here = identity.current(conn)
            marked = conn.execute(
                "INSERT INTO populace.target (opened_at, opened_by, populace_version, database_oid, database_name,"
                " system_identifier, marker_oid, role_name) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"
                " ON CONFLICT (only_row) DO NOTHING",
                (clock.to_datetime(opened_at_us), by, populace.__version__, here.oid, here.name, here.system,
                 here.marker, here.role),
            )  # fmt: skip
    except psycopg.Error as error:
        known = translate(error, "opening the target")
        if known is None:
            raise
        raise known from error
    return [*done, "opened for synthetic data"] if marked.rowcount else done


def adopt(conn: Connection) -> None:
    """Take the database for the one that was opened, although it is not; in the caller's transaction.

    What stands in `populace.made` is kept where it is the same object here, as in a copy by template. What a restored
    dump has made counts as the database's own from now on, but for the schema populace.
    """
    here = identity.current(conn)
    made.adopt(conn)
    conn.execute(
        "UPDATE populace.target SET database_oid = %s, database_name = %s, system_identifier = %s, marker_oid = %s,"
        " role_name = %s",
        (here.oid, here.name, here.system, here.marker, here.role),
    )


def is_staging(conn: Connection) -> bool:
    """Whether an open database was marked as staging: as one that may be emptied and filled again."""
    if conn.execute(queries.load("queries/staging.sql")).fetchone() != (True,):
        return False
    return conn.execute("SELECT FROM populace.target WHERE staging").fetchone() is not None


def mark_staging(conn: Connection) -> bool:
    """Mark an open database as staging; whether it was not before."""
    return conn.execute("UPDATE populace.target SET staging = true WHERE NOT staging").rowcount > 0


def refreshing(conn: Connection) -> str | None:
    """The file of the backup from before a refresh that was killed; None when none was, or the old data is back."""
    row = conn.execute("SELECT refreshing FROM populace.target").fetchone()
    return row[0] if row else None


def set_refreshing(conn: Connection, file: str | None) -> None:
    """Note that a refresh begins to change the database, and which backup has the old data; None: it is over."""
    conn.execute("UPDATE populace.target SET refreshing = %s", (file,))


def require_staging(conn: Connection, shown_target: str) -> None:
    """Raises Refused unless an open database was marked as staging."""
    if not is_staging(conn):
        raise Refused(
            "this database is not marked as staging, and a refresh empties it",
            where=shown_target,
            todo=Remedy("init", {"target": shown_target, "staging": True}, "if everything in it may go each night, {}"),
        )


def require_open(conn: Connection, shown_target: str) -> None:
    """Raises Refused unless the database is open, and is the one that was opened. shown_target: the target without
    password, as it may be typed.
    """
    if not is_open(conn):
        raise Refused(
            "this database has not been opened for synthetic data",
            where=shown_target,
            todo=Remedy("init", {"target": shown_target}, "if it is the right one, run {}"),
        )
    require_same(conn, shown_target)


def require_same(conn: Connection, shown_target: str) -> None:
    """Raises Refused unless an open database is the one that was opened."""
    difference = identity.difference(conn)
    if difference:
        raise not_the_same(difference, shown_target)


def not_the_same(difference: Difference, shown_target: str) -> Refused:
    """Why nothing is written to a copy, and how to agree to it."""
    adopting = {"target": shown_target, "adopt_copy": True}
    return Refused(
        f"this is not the database that was opened for synthetic data, and nothing was changed: {difference}",
        where=shown_target,
        todo=[
            Remedy("init", adopting, "if synthetic data may be written and deleted in this one too, run {}"),
            Remedy("init", {**adopting, "yes": True, "i_know": difference.token}, "without a terminal: {}"),
        ],
    )
