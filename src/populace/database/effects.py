"""What a removal changes beside the rows that it deletes: by triggers and rules that others have put on our tables.

The server counts for each table what a transaction does to it. What is not counted shows in its locks: a table that was
emptied, or one on another server.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import Literal

from populace.database.connection import Connection
from populace.database.named import named
from populace.database.pins import names_of_the_app
from populace.spec import World

SQL = named("populace.database", "effects.sql")


@dataclass(frozen=True, slots=True)
class Attached:
    """A trigger, a rule or an event trigger of somebody else. table: `schema.table`; None for an event trigger.

    removes: it acts when rows are changed or go, and not only when they come. adds: it acts when they come.
    """

    kind: Literal["trigger", "rule", "event trigger"]
    name: str
    table: str | None
    described: str
    removes: bool
    adds: bool

    def __str__(self) -> str:
        return f"{self.kind} {self.described}"


@dataclass(frozen=True, slots=True)
class Effect:
    """Rows of a table (`schema.table`) that came, changed and went. unseen: what else may have happened to it."""

    table: str
    inserted: int = 0
    updated: int = 0
    deleted: int = 0
    unseen: bool = False

    @property
    def touches_rows(self) -> bool:
        """Whether rows that were there are not what they were."""
        return bool(self.updated or self.deleted or self.unseen)

    def __str__(self) -> str:
        said = [f"{n:,} rows {word}" for n, word in ((self.inserted, "inserted"), (self.updated, "changed"),
                                                     (self.deleted, "deleted")) if n > 0]  # fmt: skip
        said += ["it was emptied or altered, or lies on another server"] if self.unseen else []
        return f"{self.table}: {', '.join(said)}"


@dataclass(frozen=True, slots=True)
class Changes:
    """What a transaction has done so far. rows: by table, those inserted, updated and deleted."""

    rows: Mapping[str, tuple[int, int, int]] = field(default_factory=dict)
    unseen: frozenset[str] = frozenset()


def so_far(connection: Connection) -> Changes:
    """What the transaction has done so far, parts that were rolled back included: two of these are compared."""
    return Changes(
        {name: (i, u, d) for name, i, u, d in connection.execute(SQL["changed"]).fetchall()},
        frozenset(row[0] for row in connection.execute(SQL["unseen"]).fetchall()),
    )


def since(connection: Connection, before: Changes) -> list[Effect]:
    """What was done since then, of constraints that wait for the end of the transaction too."""
    with names_of_the_app(connection):
        connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
    now = so_far(connection)
    out = []
    for name in sorted({*now.rows, *now.unseen}):
        earlier, later = before.rows.get(name, (0, 0, 0)), now.rows.get(name, (0, 0, 0))
        inserted, updated, deleted = (b - a for a, b in zip(earlier, later, strict=True))
        effect = Effect(name, inserted, updated, deleted, name in now.unseen - before.unseen)
        if effect.inserted or effect.touches_rows:
            out.append(effect)
    return out


def beside(
    connection: Connection, effects: Sequence[Effect], deleted: Mapping[str, int], changing: Collection[str] = ()
) -> list[Effect]:
    """Those that are not the removal itself. deleted: the rows of ours that went, by table. changing: the tables of
    ours that a key of the world's own changes."""
    parts = {row[0] for row in connection.execute(SQL["parts"]).fetchall()}
    out = []
    for effect in effects:
        expected = deleted.get(effect.table, effect.deleted if effect.table in parts else 0)
        updated = 0 if effect.table in changing else effect.updated
        other = replace(effect, updated=updated, deleted=effect.deleted - expected)
        if other.inserted or other.touches_rows:
            out.append(other)
    return out


def touched(beside: Sequence[Effect], allowed: Collection[str]) -> list[Effect]:
    """Those that change rows that were there, except in the tables where they may."""
    return [effect for effect in beside if effect.touches_rows and effect.table not in allowed]


def allowed(connection: Connection) -> set[str]:
    """The tables of which it was agreed that the app's triggers may change them when rows of ours go."""
    return {row[0] for row in connection.execute(SQL["allowed"]).fetchall()}


def allow(connection: Connection, tables: Sequence[str]) -> None:
    """Agree to that for these tables."""
    connection.execute(SQL["allow"], {"tables": list(tables)})


def foreign(connection: Connection, world: World) -> list[Attached]:
    """The triggers and rules on a world's tables, and the event triggers of the database, that the world does not make
    itself."""
    wanted = {"schemas": [t.schema for t in world.tables], "names": [t.relation for t in world.tables]}
    shipped = _shipped(world.package)
    found = [Attached(*row) for row in connection.execute(SQL["watching"], wanted).fetchall()]
    return [one for one in found if (one.kind, one.name) not in shipped]


_MAKES = re.compile(r"^CREATE\s+(?:OR\s+REPLACE\s+)?(?:CONSTRAINT\s+)?(TRIGGER|RULE)\s+(\w+)", re.MULTILINE)


@cache
def _shipped(package: str) -> frozenset[tuple[str, str]]:
    """The triggers and rules that a world's own files make: kind and name."""
    folder = files(package).joinpath("schema")
    if not folder.is_dir():
        return frozenset()
    texts = [file.read_text(encoding="utf-8") for file in folder.iterdir() if file.name.endswith(".sql")]
    return frozenset((kind.lower(), name) for text in texts for kind, name in _MAKES.findall(text))
