"""Rows that the app's own triggers make for people of ours, such as a profile at each sign-up.

Where such a row stands in the place of one of ours, it becomes ours: all our columns, by any unique key that holds one
of our hashes. The others are listed as ours, since nobody else can refer to people who were written a moment ago.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import psycopg
from psycopg.sql import SQL, Composable, Identifier, Literal

from populace.database import effects, queries
from populace.database.ownership import name_of
from populace.database.pins import names_are_ours_again, path_of_the_app
from populace.sinks.removal import OURS, has_id
from populace.spec import Table, World

COUNTED = """
SELECT coalesce(sum(pg_stat_get_xact_tuples_inserted(part)), 0)::bigint FROM (
    SELECT %(table)s::regclass::oid UNION SELECT relid::oid FROM pg_partition_tree(%(table)s::regclass)) AS parts (part)
"""
AS_THE_APP = SQL("WITH app AS MATERIALIZED (SELECT set_config('search_path', {}, true)) ")


@dataclass(slots=True)
class Adoption:
    """What the app's triggers do when rows of ours come. bulk: tables may have no unique key yet."""

    connection: psycopg.Connection
    world: World
    bulk: bool
    _watched: bool | None = None
    _written: dict[str, int] = field(default_factory=dict)
    _keys: dict[str, list[tuple[str, ...]]] | None = None

    def concerns(self, table: Table) -> bool:
        """Whether rows of a table may be there although nobody has written them: the app has triggers for new rows."""
        if self._watched is None:
            self._watched = any(one.adds for one in effects.foreign(self.connection, self.world))
        if not self._watched or not table.hashed:
            return False
        # A heap without keys is searched only where somebody else has put something.
        return not self.bulk or self._counted(table) > self._written.get(table.name, 0)

    def wrote(self, table: Table) -> None:
        """What is in a table by now is known."""
        if self._watched and self.bulk:
            self._written[table.name] = self._counted(table)

    def take(self, table: Table, stage: Identifier) -> None:
        """Make ours what stands in the place of a staged row, unless it is that row in an earlier version."""
        columns = [column.name for column in table.columns]
        fresh: Composable = SQL("true")
        if table.mode == "merge":
            earlier = [SQL("({})").format(SQL(table.mark.condition)), *([OURS] if has_id(table) else [])]
            fresh = SQL("NOT ({})").format(SQL(" AND ").join(earlier))
        for key in self._unique(table):
            self._run(
                SQL("UPDATE {} AS t SET ({}) = ROW({}) FROM {} AS s CROSS JOIN app WHERE {} AND {}").format(
                    name_of(table), _listed(columns), _listed(columns, "s"), stage, _same(key), fresh
                )
            )

    def append(self, table: Table, stage: Identifier) -> int:
        """Write the staged rows, taking over what stands in their places; how many are there then."""
        columns = [column.name for column in table.columns]
        self.take(table, stage)
        self._run(
            SQL(
                "INSERT INTO {table} ({columns}) SELECT {staged} FROM {stage} AS s CROSS JOIN app"
                " WHERE NOT EXISTS (SELECT FROM {table} AS t WHERE {same})"
            ).format(
                table=name_of(table),
                columns=_listed(columns),
                staged=_listed(columns, "s"),
                stage=stage,
                same=_same(table.key),
            )
        )
        self._list(table, stage)
        there = SQL("SELECT count(*) FROM {} AS s WHERE EXISTS (SELECT FROM {} AS t WHERE {})")
        row = self.connection.execute(there.format(stage, name_of(table), _same(table.key))).fetchone()
        self.connection.execute(SQL("DELETE FROM {}").format(stage))
        assert row is not None
        return int(row[0])

    def _list(self, parent: Table, stage: Identifier) -> None:
        """List what triggers have made of new rows, in tables of the world: nobody else knows these yet."""
        for table in self.world.tables:
            for column in table.columns:
                refers = column.references == f"{parent.full_name}.id" and column.type == "uuid"
                if refers and has_id(table) and table.proof == ("id",):
                    self.connection.execute(
                        SQL(
                            "INSERT INTO populace.own_row (relation, key) SELECT {}::regclass, ARRAY[t.id::text]"
                            " FROM {} AS t JOIN {} AS s ON {} = s.id WHERE NOT {} ON CONFLICT DO NOTHING"
                        ).format(Literal(table.quoted_name), name_of(table), stage, Identifier("t", column.name), OURS)
                    )

    def _unique(self, table: Table) -> Sequence[tuple[str, ...]]:
        """The unique keys that hold one of our hashes; the table's own first."""
        if self._keys is None:
            wanted = {
                "schemas": [table.schema for table in self.world.tables],
                "names": [table.name for table in self.world.tables],
            }
            self._keys = {}
            for schema, name, columns in self.connection.execute(queries.load("queries/unique_keys.sql"), wanted):
                self._keys.setdefault(f"{schema}.{name}", []).append(tuple(sorted(columns)))
        types = {column.name: column.type for column in table.columns}
        keys = dict.fromkeys([tuple(sorted(table.key)), *sorted(self._keys.get(table.full_name, []))])
        return [key for key in keys if {*key} <= types.keys() and any(types[name] == "uuid" for name in key)]

    def _run(self, statement: Composable) -> None:
        path = Literal(path_of_the_app(self.connection))
        with names_are_ours_again(self.connection):
            self.connection.execute(SQL("{}{}").format(AS_THE_APP.format(path), statement))

    def _counted(self, table: Table) -> int:
        row = self.connection.execute(COUNTED, {"table": table.quoted_name}).fetchone()
        assert row is not None
        return int(row[0])


def _listed(names: Sequence[str], *row: str) -> Composable:
    return SQL(", ").join(Identifier(*row, name) for name in names)


def _same(key: Sequence[str]) -> Composable:
    """Whether row `t` of a table has a key of the staged row `s`."""
    return SQL(" AND ").join(SQL("{} = {}").format(Identifier("t", name), Identifier("s", name)) for name in key)
