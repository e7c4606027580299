"""The record of what Populace has made in a target, in `populace.made`: every object with its oid.

An object is ours because it stands here, with the same oid, and not because of its name. What the statements of a block
make is read off the catalogs at its end, in the same transaction, so that nothing is made without its record.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from populace.database import queries
from populace.database.connection import Connection

LISTED = ("schema", "role", "publication", "extension", "type", "table", "view", "materialized view", "function")
"""Kinds that are named one by one where somebody reads what there is; all others belong to one of these."""

Objects = set[tuple[int, int]]
"""Objects by the oid of their catalog and their own."""


@dataclass(frozen=True, slots=True)
class Made:
    """An object that Populace made. kind and name: as PostgreSQL identifies it. cluster_wide: every database of the
    server sees it.
    """

    catalog: str
    object: int
    kind: str
    name: str
    cluster_wide: bool = False

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


def before(conn: Connection) -> Objects:
    """Every object of a user that there is now."""
    return {(catalog, oid) for catalog, oid in conn.execute(queries.load("queries/made_before.sql"))}


@contextmanager
def recording(conn: Connection, there: Objects | None = None) -> Iterator[None]:
    """Record what the block makes. there: what was there `before`, where that is known already.

    The block is part of one transaction, and the record is written at its end.
    """
    there = before(conn) if there is None else there
    yield
    touched = {(catalog, oid) for catalog, oid in conn.execute(queries.load("queries/made_now.sql"))}
    _add(conn, touched - there)


def record_roles(conn: Connection, names: Sequence[str]) -> None:
    """Record those of these roles that Populace made, in this database or in another one of the server: the last
    that needs them takes them away."""
    conn.execute(queries.load("queries/made_add_roles.sql"), {"names": list(names)})


def adopt(conn: Connection) -> None:
    """Keep of the record what holds in a copy of the database that was opened, in the caller's transaction."""
    own = "SELECT FROM populace.made WHERE kind = 'schema' AND name = 'populace'"
    had_schema = conn.execute(own).fetchone() is not None
    conn.execute(queries.load("queries/adopt_forget.sql"))
    if had_schema:
        # What is in it is Populace's: the layout was compared.
        _add(conn, {(catalog, oid) for catalog, oid in conn.execute(queries.load("queries/adopt_own.sql"))})


def recorded(conn: Connection) -> list[Made]:
    """Everything that is recorded and still there under its oid, in the order in which it was made."""
    return [Made(*row) for row in conn.execute(queries.load("queries/made.sql"))]


def latest(conn: Connection) -> int:
    """The number of the last object that was recorded."""
    row = conn.execute("SELECT coalesce(max(number), 0) FROM populace.made").fetchone()
    return int(row[0]) if row else 0


def since(conn: Connection, number: int) -> list[Made]:
    """What was recorded after the object of this number, of the kinds that are named one by one."""
    found = conn.execute(
        "SELECT catalog, object, kind, name, cluster_wide FROM populace.made WHERE number > %s AND kind = ANY (%s)"
        " ORDER BY number",
        (number, list(LISTED)),
    )
    return [Made(*row) for row in found]


def _add(conn: Connection, objects: Objects) -> None:
    if objects:
        new = sorted(objects)
        lists = {"catalogs": [catalog for catalog, _ in new], "objects": [oid for _, oid in new]}
        conn.execute(queries.load("queries/made_add.sql"), lists)
