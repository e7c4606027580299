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
from populace.spec import Mark, Table

CHANGING = ("SET NULL", "SET DEFAULT")
"""The actions of keys that change a row."""
DOES = {
    "CASCADE": ", which would be deleted too",
    **{action: f", which would be changed (ON DELETE {action})" for action in CHANGING},
}
"""What would become of rows that refer to one that is deleted, by the key's action; with any other they forbid it."""

MOST_TABLES = 100
"""So many tables are followed, at most, from those that would lose rows to others that would lose rows with them."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Rows that are not Populace's and refer to synthetic ones.

    child, parent: `schema.table`. by: the foreign key, or the columns of a reference that only the world declares.
    on_delete: what the key does, such as CASCADE; None where there is none. example: the key of one such row.
    """

    child: str
    by: str
    parent: str
    rows: int
    example: Mapping[str, object]
    on_delete: str | None = None

    def __str__(self) -> str:
        key = ", ".join(f"{name} {value}" for name, value in self.example.items())
        does = DOES.get(self.on_delete or "", "")
        return f"{self.child} → {self.parent} by {self.by}: {self.rows:,} rows, such as {key}{does}"


@dataclass(frozen=True, slots=True)
class Link:
    """A reference from a child's columns to a parent's. child: what to read for the child's rows: none of tables that
    inherit from it.

    key: the columns by which a row of the child is shown. on_delete: see `Reference`. operators: that compare each key
    with its column. within: the partitions of the parent to which alone it refers; () for the whole table. is_part:
    rows of the child are parts of an account and go with it.
    """

    child: Composable
    child_name: str
    columns: tuple[str, ...]
    parent: str
    keys: tuple[str, ...]
    by: str
    key: tuple[str, ...]
    as_text: bool = False
    on_delete: str | None = None
    operators: tuple[str, ...] = ()
    within: tuple[int, ...] = ()
    is_part: bool = False


@dataclass(frozen=True, slots=True)
class Marked:
    """A table of the world and the temporary one that lists its synthetic rows: `part` and `place` say where a row is,
    `key_…` hold what others refer to, `stays` is set when it is referred to."""

    table: Table
    stage: Identifier
    keys: tuple[str, ...] = field(default=())

    @property
    def name(self) -> Identifier:
        return Identifier(self.table.schema, self.table.relation)


def links(connection: Connection, tables: Sequence[Table]) -> Iterator[Link]:
    """Every reference to these tables: foreign keys first, then what the world declares and no foreign key says."""
    known = set()
    for link in foreign_keys(connection, [(t.schema, t.name) for t in tables]):
        known.add((link.child_name, link.columns, link.parent, link.keys))
        yield link
    wanted = {"schemas": [t.schema for t in tables], "names": [t.relation for t in tables]}
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
                    name = Identifier(table.schema, table.relation)
                    rows = SQL("ONLY {}").format(name) if table.full_name in plain else name
                    yield Link(rows, table.full_name, (column.name,), parent_name, (key,), column.name, shown,
                               column.type == "text")  # fmt: skip


def foreign_keys(connection: Connection, tables: Sequence[tuple[str, str]]) -> list[Link]:
    """The foreign keys that refer to these tables (schema and name), of any table in any schema."""
    wanted = {"schemas": [schema for schema, _ in tables], "names": [name for _, name in tables]}
    found = []
    for (by, schema, name, columns, parent_schema, parent, keys, primary, on_delete, operators, within, alone,
         is_part) in connection.execute(queries.load("queries/foreign_keys.sql"), wanted).fetchall():  # fmt: skip
        child = Identifier(schema, name)
        found.append(Link(
            child=SQL("ONLY {}").format(child) if alone else child,
            child_name=f"{schema}.{name}",
            columns=tuple(columns),
            parent=f"{parent_schema}.{parent}",
            keys=tuple(keys),
            by=by,
            key=tuple(primary or columns),
            on_delete=on_delete,
            operators=tuple(operators),
            within=tuple(within or ()),
            is_part=is_part,
        ))  # fmt: skip
    return found


def referring(connection: Connection, link: Link, marked: Mapping[str, Marked]) -> Reference | None:
    """The rows that stay and refer by this link to rows to be deleted; None when there are none."""
    condition = SQL("{} AND EXISTS (SELECT 1 FROM {} AS p WHERE NOT p.stays AND {})").format(
        _stays(link, marked), marked[link.parent].stage, same(link)
    )
    return _counted(connection, link, condition)


def beyond(connection: Connection, links: Sequence[Link], marked: Mapping[str, Marked]) -> list[Reference]:
    """Rows of others, two and more hops away, that would go or change: since rows of others by which these links refer
    to ours would be deleted."""
    found: list[Reference] = []
    seen = {link.child_name for link in links} | set(marked)
    first = SQL("(SELECT c.* FROM {} AS c WHERE {} AND EXISTS (SELECT 1 FROM {} AS p WHERE NOT p.stays AND {}))")
    waiting: list[tuple[str, Composable]] = [
        (link.child_name, first.format(link.child, _stays(link, marked), marked[link.parent].stage, same(link)))
        for link in links
        if link.on_delete == "CASCADE"
    ]
    while waiting:
        name, gone = waiting.pop(0)
        schema, _, table = name.partition(".")
        for link in foreign_keys(connection, [(schema, table)]):
            if link.child_name in seen or len(seen) > MOST_TABLES:
                continue
            pairs = SQL(" AND ").join(
                SQL("p.{} {} c.{}").format(Identifier(key), SQL(operator), Identifier(column))
                for key, operator, column in zip(link.keys, link.operators, link.columns, strict=True)
            )
            condition = SQL("EXISTS (SELECT 1 FROM {} AS p WHERE {})").format(gone, pairs)
            others = _counted(connection, link, condition)
            if others:
                seen.add(link.child_name)
                found.append(others)
                if link.on_delete == "CASCADE":
                    query = SQL("(SELECT c.* FROM {} AS c WHERE {})").format(link.child, condition)
                    waiting.append((link.child_name, query))
    return found


def with_parts(
    connection: Connection, tables: Sequence[Table], found: Sequence[Link]
) -> tuple[list[Table], list[Link]]:
    """Tables whose rows are parts of accounts and go with them by the server's own keys, as tables whose marks say so,
    and all links, those to them included. The marks read the lists of their parents, by their places in `tables`."""
    parts: list[Table] = []
    links = list(found)
    waiting = list(found)
    while waiting:
        link = waiting.pop(0)
        every = [*tables, *parts]
        names = [table.full_name for table in every]
        if not link.is_part or link.child_name in names:
            continue
        going = SQL("EXISTS (SELECT 1 FROM {} AS p WHERE {})").format(
            Identifier("pg_temp", f"marked_{names.index(link.parent)}"), same(link, "t")
        )
        schema, _, name = link.child_name.partition(".")
        mark = Mark(going.as_string(connection), "it is a part of a synthetic account")
        parts.append(Table(name=name, schema=schema, columns=(), key=link.key, root="", mark=mark))
        further = foreign_keys(connection, [(schema, name)])
        links += further
        waiting += further
    return parts, links


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
            parent=parent.stage, child=link.child, stays=_stays(link, marked), same=same(link))
        ).rowcount:  # fmt: skip
            changed.add(link.parent)
        if child and _looks_into(parent.table, child.table):
            knows = SQL(
                "UPDATE {stage} AS m SET stays = true FROM {child} AS c"
                " WHERE m.place = c.ctid AND m.part = c.tableoid AND NOT m.stays"
                " AND EXISTS (SELECT 1 FROM {parent} AS p WHERE p.stays AND {same})"
            )
            if connection.execute(knows.format(
                stage=child.stage, child=link.child, parent=parent.stage, same=same(link))
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


def _counted(connection: Connection, link: Link, condition: Composable) -> Reference | None:
    """Rows `c` of the child for which a condition holds; None when there are none."""
    query = SQL("SELECT count(*), min(json_build_object({})::text) FROM {} AS c WHERE {}").format(
        SQL(", ").join(SQL("{}, c.{}").format(Literal(name), Identifier(name)) for name in link.key),
        link.child,
        condition,
    )
    row = connection.execute(query).fetchone()
    assert row is not None
    if not row[0]:
        return None
    return Reference(link.child_name, link.by, link.parent, row[0], json.loads(row[1]), link.on_delete)


def _stays(link: Link, marked: Mapping[str, Marked]) -> Composable:
    """Whether row `c` of the child stays."""
    child = marked.get(link.child_name)
    if child is None:
        return SQL("true")
    return SQL(
        "NOT EXISTS (SELECT 1 FROM {} AS m WHERE m.place = c.ctid AND m.part = c.tableoid AND NOT m.stays)"
    ).format(child.stage)


def same(link: Link, child: str = "c") -> Composable:
    """Whether row `c` of the child (or of another name) refers to row `p` of the parent's stage."""
    pair = SQL("{}::text {} {}::text") if link.as_text else SQL("{} {} {}")
    triples = zip(link.keys, link.operators or ("=",) * len(link.keys), link.columns, strict=True)
    pairs = SQL(" AND ").join(
        pair.format(Identifier("p", f"key_{key}"), SQL(operator), Identifier(child, column))
        for key, operator, column in triples
    )
    return SQL("{} AND p.part = ANY ({})").format(pairs, Literal(list(link.within))) if link.within else pairs


def _looks_into(table: Table, other: Table) -> bool:
    return re.search(rf"\b{re.escape(other.full_name)}\b", table.mark.condition) is not None


def _place(name: str, marked: Iterable[str]) -> int:
    """Where a table stands in the world's order; tables of others come last, so that they are followed first."""
    names = list(marked)
    return names.index(name) if name in names else len(names)


def by_key(held: Marked) -> Composed:
    """Deletes what the stage lists and is still there, by the keys to which others refer."""
    same = SQL(" AND ").join(SQL("m.{} OPERATOR(pg_catalog.=) t.{}").format(Identifier(f"key_{key}"), Identifier(key))
                             for key in held.keys)  # fmt: skip
    return SQL("DELETE FROM {} AS t USING {} AS m WHERE {} AND m.part OPERATOR(pg_catalog.=) t.tableoid"
               " AND NOT m.stays").format(held.name, held.stage, same)  # fmt: skip
