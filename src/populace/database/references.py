"""Which rows refer to rows that are to be deleted: by the foreign keys of all tables of the database, and by the
references that a world declares and no foreign key says.

What is to be deleted is listed in temporary tables first (`Marked`); every function works in the caller's transaction.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from psycopg.sql import SQL, Composable, Composed, Identifier, Literal

from populace.database import queries
from populace.database.connection import Connection
from populace.spec import Table


@dataclass(frozen=True, slots=True)
class Reference:
    """Rows that are not Populace's and refer to synthetic ones.

    child, parent: `schema.table`. by: the foreign key, or the columns of a reference that only the world declares.
    example: the key of one such row.
    """

    child: str
    by: str
    parent: str
    rows: int
    example: Mapping[str, object]

    def __str__(self) -> str:
        key = ", ".join(f"{name} {value}" for name, value in self.example.items())
        return f"{self.child} → {self.parent} by {self.by}: {self.rows:,} rows, such as {key}"


@dataclass(frozen=True, slots=True)
class Link:
    """A reference from a child's columns to a parent's. key: the columns by which a row of the child is shown. alone:
    rows of tables that inherit from the child have no part in it."""

    child: Identifier
    child_name: str
    columns: tuple[str, ...]
    parent: str
    keys: tuple[str, ...]
    by: str
    key: tuple[str, ...]
    as_text: bool = False
    alone: bool = True

    @property
    def rows(self) -> Composable:
        """What to read for the child's rows."""
        return SQL("ONLY {}").format(self.child) if self.alone else self.child


@dataclass(frozen=True, slots=True)
class Marked:
    """A table of the world and the temporary one that lists its synthetic rows: `part` and `place` say where a row is,
    `key_…` hold what others refer to, `stays` is set when it is referred to."""

    table: Table
    stage: Identifier
    keys: tuple[str, ...] = field(default=())

    @property
    def name(self) -> Identifier:
        return Identifier(self.table.schema, self.table.name)


def links(connection: Connection, tables: Sequence[Table]) -> Iterator[Link]:
    """Every reference to these tables: foreign keys first, then what the world declares and no foreign key says."""
    wanted = {"schemas": [t.schema for t in tables], "names": [t.name for t in tables]}
    known = set()
    for by, schema, name, columns, parent_schema, parent, keys, primary, alone in connection.execute(
        queries.load("queries/foreign_keys.sql"), wanted
    ).fetchall():
        full_name, parent_name = f"{schema}.{name}", f"{parent_schema}.{parent}"
        known.add((full_name, tuple(columns), parent_name, tuple(keys)))
        yield Link(Identifier(schema, name), full_name, tuple(columns), parent_name, tuple(keys), by,
                   tuple(primary or columns), alone=alone)  # fmt: skip
    present: dict[str, set[str]] = {}
    plain: set[str] = set()
    for row in connection.execute(queries.load("queries/columns.sql"), wanted):
        present.setdefault(f"{row[0]}.{row[1]}", set()).add(row[5])
        plain.update([f"{row[0]}.{row[1]}"] if row[2] == "r" else [])
    for table in tables:
        for column in table.columns:
            for reference in (column.references, column.alternative):
                if not reference:
                    continue
                parent_name, _, key = reference.rpartition(".")
                there = column.name in present[table.full_name] and key in present.get(parent_name, ())
                if there and (table.full_name, (column.name,), parent_name, (key,)) not in known:
                    shown = tuple(c for c in table.key if c in present[table.full_name]) or (column.name,)
                    yield Link(Identifier(table.schema, table.name), table.full_name, (column.name,), parent_name,
                               (key,), column.name, shown, column.type == "text",
                               table.full_name in plain)  # fmt: skip


def referring(connection: Connection, link: Link, marked: Mapping[str, Marked]) -> Reference | None:
    """The rows that stay and refer by this link to rows to be deleted; None when there are none."""
    query = SQL(
        "SELECT count(*), min(json_build_object({shown})::text) FROM {child} AS c"
        " WHERE {stays} AND EXISTS (SELECT 1 FROM {parent} AS p WHERE NOT p.stays AND {same})"
    ).format(
        shown=SQL(", ").join(SQL("{}, c.{}").format(Literal(name), Identifier(name)) for name in link.key),
        child=link.rows,
        stays=_stays(link, marked),
        parent=marked[link.parent].stage,
        same=_same(link),
    )
    row = connection.execute(query).fetchone()
    assert row is not None
    return Reference(link.child_name, link.by, link.parent, row[0], json.loads(row[1])) if row[0] else None


def keep(connection: Connection, links: Sequence[Link], marked: Mapping[str, Marked]) -> None:
    """Let stay what rows that stay refer to, until nothing more is found. A row that stays also keeps the rows by which
    it is recognised: those of a table that its mark reads, and that refer to it."""
    # A link is followed again only when its child, or its parent, has got new rows that stay.
    waiting = dict.fromkeys(sorted(range(len(links)), key=lambda i: -_place(links[i].child_name, marked)))
    while waiting:
        number = next(iter(waiting))
        del waiting[number]
        link = links[number]
        parent, child = marked[link.parent], marked.get(link.child_name)
        changed = set()
        kept = SQL(
            "UPDATE {parent} AS p SET stays = true WHERE NOT p.stays"
            " AND EXISTS (SELECT 1 FROM {child} AS c WHERE {stays} AND {same})"
        )
        if connection.execute(kept.format(
            parent=parent.stage, child=link.rows, stays=_stays(link, marked), same=_same(link))
        ).rowcount:  # fmt: skip
            changed.add(link.parent)
        if child and _looks_into(parent.table, child.table):
            knows = SQL(
                "UPDATE {stage} AS m SET stays = true FROM {child} AS c"
                " WHERE m.place = c.ctid AND m.part = c.tableoid AND NOT m.stays"
                " AND EXISTS (SELECT 1 FROM {parent} AS p WHERE p.stays AND {same})"
            )
            if connection.execute(knows.format(
                stage=child.stage, child=link.rows, parent=parent.stage, same=_same(link))
            ).rowcount:  # fmt: skip
                changed.add(link.child_name)
        waiting.update(dict.fromkeys(i for i, other in enumerate(links)
                                     if changed & {other.child_name, other.parent}))  # fmt: skip


def children_first(marked: Mapping[str, Marked], links: Sequence[Link]) -> Iterator[str]:
    """The tables in an order in which no row is deleted before those that refer to it; in a circle the last first."""
    left = list(marked)[::-1]
    while left:
        parents = {link.parent for link in links if link.child_name in left and link.child_name != link.parent}
        name = next((name for name in left if name not in parents), left[0])
        left.remove(name)
        yield name


def _stays(link: Link, marked: Mapping[str, Marked]) -> Composable:
    """Whether row `c` of the child stays."""
    child = marked.get(link.child_name)
    if child is None:
        return SQL("true")
    return SQL(
        "NOT EXISTS (SELECT 1 FROM {} AS m WHERE m.place = c.ctid AND m.part = c.tableoid AND NOT m.stays)"
    ).format(child.stage)


def _same(link: Link) -> Composed:
    """Whether row `c` of the child refers to row `p` of the parent's stage."""
    pair = SQL("p.{}::text = c.{}::text") if link.as_text else SQL("p.{} = c.{}")
    pairs = zip(link.keys, link.columns, strict=True)
    return SQL(" AND ").join(pair.format(Identifier(f"key_{key}"), Identifier(column)) for key, column in pairs)


def _looks_into(table: Table, other: Table) -> bool:
    return re.search(rf"\b{re.escape(other.full_name)}\b", table.mark.condition) is not None


def _place(name: str, marked: Iterable[str]) -> int:
    """Where a table stands in the world's order; tables of others come last, so that they are followed first."""
    names = list(marked)
    return names.index(name) if name in names else len(names)
