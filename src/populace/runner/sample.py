"""Some of the rows that a seed will write, as the estimate meets them: what the target's tables are tried with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import reduce

import pyarrow as pa
import pyarrow.compute as pc

from populace.batch import Batch, newest
from populace.database.connection import Connection
from populace.database.ownership import Staged
from populace.sinks.stage import StageSink
from populace.spec import OUTBOX, World

MOST_ROWS = 2_000
"""So many rows of a table are kept; an estimate may meet a hundred times as many."""


@dataclass(slots=True)
class Sample:
    """Rows by table, the first ones that came."""

    world: World
    _held: dict[str, list[Batch]] = field(default_factory=dict)

    def hear(self, batch: Batch) -> None:
        """Keep rows of a batch, as long as there are few."""
        held = self._held.setdefault(batch.table, [])
        room = MOST_ROWS - sum(len(one.rows) for one in held)
        if batch.table != OUTBOX.name and batch.act != "remove" and room > 0:
            held.append(Batch(batch.table, batch.act, batch.rows.slice(0, room)))

    def batches(self) -> Iterator[Batch]:
        """The rows by table, parents before children; of a row that changes the last version."""
        for table in self.world.tables:
            if held := self._held.get(table.name):
                rows = pa.Table.from_batches([batch.rows for batch in held])
                if table.mode == "merge":
                    rows = newest(rows, table.key)
                yield Batch(table.name, held[0].act, rows.combine_chunks().to_batches()[0])

    def related(self) -> Iterator[Batch]:
        """Those of the rows that refer to nothing outside the sample, as far as the world declares references."""
        there: dict[str, pa.Array] = {}
        for batch in self.batches():
            table, rows = self.world.table(batch.table), batch.rows
            for column in table.columns:
                if column.references and column.type == "uuid":
                    parents = [there.get(parent) for parent in (column.references, column.alternative) if parent]
                    values = rows.column(column.name)
                    rows = rows.filter(reduce(pc.or_, [_among(values, keys) for keys in parents], pc.is_null(values)))
            if len(rows):
                there |= {f"{table.full_name}.{column.name}": rows.column(column.name) for column in table.columns}
                yield Batch(batch.table, batch.act, rows)

    def untried(self, there: Mapping[str, int]) -> Sample:
        """The same without the tables of which so many rows have been tried as there are."""
        tried = {batch.table for batch in self.batches() if there.get(batch.table) == len(batch.rows)}
        return Sample(self.world, {table: held for table, held in self._held.items() if table not in tried})

    def stage(self, connection: Connection) -> Staged:
        """Stage the rows in temporary tables of the session."""
        sink = StageSink(connection, self.world, lambda table: table, "sample")
        for batch in self.batches():
            sink.write(batch)
        return sink.staged()


def _among(values: pa.Array, keys: pa.Array | None) -> pa.Array:
    """Which values are among the keys of a table; none where it has no rows."""
    return pc.is_in(values, value_set=pa.array([], values.type) if keys is None else keys)
