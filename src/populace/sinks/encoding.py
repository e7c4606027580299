"""Rows as the bytes of PostgreSQL's binary COPY format.

`pgpq` writes them, from Arrow as it is. Two things are ours: which columns are jsonb, which Arrow does not know, and
arrays of text, which `pgpq` takes apart row by row: here Arrow's kernels encode a whole column of them at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pgpq import ArrowToPostgresBinaryEncoder
from pgpq.encoders import StringEncoderBuilder
from pgpq.schema import Jsonb
from pyarrow import csv

from populace.batch import uuid_text
from populace.spec import Ints, Table

SLICE_BYTES = 1 << 21
"""So many bytes are encoded at a time: they stay in the processor's cache (all at once takes four times as long)."""

TEXT_OID = 25


def copy_bytes(table: Table, rows: pa.RecordBatch, elements: Mapping[str, int] | None = None) -> Iterator[bytes]:
    """What `COPY … (columns in declared order) FROM STDIN BINARY` wants to read, in pieces of about `SLICE_BYTES`.

    rows: all of the table's columns in declared order, in the engine's Arrow types; numbers as wide as their column.
    elements: the oid of what an array holds, by column, where that is an enum of the app's and not text.
    Raises ValueError when the columns are others.
    """
    if rows.schema.names != [column.name for column in table.columns]:
        raise ValueError(f"{table.full_name}: the batch has the columns {', '.join(rows.schema.names)}")
    for position, column in enumerate(table.columns):
        if column.type == "text[]":
            rows = rows.set_column(
                position, column.name, text_arrays(rows.column(position), (elements or {}).get(column.name, TEXT_OID))
            )
    builders = {
        column.name: StringEncoderBuilder.new_with_output(field, Jsonb())
        if column.type == "jsonb"
        else ArrowToPostgresBinaryEncoder.infer_encoder(field)
        for column, field in zip(table.columns, rows.schema, strict=True)
    }
    encoder = ArrowToPostgresBinaryEncoder.new_with_encoders(rows.schema, builders)
    yield encoder.write_header()
    step = max(1, len(rows) * SLICE_BYTES // max(1, rows.nbytes))
    for first in range(0, len(rows), step):
        if piece := encoder.write_batch(rows.slice(first, step)):  # it gathers small ones
            yield piece
    yield encoder.finish()


def copy_text(table: Table, rows: pa.RecordBatch) -> Iterator[bytes]:
    """The same rows as `COPY … FROM STDIN (FORMAT csv)` wants to read them: every value as its type reads it from text.

    Raises ValueError when the columns are others.
    """
    if rows.schema.names != [column.name for column in table.columns]:
        raise ValueError(f"{table.full_name}: the batch has the columns {', '.join(rows.schema.names)}")
    texts = pa.RecordBatch.from_arrays(
        [_as_text(rows.column(n), column.type) for n, column in enumerate(table.columns)], names=rows.schema.names
    )
    # Quotes around every text, and none where there is NULL.
    options = csv.WriteOptions(include_header=False, quoting_style="all_valid")
    step = max(1, len(rows) * SLICE_BYTES // max(1, rows.nbytes))
    for first in range(0, len(rows), step):
        piece = pa.BufferOutputStream()
        csv.write_csv(texts.slice(first, step), piece, options)
        yield piece.getvalue().to_pybytes()


def _as_text(values: pa.Array, kind: str) -> pa.Array:
    """A column as texts that the server reads."""
    if kind in ("text", "jsonb"):
        return values
    if kind == "uuid":
        raw = np.frombuffer(pc.fill_null(values, bytes(16)).cast(pa.binary(16)).buffers()[1], dtype=np.uint8)
        keys = raw.reshape(-1, 16)[values.offset : values.offset + len(values)]
        texts = pa.array(uuid_text(keys).view("S36").ravel()).cast(pa.string())
        return pc.if_else(values.is_valid(), texts, pa.scalar(None, pa.string()))
    if kind == "timestamptz":
        return pc.binary_join_element_wise(
            values.cast(pa.int64()).view(pa.timestamp("us")).cast(pa.string()), "+00", ""
        )
    if kind == "text[]":
        raise ValueError("lists beside a type of the app's are given in the form that its arrays read")
    return values.cast(pa.string())


def text_arrays(lists: pa.ListArray, element: int = TEXT_OID) -> pa.BinaryArray:
    """Lists of text as PostgreSQL's arrays, one a row: dimensions, may hold nulls, type, length, first index, elements.

    element: the oid of the type, whose binary form is text.

    A null list stays null, a null element is one of length −1, an empty list has no dimension.
    """
    no_elements = b"".join(word.to_bytes(4, "big") for word in (0, 0, element))
    elements = lists.flatten().cast(pa.binary())
    if len(elements):
        lengths = pc.fill_null(pc.list_value_length(lists), 0).to_numpy(zero_copy_only=False)
        sizes = pc.fill_null(pc.binary_length(elements), -1).to_numpy(zero_copy_only=False)
        cells = pc.binary_join_element_wise(_big_endian(sizes[:, None]), pc.fill_null(elements, b""), b"")
        ends = np.concatenate(([0], np.cumsum(lengths))).astype(np.int32)
        bodies = pc.binary_join(pa.ListArray.from_arrays(pa.array(ends), cells), b"")
        heads = np.ones((len(lists), 5), dtype=np.int64)
        heads[:, 2], heads[:, 3] = element, lengths
        whole = pc.binary_join_element_wise(_big_endian(heads), bodies, b"")
        encoded = pc.if_else(pa.array(lengths > 0), whole, pa.scalar(no_elements, pa.binary()))
    else:
        encoded = pa.repeat(pa.scalar(no_elements, pa.binary()), len(lists))
    return pc.if_else(lists.is_valid(), encoded, pa.scalar(None, pa.binary())) if lists.null_count else encoded


def _big_endian(words: Ints) -> pa.BinaryArray:
    """int64[n, k] as n strings of k 4-byte words."""
    width = 4 * words.shape[1]
    bytes_ = pa.py_buffer(np.ascontiguousarray(words, dtype=">i4"))
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(width), len(words), [None, bytes_]).cast(pa.binary())
