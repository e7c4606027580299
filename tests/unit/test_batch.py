"""Versions of rows: the last one of each counts, in the order of those."""

from __future__ import annotations

import pyarrow as pa
import pytest

from populace.batch import newest


@pytest.mark.parametrize("chunks", [1, 3])
def test_the_last_version_of_each_key_stays(chunks: int) -> None:
    rows = pa.table({"a": [1, 1, 2, 1, 2, 3], "b": ["x", "y", "x", "x", "x", "x"], "n": [0, 1, 2, 3, 4, 5]})
    parts = pa.concat_tables([rows.slice(i * 6 // chunks, 6 // chunks) for i in range(chunks)])
    assert newest(parts, ["a", "b"])["n"].to_pylist() == [1, 3, 4, 5]
    assert newest(parts, ["a"])["n"].to_pylist() == [3, 4, 5]
    assert newest(parts, ["b"])["n"].to_pylist() == [1, 5]


def test_of_no_rows_none_stays() -> None:
    assert len(newest(pa.table({"id": pa.array([], pa.binary(16))}), ["id"])) == 0


def test_keys_are_compared_whole() -> None:
    keys = [bytes([n % 3]) * 16 for n in range(9)]
    rows = pa.table({"id": pa.array(keys, pa.binary(16)), "n": range(9)})
    assert newest(rows, ["id"])["n"].to_pylist() == [6, 7, 8]


def test_rows_that_have_one_version_each_stay_as_they_are() -> None:
    rows = pa.table({"id": [3, 1, 2], "created_at": [30, 10, 20]})
    assert newest(rows, ["id"], ["created_at"]).equals(rows)
