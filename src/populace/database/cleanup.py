"""Deletes every synthetic row of a target and changes no other (K8); all in the server and the caller's transaction.

Rows with a mark are listed in temporary tables before anything is deleted, since a mark may read another table that is
deleted too. Then every remaining row that refers to one of them is found, by the foreign keys of all tables of the
database and by the references that the world declares. One such row is enough to refuse; or what they refer to stays.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg
from psycopg.sql import SQL, Composable, Composed, Identifier, Literal

from populace.database import queries
from populace.database.connection import Connection
from populace.errors import CheckFailed, Refused
from populace.spec import Table

LACKING = (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn, psycopg.errors.UndefinedFunction)
"""What the server says where a target is not made as the world declares it."""

LOCK_LIMIT = "60s"
"""So long a clean-up waits for the app's open transactions to end, before it gives up."""


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
class Report:
    """Rows deleted and kept, by `schema.table`. skipped: tables where no row can be recognised as synthetic, and
    why."""

    deleted: Mapping[str, int]
    kept: Mapping[str, int]
    references: Sequence[Reference]
    skipped: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Link:
    """A reference from a child's columns to a parent's. key: the columns by which a row of the child is shown."""

    child: Identifier
    child_name: str
    columns: tuple[str, ...]
    parent: str
    keys: tuple[str, ...]
    by: str
    key: tuple[str, ...]
    as_text: bool = False


@dataclass(frozen=True, slots=True)
class _Marked:
    """A table of the world and the temporary one that lists its synthetic rows: `part` and `place` say where a row is,
    `key_…` hold what others refer to, `stays` is set when it is referred to."""

    table: Table
    stage: Identifier
    keys: tuple[str, ...] = field(default=())

    @property
    def name(self) -> Identifier:
        return _name(self.table)


def count(connection: Connection, tables: Sequence[Table]) -> tuple[dict[str, int], dict[str, str]]:
    """Rows with their table's mark by `schema.table`, and the tables left out with the reason. In the caller's
    transaction."""
    usable, skipped = _usable(connection, tables)
    counted = {}
    for table in usable:
        query = SQL("SELECT count(*) FROM {} AS t WHERE ({})").format(_name(table), SQL(table.mark.condition))
        with _unless_unreadable(connection, table, skipped):
            counted[table.full_name] = _number(connection, query)
    return counted, skipped


def clean(
    connection: Connection, tables: Sequence[Table], *, shown: str, keep_referenced: bool, dry_run: bool
) -> Report:
    """Delete every row that carries its table's mark; a dry run finds out the same and stops there.

    tables: a world's, parents before children. shown: the target, for errors. The connection is in a transaction of
    isolation READ COMMITTED (a dry run: any), which the caller ends. Raises Refused, with all of them, when other rows
    refer to synthetic ones, unless keep_referenced: then what is referred to stays, with all that it refers to and
    the rows that mark it. Raises CheckFailed when something in the target prevents the deletion.
    """
    # Rows that policies hide from us would count as missing: an error is better.
    connection.execute("SET LOCAL row_security = off")
    usable, skipped = _usable(connection, tables)
    if not dry_run:
        _lock(connection, usable)
    links = list(_links(connection, usable))
    marked = _mark(connection, usable, links, skipped)
    links = [link for link in links if link.parent in marked]
    references = [found for link in links if (found := _referring(connection, link, marked))]
    if references and not keep_referenced:
        raise Refused(
            "rows that are not Populace's refer to synthetic ones, which therefore cannot be deleted:\n  - "
            + "\n  - ".join(map(str, references))
            + "\n",
            where=shown,
            todo="delete or change these rows, or keep what they refer to with --keep-referenced",
        )
    if references:
        _keep(connection, links, marked)
    kept, doomed = {}, {}
    for name, held in marked.items():
        kept[name] = _number(connection, SQL("SELECT count(*) FROM {} WHERE stays").format(held.stage))
        doomed[name] = _number(connection, SQL("SELECT count(*) FROM {} WHERE NOT stays").format(held.stage))
    if not dry_run:
        # A world's own triggers check this before they allow Populace what the app may not do.
        connection.execute("SET LOCAL populace.writing = 'on'")
        # By index in the order of the table: a hash of millions of places spills, and deletes all over the disk (4×).
        connection.execute("SET LOCAL enable_hashjoin = off")
        connection.execute("SET LOCAL enable_mergejoin = off")
        for name in _children_first(marked, links):
            _delete(connection, marked[name], doomed[name])
    return Report(doomed, {n: k for n, k in kept.items() if k}, references, skipped)


def forget(connection: Connection) -> None:
    """Empty Populace's own records of a population, in the caller's transaction: a new seed can begin."""
    names = [row[0] for row in connection.execute(queries.load("queries/population_records.sql"))]
    tables = SQL(", ").join(Identifier("populace", name) for name in names)
    connection.execute(SQL("TRUNCATE {} RESTART IDENTITY").format(tables))


@contextmanager
def _unless_unreadable(connection: Connection, table: Table, skipped: dict[str, str]) -> Iterator[None]:
    """Where a mark reads what the target lacks, no row can carry it: the table is skipped."""
    try:
        with connection.transaction():
            yield
    except LACKING as error:
        skipped[table.full_name] = f"its mark cannot be read: {error.diag.message_primary}"


def _usable(connection: Connection, tables: Sequence[Table]) -> tuple[list[Table], dict[str, str]]:
    """The tables that the target has, in order; of the others, why not."""
    wanted = {"schemas": [t.schema for t in tables], "names": [t.name for t in tables]}
    kinds = {f"{row[0]}.{row[1]}": row[2] for row in connection.execute(queries.load("queries/columns.sql"), wanted)}
    skipped = {
        table.full_name: "there is no such table" if table.full_name not in kinds else "this is not a table"
        for table in tables
        if kinds.get(table.full_name) not in ("r", "p")
    }
    return [t for t in tables if t.full_name not in skipped], skipped


def _lock(connection: Connection, tables: Sequence[Table]) -> None:
    """Block all writes to these tables, and new rows with a foreign key to them in any other table
    (its check locks a row here); reads are allowed."""
    if not tables:
        return
    connection.execute(SQL("SET LOCAL lock_timeout = {}").format(Literal(LOCK_LIMIT)))
    connection.execute(SQL("LOCK TABLE {} IN EXCLUSIVE MODE").format(SQL(", ").join(map(_name, tables))))


def _links(connection: Connection, tables: Sequence[Table]) -> Iterator[_Link]:
    """Every reference to these tables: foreign keys first, then what the world declares and no foreign key says."""
    wanted = {"schemas": [t.schema for t in tables], "names": [t.name for t in tables]}
    known = set()
    for by, schema, name, columns, parent_schema, parent, keys, primary in connection.execute(
        queries.load("queries/foreign_keys.sql"), wanted
    ).fetchall():
        full_name, parent_name = f"{schema}.{name}", f"{parent_schema}.{parent}"
        known.add((full_name, tuple(columns), parent_name, tuple(keys)))
        yield _Link(Identifier(schema, name), full_name, tuple(columns), parent_name, tuple(keys), by,
                    tuple(primary or columns))  # fmt: skip
    present: dict[str, set[str]] = {}
    for row in connection.execute(queries.load("queries/columns.sql"), wanted):
        present.setdefault(f"{row[0]}.{row[1]}", set()).add(row[5])
    for table in tables:
        for column in table.columns:
            for reference in (column.references, column.alternative):
                if not reference:
                    continue
                parent_name, _, key = reference.rpartition(".")
                there = column.name in present[table.full_name] and key in present.get(parent_name, ())
                if there and (table.full_name, (column.name,), parent_name, (key,)) not in known:
                    shown = tuple(c for c in table.key if c in present[table.full_name]) or (column.name,)
                    yield _Link(_name(table), table.full_name, (column.name,), parent_name, (key,), column.name, shown,
                                column.type == "text")  # fmt: skip


def _mark(
    connection: Connection, tables: Sequence[Table], links: Sequence[_Link], skipped: dict[str, str]
) -> dict[str, _Marked]:
    """The synthetic rows of each table, as they are before anything is deleted."""
    marked = {}
    for number, table in enumerate(tables):
        keys = tuple(sorted({key for link in links if link.parent == table.full_name for key in link.keys}))
        held = _Marked(table, Identifier("pg_temp", f"marked_{number}"), keys)
        query = SQL(
            "CREATE TEMPORARY TABLE {stage} ON COMMIT DROP AS"
            " SELECT t.tableoid AS part, t.ctid AS place, false AS stays{keys} FROM {table} AS t WHERE ({mark})"
        ).format(
            stage=held.stage,
            keys=SQL("").join(SQL(", t.{} AS {}").format(Identifier(k), Identifier(f"key_{k}")) for k in keys),
            table=held.name,
            mark=SQL(table.mark.condition),
        )
        with _unless_unreadable(connection, table, skipped):
            connection.execute(query)
            connection.execute(SQL("CREATE INDEX ON {} (place)").format(held.stage))
            connection.execute(SQL("ANALYZE {}").format(held.stage))
            marked[table.full_name] = held
    return marked


def _referring(connection: Connection, link: _Link, marked: Mapping[str, _Marked]) -> Reference | None:
    """The rows that stay and refer by this link to rows to be deleted; None when there are none."""
    query = SQL(
        "SELECT count(*), min(json_build_object({shown})::text) FROM {child} AS c"
        " WHERE {stays} AND EXISTS (SELECT 1 FROM {parent} AS p WHERE NOT p.stays AND {same})"
    ).format(
        shown=SQL(", ").join(SQL("{}, c.{}").format(Literal(name), Identifier(name)) for name in link.key),
        child=link.child,
        stays=_stays(link, marked),
        parent=marked[link.parent].stage,
        same=_same(link),
    )
    row = connection.execute(query).fetchone()
    assert row is not None
    return Reference(link.child_name, link.by, link.parent, row[0], json.loads(row[1])) if row[0] else None


def _keep(connection: Connection, links: Sequence[_Link], marked: Mapping[str, _Marked]) -> None:
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
        if _changes(connection, kept.format(
            parent=parent.stage, child=link.child, stays=_stays(link, marked), same=_same(link))
        ):  # fmt: skip
            changed.add(link.parent)
        if child and _looks_into(parent.table, child.table):
            knows = SQL(
                "UPDATE {stage} AS m SET stays = true FROM {child} AS c"
                " WHERE m.place = c.ctid AND m.part = c.tableoid AND NOT m.stays"
                " AND EXISTS (SELECT 1 FROM {parent} AS p WHERE p.stays AND {same})"
            )
            if _changes(connection, knows.format(
                stage=child.stage, child=link.child, parent=parent.stage, same=_same(link))
            ):  # fmt: skip
                changed.add(link.child_name)
        waiting.update(dict.fromkeys(i for i, other in enumerate(links)
                                     if changed & {other.child_name, other.parent}))  # fmt: skip


def _children_first(marked: Mapping[str, _Marked], links: Sequence[_Link]) -> Iterator[str]:
    """The tables in an order in which no row is deleted before those that refer to it; in a circle the last first."""
    left = list(marked)[::-1]
    while left:
        parents = {link.parent for link in links if link.child_name in left and link.child_name != link.parent}
        name = next((name for name in left if name not in parents), left[0])
        left.remove(name)
        yield name


def _delete(connection: Connection, held: _Marked, rows: int) -> None:
    """Delete what the stage lists. Raises CheckFailed when the server deletes another number of rows."""
    gone = _changes(
        connection,
        SQL("DELETE FROM {} AS t USING {} AS m WHERE m.place = t.ctid AND m.part = t.tableoid AND NOT m.stays").format(
            held.name, held.stage
        ),
    )
    if gone != rows:
        raise CheckFailed(
            f"of {rows:,} synthetic rows the server deleted {gone:,}; nothing was changed",
            where=held.table.full_name,
            todo="look for a trigger that keeps them, or for foreign keys that form a circle",
        )


def _stays(link: _Link, marked: Mapping[str, _Marked]) -> Composable:
    """Whether row `c` of the child stays."""
    child = marked.get(link.child_name)
    if child is None:
        return SQL("true")
    return SQL(
        "NOT EXISTS (SELECT 1 FROM {} AS m WHERE m.place = c.ctid AND m.part = c.tableoid AND NOT m.stays)"
    ).format(child.stage)


def _same(link: _Link) -> Composed:
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


def _name(table: Table) -> Identifier:
    return Identifier(table.schema, table.name)


def _number(connection: Connection, query: Composed) -> int:
    row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])


def _changes(connection: Connection, query: Composed) -> int:
    return connection.execute(query).rowcount
