"""The SQL that writes one table, each statement composed when it is first needed."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from functools import cached_property

import psycopg
from psycopg.sql import SQL, Composable, Composed, Identifier, Literal

from populace.database import queries
from populace.database.ownership import ledger_key, listed, name_of, note
from populace.sinks.adoption import NO_DAY
from populace.sinks.memory import KEPT_BY_MERGE
from populace.sinks.removal import OURS, has_id, proven, whose
from populace.spec import Table, World

MANY_STAGES = 60
"""In a world of more tables none stays behind through which rows go."""
DAY = SQL("pg_catalog.floor(extract(epoch FROM t.created_at) OPERATOR(pg_catalog./) 86400.0)::pg_catalog.int4")
"""The day (since 1970, UTC) on which a row was created."""


class Statements:
    """The SQL that writes a table of a world, quoted as `connection` wants it.

    bulk: it may have no unique key. by_day: its rows are counted by day. path: gives the app's search path.

    What removes qualifies operators and functions too, since it runs while names are found as in the app; what merges
    and adds is understood before it lets the app's names in, for what it fires.
    """

    def __init__(
        self,
        table: Table,
        world: World,
        connection: psycopg.Connection,
        *,
        bulk: bool,
        by_day: bool,
        path: Callable[[], str],
    ) -> None:
        self._table, self._world, self._connection = table, world, connection
        self._bulk, self._by_day, self._path = bulk, by_day, path

    @cached_property
    def append(self) -> bytes:
        """COPY into the table."""
        return self._said("COPY {target} ({columns}) FROM STDIN (FORMAT {format})", format=self._format)

    @cached_property
    def freeze(self) -> bytes:
        """The same, into a new file."""
        return self._said("COPY {target} ({columns}) FROM STDIN (FORMAT {format}, FREEZE)", format=self._format)

    @cached_property
    def stage(self) -> bytes:
        """Makes the temporary table that rows go through which may be there already, unless it is there."""
        return self._said(
            "CREATE TEMPORARY TABLE IF NOT EXISTS {stage} ON COMMIT {after} AS"
            " SELECT {columns} FROM {target} WITH NO DATA",
            # A commit empties every stage that the session ever made: of many, it is quicker to make a few again.
            after=SQL("DROP" if len(self._world.tables) > MANY_STAGES else "DELETE ROWS"),
        )

    @cached_property
    def copy_to_stage(self) -> bytes:
        """COPY into that."""
        return self._said("COPY {stage} ({columns}) FROM STDIN (FORMAT {format})", format=self._format)

    @cached_property
    def add(self) -> bytes:
        """Takes the rows out of it and adds those that are not there. Answers with the rows written by day, how many of
        these are new, and how many were not written for a row that is there."""
        conflict = SQL(" ON CONFLICT ({key}) DO NOTHING").format(key=self._key)
        return self._through_stage(SQL("") if self._bulk or not self._table.keyed else conflict, SQL("true"))

    @cached_property
    def merge(self) -> bytes:
        """The same, and changes rows of ours that are there."""
        table = self._table
        changes = SQL(", ").join(
            SQL("{0} = EXCLUDED.{0}").format(Identifier(name))
            # A row that has nothing but its key is touched all the same, so that the server counts it.
            for name in [c.name for c in table.columns if c.name not in (*table.key, *KEPT_BY_MERGE)] or table.key[:1]
        )
        conflict = SQL(" ON CONFLICT ({key}) DO UPDATE SET {changes} WHERE {ours}").format(
            key=self._key, changes=changes, ours=_written_by_us(table, SQL("EXCLUDED"))
        )
        return self._through_stage(conflict, SQL("NOT ({})").format(_written_by_us(table, SQL("s"))))

    @cached_property
    def note(self) -> bytes:
        """Notes rows by their keys."""
        return note(self._table).as_bytes(self._connection)

    @cached_property
    def remove(self) -> bytes:
        """Deletes the rows of some people."""
        return self._remove.as_bytes(self._connection)

    @cached_property
    def remove_by_day(self) -> bytes:
        """The same; answers with how many went, by day."""
        return self._said(
            "WITH gone AS ({remove} RETURNING {day} AS day, {ours} AS ours)"
            # What was never counted when it came, since the app made it, is not counted when it goes.
            " SELECT day, pg_catalog.count(*) FILTER (WHERE ours), pg_catalog.count(*) FROM gone GROUP BY day",
            remove=self._remove,
            day=DAY,
            ours=OURS if has_id(self._table) else SQL("true"),
        )

    @cached_property
    def elements(self) -> Mapping[str, int]:
        """See `copy_bytes`."""
        return elements_of(self._table, self._connection)

    def _through_stage(self, conflict: Composable, foreign: Composable) -> bytes:
        table, nothing = self._table, SQL("")
        fresh: Composable = SQL("true")
        noted: Composable = nothing
        noting: Composable = nothing
        if self._by_day and not self._bulk:
            # As of before the statement: rows of a partitioned table do not show it themselves.
            fresh = SQL("NOT EXISTS (SELECT FROM {} AS o WHERE ({}) = ({}))").format(
                name_of(table), _listed(table.key, "o"), _listed(table.key, "t")
            )
        if not table.hashed:
            # A key that others could have too is noted, or nobody could prove whose row it is.
            noting = SQL(", {} AS key").format(ledger_key(table))
            noted = SQL(
                ", noted AS (INSERT INTO populace.own_row (relation, key) SELECT {}::regclass, key FROM written"
                " ON CONFLICT DO NOTHING)"
            ).format(Literal(table.quoted_name))
        return self._said(
            "WITH app AS MATERIALIZED (SELECT pg_catalog.set_config('search_path', {path}, true)),"
            " staged AS (DELETE FROM {stage} RETURNING {columns}), written AS ("
            "INSERT INTO {target} AS t ({columns}){numbered} SELECT {columns} FROM staged CROSS JOIN app{conflict}"
            " RETURNING {day} AS day, {fresh} AS fresh{noting}){noted}"
            " SELECT day, count(*), count(*) FILTER (WHERE fresh), 0 FROM written GROUP BY day"
            " UNION ALL SELECT NULL, 0, 0, ("
            "SELECT count(*) FROM staged AS s WHERE EXISTS (SELECT FROM {target} AS t WHERE {same} AND {foreign}))"
            " WHERE (SELECT count(*) FROM staged) > (SELECT count(*) FROM written)",
            path=Literal(self._path()),
            numbered=SQL(" OVERRIDING SYSTEM VALUE" if any(c.numbered for c in table.columns) else ""),
            conflict=conflict,
            day=DAY if self._by_day else NO_DAY,
            fresh=fresh,
            noting=noting,
            noted=noted,
            same=SQL("({}) = ({})").format(_compared(table, "s"), _compared(table, "t")),
            foreign=foreign,
        )

    @property
    def _format(self) -> Composable:
        return SQL("csv" if self._table.as_text else "binary")

    @property
    def _key(self) -> Composable:
        return _listed(self._table.key)

    @property
    def _remove(self) -> Composable:
        return SQL("DELETE FROM {target} AS t WHERE ({whose}) AND ({proven})").format(
            target=name_of(self._table),
            whose=whose(self._table, self._world, SQL("%s")),
            proven=proven(self._table, self._world),
        )

    def _said(self, text: str, **more: Composable) -> bytes:
        target, columns = name_of(self._table), _listed([c.name for c in self._table.columns])
        template = SQL(text)
        names = {"target": target, "columns": columns, "stage": stage_of(self._table), **more}
        return template.format(**names).as_bytes(self._connection)


def stage_of(table: Table) -> Identifier:
    """The temporary table that rows go through which may be there already."""
    return Identifier("pg_temp", f"merge_{zlib.crc32(table.full_name.encode()):08x}_{table.name[:40]}")


def elements_of(table: Table, connection: psycopg.Connection) -> dict[str, int]:
    """The oid of what the arrays of a table hold, by column, where that is an enum."""
    enums = [column.name for column in table.columns if column.type == "text[]" and column.enum]
    if not enums:
        return {}
    bound = {"table": table.quoted_name, "columns": enums}
    return dict(connection.execute(queries.load("queries/elements.sql"), bound).fetchall())


def _written_by_us(table: Table, merged: Composable) -> Composable:
    """Whether row `t`, which has the key of the one to be merged, is that row in an earlier version."""
    conditions: list[Composable] = [SQL("({})").format(SQL(table.mark.condition))]
    if not table.hashed:
        conditions.append(listed(table))
    elif "id" in table.proof and "id" not in table.key:
        # A row that was played for us stands under the app's key.
        conditions.append(SQL("(t.id = {}.id OR {})").format(merged, listed(table)))
    return SQL(" AND ").join(conditions)


def _listed(names: list[str] | tuple[str, ...], *row: str) -> Composed:
    return SQL(", ").join(Identifier(*row, name) for name in names)


def _compared(table: Table, row: str) -> Composed:
    """The key of a row as it is compared: of a type that is none of the server's own, as text, since its operators are
    where the app's names are found."""
    apart = {column.name for column in table.columns if column.stored and "." in column.stored}
    return SQL(", ").join(
        SQL("{}::pg_catalog.text" if name in apart else "{}").format(Identifier(row, name)) for name in table.key
    )
