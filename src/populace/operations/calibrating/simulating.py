"""A population that is in no database, as the logs that metrics read: rows of the pure function, as arrays.

Only the columns that a world reads are made, of the tables that it reads.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from populace.batch import ARROW, newest
from populace.checks.realism.logs import Actions, Floats, Logs, People
from populace.engine import Window, whole
from populace.engine.batches import Kept
from populace.engine.generate import count
from populace.plan import Plan
from populace.spec import Ints
from populace.spec.observed import MISSING, NO_CODE, Acts, Observed
from populace.spec.realism import Fitting

KEPT_BY_MERGE = ("created_at",)
_MIX, _OTHER_MIX = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)


@dataclass(frozen=True, slots=True)
class Recorded:
    """Rows by table, as `spec.observed.Recorded` reads them."""

    tables: Mapping[str, pa.Table]

    def codes(self, table: str, column: str) -> Ints:
        """Keys as whole numbers, equal where keys are."""
        values = self._column(table, column)
        if pa.types.is_fixed_size_binary(values.type):
            words = np.frombuffer(values.buffers()[1], dtype=np.uint64)[2 * values.offset :][: 2 * len(values)]
            codes = (words[::2] * _MIX ^ words[1::2] * _OTHER_MIX).view(np.int64)
            codes = np.where(codes == NO_CODE, 1, codes)
        else:
            known = values.dictionary_encode()
            hashes = [blake2b(str(key).encode(), digest_size=8).digest() for key in known.dictionary.to_pylist()]
            of_key = np.frombuffer(b"".join(hashes) + bytes(8), dtype=np.int64)
            codes = of_key[known.indices.fill_null(-1).to_numpy(zero_copy_only=False)]
        if values.null_count:
            codes = np.where(values.is_null().to_numpy(zero_copy_only=False), NO_CODE, codes)
        out: Ints = codes
        return out

    def moments(self, table: str, column: str) -> Ints:
        """µs; `MISSING` for none."""
        values = self._column(table, column).cast(pa.int64())
        out: Ints = values.fill_null(MISSING).to_numpy(zero_copy_only=False)
        return out

    def numbers(self, table: str, column: str) -> Floats:
        """Numbers, and 1 or 0 for true and false; NaN for none."""
        values = self._column(table, column)
        values = values.cast(pa.int64()) if pa.types.is_boolean(values.type) else values
        out: Floats = values.cast(pa.float64()).to_numpy(zero_copy_only=False)
        return out

    def texts(self, table: str, column: str) -> NDArray[np.object_]:
        """Texts; None for none."""
        out: NDArray[np.object_] = self._column(table, column).to_numpy(zero_copy_only=False)
        return out

    def documents(self, table: str, column: str) -> Sequence[Mapping[str, Any]]:
        """Objects of JSON; an empty one for none."""
        return [json.loads(text) if text else {} for text in self._column(table, column).to_pylist()]

    def _column(self, table: str, column: str) -> pa.Array:
        found = self.tables[table].column(column).combine_chunks()
        return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found


def recorded(plan: Plan, fitting: Fitting, *, everybody: bool = True) -> Recorded:
    """The rows of a plan's whole history, as far as the world reads them. everybody: also of people who have left, and
    whose rows the app has deleted."""
    world = plan.world
    columns = {
        name: tuple(dict.fromkeys((*wanted, *(world.table(name).key if world.table(name).mode == "merge" else ()))))
        for name, wanted in fitting.observing.columns.items()
    }
    held: dict[str, list[pa.RecordBatch]] = {name: [] for name in columns}

    def take(some: Kept, _said: object) -> None:
        if some.table.name in held:
            held[some.table.name].append(some.made(*columns[some.table.name]))

    count(plan, whole(plan), Window(plan.origin_us, plan.epoch_us), take, everybody=everybody)
    tables = {}
    for name, batches in held.items():
        table = world.table(name)
        schema = batches[0].schema if batches else _schema(plan, name, columns[name])
        rows = pa.Table.from_batches(batches, schema)
        if table.mode == "merge" and len(batches) > 1:
            rows = newest(rows, table.key, [c for c in KEPT_BY_MERGE if c in columns[name]])
        tables[name] = rows
    return Recorded(tables)


def _schema(plan: Plan, name: str, columns: Sequence[str]) -> pa.Schema:
    """Of a table without rows."""
    return pa.schema([(c, ARROW[plan.world.table(name).column(c).type]) for c in columns])


def simulate(plan: Plan, fitting: Fitting, gap_us: int, *, everybody: bool = True) -> Logs:
    """What a seed of a plan up to its epoch would give to read, as `checks.realism.reading` would."""
    return logs_of(fitting.observing.read(recorded(plan, fitting, everybody=everybody)), plan.epoch_us, gap_us)


def logs_of(observed: Observed, until_us: int, gap_us: int) -> Logs:
    """The logs of what people did before a moment."""
    done = observed.acts.of(observed.acts.at < until_us)
    done = done.of(np.lexsort((done.at, done.person)))
    people = None
    if observed.person is not None and observed.joined is not None:
        order = np.argsort(observed.person, kind="stable")
        people = People(observed.person[order], observed.joined[order])
    return Logs(gap_us=gap_us, people=people, actions=_actions(done))


def _actions(done: Acts) -> Actions:
    return Actions(done.person, done.at, done.until, done.local, done.placed, done.item, done.size)
