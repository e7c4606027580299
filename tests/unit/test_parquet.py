"""Files that the Parquet sink writes: types, row groups, last versions, and what is left when it is not committed."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from populace.batch import ARROW, Batch
from populace.checks import keys
from populace.checks.files import micros
from populace.engine.tables import arrow_schema
from populace.sinks import parquet
from populace.sinks.parquet import ParquetSink, file_schema, folder_name
from populace.sinks.sink import Tally
from populace.spec import OUTBOX, Column
from populace.spec.table import TYPES
from tiny import CLUB, TABLES

AT = datetime(2026, 1, 9, 18, 30, 0, 123_457, tzinfo=UTC)
THINGS = replace(
    TABLES[0],
    name="things",
    columns=(
        Column("id", "uuid"),
        *(Column(f"a {kind}", kind, nullable=True, moment="planned") for kind in TYPES),
        Column("created_at", "timestamptz", moment="happened"),
    ),
    mode="merge",
)
ODD = replace(CLUB, tables=(*TABLES, THINGS))
SAMPLE: Mapping[str, Any] = {
    "uuid": bytes(range(16)),
    "text": "Zoë\n'",
    "int4": -(2**31),
    "int8": 2**63 - 1,
    "float8": -0.1,
    "bool": True,
    "timestamptz": AT,
    "date": date(2026, 1, 9),
    "numeric": Decimal("-12345.60"),
    "jsonb": '{"n":[1,null]}',
    "text[]": ["", "{a,b}"],
}


def key(number: int) -> bytes:
    return number.to_bytes(16, "big")


def rows(*given: Mapping[str, Any]) -> pa.RecordBatch:
    whole = [{**{c.name: None for c in THINGS.columns}, "created_at": AT, **row} for row in given]
    return pa.RecordBatch.from_pylist(whole, schema=arrow_schema(THINGS))


def written(folder: Path) -> pa.Table:
    return pq.read_table(folder / "public.things")


def test_every_type_has_a_place_in_a_file(tmp_path: Path) -> None:
    assert set(parquet.STORED) == set(TYPES) == set(SAMPLE)
    assert {k: t for k, t in ARROW.items() if k != "uuid"} == {k: t for k, t in parquet.STORED.items() if k != "uuid"}
    with ParquetSink(tmp_path, ODD, "person-1") as sink:
        batch = rows({"id": key(1), **{f"a {k}": v for k, v in SAMPLE.items()}}, {"id": key(2)}, {"id": key(3)})
        sink.write(Batch("things", "append", batch.slice(0, 2)))
        sink.flush()
        (file,) = sink.commit()
    found = written(tmp_path)
    assert found.schema.equals(file_schema(THINGS))
    first, second = found.to_pylist()
    texts = {"id": str(uuid.UUID(bytes=key(1))), "a uuid": str(uuid.UUID(bytes=SAMPLE["uuid"]))}
    assert first == {**{f"a {k}": v for k, v in SAMPLE.items()}, "created_at": AT, **texts}
    assert set(second.values()) == {None, AT, str(uuid.UUID(bytes=key(2)))}
    assert (file.table, file.path, file.rows) == ("public.things", "public.things/person-1.parquet", 2)
    assert sink.tallies().of("things") == Tally(attempted=2, written=2)


def test_columns_that_are_not_nullable_are_required_in_the_file(tmp_path: Path) -> None:
    with ParquetSink(tmp_path, ODD, "x") as sink:
        sink.write(Batch("things", "append", rows({"id": None})))
        with pytest.raises((pa.ArrowException, ValueError)):
            sink.commit()
    assert list(tmp_path.rglob("*.parquet*")) == []


def test_of_merged_rows_the_last_version_is_written_with_the_first_creation(tmp_path: Path) -> None:
    later = datetime(2026, 2, 1, tzinfo=UTC)
    with ParquetSink(tmp_path, ODD, "x") as sink:
        for first in range(0, 40, 10):
            versions = [{"id": key(n % 15), "a int4": n, "created_at": AT if n < 15 else later} for n in range(40)]
            sink.write(Batch("things", "merge", rows(*versions[first : first + 10])))
        assert list(tmp_path.iterdir()) == []
        sink.flush()
        sink.commit()
    found = {row["id"]: row for row in written(tmp_path).to_pylist()}
    assert len(found) == 15
    for n in range(15):
        row = found[str(uuid.UUID(bytes=key(n)))]
        assert (row["a int4"], row["created_at"]) == (n + 30 if n < 10 else n + 15, AT)
    assert sink.tallies().of("things") == Tally(attempted=15, written=15)


def test_row_groups_do_not_depend_on_how_rows_come(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "ROW_GROUP", 100)
    whole = rows(*({"id": key(n), "a text": "x" * (n % 7)} for n in range(1030)))
    made = []
    for name, step in (("one", 1030), ("many", 33)):
        folder = tmp_path / name
        folder.mkdir()
        with ParquetSink(folder, ODD, "x") as sink:
            for first in range(0, 1030, step):
                sink.write(Batch("things", "append", whole.slice(first, step)))
            (file,) = sink.commit()
        groups = pq.ParquetFile(folder / file.path).metadata
        assert [groups.row_group(i).num_rows for i in range(groups.num_row_groups)] == [100] * 10 + [30]
        made.append((folder / file.path).read_bytes())
    assert made[0] == made[1]


def test_what_is_held_back_has_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "HELD_BYTES", 50_000)
    with ParquetSink(tmp_path, ODD, "x") as sink:
        for first in range(0, 2000, 50):
            sink.write(
                Batch(
                    "things", "append", rows(*({"id": key(n), "a text": "x" * 100} for n in range(first, first + 50)))
                )
            )
        (file,) = sink.commit()
    assert file.rows == written(tmp_path).num_rows == 2000
    assert pq.read_metadata(tmp_path / file.path).num_row_groups > 3


def test_nothing_has_its_name_before_it_is_committed(tmp_path: Path) -> None:
    def half(commit: bool) -> None:
        with ParquetSink(tmp_path, ODD, "x") as sink:
            sink.write(Batch("things", "append", rows({"id": key(1)})))
            assert [p.name for p in tmp_path.rglob("*") if p.is_file()] == [".x.parquet.part"]
            if not commit:
                raise KeyboardInterrupt
            sink.commit()

    with pytest.raises(KeyboardInterrupt):
        half(commit=False)
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []
    half(commit=True)
    assert [p.name for p in tmp_path.rglob("*") if p.is_file()] == ["x.parquet"]


def test_removals_and_what_leaves_by_an_outbox_are_no_rows_of_files(tmp_path: Path) -> None:
    gone = pa.RecordBatch.from_arrays([pa.array([key(1)], ARROW["uuid"])], names=["id"])
    leaving = pa.RecordBatch.from_arrays([pa.array([key(1)], ARROW["uuid"])], names=["id"])
    with ParquetSink(tmp_path, ODD, "x") as sink:
        for batch in (Batch("things", "remove", gone), Batch(OUTBOX.name, "append", leaving)):
            with pytest.raises(ValueError, match="files accept no such batch"):
                sink.write(batch)
        sink.write(Batch("things", "append", gone))
        with pytest.raises(ValueError, match="the batch has the columns id"):
            sink.commit()
    assert list(tmp_path.rglob("*.parquet*")) == []


def test_a_folder_has_a_name_that_every_disk_takes() -> None:
    assert folder_name(THINGS) == "public.things"
    assert folder_name(replace(THINGS, schema='a "b', name="c/d\\é")) == "a%20%22b.c%2Fd%5C%C3%A9"


# Keys as words


def texts(values: list[str | None]) -> pa.Array:
    return pa.array(values, pa.string())


def pairs(found: keys.Keys) -> list[tuple[int, int]]:
    return list(zip(found.high.tolist(), found.low.tolist(), strict=True))


def test_a_uuid_is_its_own_words_and_other_texts_are_hashed() -> None:
    some = [str(uuid.UUID(int=n * 0x1234567890ABCDEF1234567)) for n in range(50)]
    mixed = texts(["", *some, "x" * 36, None, "a-b", some[3].upper()])
    found = keys.words([mixed])
    assert pairs(found)[1:51] == [divmod(uuid.UUID(text).int, 1 << 64) for text in some]
    assert len(set(pairs(found))) == 54  # a null is as an empty text, but not there
    assert found.there.tolist() == [True] * 52 + [False] + [True] * 2
    assert found.absent == 1
    assert pairs(keys.words([mixed.slice(7, 30)])) == pairs(found)[7:37]


def test_keys_of_several_columns_differ_by_order_and_by_each() -> None:
    a, b = texts(["x", "y", "x", "x"]), pa.array([1, 1, 2, 1], pa.int32())
    both = pairs(keys.words([a, b]))
    assert len(set(both)) == 3
    assert both[0] == both[3]
    assert not set(both) & set(pairs(keys.words([b, a])))


@pytest.mark.parametrize("many", [1, 3])
def test_repeated_and_lost_keys_are_found(many: int) -> None:
    generator = np.arange(3000)
    known = [keys.words([texts([str(uuid.UUID(int=int(n) << 64 | int(n) % 7)) for n in part])])
             for part in np.array_split(generator, 4)]  # fmt: skip
    parts = [keys.Part(n, many) for n in range(many)]
    assert sum(keys.repeated(known, part) for part in parts) == 0
    assert sum(keys.repeated([*known, known[1].of(np.arange(9))], part) for part in parts) == 9
    asked = keys.words([texts([str(uuid.UUID(int=n << 64 | n % 7)) for n in range(0, 6000, 2)])])
    found = np.full(3000, -1)
    for part in parts:
        index = keys.Index.of([(k, k.high.astype(np.int64)) for k in known], part)
        mine = np.flatnonzero(part.holds(asked))
        place = index.find(asked.of(mine))
        found[mine] = np.where(place >= 0, index.created[place], -1)
    assert found[:1500].tolist() == list(range(0, 3000, 2))
    assert (found[1500:] == -1).all()


def test_nothing_is_found_where_nothing_is() -> None:
    index = keys.Index.of([], keys.Part(0, 1))
    assert index.find(keys.words([texts(["a", "b"])])).tolist() == [-1, -1]
    assert keys.repeated([], keys.Part(0, 1)) == 0
    assert [part.many for part in keys.parts_of(0)] == [1]
    assert len(keys.parts_of(keys.MOST_AT_ONCE + 1)) == 2


def test_moments_and_days_are_compared_in_microseconds() -> None:
    days = pa.array([date(1970, 1, 2), None], pa.date32())
    at, there = micros(days)
    assert (at[0], there.tolist()) == (86_400_000_000, [True, False])
    at, there = micros(pa.array([AT, None], pa.timestamp("us", tz="UTC")))
    assert (at[0], there.tolist()) == (1_767_983_400_123_457, [True, False])
    assert not micros(texts(["2026"]))[1].any()
