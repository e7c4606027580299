"""A sink that compares the rows of a plan with those of a target, and writes what is missing or was changed.

Rows go into temporary tables by COPY, and the server joins: only what differs is kept (`populace state` says how), and
mended in passes, since a row waits for those that it refers to. Everything happens in the caller's transaction.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import LiteralString

import psycopg
import pyarrow as pa
from psycopg.sql import SQL, Composable, Identifier, Literal

from populace import clock
from populace.batch import Batch, newest
from populace.database import effects
from populace.database.faults import explained
from populace.database.named import named
from populace.database.ownership import ledger_key, listed, name_of
from populace.database.pins import names_are_ours_again, path_of_the_app
from populace.sinks.accounts import AT_ONCE, User, backdate
from populace.sinks.accounts import SCHEMA as ACCOUNTS
from populace.sinks.encoding import copy_bytes
from populace.sinks.memory import KEPT_BY_MERGE
from populace.sinks.postgres import elements_of
from populace.sinks.removal import OBJECTIONS, OURS, has_id
from populace.sinks.sink import Tallies
from populace.spec import OUTBOX, AccountService, Table, World

WORTH_A_COPY = 65_536
"""Fewer rows are gathered: a COPY has a price of its own."""

MOST_REFUSED = 50
"""So many rows that the server refuses are found one by one; then those beside them count as refused as well."""

TRIED = 100
"""So many rows show in which columns the app has the last word."""

TAKEN = "a row that is not Populace's stands at their key"
ALONE = "what they refer to is not there"
UNMARKED = "these rows do not carry the mark any more, and may be somebody's own"
KEPT_OUT = "a key, a rule or a trigger of the app keeps them out"

ASKED_OF_A_SERVICE = ("email", "raw_user_meta_data")
"""What Populace asks of an account. All else of it changes as people sign in, and is the service's."""

SQL_FILE = named("populace.sinks", "repair.sql")
STATE, ROW, WHY = Identifier("populace state"), Identifier("populace row"), Identifier("populace why")


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Rows of a table that could not be mended: how many, why, and the key of one of them."""

    rows: int
    because: str
    example: str


@dataclass(slots=True)
class Difference:
    """What a table lacks of a plan. missing, changed: rows; inserted, mended: those that were written. old: rows that
    went because of their age, and are not missing."""

    missing: int = 0
    changed: int = 0
    inserted: int = 0
    mended: int = 0
    old: int = 0
    obstacles: list[Obstacle] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Found:
    """The rows of one table that differ. same: whether `t` is the staged row `s`; ours: whether we wrote `t`."""

    table: Table
    stage: Identifier
    rows: Identifier
    same: Composable
    ours: Composable


class RepairSink:
    """Compares what it is given with what is there; `flush` mends it and adds to `differences`, by full name.

    connection: in no autocommit mode. mend_changed: rows of ours that were changed are overwritten. looking: only
    compare. old_before_us: what is older may have gone because of its age. service, create: where only a service makes
    accounts, and how; then their identities are its own.
    """

    def __init__(
        self,
        connection: psycopg.Connection,
        world: World,
        *,
        mend_changed: bool,
        looking: bool,
        old_before_us: int | None = None,
        service: AccountService | None = None,
        create: Callable[[Sequence[User]], object] | None = None,
    ) -> None:
        self.differences: dict[str, Difference] = {}
        self._connection = connection
        self._world = world
        self._mending = ("missing", "changed") if mend_changed else ("missing",)
        self._looking = looking
        self._old_before_us = old_before_us
        self._service = service
        self._create = create
        self._gathered: dict[str, list[pa.RecordBatch]] = {}
        self._staged: dict[str, Found] = {}
        self._tallies = Tallies()
        self._parents: dict[str, list[Composable]] | None = None
        self._emptied: dict[str, list[str]] = {}
        self._children: dict[str, list[tuple[Table, str]]] = {}
        self._unique: dict[str, list[tuple[str, ...]]] = {}
        self._asked: dict[str, list[str]] = {}
        self._of_the_app: dict[str, set[str]] = {}
        self._attached: set[str] = set()
        self._path: Composable = SQL("")

    def write(self, batch: Batch) -> None:
        """Stage one batch. Raises TargetUnavailable when the server cannot take it."""
        if not len(batch.rows) or batch.act == "remove" or batch.table == OUTBOX.name:
            return
        table = self._world.table(batch.table)
        if self._service and table.name == self._service.identities:
            return
        gathered = self._gathered.setdefault(table.name, [])
        gathered.append(batch.rows)
        # Of rows that are merged the last version counts: they are held until all are here.
        if batch.act == "append" and table.mode == "append" and sum(map(len, gathered)) >= WORTH_A_COPY:
            self._stage(table)

    def flush(self) -> None:
        """Compare, and mend unless only looking. Raises CheckFailed for what the server refuses, TargetUnavailable when
        it cannot be reached."""
        for name in list(self._gathered):
            self._stage(self._world.table(name))
        staged, self._staged = list(self._staged.values()), {}
        with explained("comparing rows"):
            found = [one for one in staged if self._compare(one)]
            if not self._looking and found:
                for one in found:
                    if self._is_made(one.table):
                        self._make_accounts(one)
                self._hold(found)
                self._mend(found)
            for one in found:
                self._count(one)
            for one in staged:
                self._connection.execute(SQL("TRUNCATE {}, {}").format(one.stage, one.rows))

    def tallies(self) -> Tallies:
        """Nothing: what is mended was counted when it was first written."""
        return self._tallies

    def cancel(self) -> None:
        """End the statement that another thread has running, if any."""
        with suppress(psycopg.Error):
            self._connection.cancel_safe(timeout=5)

    def _stage(self, table: Table) -> None:
        rows = pa.Table.from_batches(self._gathered.pop(table.name))
        if table.mode == "merge":
            rows = newest(rows, table.key, [name for name in KEPT_BY_MERGE if table.has(name)])
        with explained(f"staging rows of {table.full_name}"):
            found = self._staged.get(table.name) or self._begin(table)
            self._staged[table.name] = found
            statement = SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(found.stage, _columns(table))
            elements = elements_of(table, self._connection)
            with self._connection.cursor() as cursor, cursor.copy(statement) as copy:
                for batch in rows.combine_chunks().to_batches():
                    for piece in copy_bytes(table, batch, elements):
                        copy.write(piece)

    def _begin(self, table: Table) -> Found:
        """The temporary tables of a table, with its own types."""
        self._look_around()
        name = f"{zlib.crc32(table.full_name.encode()):08x}_{table.name[:40]}"
        stage, rows = Identifier("pg_temp", f"plan_{name}"), Identifier("pg_temp", f"found_{name}")
        for made, more in ((stage, SQL("")), (rows, SQL(", ''::text AS {}, 0::int8 AS {}, ''::text AS {}"))):
            self._connection.execute(
                SQL("CREATE TEMPORARY TABLE IF NOT EXISTS {} ON COMMIT DELETE ROWS AS"
                    " SELECT {}{} FROM {} WITH NO DATA").format(
                        made, _columns(table), more.format(STATE, ROW, WHY), name_of(table))
            )  # fmt: skip
        return Found(table, stage, rows, _equal(identity(table)), self._ours(table))

    def _look_around(self) -> None:
        """What the database has on these tables, once: foreign keys, unique keys, the app's triggers."""
        if self._parents is not None:
            return
        self._parents, tables = {}, {table.full_name: table for table in self._world.tables}
        named_ = {"schemas": [t.schema for t in tables.values()], "names": [t.name for t in tables.values()]}
        for child, schema, name, columns, keys, on_delete in self._connection.execute(SQL_FILE["foreign_keys"], named_):
            there = SQL("EXISTS (SELECT FROM {} AS p WHERE {})").format(
                Identifier(schema, name), _equal(keys, columns, "p", "s")
            )
            if {*columns} <= {column.name for column in tables[child].columns}:
                empty = [SQL("{} IS NULL").format(Identifier("s", column)) for column in columns]
                self._parents.setdefault(child, []).append(SQL("({})").format(SQL(" OR ").join([*empty, there])))
                if on_delete == "SET NULL":
                    self._emptied.setdefault(child, []).extend(columns)
                if len(columns) == 1 and keys == ["id"]:
                    self._children.setdefault(f"{schema}.{name}", []).append((tables[child], columns[0]))
        for full_name, columns in self._connection.execute(SQL_FILE["unique_keys"], named_):
            if {*columns} <= {column.name for column in tables[full_name].columns}:
                self._unique.setdefault(full_name, []).append(tuple(columns))
        for full_name, columns in self._connection.execute(SQL_FILE["asked"], named_):
            self._asked.setdefault(full_name, []).extend(columns)
        self._attached = {str(one.table) for one in effects.foreign(self._connection, self._world)}
        self._path = SQL("WITH app AS MATERIALIZED (SELECT set_config('search_path', {}, true)) ").format(
            Literal(path_of_the_app(self._connection))
        )

    def _compare(self, found: Found) -> int:
        """Keep what differs; how many rows do."""
        table, asked = found.table, self._asked.get(found.table.full_name, [])
        self._connection.execute(SQL("ANALYZE {}").format(found.stage))
        differs = self._differs(table)
        if asked:  # whoever changed these asks for something: that row is the runner's to write
            differs = SQL("({} AND NOT {})").format(differs, _unlike(table, asked))
        absent = SQL("{} IS NULL").format(Identifier("t", identity(table)[0]))
        emptied = (
            SQL("({} IS NULL AND {} IS NOT NULL)").format(Identifier("t", name), Identifier("s", name))
            for name in self._emptied.get(table.full_name, [])
        )
        self._connection.execute(
            SQL("INSERT INTO {found} SELECT {columns}, CASE WHEN {absent} THEN 'missing' WHEN {ours} THEN 'changed'"
                " {foreign} END, row_number() OVER (), '' FROM {stage} AS s LEFT JOIN {target} AS t ON {same}"
                " WHERE {absent} OR {differs}").format(
                    found=found.rows, columns=_columns(table, "s"), absent=absent, ours=found.ours, stage=found.stage,
                    target=name_of(table), same=found.same, differs=differs,
                    # Who shows that a row is marked may be gone, and comes back before it is mended.
                    foreign=SQL("WHEN {} THEN 'changed' ELSE 'unmarked'").format(
                        SQL(" OR ").join([SQL("false"), *emptied])) if table.hashed else SQL("ELSE 'taken'"))
        )  # fmt: skip
        if not self._number("SELECT count(*) FROM {}", found.rows):
            return 0
        if self._old_before_us is not None and table.name in self._world.ages:
            self._connection.execute(
                SQL("UPDATE {} AS s SET {} = 'old' WHERE s.{} = 'missing' AND s.created_at < {}").format(
                    found.rows, STATE, STATE, Literal(clock.to_datetime(self._old_before_us)))
            )  # fmt: skip
        self._find_taken(found)
        if table.full_name in self._attached:
            self._try_the_app(found)
        return self._number("SELECT count(*) FROM {}", found.rows)

    def _find_taken(self, found: Found) -> None:
        """Rows that are missing and cannot come, since a unique key has another row that is not ours."""
        for key in self._unique.get(found.table.full_name, []):
            known = SQL("(({}) AND EXISTS (SELECT FROM {} AS o WHERE {}))").format(
                SQL(found.table.mark.condition), found.stage, _equal(identity(found.table), one="t", other="o")
            )
            self._connection.execute(
                SQL("UPDATE {} AS s SET {} = 'taken' WHERE s.{} = 'missing'"
                    " AND EXISTS (SELECT FROM {} AS t WHERE {} AND NOT {})").format(
                        found.rows, STATE, STATE, name_of(found.table), _equal(key), known)
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
            names, row = self._compared(table), None
            with suppress(psycopg.Error), self._connection.transaction(force_rollback=True):
                self._update(found, some)
                each = (SQL("coalesce(bool_or({}), false)").format(_unlike(table, [name])) for name in names)
                row = self._connection.execute(
                    SQL("SELECT count(*), {} FROM {} AS s JOIN {} AS t ON {} WHERE {}").format(
                        SQL(", ").join(each), found.rows, name_of(table), found.same, some)
                ).fetchone()  # fmt: skip
            if row is None or not row[0]:
                return
            self._of_the_app[table.name] = {name for name, still in zip(names, row[1:], strict=True) if still}
        self._connection.execute(
            SQL("DELETE FROM {} AS s USING {} AS t WHERE s.{} = 'changed' AND {} AND NOT {}").format(
                found.rows, name_of(table), STATE, found.same, self._differs(table)
            )
        )

    def _hold(self, found: Sequence[Found]) -> None:
        """Nobody else writes these tables until the transaction ends: what stands at a key of ours after we have
        written was made by triggers for rows of ours. So is what came since with accounts that a service made: it
        could not have come before them, and the service has to write meanwhile."""
        counted: LiteralString = "SELECT count(*) FROM {} AS s WHERE s.{} = 'missing'"
        lacking = [one for one in found if not self._is_made(one.table) and self._number(counted, one.rows, STATE)]
        if lacking:
            names = SQL(", ").join(name_of(one.table) for one in sorted(lacking, key=lambda one: one.table.full_name))
            self._connection.execute("SET LOCAL lock_timeout = '60s'")
            self._connection.execute(SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE").format(names))
        if not self._service:
            for one in lacking:
                self._find_taken(one)

    def _is_made(self, table: Table) -> bool:
        """Whether only a service makes rows of a table."""
        return self._service is not None and table.name == self._service.users

    def _mend(self, found: Sequence[Found]) -> None:
        """Write what can be written, again and again, until nothing more can."""
        while sum([self._mend_rows(one) for one in found]):
            pass

    def _mend_rows(self, found: Found) -> int:
        """Write the rows of a table whose parents are there; how many it were."""
        self._connection.execute(
            SQL("UPDATE {} AS s SET {} = 'changed' FROM {} AS t WHERE s.{} = 'unmarked' AND {} AND {}").format(
                found.rows, STATE, name_of(found.table), STATE, found.same, found.ours
            )
        )
        before = self._left(found)
        if before:
            span = self._connection.execute(
                SQL("SELECT min({0}), max({0}) FROM {1}").format(ROW, found.rows)
            ).fetchone()
            assert span is not None
            self._attempt(found, span[0], span[1] + 1, [])
        return before - self._left(found) if before else 0

    def _left(self, found: Found) -> int:
        return self._number(
            "SELECT count(*) FROM {} AS s WHERE s.{} = ANY ({})", found.rows, STATE, Literal(list(self._mending))
        )

    def _attempt(self, found: Found, low: int, high: int, refused: list[int]) -> None:
        """Write the rows of a range; where the server refuses, its halves, down to single rows."""
        ready = SQL("s.{row} >= {low} AND s.{row} < {high} AND {parents}").format(
            row=ROW,
            low=Literal(low),
            high=Literal(high),
            parents=SQL(" AND ").join((self._parents or {}).get(found.table.full_name) or [SQL("true")]),
        )
        try:
            with self._connection.transaction():
                self._insert(found, ready)
                if "changed" in self._mending:
                    self._update(found, SQL("s.{} = 'changed' AND {}").format(STATE, ready))
                self._note(found, ready)
        except psycopg.Error as error:
            if (error.sqlstate or "")[:2] not in OBJECTIONS:
                raise
            if high - low > 1 and len(refused) < MOST_REFUSED:
                middle = (low + high) // 2
                self._attempt(found, low, middle, refused)
                self._attempt(found, middle, high, refused)
                return
            refused.append(low)
            self._connection.execute(
                SQL("UPDATE {} AS s SET {} = {} WHERE {}").format(
                    found.rows, WHY, Literal(error.diag.message_primary or ""), ready
                )
            )

    def _insert(self, found: Found, ready: Composable) -> None:
        """Insert missing rows; a row that a trigger has just made in the place of one becomes it."""
        table, missing = found.table, SQL("s.{} = 'missing' AND {}").format(STATE, ready)
        target, all_ = name_of(table), [column.name for column in table.columns]
        types = {column.name: column.type for column in table.columns}
        if not self._is_made(table):
            for unique in dict.fromkeys([*self._unique.get(table.full_name, []), identity(table)]):
                if any(types[name] == "uuid" for name in unique):
                    self._as_the_app(
                        SQL("UPDATE {} AS t SET ({}) = ROW({}) FROM {} AS s CROSS JOIN app WHERE {} AND {} AND {}"
                            ).format(target, _columns(table), _columns(table, "s"), found.rows, missing, _equal(unique),
                                     _unlike(table, all_))
                    )  # fmt: skip
            self._as_the_app(
                SQL("INSERT INTO {} ({}) SELECT {} FROM {} AS s CROSS JOIN app WHERE {} ON CONFLICT DO NOTHING").format(
                    target, _columns(table), _columns(table, "s"), found.rows, missing
                )
            )
        if any(t.proven_by and t.column(t.proven_by).references == f"{table.full_name}.id" for t in self._world.tables):
            # What the app keeps for each of these rows, and had lost hold of, follows at a change.
            touched = SQL("UPDATE {} AS t SET {} = {} FROM {} AS s CROSS JOIN app WHERE {} AND {}")
            one = table.key[0]
            self._as_the_app(
                touched.format(target, Identifier(one), Identifier("s", one), found.rows, missing, found.same)
            )
        if table.noted or not table.hashed:
            key = (
                ledger_key(table, "t")
                if not table.hashed
                else SQL("ARRAY[t.{}::text]").format(Identifier(table.proof[0]))
            )
            self._connection.execute(
                SQL("INSERT INTO populace.own_row (relation, key) SELECT {}::regclass, {} FROM {} AS s JOIN {} AS t"
                    " ON {} WHERE {} ON CONFLICT DO NOTHING").format(
                        Literal(table.quoted_name), key, found.rows, target, found.same, missing)
            )  # fmt: skip
        if self._attached:
            self._list(found, missing)

    def _make_accounts(self, found: Found) -> None:
        """Let the service make missing accounts, before anything is locked."""
        assert self._create is not None
        password = Identifier("s", "encrypted_password") if found.table.has("encrypted_password") else SQL("NULL")
        rows = self._connection.execute(
            SQL("SELECT s.id::text, s.email, s.raw_user_meta_data::jsonb, {}, s.created_at FROM {} AS s"
                " WHERE s.{} = 'missing'").format(password, found.rows, STATE)
        ).fetchall()  # fmt: skip
        users: list[User] = [
            {"id": key, "email": email, "user_metadata": metadata or {},
             "created_at": clock.iso(clock.from_datetime(at)), **({"password_hash": secret} if secret else {})}
            for key, email, metadata, secret, at in rows
        ]  # fmt: skip
        for first in range(0, len(users), AT_ONCE):
            self._create(users[first : first + AT_ONCE])
        if users:
            ids, moments = [str(user["id"]) for user in users], [str(user["created_at"]) for user in users]
            backdate(self._connection, "backdate_users", ids, moments)

    def _list(self, parent: Found, missing: Composable) -> None:
        """List what triggers have made of new rows as ours: nothing could refer to these by a foreign key before."""
        for table, column in self._children.get(parent.table.full_name, []):
            if has_id(table) and table.proof == ("id",):
                self._connection.execute(
                    SQL("INSERT INTO populace.own_row (relation, key) SELECT {}::regclass, ARRAY[t.id::text]"
                        " FROM {} AS t JOIN {} AS s ON {} = s.id WHERE {} AND NOT {} ON CONFLICT DO NOTHING").format(
                            Literal(table.quoted_name), name_of(table), parent.rows, Identifier("t", column), missing,
                            OURS)
                )  # fmt: skip

    def _update(self, found: Found, which: Composable) -> None:
        """Overwrite rows of ours that were changed."""
        if names := self._compared(found.table):
            self._as_the_app(
                SQL("UPDATE {} AS t SET {} FROM {} AS s CROSS JOIN app WHERE {} AND {} AND {}").format(
                    name_of(found.table),
                    SQL(", ").join(SQL("{} = {}").format(Identifier(name), Identifier("s", name)) for name in names),
                    found.rows,
                    which,
                    found.same,
                    found.ours,
                )
            )

    def _note(self, found: Found, ready: Composable) -> None:
        """Which rows are as they should be by now."""
        there = SQL("EXISTS (SELECT FROM {} AS t WHERE {} AND {} AND NOT {})").format(
            name_of(found.table), found.same, found.ours, self._differs(found.table)
        )
        self._connection.execute(
            SQL("UPDATE {} AS s SET {state} = CASE s.{state} WHEN 'missing' THEN 'inserted' ELSE 'mended' END"
                " WHERE s.{state} = ANY ({mending}) AND {ready} AND {there}").format(
                    found.rows, state=STATE, mending=Literal(list(self._mending)), ready=ready, there=there)
        )  # fmt: skip

    def _count(self, found: Found) -> None:
        """Add what came of a table's rows."""
        total = self.differences.setdefault(found.table.full_name, Difference())
        example = SQL("concat_ws(', ', {})").format(
            SQL(", ").join(SQL("{}::text").format(Identifier("s", name)) for name in identity(found.table))
        )
        parents = SQL(" AND ").join((self._parents or {}).get(found.table.full_name) or [SQL("true")])
        rows = self._connection.execute(
            SQL("SELECT s.{}, s.{}, {}, count(*), min({}) FROM {} AS s GROUP BY 1, 2, 3 ORDER BY 1, 2, 3").format(
                STATE, WHY, parents, example, found.rows
            )
        ).fetchall()
        for state, why, accompanied, many, one in rows:
            total.missing += many if state in ("missing", "inserted", "taken") else 0
            total.changed += many if state in ("changed", "mended", "unmarked") else 0
            total.inserted += many if state == "inserted" else 0
            total.mended += many if state == "mended" else 0
            total.old += many if state == "old" else 0
            if state in ("taken", "unmarked"):
                _add(total.obstacles, Obstacle(many, TAKEN if state == "taken" else UNMARKED, one))
            elif state in self._mending and not self._looking:
                _add(total.obstacles, Obstacle(many, (why or KEPT_OUT) if accompanied else ALONE, one))

    def _compared(self, table: Table) -> list[str]:
        """The columns that are to be as the plan says. What the app or a service writes for each row of ours is only
        looked up."""
        if table.proven_by:
            return [table.proven_by] if table.proven_by not in identity(table) else []
        if table.schema == ACCOUNTS:
            return [name for name in ASKED_OF_A_SERVICE if table.has(name)]
        left = {*identity(table), *self._asked.get(table.full_name, ()), *self._of_the_app.get(table.name, ())}
        return [column.name for column in table.columns if column.name not in left and not column.moves]

    def _ours(self, table: Table) -> Composable:
        """Whether row `t`, found as the staged row `s`, is marked and proven: the plan has just given its key again.
        What a foreign key has emptied does not count against it."""
        emptied = {*self._emptied.get(table.full_name, ())}
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

    def _differs(self, table: Table) -> Composable:
        return _unlike(table, self._compared(table))

    def _as_the_app(self, statement: Composable) -> None:
        with names_are_ours_again(self._connection):
            self._connection.execute(SQL("{}{}").format(self._path, statement))

    def _number(self, statement: LiteralString, *parts: Composable) -> int:
        row = self._connection.execute(SQL(statement).format(*parts)).fetchone()
        assert row is not None
        return int(row[0])


def identity(table: Table) -> tuple[str, ...]:
    """The columns by which a row of the plan is found again: its proof where that is its own, else its key."""
    return table.key if table.proven_by else table.proof


def _columns(table: Table, *row: str) -> Composable:
    return SQL(", ").join(Identifier(*row, column.name) for column in table.columns)


def _equal(columns: Sequence[str], others: Sequence[str] = (), one: str = "t", other: str = "s") -> Composable:
    pairs = zip(columns, others or columns, strict=True)
    return SQL("({})").format(
        SQL(" AND ").join(SQL("{} = {}").format(Identifier(one, a), Identifier(other, b)) for a, b in pairs)
    )


def _unlike(table: Table, names: Sequence[str]) -> Composable:
    """Whether rows `s` and `t` differ in one of these columns."""
    if not names:
        return SQL("false")
    # An app may hold json, which the server does not compare.
    cast = {name: SQL("::jsonb" if table.column(name).type == "jsonb" else "") for name in names}
    parts = (
        SQL("{}{} IS DISTINCT FROM {}{}").format(Identifier("s", n), c, Identifier("t", n), c) for n, c in cast.items()
    )
    return SQL("({})").format(SQL(" OR ").join(parts))


def _add(obstacles: list[Obstacle], more: Obstacle) -> None:
    for number, one in enumerate(obstacles):
        if one.because == more.because:
            obstacles[number] = Obstacle(one.rows + more.rows, one.because, one.example)
            return
    obstacles.append(more)
