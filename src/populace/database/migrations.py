"""Populace's own schema in a target, brought up to date by numbered SQL files, each once, all in one transaction.

What was run is recorded with the file's hash, and the layout of the tables has a version: a database that another
version of Populace has made is recognised and not changed.
"""

from __future__ import annotations

import functools
import hashlib
import re

import psycopg

from populace.database import made, queries
from populace.database.connection import Connection, translate
from populace.errors import Refused, Remedy, TargetUnavailable

LAYOUT = 4
"""The version of the names of tables and columns; `0001_target.sql` records it."""

_OTHER_VERSION = "use the version of Populace that made it, or a fresh database"


def migrate(conn: Connection) -> list[str]:
    """Apply what is missing, and return the names of the files applied (`0001_target`), in order.

    The connection should be outside a transaction; inside one everything becomes part of it. Safe when several
    processes do it at once.
    Raises Refused when the database was migrated by another version, TargetUnavailable when a right is missing.
    """
    with conn.transaction():
        if not pending(conn):
            return []
    with conn.transaction():
        # Released with the transaction: a pooler may change sessions in between.
        conn.execute(queries.load("queries/migration_lock.sql"))
        missing = pending(conn)
        for name in missing:
            try:
                with made.recording(conn):
                    conn.execute(queries.load(f"sql/{name}.sql"))
                conn.execute("INSERT INTO populace.migration (name, sha256) VALUES (%s, %s)", (name, _sha256(name)))
            except psycopg.errors.InsufficientPrivilege as error:
                raise _no_right(name, error) from error
            except psycopg.Error as error:
                known = translate(error, f"migration {name}")
                if known is None:
                    raise
                raise known from error
    return missing


def _no_right(name: str, error: psycopg.Error) -> TargetUnavailable:
    return TargetUnavailable(
        f"this user may not make Populace's own tables ({error.diag.message_primary}); nothing was made",
        where=f"migration {name}",
        allowed="a user with CREATE on the database, or one who owns an empty schema populace",
        todo="ask for the right, or connect as the owner of the database",
    )


def pending(conn: Connection) -> list[str]:
    """The migrations that `migrate` would apply. Raises Refused as it does."""
    recorded = _recorded(conn)
    _compare(recorded)
    return [name for name in _files() if name not in recorded]


def require_layout(conn: Connection) -> bool:
    """Whether Populace's tables are in the database.

    Raises Refused when they have another layout than this version's, and when the schema populace is somebody else's or
    holds something that is not Populace's.
    """
    row = conn.execute(queries.load("queries/schema_populace.sql"), _known()).fetchone()
    assert row is not None
    there, has_migrations, has_layout, others, relations = row
    if not there or not (relations or others):
        return False
    if not has_migrations:
        raise _somebody_elses("the schema populace in this database is not Populace's", relations or others)
    row = conn.execute("SELECT version FROM populace.layout").fetchone() if has_layout else None
    version = row[0] if row else 1
    if version > LAYOUT:
        raise Refused(
            f"the tables of Populace here have layout {version}, and this version of Populace needs layout {LAYOUT}",
            where="schema populace",
            todo=_OTHER_VERSION,
        )
    if version < LAYOUT:
        raise Refused(
            f"an older version of Populace made this database: its tables have layout {version}, now it is {LAYOUT}",
            where="schema populace",
            todo=[
                "seed a new database",
                Remedy("cleanup", {"everything": True}, "or delete the population with the version that made it ({})"),
                "then drop the schema populace, and seed again",
            ],
        )
    if others:
        raise _somebody_elses("the schema populace holds something that is not Populace's", others)
    return True


def _somebody_elses(what: str, objects: list[str]) -> Refused:
    shown = ", ".join(objects[:8]) + (f" and {len(objects) - 8} more" if len(objects) > 8 else "")
    return Refused(
        f"{what}: it has {shown}",
        where="schema populace",
        todo="name another database, or move these to another schema; Populace needs a schema populace of its own",
    )


@functools.cache
def _known() -> dict[str, list[str]]:
    """The tables and functions that the migrations make in the schema populace."""
    text = "\n".join(queries.load(f"sql/{name}.sql").decode() for name in _files())
    return {
        "tables": re.findall(r"^CREATE TABLE populace\.(\w+)", text, re.MULTILINE),
        "functions": re.findall(r"^CREATE FUNCTION populace\.(\w+)", text, re.MULTILINE),
    }


def scripts() -> list[tuple[str, str]]:
    """Every migration: its name, and an SQL script that applies it and records it, for those who run files themselves.

    `migrate` then finds it applied.
    """
    return [
        (
            name,
            queries.load(f"sql/{name}.sql").decode("utf-8").rstrip("\n")
            + f"\n\nINSERT INTO populace.migration (name, sha256) VALUES ('{name}', '{_sha256(name)}');\n",
        )
        for name in _files()
    ]


def _files() -> list[str]:
    return [name.removesuffix(".sql") for name in queries.names("sql")]


def _sha256(name: str) -> str:
    return hashlib.sha256(queries.load(f"sql/{name}.sql")).hexdigest()


def _recorded(conn: Connection) -> dict[str, str]:
    if not require_layout(conn):
        return {}
    return dict(conn.execute("SELECT name, sha256 FROM populace.migration ORDER BY name").fetchall())


def _compare(recorded: dict[str, str]) -> None:
    known = set(_files())
    for name, sha256 in recorded.items():
        if name not in known:
            raise Refused(
                f"the database has the migration {name}, which this version of Populace does not know",
                where="schema populace",
                todo=_OTHER_VERSION,
            )
        if sha256 != _sha256(name):
            raise Refused(
                f"the migration {name} in the database was made by another version of Populace",
                where="schema populace",
                todo=_OTHER_VERSION,
            )
