"""The narrow waist: the only thing that passes from the engine to a sink.

A batch holds rows of one table as Arrow, and says what is to be done with them. What both sides have to agree on
stands here too: the Arrow type of each type of a column, and how a key of sixteen bytes is written as text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]

ARROW: Mapping[str, pa.DataType] = {
    "uuid": pa.binary(16),
    "text": pa.string(),
    "int4": pa.int32(),
    "int8": pa.int64(),
    "float8": pa.float64(),
    "bool": pa.bool_(),
    "timestamptz": pa.timestamp("us", tz="UTC"),
    "date": pa.date32(),
    "numeric": pa.decimal128(14, 2),
    "jsonb": pa.string(),
    "text[]": pa.list_(pa.string()),
}
"""By the type of a column, the Arrow type of its values in a batch."""

UUID_GROUPS = ((0, 8), (9, 13), (14, 18), (19, 23), (24, 36))
"""Where the hex digits stand in the 36 characters of a uuid's text; between them are dashes."""

_PAIRS = np.array([f"{n:02x}".encode() for n in range(256)], dtype="S2").view(np.uint8).reshape(256, 2)


def uuid_text(keys: Bytes) -> Bytes:
    """uint8[n, 36]: uuids of sixteen bytes each, uint8[n, 16], in their usual text form."""
    pairs = _PAIRS[keys].reshape(len(keys), 32)
    text = np.full((len(keys), 36), ord("-"), dtype=np.uint8)
    start = 0
    for begin, end in UUID_GROUPS:
        text[:, begin:end] = pairs[:, start : start + end - begin]
        start += end - begin
    return text


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of one table.

    table: its name in the world. act: `append` (never seen before), `merge` (newer versions, by the table's key), or
    `remove` (`rows` has one column, the owner column: rows of that owner go). proof: of a removal, what proves the rows
    that go to be ours (`Table.proof`); rows of the same owner that others wrote stay. None where the plan does not
    prove it.
    """

    table: str
    act: Literal["append", "merge", "remove"]
    rows: pa.RecordBatch
    proof: pa.RecordBatch | None = None


MANIFEST = "manifest.json"
"""In a folder of files, what says which they are."""


@dataclass(frozen=True, slots=True)
class File:
    """Rows of one table in a file. table: its full name. path: from the target's folder. bytes: its size."""

    table: str
    path: str
    rows: int
    bytes: int
    sha256: str


def newest(rows: pa.Table, key: Sequence[str], kept: Sequence[str] = ()) -> pa.Table:
    """Of the versions of each row (equal in `key`) the last one, in the order of those; with what the first one has in
    the columns `kept`.
    """
    code = np.zeros(len(rows), dtype=np.int64)
    for name in key:
        values = pc.dictionary_encode(rows.column(name).combine_chunks())
        part = values.indices.to_numpy(zero_copy_only=False).astype(np.int64)
        code = np.unique(code * len(values.dictionary) + part, return_inverse=True)[1]
    many = int(code.max(initial=-1)) + 1
    if many == len(rows):
        return rows
    last = np.full(many, -1, dtype=np.int64)
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
