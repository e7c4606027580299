"""A sink that writes to PostgreSQL by binary COPY, inside a transaction that its caller opened and will end.

What is reported is what the server counted. Identifiers come from the world's declaration and are always quoted.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from uuid import UUID

import numpy as np
import psycopg
import pyarrow as pa
import pyarrow.compute as pc

from populace.batch import Batch, newest
from populace.clock import DAY_US
from populace.database import sequences
from populace.database.faults import explained
from populace.database.ownership import note_echoes
from populace.database.pins import names_are_ours_again, names_of_the_app, path_of_the_app
from populace.database.sequences import Numbering
from populace.sinks.adoption import NO_DAY, Adoption
from populace.sinks.encoding import copy_bytes, copy_text
from populace.sinks.making import Making
from populace.sinks.memory import KEPT_BY_MERGE
from populace.sinks.removal import Removals
from populace.sinks.sink import Tallies, Tally
from populace.sinks.statements import DAY, Statements, stage_of
from populace.spec import OUTBOX, Table, World

ROWS_AT_ONCE = 32_768
"""Held-back rows go out in batches of this size, like those that come from the engine."""


WORTH_A_COPY, WORTH_A_COPY_BYTES = 32_768, 4 << 20
"""Fewer rows of a bulk load, of fewer bytes, are gathered: a COPY has a price of its own, and leaves a new file with
pages that the next one does not fill."""


class PostgresSink:
    """Writes rows of a world into its tables.

    connection: in no autocommit mode; nothing is committed here. bulk: the tables may have no unique index yet, and
    nothing of these rows is there, so that a merge is held back until `flush`, which appends the last version of each,
    and small batches are gathered.
    by_day: tables (with `created_at`) that are also counted by day. elsewhere: by full name, tables from which somebody
    else deletes, and whom to give the people whose rows go. rehearsing: all is taken back, and so nothing is done that
    a rollback would leave. `renewed`: full names of tables that this transaction has given new files.
    """

    renewed: Collection[str] = ()

    def __init__(
        self,
        connection: psycopg.Connection,
        world: World,
        *,
        bulk: bool = False,
        by_day: Collection[str] = (),
        elsewhere: Mapping[str, Callable[[Sequence[str], Tallies], None]] | None = None,
        rehearsing: bool = False,
        watched: bool | None = None,
    ) -> None:
        self._connection = connection
        self._world = world
        self._bulk = bulk
        self._by_day = frozenset(by_day)
        self._elsewhere = elsewhere or {}
        self._tallies = Tallies()
        self._statements: dict[str, Statements] = {}
        self._path: str | None = None
        self._held: dict[str, list[pa.RecordBatch]] = {}
        self._gathered: dict[str, list[pa.RecordBatch]] = {}
        self._removals = Removals(connection, world)
        self._adoption = Adoption(connection, world, bulk, watched)
        self._numberings: dict[str, list[Numbering]] | None = None
        self._reached: dict[Numbering, int] = {}
        self._echoes: dict[str, list[tuple[Table, str]]] = {}
        self._making = Making(connection, world)
        for table in world.tables:
            if table.echoes:
                of, _, column = (table.column(table.echoes).references or "").rpartition(".")
                self._echoes.setdefault(of, []).append((table, column))
        if rehearsing:
            self._numberings = {}

    def write(self, batch: Batch) -> None:
        """Apply one batch; an empty one costs nothing.

        Raises CheckFailed when the server refuses the rows, which are then counted as rejected, and TargetUnavailable
        when it cannot take them; after either the transaction can only be rolled back.
        """
        if len(batch.rows) == 0:
            return
        if batch.act == "remove":
            self._removals.add(batch)
            return
        if batch.act == "merge" and self._bulk:
            self._held.setdefault(batch.table, []).append(batch.rows)
            return
        if batch.act == "append" and self._bulk and not _is_worth_a_copy([batch.rows]):
            gathered = self._gathered.setdefault(batch.table, [])
            gathered.append(batch.rows)
            if _is_worth_a_copy(gathered):
                self._write_gathered(batch.table)
            return
        self._write(batch)

    def _write_gathered(self, name: str) -> None:
        """Append small batches of a table together."""
        rows = pa.Table.from_batches(self._gathered.pop(name)).combine_chunks().to_batches()
        self._write(Batch(name, "append", rows[0]))

    def flush(self) -> None:
        """Append what a bulk load held back, remove who leaves and need not stay, and move the app's sequences past
        what was written. Raises as `write` does."""
        for name in list(self._gathered):
            self._write_gathered(name)
        self._adoption.window_ends()
        held, self._held = self._held, {}
        for name, batches in held.items():
            table = pa.Table.from_batches(batches)
            kept = [column for column in KEPT_BY_MERGE if column in table.column_names]
            rows = newest(table, self._world.table(name).key, kept)
            for piece in rows.combine_chunks().to_batches(max_chunksize=ROWS_AT_ONCE):
                self._write(Batch(name, "append", piece))
        with explained("removing people who leave"):
            self._removals.apply(self.remove, self._tallies)
        reached, self._reached = self._reached, {}
        with explained("noting what the app's triggers have made"):
            self._making.note()
        with explained("moving sequences past what was written"):
            for numbering, value in reached.items():
                sequences.pass_value(self._connection, numbering, value)

    def remove(self, table: Table, people: Sequence[str], tallies: Tallies) -> int | None:
        """Delete the rows of some members (uuids) from a table; how many went, None when somebody else deletes them."""
        if table.full_name in self._elsewhere:
            self._elsewhere[table.full_name](people, tallies)
            return None
        says, tally, gone = self._says(table), tallies.of(table.name), 0
        if table.name not in self._by_day:
            with names_of_the_app(self._connection):
                gone = self._connection.execute(says.remove, (people,)).rowcount
            tally.removed += gone
            return gone
        with names_of_the_app(self._connection):
            days = self._connection.execute(says.remove_by_day, (people,)).fetchall()
        for day, counted, many in days:
            if counted:
                tallies.on(table.name, day, removed=counted)
                tally.removed += counted
            gone += many
        return gone

    def _says(self, table: Table) -> Statements:
        if table.name not in self._statements:
            self._statements[table.name] = Statements(
                table,
                self._world,
                self._connection,
                bulk=self._bulk,
                by_day=table.name in self._by_day,
                path=self._path_of_the_app,
            )
        return self._statements[table.name]

    def _path_of_the_app(self) -> str:
        if self._path is None:
            self._path = path_of_the_app(self._connection)
        return self._path

    def _write(self, batch: Batch) -> None:
        table = OUTBOX if batch.table == OUTBOX.name else self._world.table(batch.table)
        tally, by_day = self._tallies.of(batch.table), batch.table in self._by_day
        with explained(f"writing {table.full_name}"):
            says = self._says(table)
            self._making.begins(table)
            self._note_numbers(table, batch.rows)
        with (
            self._connection.cursor() as cursor,
            explained(f"writing {table.full_name}"),
            _counted(tally, len(batch.rows)) as written,
        ):
            stage, adopts = stage_of(table), self._adoption.concerns(table)
            if batch.act == "append" and adopts and not table.lasting:
                cursor.execute(says.stage)
                _copy(cursor, says.copy_to_stage, says, table, batch.rows)
                written.rows = self._adoption.append(table, stage)
                self._appended(says, table, batch.rows)
                self._note_echoes(table, batch.rows)
                return
            if batch.act == "append" and table.hashed and (self._bulk or not table.lasting):
                append = says.freeze if table.full_name in self.renewed else says.append
                with names_of_the_app(self._connection):
                    _copy(cursor, append, says, table, batch.rows)
                    written.rows = cursor.rowcount
                self._appended(says, table, batch.rows)
                self._note_echoes(table, batch.rows)
                return
            cursor.execute(says.stage)
            _copy(cursor, says.copy_to_stage, says, table, batch.rows)
            if adopts and batch.act == "merge":
                for day in self._adoption.take(table, stage, DAY if by_day else NO_DAY):
                    if day is not None:
                        self._tallies.on(table.name, day, inserted=1)
            with names_are_ours_again(self._connection):
                cursor.execute(says.merge if batch.act == "merge" else says.add)
            for day, many, fresh, kept in cursor.fetchall():
                written.rows += many
                written.kept += kept
                if by_day and many:
                    self._tallies.on(table.name, day, inserted=fresh)
            if table.lasting and table.hashed:
                # What was there by its key is what was to be written.
                written.rows, written.kept = len(batch.rows), 0
            self._note_echoes(table, batch.rows)
            if written.kept:
                self._tallies.kept[table.name] = self._tallies.kept.get(table.name, 0) + written.kept

    def _appended(self, says: Statements, table: Table, rows: pa.RecordBatch) -> None:
        """Note what new rows are to be known by later."""
        self._adoption.wrote(table)
        if table.noted:
            keys = rows.column(table.proof[0]).to_pylist()
            self._connection.execute(says.note, ([key.hex() for key in keys],))
        if table.name in self._by_day:
            for day, many in _days(rows):
                self._tallies.on(table.name, day, inserted=many)

    def _note_echoes(self, table: Table, rows: pa.RecordBatch) -> None:
        """Note the rows that the app's triggers made of rows that were written a moment ago."""
        for echo, column in self._echoes.get(table.full_name, ()):
            keys = rows.column(column).unique().drop_null().to_pylist()
            given = [UUID(bytes=key) if isinstance(key, bytes) else key for key in keys]
            self._connection.execute(note_echoes(echo), (given,))

    def _note_numbers(self, table: Table, rows: pa.RecordBatch) -> None:
        """Note how far values go into columns that the app numbers by a sequence."""
        if self._numberings is None:
            self._numberings = {}
            for numbering in sequences.numberings(self._connection, self._world.tables):
                self._numberings.setdefault(numbering.table, []).append(numbering)
        for numbering in self._numberings.get(table.full_name, ()):
            numbers = rows.column(numbering.column)
            inside = numbers.filter(
                pc.and_(pc.greater_equal(numbers, numbering.low), pc.less_equal(numbers, numbering.high))
            )
            if len(inside) > inside.null_count:
                ends = pc.min_max(inside).as_py()
                value = numbering.later(ends["min"], ends["max"])
                self._reached[numbering] = numbering.later(value, self._reached.get(numbering, value))

    def tallies(self) -> Tallies:
        """What was written since the last call."""
        done, self._tallies = self._tallies, Tallies()
        return done

    def cancel(self) -> None:
        """End the statement that another thread has running, if any; there it is raised as an error."""
        with suppress(psycopg.Error):  # a lost connection has nothing running
            self._connection.cancel_safe(timeout=5)


def _days(rows: pa.RecordBatch) -> list[tuple[int, int]]:
    """How many rows were created on each day (since 1970)."""
    days = rows.column("created_at").cast(pa.int64()).to_numpy() // DAY_US
    known, many = np.unique(days, return_counts=True)
    return list(zip(known.tolist(), many.tolist(), strict=True))


def _is_worth_a_copy(batches: Sequence[pa.RecordBatch]) -> bool:
    rows, size = sum(map(len, batches)), sum(rows.nbytes for rows in batches)
    return rows >= WORTH_A_COPY or size >= WORTH_A_COPY_BYTES


def _copy(cursor: psycopg.Cursor, into: bytes, says: Statements, table: Table, rows: pa.RecordBatch) -> None:
    elements = says.elements
    with cursor.copy(into) as copy:
        for piece in copy_text(table, rows) if table.as_text else copy_bytes(table, rows, elements):
            copy.write(piece)


@dataclass(slots=True)
class _Written:
    """How many rows the server says that it wrote. kept: rows of others that were there instead, left as they are."""

    rows: int = 0
    kept: int = 0


@contextmanager
def _counted(tally: Tally, rows: int) -> Iterator[_Written]:
    """Count `rows` as attempted, and as written what was noted inside, unless it failed."""
    written = _Written()
    done = False
    try:
        yield written
        done = True
    finally:
        wrote, kept = written.rows * done, written.kept * done
        tally.attempted += rows - kept
        tally.written += wrote
        tally.rejected += rows - kept - wrote
