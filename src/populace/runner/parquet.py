"""The first window into a folder of Parquet files, cut by slice: all that files ever hold.

Each slice's files are there before the manifest says so; a seed that was killed does again the slices that the
manifest lacks, under the same names.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path

from populace.engine import DrawStatistics, Shard, Window, cut
from populace.errors import Interrupted, Remedy
from populace.event import Listener, Stage
from populace.plan import Plan
from populace.runner import manifest, shard
from populace.runner.manifest import Manifest, Slice
from populace.runner.shard import Work
from populace.sinks.parquet import ParquetSink, write_empty
from populace.sinks.sink import Tallies

ROWS_A_SLICE = 1_000_000
"""About so many rows, of all tables, are written before the manifest is: what a kill can cost."""


def slices(plan: Plan, rows: Mapping[str, int]) -> tuple[Slice, ...]:
    """How the roots are cut, in the world's order. rows: of each root, estimated."""
    return tuple(
        Slice(root, low, high)
        for root, size in plan.sizes.items()
        for low, high in cut(plan, root, (0, size), max(1, -(-rows.get(root, 0) // ROWS_A_SLICE)))
    )


def fill(folder: Path, plan: Plan, there: Manifest, on_event: Listener, stop: threading.Event) -> Tallies:
    """Write the slices that are missing, then an empty file for each table that got none."""
    window, wrote = Window(plan.origin_us, there.seeded_to_us), Tallies()
    statistics = DrawStatistics(**there.statistics)
    done = before = sum(there.rows.values())
    stage = Stage(on_event, "rows", "rows", there.estimated)
    for piece in there.slices:
        if piece.written:
            continue
        stage.at(done, piece.root)
        if stop.is_set():
            raise Interrupted("stopped; what is written stays", todo=Remedy(text="run {} again to continue"))
        work = Work(plan=plan, shard=Shard({piece.root: (piece.low, piece.high)}), window=window)
        with ParquetSink(folder, plan.world, piece.name, secret=plan.holds_secret) as sink:
            written = shard.write(sink, work)
            files = sink.commit()
        statistics.add(written.statistics)
        there = there.with_slice(piece, files, statistics)
        manifest.write(folder, there, secret=plan.holds_secret)
        wrote.add(written.tallies)
        done = before + wrote.written
    known = {file.table for file in there.files}
    empty = [write_empty(folder, table) for table in plan.world.tables if table.full_name not in known]
    manifest.write(folder, there.finished(empty), secret=plan.holds_secret)
    stage.over(done, "written")
    return wrote
