"""Tables outside a world that the app's triggers and rules fill about its people, such as an audit log.

No key proves such rows to be Populace's, and so nothing deletes them. Which tables these are is read from the text of
the triggers' functions: what a function puts together as text, or does in another language, is not seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.sql import SQL, Composable, Identifier

from populace.database import effects, references
from populace.database.connection import Connection
from populace.database.named import named
from populace.database.pins import names_of_the_app
from populace.database.references import Link
from populace.spec import World

QUERIES = named("populace.database", "filled.sql")
TODO = "nothing deletes these rows: delete them yourself, or disable what fills them while synthetic people live"
REFERRING = "rows that refer stop a clean-up: delete them before, or keep what they refer to"
"""What to do about a table that is filled; the second where its rows refer to ours."""

_NAME = r'((?:"[^"]+"|\w+)(?:\s*\.\s*(?:"[^"]+"|\w+))?)'
_INSERTS = re.compile(rf"\binsert\s+into\s+{_NAME}", re.IGNORECASE)
_CALLS = re.compile(rf"\b(?:perform|select|call|:=)\s+{_NAME}\s*\(", re.IGNORECASE)
_MOST_FUNCTIONS = 50


@dataclass(frozen=True, slots=True)
class Filled:
    """A table (`schema.table`) outside the world and what fills it. rows: how many refer now to rows that carry their
    table's mark, by foreign keys; None where it has none to the world's tables, or nobody may count them."""

    table: str
    by: tuple[str, ...]
    rows: int | None

    @property
    def todo(self) -> str:
        """What to do about it."""
        return f"{REFERRING}; {TODO}" if self.rows else TODO

    def __str__(self) -> str:
        known = "no foreign key says which of its rows are about synthetic people"
        if self.rows is not None:
            known = f"{self.rows:,} of its rows refer to synthetic ones now"
        return f"{self.table} is filled by {' and '.join(self.by)}: {known}"

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {"table": self.table, "by": list(self.by), "rows": self.rows, "todo": self.todo}


def filled(connection: Connection, world: World) -> list[Filled]:
    """The tables that are filled, by name. In the caller's transaction, which may be read only."""
    attached = {(one.kind, one.name, one.table) for one in effects.foreign(connection, world)}
    wanted = {"schemas": [t.schema for t in world.tables], "names": [t.relation for t in world.tables]}
    own = {table.full_name for table in world.tables}
    by: dict[str, list[str]] = {}
    for kind, name, table, text in connection.execute(QUERIES["texts"], wanted).fetchall():
        if (kind, name, table) in attached:
            for other in dict.fromkeys(_inserted(connection, text)):
                if other not in own and other != table:
                    by.setdefault(other, []).append(f"the app's {kind} {name} on {table}")
    if not by:
        return []
    links: dict[str, list[Link]] = {}
    for link in references.foreign_keys(connection, [(t.schema, t.name) for t in world.tables]):
        links.setdefault(link.child_name, []).append(link)
    marks = {table.full_name: table.mark.condition for table in world.tables}
    return [Filled(name, tuple(by[name]), _referring(connection, links.get(name, ()), marks)) for name in sorted(by)]


def _inserted(connection: Connection, text: str) -> Iterator[str]:
    """The tables into which a text, and the functions that it calls, insert rows."""
    waiting, seen = [text], set[str]()
    while waiting and len(seen) < _MOST_FUNCTIONS:
        text = waiting.pop()
        for name in dict.fromkeys(_INSERTS.findall(text)):
            yield from (row[0] for row in _asked(connection, "table", name))
        for name in dict.fromkeys(_CALLS.findall(text)):
            if name not in seen:
                seen.add(name)
                waiting += [row[0] for row in _asked(connection, "function", name)]


def _asked(connection: Connection, query: str, name: str) -> Sequence[tuple[Any, ...]]:
    """What a name in the app's text stands for; nothing where it stands for nothing."""
    try:
        with connection.transaction(), names_of_the_app(connection):
            return connection.execute(QUERIES[query], {"name": re.sub(r"\s+", "", name)}).fetchall()
    except psycopg.Error:
        return ()


def _referring(connection: Connection, links: Sequence[Link], marks: Mapping[str, str]) -> int | None:
    if not links:
        return None
    about: list[Composable] = []
    for link in links:
        pairs = SQL(" AND ").join(
            SQL("t.{} {} c.{}").format(Identifier(key), SQL(operator), Identifier(column))
            for key, operator, column in zip(link.keys, link.operators, link.columns, strict=True)
        )
        about.append(SQL("EXISTS (SELECT FROM {} AS t WHERE ({}) AND {})").format(
            Identifier(*link.parent.split(".", 1)), SQL(marks[link.parent]), pairs))  # fmt: skip
    query = SQL("SELECT pg_catalog.count(*) FROM {} AS c WHERE {}").format(links[0].child, SQL(" OR ").join(about))
    try:
        with connection.transaction():
            row = connection.execute(query).fetchone()
    except psycopg.Error:
        return None
    return int(row[0]) if row else None
