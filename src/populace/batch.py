"""The narrow waist: the only thing that passes from the engine to a sink.

A batch holds rows of one table as Arrow, and says what is to be done with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of one table.

    table: its name in the world. act: `append` (never seen before), `merge` (newer versions, by the table's key), or
    `remove` (`rows` has one column, the owner column: every row of that owner goes).
    """

    table: str
    act: Literal["append", "merge", "remove"]
    rows: pa.RecordBatch


def newest(rows: pa.Table, key: Sequence[str], kept: Sequence[str] = ()) -> pa.Table:
    """Of the versions of each row (equal in `key`) the last one, in the order of those; with what the first one has in
    the columns `kept`.
    """
    code = np.zeros(len(rows), dtype=np.int64)
    for name in key:
        values = pc.dictionary_encode(rows.column(name).combine_chunks())
        part = values.indices.to_numpy(zero_copy_only=False).astype(np.int64)
        code = np.unique(code * len(values.dictionary) + part, return_inverse=True)[1]
    last = np.full(int(code.max(initial=-1)) + 1, -1, dtype=np.int64)
    last[code] = np.arange(len(rows))
    if not kept:
        return rows.take(pa.array(np.sort(last)))
    first = np.empty_like(last)
    first[code[::-1]] = np.arange(len(rows))[::-1]
    order = np.argsort(last)
    out, opening = rows.take(pa.array(last[order])), rows.select(list(kept)).take(pa.array(first[order]))
    for name in kept:
        out = out.set_column(out.schema.get_field_index(name), out.schema.field(name), opening.column(name))
    return out
