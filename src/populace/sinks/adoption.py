"""Rows that the app itself makes for people of ours: by triggers, such as a profile at each sign-up, or because a
browser has played the sign-up there.

Where such a row stands in the place of one of ours, it becomes ours: all our columns, by any unique key that holds one
of our hashes. The others are listed as ours, since nobody else can refer to people who were written a moment ago.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg.sql import SQL, Composable, Identifier, Literal

from populace.database import effects, queries
from populace.database.ownership import listed, name_of
from populace.database.pins import names_are_ours_again, path_of_the_app
from populace.sinks.removal import OURS, has_id, whose
from populace.spec import Table, World

COUNTED = """
SELECT coalesce(sum(pg_stat_get_xact_tuples_inserted(part)), 0)::bigint FROM (
    SELECT %(table)s::regclass::oid UNION SELECT relid::oid FROM pg_partition_tree(%(table)s::regclass)) AS parts (part)
"""
NEWCOMERS = """
SELECT person, signs_up FROM populace.delegated_visit
WHERE signs_up IS NOT NULL AND begins >= populace.watermark() ORDER BY address FOR UPDATE
"""
NO_DAY = SQL("NULL::int")
AS_THE_APP = SQL("WITH app AS MATERIALIZED (SELECT set_config('search_path', {}, true)) ")


def adds(connection: psycopg.Connection, world: World) -> bool:
    """Whether the app has triggers that may add rows where ours come."""
    return any(one.adds for one in effects.foreign(connection, world))


@dataclass(slots=True)
class Adoption:
    """What the app does when people of ours come. bulk: tables may have no unique key yet. watched: whether the app has
    triggers that may add rows, where that is known."""

    connection: psycopg.Connection
    world: World
    bulk: bool
    _watched: bool | None = None
    _written: dict[str, int] = field(default_factory=dict)
    _keys: dict[str, list[tuple[str, ...]]] | None = None
    _newcomers: dict[str, str] | None = None

    def concerns(self, table: Table) -> bool:
        """Whether rows of a table may be there although nobody has written them: the app has triggers for new rows, or
        somebody signs up there."""
        if self._signing_up(table):
            return True
        if self._watched is None:
            self._watched = adds(self.connection, self.world)
        if not self._watched or not table.hashed:
            return False
        # A heap without keys is searched only where somebody else has put something.
        return not self.bulk or self._counted(table) > self._written.get(table.name, 0)

    def _signing_up(self, table: Table) -> Mapping[str, str]:
        """Of those whose rows a table may have, the people whose sign-up is played in the app and who are not written
        yet: their addresses by their keys. Until the transaction ends, the app makes no account of one of them.
        """
        if self.bulk or table.root != self.world.people_root or not table.owner:
            return {}
        if self._newcomers is None:
            self._newcomers = {str(key): mail for key, mail in self.connection.execute(NEWCOMERS).fetchall()}
        return self._newcomers

    def window_ends(self) -> None:
        """Who signs up is another question in the next transaction."""
        self._newcomers = None

    def wrote(self, table: Table) -> None:
        """What is in a table by now is known."""
        if self._watched and self.bulk:
            self._written[table.name] = self._counted(table)

    def take(self, table: Table, stage: Identifier, day: Composable = NO_DAY) -> list[int | None]:
        """Make ours what stands in the place of a staged row, unless it is that row in an earlier version. day: an
        expression of row `t`; its value for each row that has become ours is returned."""
        taken: list[int | None] = []
        columns = [column.name for column in table.columns]
        fresh: Composable = SQL("true")
        if table.mode == "merge":
            earlier = [SQL("({})").format(SQL(table.mark.condition)), *([OURS] if has_id(table) else [])]
            fresh = SQL("NOT ({})").format(SQL(" AND ").join(earlier))
            if people := self._signing_up(table):
                theirs = whose(table, self.world, Literal([*people]))
                # What a visit that is over has left under keys of the app's is earlier, and stays under them.
                left, other = listed(table), SQL("true")
                if has_id(table):
                    left, other = SQL("({} AND NOT {})").format(left, OURS), SQL("t.id <> s.id")
                fresh = SQL("({} OR ({} AND {} AND NOT {}))").format(fresh, theirs, other, left)
        for key in self._unique(table):
            statement = SQL(
                "UPDATE {} AS t SET ({}) = ROW({}) FROM {} AS s CROSS JOIN app WHERE {} AND {} RETURNING {}"
            ).format(name_of(table), _listed(columns), _listed(columns, "s"), stage, _same(key), fresh, day)
            taken += [row[0] for row in self._run(statement)]
        return taken

    def append(self, table: Table, stage: Identifier) -> int:
        """Write the staged rows, taking over what stands in their places; how many are there then."""
        columns = [column.name for column in table.columns]
        self._make_room(table)
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

    def _make_room(self, table: Table) -> None:
        """Of those who sign up now: take away what an app makes under ids of its own beside an account, and accounts
        that it made under another key than it was given, which nobody could ever refer to."""
        people = self._signing_up(table)
        if not people:
            return
        if table.proven_by:
            theirs = whose(table, self.world, Literal([*people]))
            self._run(SQL("DELETE FROM {} AS t USING app WHERE {}").format(name_of(table), theirs))
        elif table.owner == "id" and table.has("email"):
            others = SQL("t.email = ANY ({}) AND t.id <> ALL ({}::uuid[])").format(
                Literal([*people.values()]), Literal([*people])
            )
            marked = SQL(table.mark.condition)
            self._run(SQL("DELETE FROM {} AS t USING app WHERE {} AND ({})").format(name_of(table), others, marked))

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
                "names": [table.relation for table in self.world.tables],
            }
            self._keys = {}
            for schema, name, columns in self.connection.execute(queries.load("queries/unique_keys.sql"), wanted):
                self._keys.setdefault(f"{schema}.{name}", []).append(tuple(sorted(columns)))
        types = {column.name: column.type for column in table.columns}
        keys = dict.fromkeys([tuple(sorted(table.key)), *sorted(self._keys.get(table.full_name, []))])
        return [key for key in keys if {*key} <= types.keys() and any(types[name] == "uuid" for name in key)]

    def _run(self, statement: Composable) -> list[tuple[Any, ...]]:
        """Run a statement as the app would; what it returns."""
        path = Literal(path_of_the_app(self.connection))
        with names_are_ours_again(self.connection):
            done = self.connection.execute(SQL("{}{}").format(AS_THE_APP.format(path), statement))
            return done.fetchall() if done.description else []

    def _counted(self, table: Table) -> int:
        row = self.connection.execute(COUNTED, {"table": table.quoted_name}).fetchone()
        assert row is not None
        return int(row[0])


def _listed(names: Sequence[str], *row: str) -> Composable:
    return SQL(", ").join(Identifier(*row, name) for name in names)


def _same(key: Sequence[str]) -> Composable:
    """Whether row `t` of a table has a key of the staged row `s`."""
    return SQL(" AND ").join(SQL("{} = {}").format(Identifier("t", name), Identifier("s", name)) for name in key)
