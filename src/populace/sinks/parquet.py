"""A sink that writes Parquet files: a folder for each table, a file for each slice, complete under its name or absent.

Readers of such files differ most in how they support uuids: keys are written as text, which all of them
filter, sort, group and join, and which is also the form inside other texts and JSON. Written files cannot be changed,
so nothing is ever removed, and of a row that changes the last version is written once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from populace.batch import ARROW, Batch, Bytes, File, newest, uuid_text
from populace.files import sync
from populace.sinks.memory import KEPT_BY_MERGE
from populace.sinks.sink import Tallies
from populace.spec import OUTBOX, Table, World

ROW_GROUP = 131_072
"""Rows a row group: what a reader takes at a time, and what is held back of each table until it is full."""
HELD_BYTES = 192 << 20
"""When so many bytes are held back over all tables, the largest part goes out as a smaller row group."""

STORED: Mapping[str, pa.DataType] = {**ARROW, "uuid": pa.string()}
"""By the type of a column, the Arrow type of its file."""

EMPTY = "empty"
"""The name of a file without rows."""

_POSITION = ""
"""Where a row stood among those held back; no column of a table is called so."""


def file_schema(table: Table) -> pa.Schema:
    """The columns of a table's files, in declared order."""
    return pa.schema([pa.field(c.name, STORED[c.type], nullable=c.nullable) for c in table.columns])


def folder_name(table: Table) -> str:
    """The folder of a table's files: `schema.table`, with anything that a path cannot hold percent-encoded."""
    return quote(table.full_name, safe="")


def file_name(name: str) -> str:
    """The file of a slice in every table's folder."""
    return f"{name}.parquet"


_SECRET = 0o600
"""Permissions of a file that nobody else may read."""


def part_name(file: str) -> str:
    """What a file is called while it is written: readers of folders leave out names that begin with a dot."""
    return f".{file}.part"


class ParquetSink:
    """Writes rows of one slice of a world into files; to be used in a `with` and ended by `commit`.

    folder: the target's. name: of the slice, and so of its files. Nothing of these rows is in the folder yet: a merge
    is held back until `flush`, which appends the last version of each row. What is not committed when the `with` is
    left is deleted. secret: nobody else may read the files. Raises OSError for what the disk refuses.
    """

    def __init__(self, folder: Path, world: World, name: str, *, secret: bool = False) -> None:
        self._folder = folder
        self._world = world
        self._name = name
        self._secret = secret
        self._tallies = Tallies()
        self._open: dict[str, _Open] = {}
        self._merges: dict[str, list[pa.RecordBatch]] = {}

    def __enter__(self) -> ParquetSink:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        for written in self._open.values():
            written.abandon()
        self._open.clear()

    def write(self, batch: Batch) -> None:
        """Take one batch; an empty one costs nothing. Raises ValueError for what files cannot take: removals, and what
        is to leave the database.
        """
        if len(batch.rows) == 0:
            return
        if batch.act == "remove" or batch.table == OUTBOX.name:
            raise ValueError(f"{batch.table}: files accept no such batch ({batch.act})")
        if batch.act == "merge":
            self._merges.setdefault(batch.table, []).append(batch.rows)
            return
        self._append(batch.table, batch.rows)

    def flush(self) -> None:
        """Append the last version of what was merged. Only keys are looked at together: rows are wide."""
        held, self._merges = self._merges, {}
        for name, batches in held.items():
            table = self._world.table(name)
            kept = [column for column in KEPT_BY_MERGE if column in batches[0].schema.names]
            narrow = pa.Table.from_batches([rows.select(list(dict.fromkeys([*table.key, *kept]))) for rows in batches])
            last = newest(narrow.append_column(_POSITION, pa.array(np.arange(len(narrow)))), table.key, kept)
            at = last.column(_POSITION).to_numpy()
            begins = 0
            while batches:
                rows = batches.pop(0)
                low, high = np.searchsorted(at, (begins, begins + len(rows)))
                chosen = rows.take(pa.array(at[low:high] - begins))
                for column in kept:
                    first = last.column(column).slice(low, high - low).combine_chunks()
                    place = chosen.schema.get_field_index(column)
                    chosen = chosen.set_column(place, chosen.schema.field(place), first)
                begins += len(rows)
                self._append(name, chosen)

    def _append(self, name: str, rows: pa.RecordBatch) -> None:
        if len(rows) == 0:
            return
        into = self._open.get(name)
        if into is None:
            table = self._world.table(name)
            folder = self._folder / folder_name(table)
            folder.mkdir(exist_ok=True)
            into = self._open[name] = _Open.begin(table, folder, file_name(self._name), secret=self._secret)
        into.take(rows)
        while sum(o.held_bytes for o in self._open.values()) > HELD_BYTES:
            max(self._open.values(), key=lambda o: o.held_bytes).put_out()
        tally = self._tallies.of(name)
        tally.attempted += len(rows)
        tally.written += len(rows)

    def tallies(self) -> Tallies:
        """What was written since the last call."""
        done, self._tallies = self._tallies, Tallies()
        return done

    def commit(self) -> list[File]:
        """End the files and give them their names; they are on the disk when this returns. In the order of tables."""
        order = [table.name for table in self._world.tables]
        ended = [self._open[name].end() for name in sorted(self._open, key=order.index)]
        for written in self._open.values():
            written.part.replace(written.path)
            sync(written.path.parent)
        self._open.clear()
        return ended


@dataclass(slots=True)
class _Open:
    """A file under way. held: rows that fill no row group yet."""

    table: Table
    path: Path
    part: Path
    writer: pq.ParquetWriter
    held: list[pa.RecordBatch] = field(default_factory=list)
    held_rows: int = 0
    held_bytes: int = 0
    rows: int = 0

    @classmethod
    def begin(cls, table: Table, folder: Path, name: str, *, secret: bool = False) -> _Open:
        part = folder / part_name(name)
        if secret:
            # The writer keeps the permissions of a file that is there.
            part.touch(_SECRET)
            part.chmod(_SECRET)
        # Keys and moments hardly repeat: a dictionary of them would be as long as the column.
        repeating = [
            f"{c.name}.list.element" if c.type == "text[]" else c.name
            for c in table.columns
            if c.name not in table.key and c.type not in ("timestamptz", "float8", "bool")
        ]
        writer = pq.ParquetWriter(
            part, file_schema(table), compression="zstd", compression_level=1, use_dictionary=repeating
        )
        return cls(table, folder / name, part, writer)

    def take(self, rows: pa.RecordBatch) -> None:
        """Hold rows, and write every row group that is full."""
        self.held.append(rows)
        self.held_rows += len(rows)
        self.held_bytes += rows.nbytes
        if self.held_rows >= ROW_GROUP:
            whole = pa.Table.from_batches(self.held)
            full = len(whole) // ROW_GROUP * ROW_GROUP
            for first in range(0, full, ROW_GROUP):
                self._write(whole.slice(first, ROW_GROUP))
            self._hold(whole.slice(full).to_batches())

    def put_out(self) -> None:
        """Write what is held as a row group of its own."""
        if self.held_rows:
            self._write(pa.Table.from_batches(self.held))
        self._hold([])

    def _hold(self, batches: list[pa.RecordBatch]) -> None:
        self.held = batches
        self.held_rows = sum(len(rows) for rows in batches)
        self.held_bytes = sum(rows.nbytes for rows in batches)

    def _write(self, rows: pa.Table) -> None:
        self.writer.write_table(as_stored(self.table, rows), row_group_size=ROW_GROUP)
        self.rows += len(rows)

    def end(self) -> File:
        """Finish the file, still under its name for the time being."""
        self.put_out()
        self.writer.close()
        sync(self.part)
        with self.part.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        size = self.part.stat().st_size
        return File(self.table.full_name, f"{self.path.parent.name}/{self.path.name}", self.rows, size, digest)

    def abandon(self) -> None:
        """Leave nothing of it."""
        with suppress(OSError, pa.ArrowException):  # the error that matters is the one that led here
            self.writer.close()
        self.part.unlink(missing_ok=True)


def as_stored(table: Table, rows: pa.Table) -> pa.Table:
    """Rows in the columns of their file. Raises ValueError when the columns are others."""
    if rows.schema.names != [column.name for column in table.columns]:
        raise ValueError(f"{table.full_name}: the batch has the columns {', '.join(rows.schema.names)}")
    columns = [
        _uuid_texts(rows.column(place).combine_chunks()) if column.type == "uuid" else rows.column(place)
        for place, column in enumerate(table.columns)
    ]
    return pa.Table.from_arrays(columns, schema=file_schema(table))


def write_empty(folder: Path, table: Table) -> File:
    """A file without rows, so that a reader finds the columns of a table that holds nothing."""
    (folder / folder_name(table)).mkdir(exist_ok=True)
    nothing = _Open.begin(table, folder / folder_name(table), file_name(EMPTY))
    done = nothing.end()
    nothing.part.replace(nothing.path)
    sync(nothing.path.parent)
    return done


def _uuid_texts(keys: pa.Array) -> pa.StringArray:
    """Sixteen bytes each as the usual text of a uuid; null stays null."""
    raw: Bytes = np.frombuffer(keys.buffers()[1], dtype=np.uint8)
    raw = raw[keys.offset * 16 : (keys.offset + len(keys)) * 16].reshape(-1, 16)
    ends = np.arange(len(keys) + 1, dtype=np.int32) * np.int32(36)
    whole = pa.StringArray.from_buffers(len(keys), pa.py_buffer(ends), pa.py_buffer(uuid_text(raw)))
    if not keys.null_count:
        return whole
    return pc.if_else(keys.is_valid(), whole, pa.scalar(None, pa.string()))
