"""The rows of a plan beside those of a target: staged in temporary tables by COPY, and joined by the server."""

from __future__ import annotations

import zlib
from contextlib import suppress
from dataclasses import dataclass, field
from typing import LiteralString

import psycopg
import pyarrow as pa
from psycopg.sql import SQL, Composable, Identifier, Literal

from populace import clock
from populace.database import effects
from populace.database.named import named
from populace.database.ownership import listed, name_of
from populace.database.pins import names_are_ours_again, path_of_the_app
from populace.sinks.accounts import SCHEMA as ACCOUNTS
from populace.sinks.encoding import copy_bytes
from populace.sinks.likeness import ROW, STATE, WHY, Found, columns_of, equal, identity, unlike
from populace.sinks.statements import elements_of
from populace.spec import AccountService, Table, World

TRIED = 100
"""So many rows show in which columns the app has the last word."""

ASKED_OF_A_SERVICE = ("email", "raw_user_meta_data")
"""What Populace asks of an account. All else of it changes as people sign in, and is the service's."""

SQL_FILE = named("populace.sinks", "repair.sql")


@dataclass(slots=True)
class Around:
    """What a database has on a world's tables, by full name. parents: conditions that the rows `s` refers to are there.
    emptied: columns that a foreign key empties. children: tables and columns that refer to an `id`. unique: columns of
    unique keys. asked: columns by which somebody asks for something. attached: tables with triggers or rules of the
    app. path: begins a statement in which names are the app's.
    """

    parents: dict[str, list[Composable]] = field(default_factory=dict)
    emptied: dict[str, list[str]] = field(default_factory=dict)
    children: dict[str, list[tuple[Table, str]]] = field(default_factory=dict)
    unique: dict[str, list[tuple[str, ...]]] = field(default_factory=dict)
    asked: dict[str, list[str]] = field(default_factory=dict)
    attached: set[str] = field(default_factory=set)
    path: Composable = field(default_factory=lambda: SQL(""))

    def accompanied(self, table: Table) -> Composable:
        """Whether all that a row refers to is there."""
        return SQL(" AND ").join(self.parents.get(table.full_name) or [SQL("true")])


def look_around(connection: psycopg.Connection, world: World) -> Around:
    """Read it, for a session whose names are Populace's own."""
    around, tables = Around(), {table.full_name: table for table in world.tables}
    named_ = {"schemas": [t.schema for t in tables.values()], "names": [t.relation for t in tables.values()]}
    for child, schema, name, columns, keys, on_delete in connection.execute(SQL_FILE["foreign_keys"], named_):
        there = SQL("EXISTS (SELECT FROM {} AS p WHERE {})").format(
            Identifier(schema, name), equal(keys, columns, "p", "s")
        )
        if {*columns} <= {column.name for column in tables[child].columns}:
            empty = [SQL("{} IS NULL").format(Identifier("s", column)) for column in columns]
            around.parents.setdefault(child, []).append(SQL("({})").format(SQL(" OR ").join([*empty, there])))
            if on_delete == "SET NULL":
                around.emptied.setdefault(child, []).extend(columns)
            if len(columns) == 1 and keys == ["id"]:
                around.children.setdefault(f"{schema}.{name}", []).append((tables[child], columns[0]))
    for full_name, columns in connection.execute(SQL_FILE["unique_keys"], named_):
        if {*columns} <= {column.name for column in tables[full_name].columns}:
            around.unique.setdefault(full_name, []).append(tuple(columns))
    for full_name, columns in connection.execute(SQL_FILE["asked"], named_):
        around.asked.setdefault(full_name, []).extend(columns)
    around.attached = {str(one.table) for one in effects.foreign(connection, world)}
    around.path = SQL("WITH app AS MATERIALIZED (SELECT set_config('search_path', {}, true)) ").format(
        Literal(path_of_the_app(connection))
    )
    return around


class Comparison:
    """Finds what differs, table by table. connection: in no autocommit mode. old_before_us: what is older may have gone
    because of its age. service: where only a service makes accounts.
    """

    def __init__(
        self,
        connection: psycopg.Connection,
        world: World,
        *,
        old_before_us: int | None = None,
        service: AccountService | None = None,
    ) -> None:
        self._connection = connection
        self._world = world
        self._old_before_us = old_before_us
        self._service = service
        self._staged: dict[str, Found] = {}
        self._around: Around | None = None
        self._of_the_app: dict[str, set[str]] = {}

    @property
    def around(self) -> Around:
        """What the database has on these tables, read once."""
        if self._around is None:
            self._around = look_around(self._connection, self._world)
        return self._around

    def stage(self, table: Table, rows: pa.Table) -> None:
        """Take rows of the plan for a table."""
        found = self._staged.get(table.name) or self._begin(table)
        self._staged[table.name] = found
        statement = SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(found.stage, columns_of(table))
        elements = elements_of(table, self._connection)
        with self._connection.cursor() as cursor, cursor.copy(statement) as copy:
            for batch in rows.combine_chunks().to_batches():
                for piece in copy_bytes(table, batch, elements):
                    copy.write(piece)

    def found(self) -> list[Found]:
        """What differs of all that was staged, a table each, in the order in which they came."""
        return [one for one in self._staged.values() if self._compare(one)]

    def clear(self) -> None:
        """Forget what was staged; the temporary tables stay for what comes."""
        for one in self._staged.values():
            self._connection.execute(SQL("TRUNCATE {}, {}").format(one.stage, one.rows))
        self._staged = {}

    def _begin(self, table: Table) -> Found:
        """The temporary tables of a table, with its own types. What goes into them is compressed only where a row would
        not fit on a page: that takes longer than to write it."""
        name = f"{zlib.crc32(table.full_name.encode()):08x}_{table.name[:40]}"
        stage, rows = Identifier("pg_temp", f"plan_{name}"), Identifier("pg_temp", f"found_{name}")
        for made, more in ((stage, SQL("")), (rows, SQL(", ''::text AS {}, 0::int8 AS {}, ''::text AS {}"))):
            self._connection.execute(
                SQL("CREATE TEMPORARY TABLE IF NOT EXISTS {} WITH (toast_tuple_target = 8160) ON COMMIT DELETE ROWS AS"
                    " SELECT {}{} FROM {} WITH NO DATA").format(
                        made, columns_of(table), more.format(STATE, ROW, WHY), name_of(table))
            )  # fmt: skip
        return Found(table, stage, rows, equal(identity(table)), self._ours(table))

    def _compare(self, found: Found) -> int:
        """Keep what differs; how many rows do."""
        table, asked = found.table, self.around.asked.get(found.table.full_name, [])
        # By these columns alone rows are found: to look at the others of wide rows takes long.
        by = SQL(", ").join(map(Identifier, identity(table)))
        self._connection.execute(SQL("ANALYZE {} ({})").format(found.stage, by))
        differs = self.differs(table)
        if asked:  # whoever changed these asks for something: that row is the runner's to write
            differs = SQL("({} AND NOT {})").format(differs, unlike(table, asked))
        absent = SQL("{} IS NULL").format(Identifier("t", identity(table)[0]))
        emptied = (
            SQL("({} IS NULL AND {} IS NOT NULL)").format(Identifier("t", name), Identifier("s", name))
            for name in self.around.emptied.get(table.full_name, [])
        )
        self._connection.execute(
            SQL("INSERT INTO {found} SELECT {columns}, CASE WHEN {absent} THEN 'missing' WHEN {ours} THEN 'changed'"
                " {foreign} END, row_number() OVER (), '' FROM {stage} AS s LEFT JOIN {target} AS t ON {same}"
                " WHERE {absent} OR {differs}").format(
                    found=found.rows, columns=columns_of(table, "s"), absent=absent, ours=found.ours, stage=found.stage,
                    target=name_of(table), same=found.same, differs=differs,
                    # Who shows that a row is marked may be gone, and comes back before it is mended.
                    foreign=SQL("WHEN {} THEN 'changed' ELSE 'unmarked'").format(
                        SQL(" OR ").join([SQL("false"), *emptied])) if table.hashed else SQL("ELSE 'taken'"))
        )  # fmt: skip
        if not self.number("SELECT count(*) FROM {}", found.rows):
            return 0
        if self._old_before_us is not None and table.name in self._world.ages:
            self._connection.execute(
                SQL("UPDATE {} AS s SET {} = 'old' WHERE s.{} = 'missing' AND s.created_at < {}").format(
                    found.rows, STATE, STATE, Literal(clock.to_datetime(self._old_before_us)))
            )  # fmt: skip
        self.find_taken(found)
        if table.full_name in self.around.attached:
            self._try_the_app(found)
        return self.number("SELECT count(*) FROM {}", found.rows)

    def find_taken(self, found: Found) -> None:
        """Rows that are missing and cannot come, since a unique key has another row that is not ours."""
        for key in self.around.unique.get(found.table.full_name, []):
            known = SQL("(({}) AND EXISTS (SELECT FROM {} AS o WHERE {}))").format(
                SQL(found.table.mark.condition), found.stage, equal(identity(found.table), one="t", other="o")
            )
            self._connection.execute(
                SQL("UPDATE {} AS s SET {} = 'taken' WHERE s.{} = 'missing'"
                    " AND EXISTS (SELECT FROM {} AS t WHERE {} AND NOT {})").format(
                        found.rows, STATE, STATE, name_of(found.table), equal(key), known)
            )  # fmt: skip
        if found.table.lasting:  # what stands there is what was wanted
            statement = SQL("DELETE FROM {} AS s WHERE s.{} IN ('taken', 'unmarked')")
            self._connection.execute(statement.format(found.rows, STATE))

    def _try_the_app(self, found: Found) -> None:
        """Find the columns in which the app's triggers have the last word, by mending some rows and taking it back."""
        table = found.table
        if table.name not in self._of_the_app:
            some = SQL("s.{state} = 'changed' AND s.{row} IN (SELECT o.{row} FROM {found} AS o"
                       " WHERE o.{state} = 'changed' ORDER BY 1 LIMIT {most})").format(
                           state=STATE, row=ROW, found=found.rows, most=Literal(TRIED))  # fmt: skip
            names, row = self.compared(table), None
            with suppress(psycopg.Error), self._connection.transaction(force_rollback=True):
                self.update(found, some)
                each = (SQL("coalesce(bool_or({}), false)").format(unlike(table, [name])) for name in names)
                row = self._connection.execute(
                    SQL("SELECT count(*), {} FROM {} AS s JOIN {} AS t ON {} WHERE {}").format(
                        SQL(", ").join(each), found.rows, name_of(table), found.same, some)
                ).fetchone()  # fmt: skip
            if row is None or not row[0]:
                return
            self._of_the_app[table.name] = {name for name, still in zip(names, row[1:], strict=True) if still}
        self._connection.execute(
            SQL("DELETE FROM {} AS s USING {} AS t WHERE s.{} = 'changed' AND {} AND NOT {}").format(
                found.rows, name_of(table), STATE, found.same, self.differs(table)
            )
        )

    def is_made(self, table: Table) -> bool:
        """Whether only a service makes rows of a table."""
        return self._service is not None and table.name == self._service.users

    def update(self, found: Found, which: Composable) -> None:
        """Overwrite rows of ours that were changed."""
        if names := self.compared(found.table):
            self.as_the_app(
                SQL("UPDATE {} AS t SET {} FROM {} AS s CROSS JOIN app WHERE {} AND {} AND {}").format(
                    name_of(found.table),
                    SQL(", ").join(SQL("{} = {}").format(Identifier(name), Identifier("s", name)) for name in names),
                    found.rows,
                    which,
                    found.same,
                    found.ours,
                )
            )

    def compared(self, table: Table) -> list[str]:
        """The columns that are to be as the plan says. What the app or a service writes for each row of ours is only
        looked up."""
        if table.proven_by:
            return [table.proven_by] if table.proven_by not in identity(table) else []
        if table.schema == ACCOUNTS:
            return [name for name in ASKED_OF_A_SERVICE if table.has(name)]
        left = {*identity(table), *self.around.asked.get(table.full_name, ()), *self._of_the_app.get(table.name, ())}
        return [column.name for column in table.columns if column.name not in left and not column.moves]

    def _ours(self, table: Table) -> Composable:
        """Whether row `t`, found as the staged row `s`, is marked and proven: the plan has just given its key again.
        What a foreign key has emptied does not count against it."""
        emptied = {*self.around.emptied.get(table.full_name, ())}
        mark: Composable = SQL(table.mark.condition)
        if emptied:
            each = (
                SQL("coalesce({}, {}) AS {}").format(Identifier("t", n), Identifier("s", n), Identifier(n))
                if n in emptied
                else Identifier("t", n)
                for n in (column.name for column in table.columns)
            )
            mark = SQL("EXISTS (SELECT FROM (SELECT {}) AS t WHERE {})").format(SQL(", ").join(each), mark)
        conditions: list[Composable] = [SQL("({})").format(mark)]
        if not table.hashed:
            conditions.append(listed(table))
        elif table.proven_by and table.proven_by not in table.key:
            conditions.append(SQL("({0} = {1} OR {0} IS NULL)").format(*(Identifier(r, table.proven_by) for r in "ts")))
        return SQL("({})").format(SQL(" AND ").join(conditions))

    def differs(self, table: Table) -> Composable:
        return unlike(table, self.compared(table))

    def as_the_app(self, statement: Composable) -> None:
        with names_are_ours_again(self._connection):
            self._connection.execute(SQL("{}{}").format(self.around.path, statement))

    def number(self, statement: LiteralString, *parts: Composable) -> int:
        row = self._connection.execute(SQL(statement).format(*parts)).fetchone()
        assert row is not None
        return int(row[0])
