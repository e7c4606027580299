"""All rows of a plan on disk, table by table, and given back in order a part at a time: memory holds a part of a table,
and of all its rows only what they are ordered by.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from populace.batch import newest
from populace.engine import Shard, Window, generate
from populace.engine.estimate import estimate
from populace.plan import Plan
from populace.runner.parquet import slices
from populace.sinks.memory import KEPT_BY_MERGE
from populace.spec import Ints, Table

ORDERED_BY = ("created_at", "added_at")
PART_BYTES = 16 << 20
"""About so many bytes of a table are in memory at once."""


class Spool:
    """The rows of a window of a plan, of those that change the last version. many: how many, by table."""

    def __init__(self, folder: Path, plan: Plan, window: Window) -> None:
        self._folder = folder
        self.many = dict.fromkeys((table.name for table in plan.world.tables), 0)
        rows_by_root = estimate(plan, window, timed=False).rows_by_root
        with ExitStack() as stack:
            files: dict[str, pa.ipc.RecordBatchStreamWriter] = {}

            def put(name: str, rows: pa.RecordBatch) -> None:
                if name not in files:
                    files[name] = stack.enter_context(pa.ipc.new_stream(self._file(name), rows.schema))
                files[name].write_batch(rows)
                self.many[name] += len(rows)

            for piece in slices(plan, rows_by_root):
                changing: dict[str, list[pa.RecordBatch]] = {}
                for batch in generate(plan, Shard({piece.root: (piece.low, piece.high)}), window):
                    if batch.act == "merge":
                        changing.setdefault(batch.table, []).append(batch.rows)
                    elif batch.act == "append":
                        put(batch.table, batch.rows)
                for name, parts in changing.items():
                    table = plan.world.table(name)
                    kept = [column for column in KEPT_BY_MERGE if table.has(column)]
                    for rows in newest(pa.Table.from_batches(parts), table.key, kept).to_batches():
                        put(name, rows)

    def ordered(self, table: Table) -> Iterator[pa.Table]:
        """The rows of a table in parts, the oldest first, or else by key."""
        file = self._file(table.name)
        if not self.many[table.name]:
            return
        by = [*(name for name in ORDERED_BY if table.has(name)), *table.key]
        keys = pa.Table.from_batches([rows.select(by) for rows in _read(file)])
        order = pc.sort_indices(keys, [(name, "ascending") for name in by]).to_numpy()
        rank = np.empty(len(order), dtype=np.int64)
        rank[order] = np.arange(len(order))
        del keys, order
        size = -(-len(rank) // max(1, -(-file.stat().st_size // PART_BYTES)))
        parts = [file] if size == len(rank) else self._divided(table.name, rank, size)
        for part, path in enumerate(parts):
            rows = pa.Table.from_batches(list(_read(path)))
            here = rank[rank // size == part]
            yield rows.take(pa.array(np.argsort(here))).combine_chunks()
            path.unlink()
        file.unlink(missing_ok=True)

    def _divided(self, name: str, rank: Ints, size: int) -> Sequence[Path]:
        """Files with so many rows of a table each, by their rank, in the order in which they come."""
        paths = [self._folder / f"{name}.{part}" for part in range(-(-len(rank) // size))]
        done = 0
        with ExitStack() as stack:
            files: list[pa.ipc.RecordBatchStreamWriter] = []
            for rows in _read(self._file(name)):
                files = files or [stack.enter_context(pa.ipc.new_stream(path, rows.schema)) for path in paths]
                of = rank[done : done + len(rows)] // size
                done += len(rows)
                for part in np.unique(of).tolist():
                    files[part].write_batch(rows.take(pa.array(np.flatnonzero(of == part))))
        return paths

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.rows"


def _read(file: Path) -> Iterator[pa.RecordBatch]:
    with pa.OSFile(str(file)) as opened, pa.ipc.open_stream(opened) as batches:
        yield from batches
