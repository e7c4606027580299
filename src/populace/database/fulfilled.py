"""Whether what a statement wants to make is there already and says the same: then it is no obstacle, and not ours.

An object of the same name is moved aside, the statement runs, both definitions are compared as PostgreSQL writes them,
and all of it is rolled back. Functions and views are not compared: a world decides who may use its own.
"""

from __future__ import annotations

import re

import psycopg

from populace.database import made, queries
from populace.database.connection import Connection

ASIDE = "populace_aside"
_NAME = r'(?P<name>(?:"[^"]+"|\w+)(?:\.(?:"[^"]+"|\w+))?)'
_CREATE = re.compile(
    r"\s*(?:--[^\n]*\n\s*)*CREATE\s+(?:UNIQUE\s+)?(?P<kind>INDEX|POLICY|TRIGGER|TYPE|SCHEMA|EXTENSION)\s+"
    + _NAME
    + r"(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_ON = re.compile(r'\bON\s+(?:ONLY\s+)?(?P<table>(?:"[^"]+"|\w+)(?:\.(?:"[^"]+"|\w+))?)', re.IGNORECASE)
_ADD_TABLES = re.compile(
    r"\s*(?:--[^\n]*\n\s*)*ALTER\s+PUBLICATION\s+(?P<name>\"[^\"]+\"|\w+)\s+ADD\s+TABLE\b", re.IGNORECASE
)
_RENAME = {
    "INDEX": "ALTER INDEX {place}{name} RENAME TO {aside}",
    "POLICY": "ALTER POLICY {name} ON {table} RENAME TO {aside}",
    "TRIGGER": "ALTER TRIGGER {name} ON {table} RENAME TO {aside}",
    "TYPE": "ALTER TYPE {name} RENAME TO {aside}",
}
EXISTS = (
    psycopg.errors.DuplicateObject,
    psycopg.errors.DuplicateTable,
    psycopg.errors.DuplicateSchema,
    psycopg.errors.ObjectNotInPrerequisiteState,
)
"""What the server says of something that is there already."""


def is_fulfilled(conn: Connection, statement: str) -> bool:
    """Whether a statement that has failed with one of `EXISTS` wants what is there already. False where this cannot be
    found out. The caller's transaction is left as it was.
    """
    adds = _ADD_TABLES.match(statement)
    if adds:
        row = conn.execute(
            "SELECT puballtables FROM pg_catalog.pg_publication WHERE pubname = %s",
            (_bare(adds["name"]),),
        ).fetchone()
        return row == (True,)
    found = _CREATE.match(statement)
    if not found:
        return False
    kind, rest = found["kind"].upper(), found["rest"]
    if kind == "SCHEMA":
        return not rest.strip()
    if kind == "EXTENSION":
        return "schema" not in rest.lower() and "version" not in rest.lower()
    try:
        with conn.transaction(force_rollback=True):
            return _same(conn, statement, kind, found["name"], rest)
    except psycopg.Error:
        return False


def _same(conn: Connection, statement: str, kind: str, name: str, rest: str) -> bool:
    """Whether what a statement makes is defined as what has its name."""
    on = _ON.search(rest)
    table = on["table"] if on else ""
    # An index is made in the schema of its table.
    place = "".join(table.rpartition(".")[:2])
    conn.execute(_RENAME[kind].format(name=name, table=table, place=place, aside=ASIDE).encode())
    before = made.before(conn)
    conn.execute(statement.encode())
    touched = {(catalog, oid) for catalog, oid in conn.execute(queries.load("queries/made_now.sql"))}
    news = [list(one) for one in touched - before]
    lists = {"catalogs": [one[0] for one in news], "objects": [one[1] for one in news]}
    names = {"aside": ASIDE, "bare": _bare(name.rpartition(".")[2])}
    rows = conn.execute(queries.load("queries/fulfilled.sql"), {**lists, **names}).fetchall()
    return len(rows) == 1 and rows[0][0] is True


def _bare(name: str) -> str:
    """A name as the catalogs have it."""
    return name[1:-1] if name.startswith('"') else name.lower()
