"""What validate finds in files that somebody has changed, and that what it does not find is as it was written."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import contexts
from club_files import PEOPLE, STEPS, VISITS
from command import CLUB, answer
from populace.checks import keys
from populace.database.target import Target
from populace.operations import files
from populace.runner import manifest


def changed(folder: Path, table: str, change: Callable[[pa.Table], pa.Table]) -> None:
    """Write a table's file again."""
    (path,) = (folder / table).iterdir()
    found = pq.read_table(path, partitioning=None)
    pq.write_table(change(found).cast(found.schema), path)


def with_value(column: str, row: int, value: Any) -> Callable[[pa.Table], pa.Table]:
    """A table with another value in one place."""

    def change(found: pa.Table) -> pa.Table:
        values = found.column(column).to_pylist()
        values[row] = value
        place = found.schema.get_field_index(column)
        return found.set_column(place, found.schema.field(place), pa.array(values, found.schema.field(place).type))

    return change


NOBODY = str(uuid.UUID(int=5))
LATE = datetime(2026, 1, 9, 18, 30, tzinfo=UTC)
BROKEN: dict[str, tuple[str, Callable[[pa.Table], pa.Table], set[str]]] = {
    "orphan": (STEPS, with_value("visit_id", 9, NOBODY), {f"orphans {STEPS}.visit_id"}),
    "key twice": (STEPS, lambda t: pa.concat_tables([t, t.slice(7, 1)]), {f"keys {STEPS}", f"rows {STEPS}"}),
    "row lost": (STEPS, lambda t: t.slice(1), {f"rows {STEPS}"}),
    "future": (STEPS, with_value("created_at", 3, LATE), {f"future {STEPS}.created_at"}),
    "before its cause": (
        STEPS,
        with_value("created_at", 3, LATE - timedelta(days=30)),
        {f"causes {STEPS}.created_at"},
    ),
    "parent lost": (
        PEOPLE,
        lambda t: t.slice(1),
        {f"rows {PEOPLE}", *(f"orphans {name}.person_id" for name in ("public.notes", "public.thanks", VISITS, STEPS))},
    ),
    "not an id": (PEOPLE, with_value("id", 0, "Ada"), {f"orphans {n}.person_id" for n in (
        "public.notes", "public.thanks", VISITS, STEPS)}),
}  # fmt: skip


@pytest.mark.parametrize("parts", [1, 3])
@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_row_is_found(name: str, parts: int, copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table, change, expected = BROKEN[name]
    changed(copied, table, change)
    monkeypatch.setattr(keys, "MOST_AT_ONCE", 15_000 // parts)
    judged = files.validate(contexts.at(f"parquet:{copied}"), Target("parquet", copied), CLUB)
    failed = [v for v in judged.verdicts if v.status == "failed"]
    assert [v.title for v in failed if v.id == "files"] == ["files that are not as the manifest says"]
    found = {f"{v.id} {v.title.partition(':')[0]}" for v in failed if v.id != "files"}
    assert expected == found


def test_files_that_are_lost_added_or_broken_are_found(copied: Path) -> None:
    target, (path,) = ("--target", f"parquet:{copied}"), (copied / STEPS).iterdir()
    whole = path.read_bytes()

    def found() -> str:
        judged = answer("validate", CLUB, *target, code=1)
        assert all(v["status"] != "failed" or v["id"] == "files" for v in judged["verdicts"])
        return "; ".join(v["note"] for v in judged["verdicts"] if v["status"] == "failed")

    path.unlink()
    assert f"{STEPS}/{path.name} is missing" in found()
    path.write_bytes(whole[:-30])
    assert "cannot be read" in found()
    path.write_bytes(b"PAR1 and no more")
    assert "cannot be read" in found()
    half = len(whole) // 3
    path.write_bytes(whole[:half] + bytes(2000) + whole[half + 2000 :])
    assert "has other content" in found()
    changed_columns = pq.read_table(copied / PEOPLE).rename_columns(["id", "nome", "mail", "nth", "created_at"])
    path.write_bytes(whole)
    assert answer("validate", CLUB, *target)["ok"]
    (people,) = (copied / PEOPLE).iterdir()
    pq.write_table(changed_columns, people)
    assert "has other columns" in found()
    pq.write_table(
        changed_columns.rename_columns(["id", "name", "mail", "nth", "created_at"]), copied / PEOPLE / "x.parquet"
    )
    assert f"{PEOPLE}/x.parquet is not named" in found()
    (copied / "thesis.txt").touch()
    assert "thesis.txt is not named" in found()


def test_accounts_are_judged(copied: Path) -> None:
    document = json.loads((copied / manifest.MANIFEST).read_text(encoding="utf-8"))
    document["statistics"]["chances"]["abandons"][3] *= 2
    (copied / manifest.MANIFEST).write_text(json.dumps(document), encoding="utf-8")
    judged = answer("validate", CLUB, "--target", f"parquet:{copied}", code=1)
    assert {v["title"] for v in judged["verdicts"] if not v["ok"]} == {
        "chances that came out as declared",
        "chance abandons",
    }


def test_a_file_is_not_larger_than_it_need_be(club_files: Path) -> None:
    """Zstandard, and dictionaries for what repeats."""
    (path,) = (club_files / VISITS).iterdir()
    columns = pq.read_metadata(path).row_group(0)
    by_name = {columns.column(i).path_in_schema: columns.column(i) for i in range(columns.num_columns)}
    assert {c.compression for c in by_name.values()} == {"ZSTD"}
    assert "RLE_DICTIONARY" in by_name["status"].encodings
    assert "RLE_DICTIONARY" not in by_name["id"].encodings
    assert pc.count_distinct(pq.read_table(path).column("id")).as_py() == columns.num_rows
