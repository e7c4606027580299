"""Checks of files part by part: what is kept of a table's keys is what belongs to the part, however large the table."""

from __future__ import annotations

import math
import tracemalloc
import uuid
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bounds import normal_bound
from populace.batch import File
from populace.checks import files, keys
from populace.sinks.parquet import folder_name
from populace.stores import Folder
from tiny import CLUB

ROWS, PARTS = 120_000, 12
PEOPLE = CLUB.table("people")


@pytest.fixture
def contents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> files._Contents:
    """Many people with nothing but keys; two of them have one that another has, and three have none."""
    monkeypatch.setattr(files, "ROWS_AT_ONCE", 2_000)
    monkeypatch.setattr(keys, "MOST_AT_ONCE", ROWS // PARTS)
    ids = [str(uuid.UUID(int=n * 0x1234567890ABCDEF1234567)) for n in range(ROWS - 5)]
    table = pa.table({"id": pa.array([*ids, *ids[:2], None, None, None], pa.string())})
    folder = tmp_path / folder_name(PEOPLE)
    folder.mkdir()
    pq.write_table(table, folder / "a.parquet")
    made = files._Contents(Folder(tmp_path), CLUB, [File(PEOPLE.full_name, f"{folder.name}/a.parquet", ROWS, 0, "")])
    monkeypatch.setattr(files, "_has", lambda table, column: False)
    return made


def peak(do: Callable[[], object]) -> tuple[object, int]:
    """What it answers, and the most bytes that were held on the way."""
    tracemalloc.start()
    try:
        return do(), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_keys_are_counted_without_all_of_them_in_memory(contents: files._Contents) -> None:
    found, held = peak(lambda: files._repeated(contents, PEOPLE))
    assert found == 5
    assert held < 16 * ROWS, "more than half of the keys were held at once"


def test_a_part_of_an_index_is_made_without_the_others(contents: files._Contents) -> None:
    part = keys.Part(1, PARTS)
    index, held = peak(lambda: contents.index(PEOPLE, "id", part))
    assert isinstance(index, keys.Index)
    assert len(index) == pytest.approx(ROWS / PARTS, abs=normal_bound(math.sqrt(ROWS / PARTS * (1 - 1 / PARTS))))
    assert held < 16 * ROWS
