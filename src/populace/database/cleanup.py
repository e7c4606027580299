"""Deletes every synthetic row of a target and changes no other (K8); all in the server and the caller's transaction.

Rows with a mark are listed in temporary tables before anything is deleted, since a mark may read another table that is
deleted too. Then every remaining row that refers to one of them is found, by the foreign keys of all tables of the
database and by the references that the world declares. One such row is enough to refuse; or what they refer to stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg.sql import SQL, Composed, Identifier, Literal

from populace.database import queries, references
from populace.database.connection import Connection
from populace.database.references import Link, Marked, Reference
from populace.errors import CheckFailed, Refused
from populace.spec import Table

LACKING = (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn, psycopg.errors.UndefinedFunction)
"""What the server says where a target is not made as the world declares it."""

LOCK_LIMIT = "60s"
"""So long a clean-up waits for the app's open transactions to end, before it gives up."""


@dataclass(frozen=True, slots=True)
class Report:
    """Rows deleted and kept, by `schema.table`. skipped: tables where no row can be recognised as synthetic, and
    why."""

    deleted: Mapping[str, int]
    kept: Mapping[str, int]
    references: Sequence[Reference]
    skipped: Mapping[str, str]


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
    links = list(references.links(connection, usable))
    marked = _mark(connection, usable, links, skipped)
    links = [link for link in links if link.parent in marked]
    found = [others for link in links if (others := references.referring(connection, link, marked))]
    if found and not keep_referenced:
        raise Refused(
            "rows that are not Populace's refer to synthetic ones, which therefore cannot be deleted:\n  - "
            + "\n  - ".join(map(str, found))
            + "\n",
            where=shown,
            todo="delete or change these rows, or keep what they refer to with --keep-referenced",
        )
    if found:
        references.keep(connection, links, marked)
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
        for name in references.children_first(marked, links):
            _delete(connection, marked[name], doomed[name])
    return Report(doomed, {n: k for n, k in kept.items() if k}, found, skipped)


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


def _mark(
    connection: Connection, tables: Sequence[Table], links: Sequence[Link], skipped: dict[str, str]
) -> dict[str, Marked]:
    """The synthetic rows of each table, as they are before anything is deleted."""
    marked = {}
    for number, table in enumerate(tables):
        keys = tuple(sorted({key for link in links if link.parent == table.full_name for key in link.keys}))
        held = Marked(table, Identifier("pg_temp", f"marked_{number}"), keys)
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


def _delete(connection: Connection, held: Marked, rows: int) -> None:
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


def _name(table: Table) -> Identifier:
    return Identifier(table.schema, table.name)


def _number(connection: Connection, query: Composed) -> int:
    row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])


def _changes(connection: Connection, query: Composed) -> int:
    return connection.execute(query).rowcount
