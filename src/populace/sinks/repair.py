"""A sink that compares the rows of a plan with those of a target, and writes what is missing or was changed.

Rows go into temporary tables by COPY, and the server joins: only what differs is kept (`populace state` says how), and
mended in passes, since a row waits for those that it refers to. Everything happens in the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import LiteralString

import psycopg
import pyarrow as pa
from psycopg.sql import SQL, Composable, Identifier, Literal

from populace import clock
from populace.batch import Batch, newest
from populace.database.faults import explained
from populace.database.ownership import ledger_key, name_of
from populace.sinks.accounts import AT_ONCE, User, backdate
from populace.sinks.comparison import Comparison
from populace.sinks.likeness import ROW, STATE, WHY, Found, columns_of, equal, identity, unlike
from populace.sinks.memory import KEPT_BY_MERGE
from populace.sinks.removal import OBJECTIONS, OURS, has_id
from populace.sinks.sink import Tallies
from populace.spec import OUTBOX, AccountService, Table, World

WORTH_A_COPY, WORTH_A_COPY_BYTES = 65_536, 16 << 20
"""Fewer rows, of fewer bytes, are gathered: a COPY has a price of its own."""

MOST_REFUSED = 50
"""So many rows that the server refuses are found one by one; then those beside them count as refused as well."""

TAKEN = "a row that is not Populace's stands at their key"
ALONE = "what they refer to is not there"
UNMARKED = "these rows do not carry the mark any more, and may be somebody's own"
KEPT_OUT = "a key, a rule or a trigger of the app keeps them out"


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
        self._service = service
        self._create = create
        self._comparison = Comparison(connection, world, old_before_us=old_before_us, service=service)
        self._gathered: dict[tuple[str, str], list[pa.RecordBatch]] = {}
        self._tallies = Tallies()

    def write(self, batch: Batch) -> None:
        """Stage one batch. Raises TargetUnavailable when the server cannot take it."""
        if not len(batch.rows) or batch.act == "remove" or batch.table == OUTBOX.name:
            return
        table = self._world.table(batch.table)
        if self._service and table.name == self._service.identities:
            return
        gathered = self._gathered.setdefault((table.name, batch.act), [])
        gathered.append(batch.rows)
        # Of rows that are merged the last version counts: they are held until all are here.
        if batch.act == "append" and (
            sum(map(len, gathered)) >= WORTH_A_COPY or sum(rows.nbytes for rows in gathered) >= WORTH_A_COPY_BYTES
        ):
            self._stage(table, batch.act)

    def flush(self) -> None:
        """Compare, and mend unless only looking. Raises CheckFailed for what the server refuses, TargetUnavailable when
        it cannot be reached."""
        for name, act in list(self._gathered):
            self._stage(self._world.table(name), act)
        with explained("comparing rows"):
            found = self._comparison.found()
            if not self._looking and found:
                for one in found:
                    if self._comparison.is_made(one.table):
                        self._make_accounts(one)
                self._hold(found)
                self._mend(found)
            for one in found:
                self._count(one)
            self._comparison.clear()

    def tallies(self) -> Tallies:
        """Nothing: what is mended was counted when it was first written."""
        return self._tallies

    def cancel(self) -> None:
        """End the statement that another thread has running, if any."""
        with suppress(psycopg.Error):
            self._connection.cancel_safe(timeout=5)

    def _stage(self, table: Table, act: str) -> None:
        rows = pa.Table.from_batches(self._gathered.pop((table.name, act)))
        if act == "merge":
            rows = newest(rows, table.key, [name for name in KEPT_BY_MERGE if table.has(name)])
        with explained(f"staging rows of {table.full_name}"):
            self._comparison.stage(table, rows)

    def _hold(self, found: Sequence[Found]) -> None:
        """Nobody else writes these tables until the transaction ends: what stands at a key of ours after we have
        written was made by triggers for rows of ours. So is what came since with accounts that a service made: it
        could not have come before them, and the service has to write meanwhile."""
        counted: LiteralString = "SELECT count(*) FROM {} AS s WHERE s.{} = 'missing'"
        made, number = self._comparison.is_made, self._comparison.number
        lacking = [one for one in found if not made(one.table) and number(counted, one.rows, STATE)]
        if lacking:
            names = SQL(", ").join(name_of(one.table) for one in sorted(lacking, key=lambda one: one.table.full_name))
            self._connection.execute("SET LOCAL lock_timeout = '60s'")
            self._connection.execute(SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE").format(names))
        if not self._service:
            for one in lacking:
                self._comparison.find_taken(one)

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
        return self._comparison.number(
            "SELECT count(*) FROM {} AS s WHERE s.{} = ANY ({})", found.rows, STATE, Literal(list(self._mending))
        )

    def _attempt(self, found: Found, low: int, high: int, refused: list[int]) -> None:
        """Write the rows of a range; where the server refuses, its halves, down to single rows."""
        ready = SQL("s.{row} >= {low} AND s.{row} < {high} AND {parents}").format(
            row=ROW,
            low=Literal(low),
            high=Literal(high),
            parents=self._comparison.around.accompanied(found.table),
        )
        try:
            with self._connection.transaction():
                self._insert(found, ready)
                if "changed" in self._mending:
                    self._comparison.update(found, SQL("s.{} = 'changed' AND {}").format(STATE, ready))
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
        row_of_plan = columns_of(table, "s")
        types = {column.name: column.type for column in table.columns}
        if not self._comparison.is_made(table):
            for unique in dict.fromkeys([*self._comparison.around.unique.get(table.full_name, []), identity(table)]):
                if any(types[name] == "uuid" for name in unique):
                    self._comparison.as_the_app(
                        SQL("UPDATE {} AS t SET ({}) = ROW({}) FROM {} AS s CROSS JOIN app WHERE {} AND {} AND {}"
                            ).format(target, columns_of(table), row_of_plan, found.rows, missing, equal(unique),
                                     unlike(table, all_))
                    )  # fmt: skip
            self._comparison.as_the_app(
                SQL("INSERT INTO {} ({}) SELECT {} FROM {} AS s CROSS JOIN app WHERE {} ON CONFLICT DO NOTHING").format(
                    target, columns_of(table), row_of_plan, found.rows, missing
                )
            )
        if any(t.proven_by and t.column(t.proven_by).references == f"{table.full_name}.id" for t in self._world.tables):
            # What the app keeps for each of these rows, and had lost hold of, follows at a change.
            touched = SQL("UPDATE {} AS t SET {} = {} FROM {} AS s CROSS JOIN app WHERE {} AND {}")
            one = table.key[0]
            self._comparison.as_the_app(
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
        if self._comparison.around.attached:
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
        for table, column in self._comparison.around.children.get(parent.table.full_name, []):
            if has_id(table) and table.proof == ("id",):
                self._connection.execute(
                    SQL("INSERT INTO populace.own_row (relation, key) SELECT {}::regclass, ARRAY[t.id::text]"
                        " FROM {} AS t JOIN {} AS s ON {} = s.id WHERE {} AND NOT {} ON CONFLICT DO NOTHING").format(
                            Literal(table.quoted_name), name_of(table), parent.rows, Identifier("t", column), missing,
                            OURS)
                )  # fmt: skip

    def _note(self, found: Found, ready: Composable) -> None:
        """Which rows are as they should be by now."""
        there = SQL("EXISTS (SELECT FROM {} AS t WHERE {} AND {} AND NOT {})").format(
            name_of(found.table), found.same, found.ours, self._comparison.differs(found.table)
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
        parents = self._comparison.around.accompanied(found.table)
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


def _add(obstacles: list[Obstacle], more: Obstacle) -> None:
    for number, one in enumerate(obstacles):
        if one.because == more.because:
            obstacles[number] = Obstacle(one.rows + more.rows, one.because, one.example)
            return
    obstacles.append(more)
