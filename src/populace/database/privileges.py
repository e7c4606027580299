"""Privileges that a world's schema changes on what Populace has not made: recorded, and undone by an uninstall.

The schemas of the shipped worlds change none. A world of somebody else's may, such as USAGE on the schema public.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from populace.database import queries
from populace.database.connection import Connection

_SAYS = re.compile(r"\b(GRANT|REVOKE)\b", re.IGNORECASE)
_PRIVILEGE = re.compile(r"[A-Z][A-Z ]*")
_ADD = (
    "INSERT INTO populace.privilege (object, kind, name, grantee, privilege, granted) VALUES (%s, %s, %s, %s, %s, %s)"
)


@contextmanager
def watching(conn: Connection, statements: str) -> Iterator[None]:
    """Record what the block changes, which runs these statements, in one transaction; what it makes is recorded by
    then. Nothing to do where they say nothing of privileges.
    """
    if not _SAYS.search(statements):
        yield
        return
    before = _now(conn)
    yield
    after = _now(conn)
    for row in sorted(after - before):
        conn.execute(_ADD, (*row, True))
    for row in sorted(before - after):
        conn.execute(_ADD, (*row, False))


def undo(conn: Connection) -> list[tuple[str, str]]:
    """Take back what was granted and give back what was taken, the latest first. Returns what could not be undone, and
    why, in words.
    """
    failed = []
    found = conn.execute(
        "SELECT object, kind, name, grantee, privilege, granted FROM populace.privilege ORDER BY number"
    )
    there = {(row[0], row[1], row[2]) for row in conn.execute(queries.load("queries/privileges_objects.sql"))}
    roles = {row[0] for row in conn.execute("SELECT pg_catalog.quote_ident(rolname) FROM pg_catalog.pg_roles")}
    for oid, kind, name, grantee, privilege, granted in reversed(found.fetchall()):
        # Only names that the server itself quotes so now: whoever may write the record writes no statement by it.
        if (oid, kind, name) not in there or grantee not in {"PUBLIC", *roles} or not _PRIVILEGE.fullmatch(privilege):
            continue
        statement = f"{privilege} ON {kind} {name}"
        statement = f"REVOKE {statement} FROM {grantee}" if granted else f"GRANT {statement} TO {grantee}"
        try:
            with conn.transaction():
                conn.execute(statement.encode())
        except psycopg.errors.InsufficientPrivilege as error:
            failed.append((f"{privilege} on {kind.lower()} {name} for {grantee}", error.diag.message_primary or ""))
    return failed


def _now(conn: Connection) -> set[tuple[int, str, str, str, str]]:
    return set(conn.execute(queries.load("queries/privileges.sql")).fetchall())
