"""Deletes every row of ours in a target and changes no other (K8); all in the server and the caller's transaction.

Rows that are marked and proven to be ours (`ownership`) are listed in temporary tables before anything is deleted,
since a mark may read another table that is deleted too. Then every remaining row that refers to one of them is found,
by the foreign keys of all tables of the database and by the references that the world declares. One such row is enough
to refuse; or what they refer to stays.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

import psycopg
from psycopg.sql import SQL, Composable, Composed, Identifier, Literal

from populace.database import effects, ownership, queries, references
from populace.database import parts as parts_of_ours
from populace.database.connection import Connection, translate
from populace.database.effects import Effect
from populace.database.ownership import Staged, name_of
from populace.database.pins import names_of_the_app
from populace.database.references import Link, Marked, Reference
from populace.errors import CheckFailed, Refused, Remedy
from populace.event import Listener, Stage, unheard
from populace.spec import Table

LACKING = (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn, psycopg.errors.UndefinedFunction)
"""What the server says where a target is not made as the world declares it."""

ABSENT = "there is no such table"

ROOM_TO_JOIN = "SET LOCAL work_mem = '128MB'"
"""For lists of keys, which the server would otherwise sort on disk."""

LOCK_LIMIT = "60s"
"""So long a clean-up waits for the app's open transactions to end, before it gives up."""


@dataclass(frozen=True, slots=True)
class Report:
    """Rows deleted and kept, by `schema.table`. skipped: tables where no row can be recognised as synthetic, and
    why. others: rows that carry their table's mark and that we did not write; they stay. effects: what the app's own
    triggers and rules did to other rows meanwhile."""

    deleted: Mapping[str, int]
    kept: Mapping[str, int]
    references: Sequence[Reference]
    skipped: Mapping[str, str]
    others: Mapping[str, int]
    effects: Sequence[Effect] = ()

    def __add__(self, more: Report) -> Report:
        """Both together."""
        return Report(
            _sums(self.deleted, more.deleted),
            _sums(self.kept, more.kept),
            [*self.references, *more.references],
            {**self.skipped, **more.skipped},
            _sums(self.others, more.others),
            [*self.effects, *more.effects],
        )


EMPTY = Report({}, {}, (), {}, {})


def count(connection: Connection, tables: Sequence[Table], staged: Staged) -> Report:
    """The rows of ours, as if they were to be deleted. In the caller's transaction."""
    connection.execute(ROOM_TO_JOIN)
    usable, skipped = _usable(connection, tables)
    counted, others = {}, {}
    for table in usable:
        with _unless_unreadable(connection, table.table, skipped):
            counted[table.name] = _number(connection, table.count(ownership.ours(table.table, staged)))
            others[table.name] = _marked(connection, table) - counted[table.name]
    return Report(counted, {}, (), skipped, {n: o for n, o in others.items() if o})


def clean(
    connection: Connection,
    tables: Sequence[Table],
    staged: Staged,
    *,
    shown: str,
    keep_referenced: bool,
    dry_run: bool,
    allow_effects: bool = False,
    on_event: Listener = unheard,
) -> Report:
    """Delete every row of ours; a dry run finds out the same and stops there.

    tables: a world's, parents before children. staged: the keys of its plans. shown: the target, for errors. The
    connection is in a transaction of isolation READ COMMITTED (a dry run: any), which the caller ends. Raises Refused,
    with all of them, when other rows refer to ours, unless keep_referenced: then what is referred to stays, with all
    that it refers to and the rows that mark it; when a key of ours stands in several rows; and when triggers or rules
    of others change or delete other rows, unless allow_effects. Raises CheckFailed when something in the target
    prevents the deletion.
    """
    before = effects.so_far(connection)
    connection.execute(ROOM_TO_JOIN)
    # Rows that policies hide from us would count as missing: an error is better.
    connection.execute("SET LOCAL row_security = off")
    usable, skipped = _usable(connection, tables)
    if not dry_run:
        _lock(connection, usable)
    there = [one.table for one in usable]
    parts, links = references.with_parts(connection, there, list(references.links(connection, there)))
    going = [*usable, *(_Usable(part, SQL("ONLY {}").format(name_of(part)), is_part=True) for part in parts)]
    marked, others = _mark(connection, going, staged, links, skipped)
    _refuse_twice(connection, usable, staged, marked, shown)
    links = [link for link in links if link.parent in marked]
    found = [who for link in links if (who := references.referring(connection, link, marked))]
    if found and not keep_referenced:
        found += references.beyond(connection, links, marked)
        raise Refused(
            "rows that are not Populace's refer to synthetic ones, which therefore cannot be deleted:\n  - "
            + "\n  - ".join(map(str, found))
            + "\n",
            where=shown,
            todo=Remedy(
                "", {"keep_referenced": None}, "delete or change these rows, or keep what they refer to with {}"
            ),
        )
    if found:
        references.keep(connection, links, marked)
    kept, doomed = {}, {}
    own = {name: held for name, held in marked.items() if held.table not in parts}
    for name, held in own.items():
        kept[name] = _number(connection, SQL("SELECT count(*) FROM {} WHERE stays").format(held.stage))
        doomed[name] = _number(connection, SQL("SELECT count(*) FROM {} WHERE NOT stays").format(held.stage))
    beside: Sequence[Effect] = ()
    if not dry_run:
        # A world's own triggers check this before they allow Populace what the app may not do.
        connection.execute("SET LOCAL populace.writing = 'on'")
        # By index in the order of the table: a hash of millions of places spills, and deletes all over the disk (4×).
        connection.execute("SET LOCAL enable_hashjoin = off")
        connection.execute("SET LOCAL enable_mergejoin = off")
        with names_of_the_app(connection):
            # Rows that refer in a circle go one table after another.
            connection.execute("SET CONSTRAINTS ALL DEFERRED")
        stage, gone = Stage(on_event, "cleanup", "rows", sum(doomed.values())), 0
        for name in references.children_first(own, links):
            stage.at(gone, name)
            _delete(connection, own[name], doomed[name])
            gone += doomed[name]
        stage.over(gone)
        again = _made_meanwhile(connection, own, links)
        with _explained():
            went = {name: rows + again.get(name, 0) for name, rows in doomed.items()}
            done = [e if e.table not in again else replace(e, inserted=0) for e in effects.since(connection, before)]
            beside = effects.beside(connection, done, went, _changing(links, own))
            beside = _but_ours(connection, beside, own)
        if not allow_effects:
            _refuse(effects.touched(beside, effects.allowed(connection)), shown)
    for held in marked.values():
        connection.execute(SQL("DROP TABLE {}").format(held.stage))
    if not dry_run:
        with _explained():
            parts_of_ours.drop_empty(connection, there)
    return Report(doomed, {n: k for n, k in kept.items() if k}, found, skipped, others, beside)


def _made_meanwhile(connection: Connection, own: Mapping[str, Marked], links: Sequence[Link]) -> dict[str, int]:
    """Delete what the app's triggers have made of the deletion itself in tables of which they make rows; how many rows
    went, by table. Where rows that were there were changed too, nothing is deleted, since these look the same."""
    made = {name: held.table for name, held in own.items() if held.table.made_by}
    if not made:
        return {}
    gone: dict[str, int] = {}
    with _explained(), names_of_the_app(connection):
        connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for name in references.children_first({n: own[n] for n in made}, links):
            row = connection.execute(ownership.changed_here(made[name])).fetchone()
            if row and row[0] == 0:
                gone[name] = _changes(connection, ownership.delete_made(made[name]))
    return gone


def _changing(links: Sequence[Link], own: Collection[str]) -> set[str]:
    """Tables of ours whose rows the server may change before they are deleted, by a key of the world's own."""
    return {link.child_name for link in links if link.child_name in own and link.on_delete in references.CHANGING}


def _but_ours(connection: Connection, beside: Sequence[Effect], own: Mapping[str, Marked]) -> list[Effect]:
    """Effects without changes of rows of ours that were deleted since, such as what a trigger counted in them.

    Nobody else writes to these tables meanwhile: a row of this transaction's is one that it changed.
    """
    found = []
    for effect in beside:
        if effect.updated and effect.table in own:
            query = SQL("SELECT count(*) FROM {} AS t WHERE pg_catalog.age(t.xmin) <= 0").format(own[effect.table].name)
            effect = replace(effect, updated=min(effect.updated, _number(connection, query)))
        if effect.inserted or effect.touches_rows:
            found.append(effect)
    return found


def _refuse(touched: Sequence[Effect], shown: str) -> None:
    """Raise Refused when rows of others were changed."""
    if touched:
        raise Refused(
            "triggers or rules of others on these tables changed other rows, and so nothing was deleted:\n  - "
            + "\n  - ".join(map(str, touched))
            + "\n",
            where=shown,
            todo=["change or disable them", Remedy("", {"allow_effects": True}, "or let them do it with {}")],
        )


@contextmanager
def _explained() -> Iterator[None]:
    """What the server says when constraints and triggers that wait for the end are had now."""
    try:
        yield
    except psycopg.errors.InsufficientPrivilege:
        raise  # whoever called knows which rights may be had
    except psycopg.Error as error:
        raise translate(error, "deleting synthetic rows") or error from error


def analyse(connection: Connection, tables: Sequence[Table], report: Report) -> None:
    """Let the server's statistics know what went: an emptied table is not to look like one that the app has filled.
    Where somebody else has the table for longer than a second, they know it later."""
    for table in tables:
        if report.deleted.get(table.full_name):
            with suppress(psycopg.errors.LockNotAvailable), connection.transaction():
                connection.execute("SELECT pg_catalog.set_config('lock_timeout', '1s', true)")
                connection.execute(SQL("ANALYZE {}").format(name_of(table)))


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


@dataclass(frozen=True, slots=True)
class _Usable:
    """A table that the target has. source: what to read for its own rows: none of a table that inherits from it.
    is_part: its rows are parts of accounts, and ours where the account is.
    """

    table: Table
    source: Composable
    is_part: bool = False

    @property
    def name(self) -> str:
        return self.table.full_name

    def ours(self, staged: Staged) -> Composable:
        return SQL(self.table.mark.condition) if self.is_part else ownership.ours(self.table, staged)

    def count(self, condition: Composable) -> Composed:
        return SQL("SELECT count(*) FROM {} AS t WHERE {}").format(self.source, condition)


def _usable(connection: Connection, tables: Sequence[Table]) -> tuple[list[_Usable], dict[str, str]]:
    """The tables that the target has, in order; of the others, why not."""
    wanted = {"schemas": [t.schema for t in tables], "names": [t.relation for t in tables]}
    kinds = {f"{row[0]}.{row[1]}": row[2] for row in connection.execute(queries.load("queries/columns.sql"), wanted)}
    skipped = {
        table.full_name: ABSENT if table.full_name not in kinds else "this is not a table"
        for table in tables
        if kinds.get(table.full_name) not in ("r", "p")
    }
    # The rows of a partitioned table are in its partitions.
    sources = {"r": SQL("ONLY {}"), "p": SQL("{}")}
    there = [t for t in tables if t.full_name not in skipped]
    return [_Usable(t, sources[kinds[t.full_name]].format(name_of(t))) for t in there], skipped


def _lock(connection: Connection, tables: Sequence[_Usable]) -> None:
    """Block all writes to these tables, and new rows with a foreign key to them in any other table
    (its check locks a row here); reads are allowed."""
    if not tables:
        return
    connection.execute(SQL("SET LOCAL lock_timeout = {}").format(Literal(LOCK_LIMIT)))
    names = SQL(", ").join(name_of(one.table) for one in tables)
    connection.execute(SQL("LOCK TABLE {} IN EXCLUSIVE MODE").format(names))


def _mark(
    connection: Connection, tables: Sequence[_Usable], staged: Staged, links: Sequence[Link], skipped: dict[str, str]
) -> tuple[dict[str, Marked], dict[str, int]]:
    """The rows of ours of each table, as they are before anything is deleted; and how many others carry its mark."""
    marked, others = {}, {}
    for number, one in enumerate(tables):
        keys = tuple(sorted({key for link in links if link.parent == one.name for key in link.keys}))
        held = Marked(one.table, Identifier("pg_temp", f"marked_{number}"), keys)
        query = SQL(
            "CREATE TEMPORARY TABLE {stage} ON COMMIT DROP AS"
            " SELECT t.tableoid AS part, t.ctid AS place, false AS stays{keys} FROM {source} AS t WHERE {ours}"
        ).format(
            stage=held.stage,
            keys=SQL("").join(SQL(", t.{} AS {}").format(Identifier(k), Identifier(f"key_{k}")) for k in keys),
            source=one.source,
            ours=one.ours(staged),
        )
        with _unless_unreadable(connection, one.table, skipped):
            rows = _changes(connection, query)
            connection.execute(SQL("CREATE INDEX ON {} (place)").format(held.stage))
            connection.execute(SQL("ANALYZE {}").format(held.stage))
            marked[one.name] = held
            if more := _marked(connection, one) - rows:
                others[one.name] = more
    return marked, others


def _marked(connection: Connection, one: _Usable) -> int:
    """How many rows carry the mark of a table, whoever wrote them."""
    return _number(connection, one.count(SQL(one.table.mark.condition)))


def _refuse_twice(
    connection: Connection, tables: Sequence[_Usable], staged: Staged, marked: Mapping[str, Marked], shown: str
) -> None:
    """Refuse where a key of ours stands in several rows, which a table without a unique key allows: which of them we
    wrote cannot be known."""
    wanted = {"schemas": [t.table.schema for t in tables], "names": [t.table.relation for t in tables]}
    unique: dict[str, list[set[str]]] = {}
    for schema, name, columns in connection.execute(queries.load("queries/unique_keys.sql"), wanted).fetchall():
        unique.setdefault(f"{schema}.{name}", []).append(set(columns))
    found = []
    for one in tables:
        proof = one.table.proof
        if (
            one.name not in marked
            or one.table.proven_by
            or (one.table.made_by and not one.table.keyed)
            or any(k <= {*proof} for k in unique.get(one.name, ()))
        ):
            continue
        query = SQL("SELECT count(*) FROM (SELECT FROM {} AS t WHERE {} GROUP BY {} HAVING count(*) > 1) AS twice")
        columns = SQL(", ").join(Identifier("t", name) for name in proof)
        twice = _number(connection, query.format(one.source, ownership.ours(one.table, staged), columns))
        if twice:
            found.append(f"{one.name}: {twice:,} values of {', '.join(proof)}")
    if found:
        raise Refused(
            "keys of Populace's stand in more than one row, and which of these it wrote cannot be known:\n  - "
            + "\n  - ".join(found)
            + "\n",
            where=shown,
            todo="delete the copies, or give them keys of their own",
        )


def _delete(connection: Connection, held: Marked, rows: int) -> None:
    """Delete what the stage lists. Raises CheckFailed when the server deletes another number of rows."""
    delete = SQL(
        "DELETE FROM {} AS t USING {} AS m WHERE m.place OPERATOR(pg_catalog.=) t.ctid"
        " AND m.part OPERATOR(pg_catalog.=) t.tableoid AND NOT m.stays"
    )
    with _explained(), names_of_the_app(connection):
        gone = _changes(connection, delete.format(held.name, held.stage))
        if gone < rows and held.keys:
            # A trigger changed some when what refers to them went: these stand elsewhere now.
            gone += _changes(connection, references.by_key(held))
    if gone != rows:
        raise CheckFailed(
            f"of {rows:,} synthetic rows the server deleted {gone:,}; nothing was changed",
            where=held.table.full_name,
            todo="look for a trigger that keeps them, or for foreign keys that form a circle",
        )


def _sums(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return {name: one.get(name, 0) + other.get(name, 0) for name in {**one, **other}}


def _number(connection: Connection, query: Composed) -> int:
    row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])


def _changes(connection: Connection, query: Composed) -> int:
    return connection.execute(query).rowcount
