"""Stages rows, or some columns of them, in temporary tables of the target, by binary COPY: keys that prove rows to be
ours, and what the app's own tables are to be asked about."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from contextlib import suppress

import psycopg
import pyarrow as pa
from psycopg.sql import SQL, Identifier

from populace.batch import Batch
from populace.database.faults import translate
from populace.database.ownership import Staged
from populace.sinks.encoding import copy_bytes
from populace.sinks.sink import Tallies
from populace.spec import Table, World

WORTH_A_COPY = 65_536
"""Fewer rows are gathered: a COPY has a price of its own."""


class StageSink:
    """A `Sink` that stages rows of a world's tables; the temporary tables last as long as the session.

    narrowed: the table with the columns that a batch of it has. called: what the names of the temporary tables begin
    with. Rows of several plans may be staged one after another.
    """

    def __init__(
        self,
        connection: psycopg.Connection,
        world: World,
        narrowed: Callable[[Table], Table] = Table.as_proof,
        called: str = "keys",
    ) -> None:
        self._connection = connection
        self._world = world
        self._narrowed = narrowed
        self._called = called
        self._stages: dict[str, Identifier] = {}
        self._gathered: dict[str, list[pa.RecordBatch]] = {}
        self._tallies = Tallies()

    def write(self, batch: Batch) -> None:
        """Stage rows; few are held back until `flush`."""
        gathered = self._gathered.setdefault(batch.table, [])
        gathered.append(batch.rows)
        if sum(map(len, gathered)) >= WORTH_A_COPY:
            self._copy(batch.table)

    def flush(self) -> None:
        """Stage what was held back."""
        for name in list(self._gathered):
            self._copy(name)

    def tallies(self) -> Tallies:
        """Rows staged since the last call."""
        done, self._tallies = self._tallies, Tallies()
        return done

    def staged(self) -> Staged:
        """What is there, for conditions; the server knows how much it is."""
        self.flush()
        for stage in self._stages.values():
            self._connection.execute(SQL("ANALYZE {}").format(stage))
        return Staged(dict(self._stages))

    def cancel(self) -> None:
        """End the statement that another thread has running, if any."""
        with suppress(psycopg.Error):
            self._connection.cancel_safe(timeout=5)

    def _copy(self, name: str) -> None:
        table = self._narrowed(self._world.table(name))
        rows = pa.Table.from_batches(self._gathered.pop(name)).combine_chunks()
        try:
            stage = self._stage(table)
            columns = SQL(", ").join(Identifier(c.name) for c in table.columns)
            statement = SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(stage, columns)
            with self._connection.cursor() as cursor, cursor.copy(statement) as copy:
                for batch in rows.to_batches():
                    for piece in copy_bytes(table, batch):
                        copy.write(piece)
        except psycopg.Error as error:
            raise translate(error, f"staging rows of {table.full_name}") or error from error
        self._tallies.of(name).written += len(rows)

    def _stage(self, table: Table) -> Identifier:
        stage = self._stages.get(table.full_name)
        if stage is None:
            digest = zlib.crc32(f"{self._world.name} {table.full_name}".encode())
            stage = Identifier("pg_temp", f"{self._called}_{digest:08x}_{table.name[:40]}")
            columns = SQL(", ").join(SQL("{} {}").format(Identifier(c.name), SQL(c.type)) for c in table.columns)
            self._connection.execute(SQL("CREATE TEMPORARY TABLE IF NOT EXISTS {} ({})").format(stage, columns))
            self._stages[table.full_name] = stage
        return stage
