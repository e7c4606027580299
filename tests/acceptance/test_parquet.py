"""A population in files: the rows that a database would hold, whole or not at all, and nobody lives there."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import re
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from psycopg import sql

from command import CLUB, Place, answer, call, killed
from docs import pages
from populace import clock
from populace.checks import keys
from populace.database.target import Target
from populace.errors import Interrupted, TargetUnavailable
from populace.operations import files, manifest
from populace.operations.seeding import SeedReport
from populace.plan import resolve
from populace.spec import Table
from populace.worlds import registry

EVENING = "2026-01-09T18:30:00Z"
SEED = ("seed", CLUB, "--scenario", "busy", "--seed", "7", "--epoch", "2026-01-09T00:00:00Z", "--now", EVENING)
PEOPLE = "public.people"
VISITS, STEPS = "public.visits", "public.steps"


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The club in files; not to be changed."""
    folder = tmp_path_factory.mktemp("seeded") / "club"
    report = answer(*SEED, "--target", f"parquet:{folder}")
    assert report["rows_created"] == sum(t["written"] for t in report["tables"].values()) > 40_000
    assert report["watermark"] == EVENING
    return folder


@pytest.fixture
def copied(seeded: Path, tmp_path: Path) -> Path:
    """The club in files of the test's own."""
    folder = tmp_path / "club"
    for path in sorted(seeded.rglob("*")):
        to = folder / path.relative_to(seeded)
        to.parent.mkdir(parents=True, exist_ok=True)
        if path.is_file():
            to.write_bytes(path.read_bytes())
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    """Every file, the manifest among them."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# What is in them


def plain(table: Table, row: Sequence[Any]) -> str:
    """A row in words that do not depend on where it was read."""
    said: list[object] = []
    for column, value in zip(table.columns, row, strict=True):
        if column.type == "jsonb" and value is not None:
            value = json.dumps(json.loads(value) if isinstance(value, str) else value, sort_keys=True)
        elif isinstance(value, uuid.UUID):
            value = str(value)
        said.append(value.astimezone(UTC) if isinstance(value, datetime) else value)
    return repr(said)


def in_database(url: str, table: Table) -> list[str]:
    names = sql.SQL(", ").join(sql.Identifier(c.name) for c in table.columns)
    query = sql.SQL("SELECT {} FROM {}").format(names, sql.Identifier(table.schema, table.name))
    with psycopg.connect(url) as connection:
        return sorted(plain(table, row) for row in connection.execute(query))


def in_files(folder: Path, table: Table) -> list[str]:
    found = ds.dataset(folder / table.full_name).to_table()
    assert found.column_names == [c.name for c in table.columns]
    return sorted(plain(table, row) for row in zip(*(c.to_pylist() for c in found.columns), strict=True))


SMALL = {
    CLUB: SEED[2:],
    "recoverlution": (
        "--now",
        EVENING,
        "--set",
        "count_users=60",
        "--set",
        "coverage_per_mindblock=2",
        "--set",
        "days=10",
    ),
    "hogflix": ("--now", EVENING, "--set", "persona_pool=60", "--set", "days=20", "--set", "unseen_days=30"),
    "campaigns": ("--now", EVENING, "--scenario", "demo"),
}


@pytest.mark.parametrize("name", list(SMALL), ids=["club", "recoverlution", "hogflix", "campaigns"])
def test_files_hold_what_a_database_would(name: str, tmp_path: Path) -> None:
    place, world = Place(name, tmp_path / "place"), registry.find(name)
    try:
        password = {"POPULACE_LOGIN_PASSWORD": "the same for both"}
        there = answer("seed", name, *SMALL[name], "--target", place.target, **password)
        here = answer("seed", name, *SMALL[name], "--target", f"parquet:{tmp_path / 'files'}", **password)
        assert (here["plan"], here["tables"]) == (there["plan"], there["tables"])
        told = {name for flow in world.flows for name in flow.tables}
        for table in world.tables:
            if table.name not in told:  # the database's own triggers write it
                assert in_files(tmp_path / "files", table) == []
                continue
            assert in_files(tmp_path / "files", table) == in_database(place.url, table), table.full_name
    finally:
        call("db", "stop", "--target", place.target)
    judged = answer("validate", name, "--target", f"parquet:{tmp_path / 'files'}")
    assert judged["ok"]
    assert judged["checks"] > 40
    assert {v["id"] for v in judged["verdicts"]} >= {"files", "rows", "keys", "orphans", "future", "causes", "K7"}
    assert [v["id"] for v in judged["verdicts"] if v["status"] == "open"] == ["documents"]


def test_a_reader_finds_types_and_every_table(seeded: Path) -> None:
    world = registry.find(CLUB)
    assert {p.name for p in seeded.iterdir() if p.is_dir()} == {t.full_name for t in world.tables}
    steps = ds.dataset(seeded / STEPS)
    assert steps.schema.field("created_at").type == pa.timestamp("us", tz="UTC")
    assert [steps.schema.field(n).type for n in ("id", "number", "detail")] == [pa.string(), pa.int32(), pa.string()]
    assert not steps.schema.field("id").nullable
    some = steps.to_table(filter=ds.field("number") > 1)
    people = ds.dataset(seeded / PEOPLE).to_table()
    joined = some.join(people, "person_id", "id", join_type="inner", right_suffix="_of_person")
    assert 0 < len(joined) == len(some)


def test_tables_that_hold_nothing_have_columns(tmp_path: Path) -> None:
    folder = tmp_path / "quiet"
    answer("seed", CLUB, "--now", EVENING, "--set", "rate=0", "--target", f"parquet:{folder}")
    visits = ds.dataset(folder / VISITS)
    assert visits.count_rows() == 0
    assert visits.schema.names == [c.name for c in registry.find(CLUB).table("visits").columns]
    assert answer("validate", CLUB, "--target", f"parquet:{folder}")["ok"]
    assert answer("seed", CLUB, "--now", EVENING, "--set", "rate=0", "--target", f"parquet:{folder}")["unchanged"]


def test_the_how_to_shows_what_is_printed(tmp_path: Path) -> None:
    page = "docs/how-to/parquet.md"
    for entry in pages.typed(page):
        printed = call(*entry.words[1:], cwd=tmp_path).stdout.splitlines()
        place = -1
        for line in entry.shown:
            if line != "…":
                assert line in printed[place + 1 :], line
                place = printed.index(line, place + 1)
    (code,), (shown,) = pages.fenced(page, "python"), pages.fenced(page, "text")
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == shown
    listed = re.findall(r"^    (hogflix/.*)$", pages.text(page), flags=re.MULTILINE)
    assert len(listed) == 4
    assert all((tmp_path / path).is_file() for path in listed)


# The same again, and something else


def test_the_same_seed_again_changes_nothing(seeded: Path) -> None:
    before = contents(seeded)
    report = answer(*SEED, POPULACE_TARGET=f"parquet:{seeded}")
    assert (report["unchanged"], report["rows_created"], report["watermark"]) == (True, 0, EVENING)
    # Without an epoch and at another time it is still the same plan.
    assert answer(*SEED[:6], "--target", f"parquet:{seeded}")["unchanged"]
    assert contents(seeded) == before


def test_a_plan_file_and_its_settings_are_the_same_seed(seeded: Path, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    call("plan", *SEED[1:], "--out", str(file))
    report = answer("seed", CLUB, "--plan", str(file), "--now", EVENING, "--target", f"parquet:{tmp_path / 'files'}")
    assert report["plan"] == json.loads((seeded / manifest.NAME).read_text(encoding="utf-8"))["plan"]
    assert contents(tmp_path / "files") == contents(seeded)


def test_another_plan_is_refused(seeded: Path, tmp_path: Path) -> None:
    before = contents(seeded)
    target = ("--target", f"parquet:{seeded}")
    other = call("seed", CLUB, "--seed", "8", "--set", "people=24", *target, code=3).stderr
    assert all(path in other for path in ("another plan", "seed: 7 there, 8 here", "settings.people"))
    later = call(*SEED[:6], "--epoch", "2026-01-08T00:00:00Z", "--now", EVENING, *target, code=3).stderr
    assert "epoch: '2026-01-09T00:00:00Z' there" in later
    assert "another world is in this folder" in call("seed", "hogflix", *target, code=3).stderr
    assert "another world is in this folder" in call("validate", "hogflix", *target, code=3).stderr
    file = tmp_path / "plan.json"
    call("plan", *SEED[1:], "--out", str(file))
    document = json.loads(file.read_text(encoding="utf-8"))
    document["interventions"] = [{"number": 1, "at": "2026-01-09T01:00:00Z", "values": {"rate": 0}}]
    file.write_text(json.dumps(document), encoding="utf-8")
    assert "interventions" in call("seed", CLUB, "--plan", str(file), "--now", EVENING, *target, code=3).stderr
    assert contents(seeded) == before


@pytest.mark.parametrize(
    "words",
    [
        ("run", CLUB), ("run", CLUB, "--once"), ("init",), ("pause",), ("resume",), ("settings",), ("run-now", "1"),
        ("activity",), ("doctor",), ("logs",), ("cleanup", "--all", "--yes"), ("demo", "--for", "1"), ("db", "url"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_nobody_lives_in_files(words: tuple[str, ...], seeded: Path) -> None:
    before = contents(seeded)
    done = call(*words, "--target", f"parquet:{seeded}", code=3)
    assert done.stdout == ""
    assert "nobody can live in files" in done.stderr
    assert "seed a database" in done.stderr
    assert contents(seeded) == before


def test_status_and_count_say_what_is_there(seeded: Path, tmp_path: Path) -> None:
    there = answer("status", "--target", f"parquet:{seeded}")
    assert (there["state"], there["world"], there["watermark"]) == ("ready", "club", EVENING)
    rows = {t.full_name: ds.dataset(seeded / t.full_name).count_rows() for t in registry.find(CLUB).tables}
    assert there["rows"] == rows
    counted = answer("count", "--target", f"parquet:{seeded}")
    assert (counted["rows"], counted["total"], counted["skipped"]) == (rows, sum(rows.values()), {})
    for words in (("status",), ("count",), ("validate", CLUB)):
        assert "no files here" in call(*words, "--target", f"parquet:{tmp_path / 'none'}", code=3).stderr
    assert not (tmp_path / "none").exists()


# Folders that are not ours


def test_a_folder_with_other_things_is_let_alone(copied: Path, tmp_path: Path) -> None:
    mine, file = tmp_path / "mine", tmp_path / "file"
    mine.mkdir()
    (mine / "thesis.txt").write_text("mine", encoding="utf-8")
    file.write_text("mine", encoding="utf-8")
    error = call(*SEED, "--target", f"parquet:{mine}", code=3).stderr
    assert all(word in error for word in ("'thesis.txt'", "nothing here was changed"))
    assert [p.name for p in mine.iterdir()] == ["thesis.txt"]
    assert "no folder" in call(*SEED, "--target", f"parquet:{file}", code=3).stderr
    (mine / "thesis.txt").rename(mine / manifest.NAME)
    assert "is not one of ours" in call(*SEED, "--target", f"parquet:{mine}", code=3).stderr
    for stranger in ("thesis.txt", f"{VISITS}/more.parquet", f"{VISITS}/person-0000000000-0000000022.parquet"):
        (copied / stranger).write_text("mine", encoding="utf-8")
        assert repr(stranger) in call(*SEED, "--target", f"parquet:{copied}", code=3).stderr
        (copied / stranger).unlink()
    assert answer(*SEED, "--target", f"parquet:{copied}")["unchanged"]
    text = (copied / manifest.NAME).read_text(encoding="utf-8")
    for wrong in (text.replace(manifest.FORMAT, "populace parquet 99"), text[:-20], "[]", "{}"):
        (copied / manifest.NAME).write_text(wrong, encoding="utf-8")
        call(*SEED, "--target", f"parquet:{copied}", code=3)
        call("validate", CLUB, "--target", f"parquet:{copied}", code=3)


def test_bad_input_makes_no_folder(tmp_path: Path) -> None:
    target = ("--target", f"parquet:{tmp_path / 'deep' / 'files'}")
    call("seed", CLUB, "--now", EVENING, "--epoch", "2026-01-10T00:00:00Z", *target, code=2)
    for setting, todo in (("accounts_through=api", "sql"), ("flixbuddy_answers=endpoint", "local")):
        path = setting.partition("=")[0]
        error = call("seed", "hogflix", "--set", setting, *target, code=2).stderr
        assert f"hogflix.{path}" in error
        assert f"--set {path}={todo}" in error
    assert list(tmp_path.iterdir()) == []


def test_two_seeds_do_not_write_to_one_folder(tmp_path: Path) -> None:
    handle = os.open(tmp_path, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        assert "another seed is at work" in call(*SEED, "--target", f"parquet:{tmp_path}", code=3).stderr
    finally:
        os.close(handle)
    assert list(tmp_path.iterdir()) == []


# Interrupted


def seed(folder: Path, stop: threading.Event | None = None, report: Callable[..., None] = print) -> SeedReport:
    """The club, in this process."""
    world, now_us = registry.find(CLUB), clock.parse(EVENING, "test")
    sparse = {"visit_days": 1, "rate": 1}
    plan = resolve(world, "busy", seed=7, epoch_us=clock.midnight_before(now_us), overrides=sparse)
    target = Target("parquet", folder)
    stop = stop or threading.Event()
    return files.seed(target, plan, now_us, epoch_given=True, login_given=True, report=report, stop=stop)


@pytest.fixture
def slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """The club is cut in five."""
    monkeypatch.setattr(files, "ROWS_A_SLICE", 1_400)


@pytest.mark.usefixtures("slices")
def test_a_stopped_seed_goes_on(tmp_path: Path) -> None:
    calm, stopped, stop = tmp_path / "calm", tmp_path / "stopped", threading.Event()
    whole = seed(calm)
    seen: list[int] = []

    def report(progress: Any) -> None:
        seen.append(progress.done)
        if len(seen) == 3:
            stop.set()

    with pytest.raises(Interrupted, match="the same command"):
        seed(stopped, stop, report)
    state = answer("status", "--target", f"parquet:{stopped}")
    assert (state["state"], state["slices"]) == ("seeding", "2 of 5")
    assert "not finished" in call("validate", CLUB, "--target", f"parquet:{stopped}", code=3).stderr
    rest = seed(stopped)
    assert 0 < rest.wrote.written < whole.wrote.written
    assert seen[-1] + rest.wrote.written == whole.wrote.written
    assert contents(stopped) == contents(calm)
    assert seed(stopped).unchanged


@pytest.mark.usefixtures("slices")
def test_a_crash_between_files_and_manifest_is_mended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calm, crashed = tmp_path / "calm", tmp_path / "crashed"
    seed(calm)
    true_write, calls = manifest.write, iter(range(100))

    def full(folder: Path, what: manifest.Manifest) -> None:
        if next(calls) in (0, 2, 5):
            raise OSError(errno.ENOSPC, "No space left on device")
        true_write(folder, what)

    monkeypatch.setattr(manifest, "write", full)
    for _ in range(3):
        with pytest.raises(TargetUnavailable, match=r"No space left on device.*room on its disk"):
            seed(crashed)
    (crashed / VISITS / ".person-0000000000-0000000005.parquet.part").write_text("half a file", encoding="utf-8")
    seed(crashed)
    found = contents(crashed)
    found.pop(f"{VISITS}/.person-0000000000-0000000005.parquet.part")
    assert found == contents(calm)


def test_a_killed_seed_is_completed(tmp_path: Path) -> None:
    command = ("seed", "recoverlution", "--now", EVENING, "--set", "count_users=8000", "--set",
               "coverage_per_mindblock=300", "--target")  # fmt: skip
    answer(*command, f"parquet:{tmp_path / 'calm'}")
    again = (*command, f"parquet:{tmp_path / 'killed'}")
    assert killed(again, [0.8 + 0.25 * n for n in range(8)]) > 2
    answer(*again)
    assert contents(tmp_path / "killed") == contents(tmp_path / "calm")
    assert answer("validate", "recoverlution", "--target", f"parquet:{tmp_path / 'killed'}")["ok"]


# What validate finds


def changed(folder: Path, table: str, change: Callable[[pa.Table], pa.Table]) -> None:
    """Write a table's file anew."""
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
    monkeypatch.setattr(keys, "MOST_AT_ONCE", 30_000 // parts)
    judged = files.validate(Target("parquet", copied), registry.find(CLUB))
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


def test_accounts_are_judged(copied: Path) -> None:
    document = json.loads((copied / manifest.NAME).read_text(encoding="utf-8"))
    document["accounts"]["chances"]["abandons"][3] *= 2
    (copied / manifest.NAME).write_text(json.dumps(document), encoding="utf-8")
    judged = answer("validate", CLUB, "--target", f"parquet:{copied}", code=1)
    assert {v["title"] for v in judged["verdicts"] if not v["ok"]} == {
        "chances that fell as declared",
        "chance abandons",
    }


def test_a_file_is_not_larger_than_it_need_be(seeded: Path) -> None:
    """Zstandard, and dictionaries for what repeats."""
    (path,) = (seeded / VISITS).iterdir()
    columns = pq.read_metadata(path).row_group(0)
    by_name = {columns.column(i).path_in_schema: columns.column(i) for i in range(columns.num_columns)}
    assert {c.compression for c in by_name.values()} == {"ZSTD"}
    assert "RLE_DICTIONARY" in by_name["status"].encodings
    assert "RLE_DICTIONARY" not in by_name["id"].encodings
    assert pc.count_distinct(pq.read_table(path).column("id")).as_py() == columns.num_rows
