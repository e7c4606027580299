"""Integrity of files (contract K6): whole, no key twice, no orphan, nothing that happened in the future.

The rules of `integrity`, for a folder of Parquet files instead of a database: read column by column, a row group at a
time. Marks are conditions in SQL, and so are the checks of a world's documents: these are measured in a database.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from populace.batch import MANIFEST, File
from populace.checks.keys import Index, Part, parts_of, repeated, words
from populace.checks.verdict import Verdict
from populace.clock import DAY_US
from populace.spec import Bools, Column, Ints, Table, World
from populace.stores import Store

ROWS_AT_ONCE = 131_072
BYTES_AT_ONCE = 4 << 20
MOST_INDEXED = 8_000_000
"""Keys that are kept in memory for look-ups, over all tables; 24 bytes each."""

UNMEASURED = Verdict(
    "documents",
    "the requirements of the world",
    "as documented",
    "not measured",
    None,
    note="these checks are written in SQL: seed a database with the same plan, and it holds the same rows",
)
"""What a judgement of files leaves out, said in it."""


def check(store: Store, world: World, listed: Sequence[File], until_us: int) -> Iterator[Verdict]:
    """Every rule on every table. listed: the files that there must be; until_us: everything happened before it."""
    unreadable = []
    differing = sorted(_foreign(store, listed))
    for file in listed:
        if fault := _fault(store, file):
            differing.append(f"{file.path} {fault}")
        if fault := _misfit(store, world, file):
            unreadable.append(f"{file.path} {fault}")
    yield _none("files", "files that are not as the manifest says", differing)
    yield _none("files", "files that cannot be read, or have other columns than their table", unreadable)
    if unreadable:
        yield Verdict(
            "files", "rows, keys, orphans, times", "0", "unknown", None, note="some files cannot be read: see above"
        )
        return
    contents = _Contents(store, world, listed)
    try:
        for table in world.tables:
            yield from _table(contents, table, until_us)
    except (OSError, pa.ArrowException) as error:
        yield Verdict("files", "files that can be read to their end", "all", "not all", False, note=str(error)[:200])


def _none(rule: str, title: str, found: Sequence[str]) -> Verdict:
    more = f" and {len(found) - 3} more" if len(found) > 3 else ""
    return Verdict(rule, title, "0", f"{len(found)}", not found, note="; ".join(found[:3]) + more)


def _foreign(store: Store, listed: Sequence[File]) -> Iterator[str]:
    """What the manifest does not name: a reader of the folder would read it too."""
    known = {file.path for file in listed} | {MANIFEST}
    yield from (f"{path} is not named" for path in store.names() if path not in known)


def _fault(store: Store, file: File) -> str:
    """What is wrong with a file's bytes, if anything."""
    size = store.size(file.path)
    if size is None:
        return "is missing"
    if size != file.bytes:
        return "has another size"
    with store.open(file.path) as content:
        digest = hashlib.sha256()
        while part := content.read(BYTES_AT_ONCE):
            digest.update(part)
    return "" if digest.hexdigest() == file.sha256 else "has other content"


def _misfit(store: Store, world: World, file: File) -> str:
    """Why a file cannot be a part of its table, if so."""
    table = next((t for t in world.tables if t.full_name == file.table), None)
    if table is None:
        return "belongs to no table of this world"
    try:
        with store.open(file.path) as held:
            names = pq.read_schema(held).names
    except (OSError, pa.ArrowException):
        return "cannot be read"
    return "" if names == [c.name for c in table.columns] else "has other columns"


class _Contents:
    """Columns of a folder's tables, a row group at a time, and look-ups of keys."""

    def __init__(self, store: Store, world: World, listed: Sequence[File]) -> None:
        self.world = world
        self._store = store
        self._files: Mapping[str, list[str]] = {
            t.full_name: [f.path for f in listed if f.table == t.full_name] for t in world.tables
        }
        self.emitted = {name for flow in world.flows for name in flow.tables}
        self.held = {name: sum(map(self._rows, paths)) for name, paths in self._files.items()}
        self.listed = dict.fromkeys(self._files, 0)
        for file in listed:
            self.listed[file.table] += file.rows
        self._indexes: OrderedDict[tuple[str, Part], Index] = OrderedDict()

    def _rows(self, path: str) -> int:
        with self._store.open(path) as held:
            return int(pq.read_metadata(held).num_rows)

    def batches(self, table: Table, columns: Sequence[str]) -> Iterator[list[pa.Array]]:
        """These columns, so many rows at once."""
        for path in self._files[table.full_name]:
            with self._store.open(path) as held, pq.ParquetFile(held) as file:
                for batch in file.iter_batches(ROWS_AT_ONCE, columns=list(dict.fromkeys(columns))):
                    yield [batch.column(name) for name in columns]

    def index(self, parent: Table, column: str, part: Part) -> Index:
        """Look-up of a part of a column's values; with the rows' `created_at`, where they have one."""
        name = (f"{parent.full_name}.{column}", part)
        if name in self._indexes:
            self._indexes.move_to_end(name)
            return self._indexes[name]
        dated = _has(parent, "created_at")
        made = Index.of(
            (
                (words([key]), micros(created[0])[0] if dated else np.zeros(len(key), dtype=np.int64))
                for key, *created in self.batches(parent, [column, *(["created_at"] if dated else [])])
            ),
            part,
        )
        while self._indexes and sum(map(len, self._indexes.values())) + len(made) > MOST_INDEXED:
            self._indexes.popitem(last=False)
        self._indexes[name] = made
        return made


def _table(contents: _Contents, table: Table, until_us: int) -> Iterator[Verdict]:
    name = table.full_name
    expected, held = contents.listed[name], contents.held[name]
    yield Verdict("rows", f"{name}: rows", f"{expected}", f"{held}", expected == held)
    yield _zero("keys", f"{name}: keys ({', '.join(table.key)}) that are null or duplicate", _repeated(contents, table))
    for column in table.columns:
        yield from _column(contents, table, column, until_us)


def _repeated(contents: _Contents, table: Table) -> int:
    return sum(
        repeated((words(key) for key in contents.batches(table, table.key)), part)
        for part in parts_of(contents.held[table.full_name])
    )


def _column(contents: _Contents, table: Table, column: Column, until_us: int) -> Iterator[Verdict]:
    where = f"{table.full_name}.{column.name}"
    if column.references:
        yield from _references(contents, table, column, column.references)
    if column.moment == "happened":
        late = 0
        for (values,) in contents.batches(table, [column.name]):
            at, there = micros(values)
            late += int((there & (at >= until_us)).sum())
        yield _zero("future", f"{where}: later than everything written", late)
    if column.after:
        early = 0
        for values, others in contents.batches(table, [column.name, column.after]):
            (at, there), (since, known) = micros(values), micros(others)
            early += int((there & known & (at < since)).sum())
        yield _zero("causes", f"{where}: before {column.after}", early)


def _references(contents: _Contents, table: Table, column: Column, reference: str) -> Iterator[Verdict]:
    where = f"{table.full_name}.{column.name}"
    names = [reference, *([column.alternative] if column.alternative else [])]
    title = f"{where}: refers to a row of {' or '.join(names)} that does not exist"
    parents = [(_parent(contents.world, name), name.rsplit(".", 1)[1]) for name in names]
    known = [(parent, key) for parent, key in parents if parent is not None and parent.name in contents.emitted]
    if len(known) < len(parents):
        note = "files have no rows of that table: the database itself writes them"
        yield Verdict("orphans", title, "0", "not measured", None, note=note)
        return
    dated = len(known) == 1 and _has(known[0][0], "created_at") and _has(table, "created_at")
    orphans = early = 0
    for part in parts_of(max(contents.held[parent.full_name] for parent, _ in known)):
        indexes = [contents.index(parent, key, part) for parent, key in known]
        for value, *created in contents.batches(table, [column.name, *(["created_at"] if dated else [])]):
            keys = words([value])
            mine = np.flatnonzero(part.holds(keys) & keys.there)
            keys = keys.of(mine)
            found = [index.find(keys) for index in indexes]
            orphans += int((np.max(found, axis=0) < 0).sum()) if len(mine) else 0
            if dated:
                (place,), (at, _) = found, micros(created[0])
                early += int((at[mine][place >= 0] < indexes[0].created[place[place >= 0]]).sum())
    yield _zero("orphans", title, orphans)
    if dated:
        yield _zero("causes", f"{table.full_name}.created_at: before its {reference}", early)


def micros(values: pa.Array) -> tuple[Ints, Bools]:
    """Moments and days as µs since 1970, and which of them are there; for other types none is."""
    there = values.is_valid().to_numpy(zero_copy_only=False)
    if pa.types.is_timestamp(values.type):
        return values.cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False), there
    if pa.types.is_date32(values.type):
        days = values.cast(pa.int32()).fill_null(0).to_numpy(zero_copy_only=False)
        return days.astype(np.int64) * DAY_US, there
    return np.zeros(len(values), dtype=np.int64), np.zeros(len(values), dtype=np.bool_)


def _zero(rule: str, title: str, found: int) -> Verdict:
    return Verdict(rule, title, "0", f"{found}", found == 0)


def _parent(world: World, reference: str) -> Table | None:
    schema, name, _ = reference.split(".")
    return next((t for t in world.tables if (t.schema, t.name) == (schema, name)), None)


def _has(table: Table, column: str) -> bool:
    return any(c.name == column for c in table.columns)
