"""Which database a target is: recorded when it is opened, and compared whenever somebody comes to write.

A restored dump, a copy by CREATE DATABASE … TEMPLATE and a renamed database all carry the mark of the database that was
opened. A backup and a staging database restored over production look the same, so none of them is taken for the one
that was opened. A copy of the whole server's files has the identity of the original, and is not noticed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import astuple, dataclass

from populace.database import queries
from populace.database.connection import Connection


@dataclass(frozen=True, slots=True)
class Identity:
    """A database. oid, name: of it. system: the server's own identifier, made with its data folder; None where it may
    not be read, as on some hosted services. marker: the oid of the table `populace.target`. role: who opened it.
    """

    oid: int
    name: str
    system: str | None
    marker: int
    role: str

    def differing(self, now: Identity) -> Iterator[str]:
        """In what the database that was opened differs from the one that is there now, a line each. The role does not
        count: several may write.
        """
        if self.system and now.system and self.system != now.system:
            yield f"it was opened on the server {self.system}, and this is the server {now.system}"
        if self.oid != now.oid:
            yield f"it was opened as the database {self.name} (oid {self.oid}), and this is {now.name} (oid {now.oid})"
        elif self.name != now.name:
            yield f"it was opened under the name {self.name}, and is called {now.name} now"
        elif self.marker != now.marker:
            yield "its tables have been made once more since it was opened, as a restored dump does"

    def token(self, now: Identity) -> str:
        """Stands for this one difference: no longer valid once it is agreed to, nor for another copy."""
        return hashlib.sha256(repr((astuple(self), astuple(now)[:4])).encode()).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class Difference:
    """Why a database is not the one that was opened. lines: in words. token: see `Identity.token`."""

    lines: tuple[str, ...]
    token: str

    def __str__(self) -> str:
        return "; ".join(self.lines)


def current(conn: Connection) -> Identity:
    """The database of a session. Its table `populace.target` is there."""
    row = conn.execute(queries.load("queries/identity.sql")).fetchone()
    assert row is not None
    oid, name, marker, role, readable = row
    system = None
    if readable:
        found = conn.execute("SELECT system_identifier::text FROM pg_catalog.pg_control_system()").fetchone()
        system = str(found[0]) if found else None
    return Identity(oid, name, system, marker, role)


def difference(conn: Connection) -> Difference | None:
    """In what an open database differs from the one that was opened; None when it is that one."""
    row = conn.execute(
        "SELECT database_oid, database_name, system_identifier, marker_oid, role_name FROM populace.target"
    ).fetchone()
    if row is None:
        return None
    opened, now = Identity(*row), current(conn)
    lines = tuple(opened.differing(now))
    return Difference(lines, opened.token(now)) if lines else None
