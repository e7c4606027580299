"""A sink that writes to PostgreSQL by binary COPY, inside a transaction that its caller opened and will end.

What is reported is what the server counted. Identifiers come from the world's declaration and are always quoted.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import psycopg
import pyarrow as pa
from psycopg.sql import SQL, Composable, Composed, Identifier

from populace.batch import Batch, newest
from populace.database.faults import translate
from populace.sinks.encoding import copy_bytes
from populace.sinks.memory import KEPT_BY_MERGE
from populace.sinks.sink import Tallies, Tally
from populace.spec import Table, World

ROWS_AT_ONCE = 32_768
"""Held-back rows go out in batches of this size, like those that come from the engine."""


class PostgresSink:
    """Rows of a world on their way into its tables.

    connection: in no autocommit mode; nothing is committed here. bulk: the tables may have no unique index yet, and
    nothing of these rows is there, so that a merge is held back until `flush`, which appends the last version of each.
    """

    def __init__(self, connection: psycopg.Connection, world: World, *, bulk: bool = False) -> None:
        self._connection = connection
        self._world = world
        self._bulk = bulk
        self._tallies = Tallies()
        self._statements: dict[str, Statements] = {}
        self._held: dict[str, list[pa.RecordBatch]] = {}

    def write(self, batch: Batch) -> None:
        """Apply one batch; an empty one costs nothing.

        Raises CheckFailed when the server refuses the rows, which are then counted as rejected, and TargetUnavailable
        when it cannot take them; after either the transaction can only be rolled back.
        """
        if len(batch.rows) == 0:
            return
        if batch.act == "merge" and self._bulk:
            self._held.setdefault(batch.table, []).append(batch.rows)
            return
        self._write(batch)

    def flush(self) -> None:
        """Append what a bulk load held back. Raises as `write` does."""
        held, self._held = self._held, {}
        for name, batches in held.items():
            rows = newest(pa.Table.from_batches(batches), self._world.table(name).key)
            for piece in rows.combine_chunks().to_batches(max_chunksize=ROWS_AT_ONCE):
                self._write(Batch(name, "append", piece))

    def _write(self, batch: Batch) -> None:
        table, tally = self._world.table(batch.table), self._tallies.of(batch.table)
        says = self._statements.get(table.name)
        if says is None:
            says = self._statements[table.name] = Statements.of(table, self._connection)
        with self._connection.cursor() as cursor, _explained(table):
            if batch.act == "remove":
                owners = [key.hex() for key in batch.rows.column(0).to_pylist()]
                tally.removed += cursor.execute(says.remove, (owners,)).rowcount
                return
            with _counted(tally, len(batch.rows), cursor):
                if batch.act == "append":
                    _copy(cursor, says.append, table, batch.rows)
                else:
                    cursor.execute(says.stage)
                    _copy(cursor, says.copy_to_stage, table, batch.rows)
                    cursor.execute(says.merge)

    def tallies(self) -> Tallies:
        """What was written since the last call."""
        done, self._tallies = self._tallies, Tallies()
        return done

    def cancel(self) -> None:
        """End the statement that another thread has running, if any; there it is raised as an error."""
        with suppress(psycopg.Error):  # a connection that is gone has nothing running
            self._connection.cancel_safe(timeout=5)


@dataclass(frozen=True, slots=True)
class Statements:
    """The SQL that writes one table.

    stage: makes the temporary table that a merge goes through, unless it is there. merge: takes the rows out of it.
    """

    append: bytes
    stage: bytes
    copy_to_stage: bytes
    merge: bytes
    remove: bytes

    @classmethod
    def of(cls, table: Table, connection: psycopg.Connection) -> Statements:
        """The statements for a table, quoted as `connection` wants it."""
        names = {
            "target": Identifier(table.schema, table.name),
            "stage": Identifier("pg_temp", f"merge_{zlib.crc32(table.full_name.encode()):08x}_{table.name[:40]}"),
            "columns": _listed([c.name for c in table.columns]),
            "key": _listed(table.key),
            "changes": SQL(", ").join(
                SQL("{0} = EXCLUDED.{0}").format(Identifier(name))
                # A row that has nothing but its key is touched all the same, so that the server counts it.
                for name in [c.name for c in table.columns if c.name not in (*table.key, *KEPT_BY_MERGE)]
                or table.key[:1]
            ),
            "owner": Identifier(table.owner or table.key[0]),
        }

        def said(text: Composable) -> bytes:
            return text.as_bytes(connection)

        return cls(
            append=said(SQL("COPY {target} ({columns}) FROM STDIN (FORMAT binary)").format(**names)),
            stage=said(
                SQL(
                    "CREATE TEMPORARY TABLE IF NOT EXISTS {stage} ON COMMIT DELETE ROWS AS"
                    " SELECT {columns} FROM {target} WITH NO DATA"
                ).format(**names)
            ),
            copy_to_stage=said(SQL("COPY {stage} ({columns}) FROM STDIN (FORMAT binary)").format(**names)),
            merge=said(
                SQL(
                    "WITH staged AS (DELETE FROM {stage} RETURNING {columns})"
                    " INSERT INTO {target} ({columns}) SELECT {columns} FROM staged"
                    " ON CONFLICT ({key}) DO UPDATE SET {changes}"
                ).format(**names)
            ),
            remove=said(SQL("DELETE FROM {target} WHERE {owner} = ANY(%s::uuid[])").format(**names)),
        )


def _listed(names: list[str] | tuple[str, ...]) -> Composed:
    return SQL(", ").join(map(Identifier, names))


def _copy(cursor: psycopg.Cursor, statement: bytes, table: Table, rows: pa.RecordBatch) -> None:
    with cursor.copy(statement) as copy:
        for piece in copy_bytes(table, rows):
            copy.write(piece)


@contextmanager
def _counted(tally: Tally, rows: int, cursor: psycopg.Cursor) -> Iterator[None]:
    """Count `rows` as attempted, and as written what the server says of the cursor's last statement."""
    tally.attempted += rows
    written = 0
    try:
        yield
        written = cursor.rowcount
    finally:
        tally.written += written
        tally.rejected += rows - written


@contextmanager
def _explained(table: Table) -> Iterator[None]:
    """The server's errors as ours, where they are not a defect."""
    try:
        yield
    except psycopg.Error as error:
        ours = translate(error, f"writing {table.full_name}")
        if ours is None:
            raise
        raise ours from error
