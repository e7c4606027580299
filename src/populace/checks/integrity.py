"""Integrity (contract K6): no orphan, nothing that happened lies in the future, cause before effect, every row marked.

It is independent of the engine: it reads the target by SQL and knows of the world only what its tables declare.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from psycopg import sql

from populace.checks.shipped import unheard
from populace.checks.verdict import Verdict
from populace.database.connection import Connection
from populace.database.ownership import listed
from populace.spec import Column, Table, World

OURS = sql.SQL("substr(t.id::text, 15, 1) IN ('7', '8')")
"""Rows (alias `t`) that Populace wrote: their keys are uuids of version 7 or 8, an app's defaults of version 4."""

PLAYED_UNTIL = sql.SQL("(SELECT max(v.ended_at) FROM populace.delegated_visit AS v)")
"""When the last visit of another actor ended: the app wrote its rows in real time, which a runner may be behind."""

THERE = sql.SQL("(SELECT pg_catalog.now() FROM populace.clock WHERE mode = 'wall')")
"""Where a population lives by real time, what somebody does to its rows in the app while nobody runs it is done now."""


def check(
    connection: Connection,
    world: World,
    expected: Mapping[str, int],
    begin: Callable[[str], None] = unheard,
    *,
    by_peers: Collection[str] = (),
) -> Iterator[Verdict]:
    """Every rule on every table. expected: rows that each append table must hold, as recorded. by_peers: tables where
    rows of others are among them. begin: hears the name of each table before it is read."""
    for table in world.tables:
        begin(table.name)
        marked = _mark(table)
        if table.name in expected:
            # As many rows as there should be prove little where some are somebody else's: as many of ours are missing.
            others = 0 if table.name in by_peers else count_others(connection, table, or_listed=True)
            yield _rows(connection, table, expected[table.name], others)
        emitted = list(_times(table))
        counts = _counted(connection, table, marked, [condition for *_, condition in emitted])
        for column in table.columns:
            yield from _references(connection, world, table, column, marked)
            for (rule, of, title, _), found in zip(emitted, counts, strict=True):
                if of == column.name:
                    yield Verdict(rule, title, "0", f"{found}", found == 0)


def counts(
    connection: Connection, world: World, expected: Mapping[str, int], begin: Callable[[str], None] = unheard
) -> Iterator[Verdict]:
    """The number of rows of each table alone; see `check`."""
    for table in world.tables:
        if table.name in expected:
            begin(table.name)
            yield _rows(connection, table, expected[table.name])


def _rows(connection: Connection, table: Table, expected: int, others: int = 0) -> Verdict:
    held = count_marked(connection, table)
    title = f"{table.full_name}: rows with the mark ({table.mark.explains})"
    found = f"{held}, {others} of them under keys that are not ours" if others else f"{held}"
    return Verdict("rows", title, f"{expected}", found, held == expected and not others)


def count_marked(connection: Connection, table: Table) -> int:
    """Rows of a table that carry its mark."""
    query = sql.SQL("SELECT count(*) FROM {t} AS t WHERE {mark}")
    return _count(connection, query.format(t=_name(table), mark=_mark(table)))


def count_others(connection: Connection, table: Table, *, or_listed: bool = False) -> int:
    """Of these, the rows that others wrote for our people, by their keys; or_listed: those that are listed as ours are
    not among them."""
    if not (table.hashed and table.proof == ("id",)):
        return 0
    query = sql.SQL("SELECT count(*) FROM {t} AS t WHERE {mark} AND NOT {ours}{besides}")
    besides = sql.SQL(" AND NOT {}").format(listed(table)) if or_listed else sql.SQL("")
    return _count(connection, query.format(t=_name(table), mark=_mark(table), ours=OURS, besides=besides))


def count_played(connection: Connection, table: Table) -> int:
    """Of these, the rows that came of visits which another actor played: listed as ours, under keys of the app's."""
    if not (table.hashed and table.has("id")):
        return 0
    query = sql.SQL("SELECT count(*) FROM {t} AS t WHERE {mark} AND NOT {ours} AND {listed}")
    return _count(connection, query.format(t=_name(table), mark=_mark(table), ours=OURS, listed=listed(table)))


def count_ahead(connection: Connection, world: World, table: Table) -> int:
    """Rows of people who have signed up in the app itself at moments that the simulation has not come to yet: it
    counts them when it does. Those that `count_played` counts are not among them, and once the visit is over none that
    is not listed: it did not come of it."""
    if table.owner is None or table.through is not None or table.root != world.people_root:
        return 0
    query = sql.SQL(
        "SELECT count(*) FROM {t} AS t WHERE {mark} AND NOT {played} AND EXISTS (SELECT FROM populace.delegated_visit"
        " AS v WHERE v.person = t.{owner} AND v.signs_up IS NOT NULL AND v.begins >= populace.watermark()"
        " AND (v.state IN ('claimed', 'playing') OR {of_it}))"
    )
    of_it = sql.SQL("true") if table.proven_by else listed(table)
    played = sql.SQL("(NOT {} AND {})").format(OURS, listed(table)) if table.has("id") else sql.SQL("false")
    owner = sql.Identifier(table.owner)
    return _count(connection, query.format(t=_name(table), mark=_mark(table), played=played, owner=owner, of_it=of_it))


def _times(table: Table) -> Iterator[tuple[str, str, str, sql.Composable]]:
    """What must be true of no row's times: the rule, the column, a title and the condition."""
    for column in table.columns:
        where, name = f"{table.full_name}.{column.name}", sql.Identifier(column.name)
        if column.moment == "happened":
            # Under a clock that stands still, what the app changes about a row of ours is done at the watermark.
            later = sql.SQL(">" if table.mode == "merge" else ">=")
            condition = sql.SQL(
                "t.{c} {later} (SELECT greatest(populace.watermark(), {played}, {there})) AND {ours}"
            ).format(c=name, later=later, played=PLAYED_UNTIL, there=THERE, ours=_not_of_others(table))
            yield "future", column.name, f"{where}: later than everything written", condition
        if column.after:
            condition = sql.SQL("t.{c} < t.{after}").format(c=name, after=sql.Identifier(column.after))
            yield "causes", column.name, f"{where}: before {column.after}", condition


def _not_of_others(table: Table) -> sql.Composable:
    """Whether a row with the mark is ours: what somebody else does in an account of ours has times of its own."""
    if not (table.hashed and table.has("id")):
        return sql.SQL("true")
    return sql.SQL("({} OR {})").format(OURS, listed(table))


def _counted(
    connection: Connection, table: Table, marked: sql.Composable, conditions: Sequence[sql.Composable]
) -> list[int]:
    """How many rows with the mark meet each condition; the table is read once."""
    if not conditions:
        return []
    counts = sql.SQL(", ").join(sql.SQL("count(*) FILTER (WHERE {})").format(c) for c in conditions)
    query = sql.SQL("SELECT {counts} FROM {t} AS t WHERE {mark} AND ({any_})").format(
        counts=counts, t=_name(table), mark=marked, any_=sql.SQL(" OR ").join(conditions)
    )
    row = connection.execute(query).fetchone()
    assert row is not None
    return [int(n) for n in row]


def _references(
    connection: Connection, world: World, table: Table, column: Column, marked: sql.Composable
) -> Iterator[Verdict]:
    where = f"{table.full_name}.{column.name}"
    if column.references:
        parents = [column.references, *([column.alternative] if column.alternative else [])]
        yield _zero(
            connection,
            "orphans",
            f"{where}: refers to a row of {' or '.join(parents)} that does not exist",
            sql.SQL("SELECT count(*) FROM {t} AS t WHERE {mark} AND t.{c} IS NOT NULL AND {lost}").format(
                t=_name(table),
                mark=marked,
                c=sql.Identifier(column.name),
                lost=sql.SQL(" AND ").join(
                    sql.SQL("NOT EXISTS (SELECT 1 FROM {parent} AS p WHERE {join})").format(
                        parent=_parent(reference), join=_join(column, reference)
                    )
                    for reference in parents
                ),
            ),
        )
        parent = None if column.alternative else _table(world, column)
        if parent and _has(parent, "created_at") and _has(table, "created_at"):
            yield _zero(
                connection,
                "causes",
                f"{table.full_name}.created_at: before its {column.references}",
                sql.SQL(
                    "SELECT count(*) FROM {t} AS t JOIN {parent} AS p ON {join} "
                    "WHERE {mark} AND t.created_at < p.created_at"
                ).format(
                    t=_name(table),
                    mark=marked,
                    parent=_parent(column.references),
                    join=_join(column, column.references),
                ),
            )


def _zero(connection: Connection, rule: str, title: str, query: sql.Composed) -> Verdict:
    found = _count(connection, query)
    return Verdict(rule, title, "0", f"{found}", found == 0)


def _count(connection: Connection, query: sql.Composed) -> int:
    row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])


def _mark(table: Table) -> sql.Composable:
    # The world's own declaration, never user input. Without a mark of their own, rows are known by the register alone.
    if table.mark.condition == "true" and not table.hashed:
        return listed(table)
    return sql.SQL("({})").format(sql.SQL(table.mark.condition))


def _name(table: Table) -> sql.Identifier:
    return sql.Identifier(table.schema, table.relation)


def _parent(reference: str) -> sql.Identifier:
    schema, name, _ = reference.split(".")
    return sql.Identifier(schema, name)


def _join(column: Column, reference: str) -> sql.Composable:
    """child = parent, as text where the child holds a key as text."""
    key = sql.Identifier("p", reference.rsplit(".", 1)[1])
    # An operator of a type that is none of the server's own is where the app's names are found.
    apart = column.stored is not None and "." in column.stored
    as_text = apart or (column.type == "text" and column.stored is None)
    parent = sql.SQL("{}::text").format(key) if as_text else key
    child = sql.SQL("{}::text" if apart else "{}").format(sql.Identifier("t", column.name))
    return sql.SQL("{} = {}").format(parent, child)


def _table(world: World, column: Column) -> Table | None:
    schema, name, _ = str(column.references).split(".")
    return next((t for t in world.tables if (t.schema, t.name) == (schema, name)), None)


def _has(table: Table, column: str) -> bool:
    return any(c.name == column for c in table.columns)
