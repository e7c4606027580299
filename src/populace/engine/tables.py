"""Columns as a world describes them, turned into Arrow in the types of their table.

Only rows that survived the window are computed. Texts are put together by Arrow's kernels or as byte matrices, never
by a Python loop over rows.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from functools import lru_cache
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from populace.batch import ARROW, uuid_text
from populace.clock import DAY_US
from populace.engine.keys import uuids
from populace.spec import (
    Along,
    Bools,
    Columns,
    ColumnValue,
    Ints,
    Joined,
    Json,
    Key,
    Number,
    Optional,
    Stamp,
    Table,
    Words,
)
from populace.spec.column import own_entries

Piece: TypeAlias = "str | pa.Array"
"""A part of a text: the same in every row, or one a row."""


@lru_cache(maxsize=1024)
def arrow_schema(table: Table) -> pa.Schema:
    """The Arrow schema of a table's batches: its columns in declared order."""
    return pa.schema([pa.field(c.name, ARROW[c.type], nullable=c.nullable) for c in table.columns])


class Block:
    """Values of one block of rows, of which `kept` (indices into the block) are wanted.

    Values that several columns share are computed once.
    """

    def __init__(self, seed: int, kept: Ints) -> None:
        self._seed = seed
        self._kept = kept
        self._texts: dict[int, tuple[ColumnValue, pa.Array]] = {}
        self._blocks: dict[int, Block] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def record_batch(self, table: Table, columns: Columns) -> pa.RecordBatch:
        """The kept rows of a table. Every column of the table is given, and no other."""
        if set(columns) != {c.name for c in table.columns}:
            odd = sorted(set(columns) ^ {c.name for c in table.columns})
            raise ValueError(f"{table.full_name}: columns given and declared differ: {', '.join(odd)}")
        arrays = [self.array(columns[c.name], c.type) for c in table.columns]
        empty = [c.name for c, a in zip(table.columns, arrays, strict=True) if a.null_count and not c.nullable]
        if empty:
            raise ValueError(f"{table.full_name}: null in columns that are not nullable: {', '.join(empty)}")
        return pa.RecordBatch.from_arrays(arrays, schema=arrow_schema(table))

    def array(self, value: ColumnValue, kind: str) -> pa.Array:
        """One column in the Arrow type of `kind`."""
        arrow = ARROW[kind]
        if value is None:
            return pa.nulls(len(self), arrow)
        if isinstance(value, Optional):
            return self._optional(value, kind)
        if kind == "uuid":
            if isinstance(value, str):
                return pa.repeat(pa.scalar(uuid.UUID(value).bytes, arrow), len(self))
            return _fixed(self._uuids(value), arrow)
        if kind in ("text", "jsonb"):
            text = self.text(value)
            return pa.repeat(text, len(self)) if isinstance(text, pa.Scalar) else text
        if isinstance(value, Words):
            codes = value.codes[self._kept]
            if _few(codes, value.words):
                return pa.array([value.words[code] for code in codes.tolist()], arrow)
            return pa.array(list(value.words), arrow).take(pa.array(codes))
        if not isinstance(value, np.ndarray):
            if kind in ("date", "numeric"):
                return self.array(np.full(int(self._kept.max(initial=-1)) + 1, value), kind)
            return pa.repeat(pa.scalar(value, arrow), len(self))
        kept = value[self._kept]
        if kind == "timestamptz":
            return pa.array(kept, pa.int64()).view(arrow)
        if kind == "date":
            return pa.array(kept.astype(np.int32)).view(arrow)
        if kind == "numeric":
            return _hundredths(np.asarray(kept, dtype=np.int64))
        return pa.array(kept).cast(arrow)

    def text(self, value: ColumnValue) -> pa.Array | pa.Scalar:
        """A value as text: an Arrow string array, or a scalar for what is the same in every row."""
        if isinstance(value, (str, int)) or value is None:
            return pa.scalar(None if value is None else str(value), pa.string())
        seen = self._texts.get(id(value))
        if seen is None:
            seen = self._texts[id(value)] = (value, self._text(value))
        return seen[1]

    def _text(self, value: ColumnValue) -> pa.Array:
        if isinstance(value, Words):
            codes = value.codes[self._kept]
            if _few(codes, value.words):
                return pa.array([value.words[code] for code in codes.tolist()], pa.string())
            return _vocabulary(tuple(value.words)).take(pa.array(codes))
        if isinstance(value, Key):
            return _strings(uuid_text(self._uuids(value)))
        if isinstance(value, Joined):
            return _join([self._spread(p) for p in value.parts])
        if isinstance(value, Number):
            digits = pa.array(value.numbers[self._kept]).cast(pa.string())
            return pc.utf8_lpad(digits, value.width, "0") if value.width > 1 else digits
        if isinstance(value, Stamp):
            return _strings(_iso_millis(value.at[self._kept]))
        if isinstance(value, Along):
            return self._base(value).text(value.value).take(pa.array(value.index[self._kept]))
        if isinstance(value, Json):
            return self._json(value)
        if isinstance(value, np.ndarray):
            kept = value[self._kept]
            if kept.dtype == np.bool_:
                return _vocabulary(("false", "true")).take(pa.array(kept.astype(np.int8)))
            return pa.array(kept).cast(pa.string())
        raise TypeError(f"a column cannot hold {type(value).__name__}")

    def _spread(self, part: ColumnValue) -> Piece:
        text = self.text(part)
        return text.as_py() if isinstance(text, pa.Scalar) else text

    def _json(self, value: Json) -> pa.Array:
        """Members are joined as text; what is the same in every row is folded into the text between them."""
        parts: list[Piece] = ["{"]

        def say(part: Piece) -> None:
            if isinstance(part, str) and isinstance(parts[-1], str):
                parts[-1] += part
            else:
                parts.append(part)

        for position, (name, member) in enumerate(value.members.items()):
            head = ("," if position else "") + json.dumps(name) + ":"
            if isinstance(member, Optional):
                say(self._where_present(head, member))
            else:
                say(head)
                for piece in self._json_pieces(member):
                    say(piece)
        say("}")
        if len(parts) == 1:
            return pa.repeat(pa.scalar(parts[0], pa.string()), len(self))
        return _join(parts)

    def _where_present(self, head: str, member: Optional) -> Piece:
        """A member's text in the rows that have it, and nothing in the others; computed for the former only."""
        present = member.present[self._kept]
        some = Block(self._seed, self._kept[present])
        some._blocks = self._blocks
        if not len(some):
            return ""
        pieces = some._json_pieces(member.value)
        if all(isinstance(piece, str) for piece in pieces):
            whole = pa.repeat(pa.scalar("".join([head, *pieces]), pa.string()), len(some))
        else:
            whole = _join([head, *pieces])
        offsets = np.zeros(len(present) + 1, dtype=np.int32)
        offsets[1:][present] = pc.binary_length(whole).to_numpy()
        np.cumsum(offsets, out=offsets)
        return pa.StringArray.from_buffers(len(present), pa.py_buffer(offsets), whole.buffers()[2])

    def _json_pieces(self, member: ColumnValue) -> list[Piece]:
        if member is None or isinstance(member, (bool, int, str)):
            return [json.dumps(member, ensure_ascii=False)]
        if _is_bare(member):
            return [self._spread(member)]
        if isinstance(member, Words) and _few(codes := member.codes[self._kept], member.words):
            quoted = [None if (word := member.words[code]) is None else _quoted(word) for code in codes.tolist()]
            return ['"', pa.array(quoted, pa.string()), '"']
        return ['"', self._spread(_escaped(member)), '"']

    def _optional(self, value: Optional, kind: str) -> pa.Array:
        present = value.present[self._kept]
        whole = self.array(value.value, kind)
        if kind == "uuid":
            return _fixed(self._uuids(value.value), ARROW[kind], present)
        return pc.if_else(pa.array(present), whole, pa.scalar(None, ARROW[kind]))

    def _uuids(self, value: ColumnValue) -> NDArray[np.uint8]:
        if isinstance(value, Along):
            return self._base(value)._uuids(value.value)[value.index[self._kept]]
        if isinstance(value, Words):
            return _given_uuids(tuple(map(str, value.words)))[value.codes[self._kept]]
        if not isinstance(value, Key):
            raise TypeError(f"a uuid column cannot hold {type(value).__name__}")
        at = None if value.at is None else value.at[self._kept]
        return uuids(self._seed, value.table, value.address[self._kept], at)

    def _base(self, value: Along) -> Block:
        """The block of the shorter rows that `value` repeats: all of them, computed once."""
        length = _length(value.value)
        if length not in self._blocks:
            self._blocks[length] = Block(self._seed, np.arange(length))
        return self._blocks[length]


@lru_cache(maxsize=64)
def _given_uuids(texts: tuple[str, ...]) -> NDArray[np.uint8]:
    """Uuids that somebody else made: uint8[n, 16]."""
    return np.frombuffer(b"".join(uuid.UUID(text).bytes for text in texts), dtype=np.uint8).reshape(-1, 16)


def _hundredths(numbers: Ints) -> pa.Array:
    """Whole numbers of hundredths as decimals: the same 128 bits, read with two places."""
    wide = np.empty((len(numbers), 2), dtype=np.int64)
    wide[:, 0], wide[:, 1] = numbers, numbers >> 63
    return pa.Array.from_buffers(ARROW["numeric"], len(numbers), [None, pa.py_buffer(wide)])


def _length(value: ColumnValue) -> int:
    """How many rows a description describes; none for what is the same in every row."""
    if isinstance(value, (Joined, Json)):
        inner = value.parts if isinstance(value, Joined) else value.members.values()
        return max(map(_length, inner), default=0)
    own = value.present if isinstance(value, Optional) else own_entries(value)
    return 0 if own is None else len(own)


def _few(codes: Ints, words: Sequence[object]) -> bool:
    """Whether so few words are wanted that it takes less to pick them than to look all of them up; what is no place in
    the list is for Arrow to refuse."""
    return 4 * len(codes) < len(words) and not (codes < 0).any()


@lru_cache(maxsize=256)
def _vocabulary(words: tuple[str | None, ...] | tuple[tuple[str, ...], ...]) -> pa.Array:
    return pa.array(words, pa.string())


def _join(pieces: Sequence[Piece]) -> pa.Array:
    """Texts one after another, row by row; a scalar text is the same in every row."""
    return pc.binary_join_element_wise(*[_constant(p) if isinstance(p, str) else p for p in pieces], _constant(""))


@lru_cache(maxsize=4096)
def _constant(text: str) -> pa.Scalar:
    """A text as Arrow has it. Left to itself, Arrow would look for packages that know other types, each time."""
    return pa.scalar(text, pa.string())


def _is_bare(member: ColumnValue) -> bool:
    """Whether a value stands in JSON without quotes: arrays of numbers or truth values, objects."""
    return _is_bare(member.value) if isinstance(member, Along) else isinstance(member, (Json, np.ndarray))


def _escaped(value: ColumnValue) -> ColumnValue:
    """A text-like value as it stands between the quotes of a JSON string."""
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, Words):
        return Words(value.codes, _all_escaped(tuple(value.words)))
    if isinstance(value, Joined):
        return Joined(tuple(_escaped(part) for part in value.parts))
    if isinstance(value, Along):
        return Along(_escaped(value.value), value.index)
    return value


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


@lru_cache(maxsize=256)
def _all_escaped(words: Sequence[str | None]) -> tuple[str | None, ...]:
    return tuple(None if word is None else _quoted(word) for word in words)


def _fixed(rows: NDArray[np.uint8], arrow: pa.DataType, present: Bools | None = None) -> pa.Array:
    """A byte matrix as a fixed-size binary array; null where not `present`."""
    valid = None if present is None else pa.py_buffer(np.packbits(present, bitorder="little").tobytes())
    return pa.FixedSizeBinaryArray.from_buffers(arrow, len(rows), [valid, pa.py_buffer(np.ascontiguousarray(rows))])


def _strings(rows: NDArray[np.uint8]) -> pa.Array:
    """A byte matrix as strings of one length."""
    offsets = np.arange(len(rows) + 1, dtype=np.int32) * np.int32(rows.shape[1])
    return pa.StringArray.from_buffers(len(rows), pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(rows)))


def _iso_millis(at: Ints) -> NDArray[np.uint8]:
    """uint8[n, 24]: `2026-01-09T18:30:00.000Z`."""
    days, of_day = np.divmod(at, DAY_US)
    known, index = np.unique(days, return_inverse=True)
    dates = np.frombuffer("".join(f"{d}T" for d in known.astype("datetime64[D]").astype(str)).encode(), dtype=np.uint8)
    out = np.empty((len(at), 24), dtype=np.uint8)
    out[:, :11] = dates.reshape(-1, 11)[index] if len(at) else 0
    millis = of_day // 1000
    for column, unit, base in (
        (11, 36_000_000, 10), (12, 3_600_000, 10), (14, 600_000, 6), (15, 60_000, 10), (17, 10_000, 6), (18, 1000, 10),
        (20, 100, 10), (21, 10, 10), (22, 1, 10),
    ):  # fmt: skip
        out[:, column] = millis // unit % base + ord("0")
    out[:, 13] = out[:, 16] = ord(":")
    out[:, 19], out[:, 23] = ord("."), ord("Z")
    return out
