"""From what processes emit to batches: for every kind of flow alike, each rule about rows stands here once.

A row belongs to the window of its moment. Of a row that changes, a window has the last version, with the `created_at`
of its first. Rows of those who have left by the window's end are withheld; what was written before is removed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pyarrow as pa

from populace.batch import Batch
from populace.engine import reserved
from populace.engine.counting import DailyCounts
from populace.engine.draws import EngineDraw, Window
from populace.engine.emitted import require_moments
from populace.engine.process import Emission, Leavers, Removed
from populace.engine.tables import Block
from populace.plan import Plan
from populace.spec import OUTBOX, Bools, Columns, Ints, Rows, Table
from populace.spec.authors import Misuse


@dataclass(frozen=True, slots=True)
class Kept:
    """Rows of a table that belong to a window, known but not made yet: counting them takes a part of the time.

    index: their places in the columns as they were emitted.
    """

    seed: int
    table: Table
    act: Literal["append", "merge"]
    index: Ints
    columns: Columns

    def __len__(self) -> int:
        return len(self.index)

    def of(self, some: slice) -> Kept:
        """A part of them."""
        return replace(self, index=self.index[some])

    def made(self, *names: str) -> pa.RecordBatch:
        """The rows, or only some of their columns. Raises Misuse for what is no row of the table."""
        table = replace(self.table, columns=tuple(map(self.table.column, names))) if names else self.table
        require_moments(table, self.columns, self.index)
        return _record_batch(self.seed, table, self.index, {c.name: self.columns[c.name] for c in table.columns})


def batches(emission: Emission, daily: DailyCounts | None = None, counted: Collection[str] = ()) -> Iterator[Batch]:
    """The rows of an emission that belong to its window. daily: is added to, for the tables in `counted`."""
    for some in kept(emission, daily, counted):
        yield Batch(some.table.name, some.act, some.made())


def kept(emission: Emission, daily: DailyCounts | None = None, counted: Collection[str] = ()) -> Iterator[Kept]:
    """The same, before the rows are made."""
    draw = emission.draw
    for name, rows in emission.rows.items():
        table = OUTBOX if name == OUTBOX.name else draw.plan.world.table(name)
        index, columns = inside(draw, rows), rows.columns
        if len(index) == 0:
            continue
        here = _withheld(emission.removed, table, rows.owner[index])
        if daily is not None and name in counted:
            daily.add(draw, table, rows, index, here)
        if here is not None:
            index = index[~here]
        if table.mode == "merge" and rows.entity is not None and rows.at is not None:
            versions = _Versions.of(rows.entity, rows.at)
            index = index[versions.last(rows.at, draw.window.end_us)[index]]
            columns = versions.first_created(columns)
        if len(index):
            act = "append" if name in emission.final else table.mode
            yield Kept(draw.plan.seed, table, act, index, columns)


def _record_batch(seed: int, table: Table, kept: Ints, columns: Columns) -> pa.RecordBatch:
    """The kept rows; what cannot be turned into the columns' types is the author's error."""
    try:
        rows = Block(seed, kept).record_batch(table, columns)
    except (ValueError, TypeError, LookupError, pa.ArrowException) as error:
        raise Misuse(f"rows cannot be made of what it has ({error})", where=table.full_name) from error
    reserved.require(table, rows)
    return rows


def removals(
    plan: Plan, window: Window, leaving: Mapping[str, Sequence[Leavers]], proofs: Mapping[str, pa.RecordBatch]
) -> Iterator[Batch]:
    """Whose rows go in a window, for each table that holds rows of theirs; children before parents.

    leaving: by root. proofs: of the rows that go, by table.
    """
    for root in plan.world.roots:
        keys = [who.key for who in leaving.get(root.name, ())]
        some = [Block(plan.seed, np.arange(len(key.address))).array(key, "uuid") for key in keys]
        if not some:
            continue
        owners = pa.concat_arrays(some)
        for table in reversed(plan.world.tables):
            if table.root == root.name and table.owner:
                rows = pa.RecordBatch.from_arrays([owners], names=[table.owner])
                yield Batch(table.name, "remove", rows, proofs.get(table.name))


def inside(draw: EngineDraw, rows: Rows) -> Ints:
    """Indices of the rows whose moment lies in the window; rows without one belong to the beginning of history."""
    window = draw.window
    if rows.at is not None:
        return np.flatnonzero(window.holds(rows.at))
    return np.arange(len(rows.owner) if window.start_us <= draw.origin_us < window.end_us else 0)


def _withheld(removed: Removed | None, table: Table, owner: Ints) -> Bools | None:
    """Which rows are withheld; None where none is."""
    if removed is None or not table.owner:
        return None
    out = removed(table, owner)
    return out if out.any() else None


@dataclass(frozen=True, slots=True)
class _Versions:
    """Versions of rows that change. order: by entity, then by moment, of equal moments the one emitted last at the end.

    opens: in this order, where those of another entity begin.
    """

    order: Ints
    opens: Bools

    @classmethod
    def of(cls, entity: Ints, at: Ints) -> _Versions:
        order = np.lexsort((at, entity))
        ranked = entity[order]
        return cls(order, np.r_[True, ranked[1:] != ranked[:-1]])

    def last(self, at: Ints, end_us: int) -> Bools:
        """Which versions are the last of their entity before a moment."""
        before = at[self.order] < end_us
        out = np.zeros(len(at), dtype=np.bool_)
        out[self.order] = before & np.r_[self.opens[1:] | ~before[1:], True]
        return out

    def first_created(self, columns: Columns) -> Columns:
        """The columns, with the `created_at` of a row's first version in all of them: a merge does not touch it."""
        created = columns.get("created_at")
        if not isinstance(created, np.ndarray):
            return columns
        starts = np.flatnonzero(self.opens)
        first = np.empty_like(created)
        earliest = np.minimum.reduceat(created[self.order], starts)
        first[self.order] = np.repeat(earliest, np.diff(np.r_[starts, len(created)]))
        return {**columns, "created_at": first}
