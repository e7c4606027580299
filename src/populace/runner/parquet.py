"""The first window into a folder or bucket of Parquet files, cut by slice: all that files ever hold.

Each slice's files are there before the manifest says so; a seed that was killed does again the slices that the
manifest lacks, under the same names.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from populace.batch import File
from populace.engine import DrawStatistics, Shard, Window, cut
from populace.errors import Interrupted, Remedy
from populace.event import Listener, Stage
from populace.plan import Plan
from populace.runner import manifest, shard
from populace.runner.executors import Executor
from populace.runner.manifest import Manifest, Slice
from populace.runner.shard import Work
from populace.sinks.parquet import ParquetSink, write_empty
from populace.sinks.sink import Tallies
from populace.spec import Table
from populace.stores import Bucket

ROWS_A_SLICE = 1_000_000
"""About so many rows, of all tables, are written before the manifest is: what a kill can cost."""


def slices(plan: Plan, rows: Mapping[str, int]) -> tuple[Slice, ...]:
    """How the roots are cut, in the world's order. rows: of each root, estimated."""
    return tuple(
        Slice(root, low, high)
        for root, size in plan.sizes.items()
        for low, high in cut(plan, root, (0, size), max(1, -(-rows.get(root, 0) // ROWS_A_SLICE)))
    )


@dataclass(frozen=True, slots=True)
class Wrote:
    """What came of a slice."""

    files: list[File]
    statistics: DrawStatistics
    tallies: Tallies


@dataclass(frozen=True, slots=True)
class SliceFiles:
    """Writes slices of a plan's window as files of a folder; the same slice again replaces its files by the same."""

    folder: Path | Bucket
    plan: Plan
    window: Window

    def __call__(self, piece: Slice) -> Wrote:
        """Write a slice."""
        if not isinstance(self.folder, Bucket):
            return self._into(self.folder, piece)
        # What is sent has to be whole: nothing appears before the upload of a file has ended.
        with TemporaryDirectory(prefix="populace-") as made, self.folder.reachable():
            wrote = self._into(Path(made), piece)
            for file in wrote.files:
                self.folder.upload(Path(made, file.path), file.path)
        return wrote

    def _into(self, folder: Path, piece: Slice) -> Wrote:
        work = Work(plan=self.plan, shard=Shard({piece.root: (piece.low, piece.high)}), window=self.window)
        with ParquetSink(folder, self.plan.world, piece.name, secret=self.plan.holds_secret) as sink:
            written = shard.write(sink, work)
            return Wrote(sink.commit(), written.statistics, written.tallies)


def fill(
    folder: Path | Bucket,
    plan: Plan,
    there: Manifest,
    *,
    executor: Executor,
    write: Callable[[Slice], Wrote],
    on_event: Listener,
    stop: threading.Event,
) -> Tallies:
    """Write the slices that are missing, then an empty file for each table that got none. write: does it with one of
    them, where the executor has it done."""
    tallies, statistics = Tallies(), DrawStatistics(**there.statistics)
    done = before = sum(there.rows.values())
    stage = Stage(on_event, "rows", "rows", there.estimated)
    missing = [piece for piece in there.slices if not piece.written]
    left = [piece.root for piece in missing]
    if left:
        stage.at(done, left[0])
    with closing(executor.map(write, missing, stop)) as written:
        for piece, wrote in written:
            statistics.add(wrote.statistics)
            there = there.with_slice(piece, wrote.files, statistics)
            manifest.write(folder, there, secret=plan.holds_secret)
            tallies.add(wrote.tallies)
            done = before + tallies.written
            del left[0]
            if left:
                stage.at(done, left[0])
    if left:
        raise Interrupted("stopped; what is written stays", todo=Remedy(text="run {} again to continue"))
    known = {file.table for file in there.files}
    empty = [_empty(folder, table) for table in plan.world.tables if table.full_name not in known]
    manifest.write(folder, there.finished(empty), secret=plan.holds_secret)
    stage.over(done, "written")
    return tallies


def _empty(folder: Path | Bucket, table: Table) -> File:
    if not isinstance(folder, Bucket):
        return write_empty(folder, table)
    with TemporaryDirectory(prefix="populace-") as made:
        file = write_empty(Path(made), table)
        folder.upload(Path(made, file.path), file.path)
    return file
