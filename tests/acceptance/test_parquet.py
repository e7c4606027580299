"""A population in files: the rows that a database would hold, whole or not at all, and history only."""

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
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.dataset as ds
import pytest
from psycopg import sql

import contexts
from club_files import EVENING, PEOPLE, SEED, STEPS, VISITS, contents
from command import CLUB, answer, call, refusal, start
from docs import pages
from examples import part
from populace import clock
from populace.database import guard
from populace.database.connection import connect
from populace.database.embedded import EmbeddedServer
from populace.errors import Interrupted, TargetUnavailable
from populace.event import Event, Listener, unheard
from populace.operations.seeds.prepared import SeedResult
from populace.operations.seeds.seed import fill
from populace.plan import resolve
from populace.runner import manifest, parquet
from populace.spec import Table
from populace.worlds import registry

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
    "recoverlution": ("--now", EVENING, "--set", "count_users=60", "--set", "coverage_per_mindblock=2",
                      "--set", "days=4"),
    "hogflix": ("--now", EVENING, "--set", "persona_pool=60", "--set", "days=20", "--set", "unseen_days=30"),
    "campaigns": ("--now", EVENING, "--scenario", "demo"),
}  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServer]:
    """For the databases that files are compared with."""
    running = EmbeddedServer(tmp_path_factory.mktemp("server"))
    running.start()
    yield running
    running.stop()


@pytest.fixture
def url(server: EmbeddedServer) -> str:
    """A database that is open for synthetic data; it goes with the server."""
    with connect(server.url("postgres"), application_name="tests", autocommit=True) as connection:
        row = connection.execute("SELECT 'test_' || count(*) FROM pg_database").fetchone()
        assert row is not None
        name = str(row[0])
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    with connect(server.url(name), application_name="tests") as connection:
        guard.open_target(connection, clock.parse(EVENING, "test"), "tests")
    return server.url(name)


@pytest.mark.parametrize("name", part(SMALL, every=2), ids=lambda name: Path(name).name)
def test_files_hold_what_a_database_would(name: str, tmp_path: Path, url: str) -> None:
    world = registry.find(name)
    password = {"POPULACE_LOGIN_PASSWORD": "the same for both"}
    there = answer("seed", name, *SMALL[name], "--target", url, "--yes", **password)
    here = answer("seed", name, *SMALL[name], "--target", f"parquet:{tmp_path / 'files'}", **password)
    assert (here["plan"], here["tables"]) == (there["plan"], there["tables"])
    emitted = {name for flow in world.flows for name in flow.tables}
    for table in world.tables:
        if table.name not in emitted:  # the database's own triggers write it
            assert in_files(tmp_path / "files", table) == []
            continue
        assert in_files(tmp_path / "files", table) == in_database(url, table), table.full_name
    judged = answer("validate", name, "--target", f"parquet:{tmp_path / 'files'}")
    assert judged["ok"]
    assert judged["checks"] > 40
    assert {v["id"] for v in judged["verdicts"]} >= {"files", "rows", "keys", "orphans", "future", "causes", "K7"}
    assert [v["id"] for v in judged["verdicts"] if v["status"] == "open"] == ["documents"]


def test_a_reader_finds_types_and_every_table(club_files: Path) -> None:
    world = registry.find(CLUB)
    assert {p.name for p in club_files.iterdir() if p.is_dir()} == {t.full_name for t in world.tables}
    steps = ds.dataset(club_files / STEPS)
    assert steps.schema.field("created_at").type == pa.timestamp("us", tz="UTC")
    assert [steps.schema.field(n).type for n in ("id", "number", "detail")] == [pa.string(), pa.int32(), pa.string()]
    assert not steps.schema.field("id").nullable
    some = steps.to_table(filter=ds.field("number") > 1)
    people = ds.dataset(club_files / PEOPLE).to_table()
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


def test_the_same_seed_again_changes_nothing(club_files: Path) -> None:
    before = contents(club_files)
    report = answer(*SEED, POPULACE_TARGET=f"parquet:{club_files}")
    assert (report["unchanged"], report["rows_created"], report["watermark"]) == (True, 0, EVENING)
    # Without an epoch and at another time it is still the same plan.
    assert answer(*SEED[:8], "--target", f"parquet:{club_files}")["unchanged"]
    assert contents(club_files) == before


def test_a_plan_file_and_its_settings_are_the_same_seed(club_files: Path, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    call("plan", *SEED[1:], "--out", str(file))
    report = answer("seed", CLUB, "--plan", str(file), "--now", EVENING, "--target", f"parquet:{tmp_path / 'files'}")
    assert report["plan"] == json.loads((club_files / manifest.MANIFEST).read_text(encoding="utf-8"))["plan"]
    assert contents(tmp_path / "files") == contents(club_files)


def test_another_plan_is_refused(club_files: Path, tmp_path: Path) -> None:
    before = contents(club_files)
    target = ("--target", f"parquet:{club_files}")
    other = refusal("seed", CLUB, "--seed", "8", "--set", "people=24", *target)
    assert all(path in other for path in ("another plan", "seed: 7 there, 8 here", "settings.people"))
    later = refusal(*SEED[:8], "--epoch", "2026-01-08T00:00:00Z", "--now", EVENING, *target)
    assert "epoch: '2026-01-09T00:00:00Z' there" in later
    assert "another world is in this folder" in refusal("seed", "hogflix", *target)
    assert "another world is in this folder" in refusal("validate", "hogflix", *target)
    file = tmp_path / "plan.json"
    call("plan", *SEED[1:], "--out", str(file))
    document = json.loads(file.read_text(encoding="utf-8"))
    document["interventions"] = [{"number": 1, "at": "2026-01-09T01:00:00Z", "values": {"rate": 0}}]
    file.write_text(json.dumps(document), encoding="utf-8")
    assert "interventions" in refusal("seed", CLUB, "--plan", str(file), "--now", EVENING, *target)
    assert contents(club_files) == before


@pytest.mark.parametrize(
    "words",
    [
        ("run", CLUB), ("run", CLUB, "--once"), ("init",), ("pause",), ("resume",), ("settings",), ("run-now", "1"),
        ("activity",), ("doctor",), ("logs",), ("cleanup", "--all", "--yes"), ("demo", "--for", "1"), ("db", "url"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_nobody_lives_in_files(words: tuple[str, ...], club_files: Path) -> None:
    before = contents(club_files)
    said = refusal(*words, "--target", f"parquet:{club_files}")
    assert "files hold history only" in said
    assert "seed a database" in said
    assert contents(club_files) == before


def test_status_and_count_say_what_is_there(club_files: Path, tmp_path: Path) -> None:
    there = answer("status", "--target", f"parquet:{club_files}")
    assert (there["state"], there["world"], there["watermark"]) == ("ready", "club", EVENING)
    rows = {t.full_name: ds.dataset(club_files / t.full_name).count_rows() for t in registry.find(CLUB).tables}
    assert there["rows"] == rows
    counted = answer("count", "--target", f"parquet:{club_files}")
    assert (counted["rows"], counted["total"], counted["skipped"]) == (rows, sum(rows.values()), {})
    for words in (("status",), ("count",), ("validate", CLUB)):
        assert "no files here" in refusal(*words, "--target", f"parquet:{tmp_path / 'none'}")
    assert not (tmp_path / "none").exists()


# Folders that are not ours


def test_a_folder_with_other_things_is_let_alone(copied: Path, tmp_path: Path) -> None:
    mine, file = tmp_path / "mine", tmp_path / "file"
    mine.mkdir()
    (mine / "thesis.txt").write_text("mine", encoding="utf-8")
    file.write_text("mine", encoding="utf-8")
    error = refusal(*SEED, "--target", f"parquet:{mine}")
    assert all(word in error for word in ("'thesis.txt'", "nothing here was changed"))
    assert [p.name for p in mine.iterdir()] == ["thesis.txt"]
    assert "not a folder" in refusal(*SEED, "--target", f"parquet:{file}")
    (mine / "thesis.txt").rename(mine / manifest.MANIFEST)
    assert "is not one of ours" in refusal(*SEED, "--target", f"parquet:{mine}")
    for stranger in ("thesis.txt", f"{VISITS}/more.parquet", f"{VISITS}/person-0000000000-0000000022.parquet"):
        (copied / stranger).write_text("mine", encoding="utf-8")
        assert repr(stranger) in refusal(*SEED, "--target", f"parquet:{copied}")
        (copied / stranger).unlink()
    assert answer(*SEED, "--target", f"parquet:{copied}")["unchanged"]
    text = (copied / manifest.MANIFEST).read_text(encoding="utf-8")
    for wrong in (text.replace(manifest.FORMAT, "populace parquet 99"), text[:-20], "[]", "{}"):
        (copied / manifest.MANIFEST).write_text(wrong, encoding="utf-8")
        refusal(*SEED, "--target", f"parquet:{copied}")
        refusal("validate", CLUB, "--target", f"parquet:{copied}")


def test_bad_input_makes_no_folder(tmp_path: Path) -> None:
    target = ("--target", f"parquet:{tmp_path / 'deep' / 'files'}")
    refusal("seed", CLUB, "--now", EVENING, "--epoch", "2026-01-10T00:00:00Z", *target, code=2)
    for setting, todo in (("accounts_through=api", "sql"), ("flixbuddy_answers=endpoint", "local")):
        path = setting.partition("=")[0]
        error = refusal("seed", "hogflix", "--set", setting, *target, code=2)
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


def seed(folder: Path, stop: threading.Event | None = None, hear: Listener = unheard) -> SeedResult:
    """The club, in this process."""
    world, now_us = registry.find(CLUB), clock.parse(EVENING, "test")
    sparse = {"visit_days": 1, "rate": 1}
    plan = resolve(world, "busy", seed=7, epoch_us=clock.midnight_before(now_us), overrides=sparse)
    return fill(contexts.prepared(f"parquet:{folder}", plan, now_us), on_event=hear, stop=stop)


@pytest.fixture
def slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """The club is cut in five."""
    monkeypatch.setattr(parquet, "ROWS_A_SLICE", 1_400)


@pytest.mark.usefixtures("slices")
def test_a_stopped_seed_goes_on(tmp_path: Path) -> None:
    calm, stopped, stop = tmp_path / "calm", tmp_path / "stopped", threading.Event()
    whole = seed(calm)
    seen: list[int] = []

    def hear(event: Event) -> None:
        seen.append(int(event.done))
        if len(seen) == 3:
            stop.set()

    with pytest.raises(Interrupted, match="run the same call again"):
        seed(stopped, stop, hear)
    state = answer("status", "--target", f"parquet:{stopped}")
    assert (state["state"], state["slices"]) == ("seeding", "2 of 5")
    assert "not finished" in refusal("validate", CLUB, "--target", f"parquet:{stopped}")
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

    def full(folder: Path, what: manifest.Manifest, **options: Any) -> None:
        if next(calls) in (0, 2, 5):
            raise OSError(errno.ENOSPC, "No space left on device")
        true_write(folder, what, **options)

    monkeypatch.setattr(manifest, "write", full)
    for _ in range(3):
        with pytest.raises(TargetUnavailable, match=r"No space left on device.*space on its disk"):
            seed(crashed)
    (crashed / VISITS / ".person-0000000000-0000000005.parquet.part").write_text("half a file", encoding="utf-8")
    seed(crashed)
    found = contents(crashed)
    found.pop(f"{VISITS}/.person-0000000000-0000000005.parquet.part")
    assert found == contents(calm)


def slices_written(folder: Path) -> int:
    """How many the manifest has; 0 without one."""
    file = folder / manifest.MANIFEST
    return sum(s["written"] for s in json.loads(file.read_text(encoding="utf-8"))["slices"]) if file.is_file() else 0


def test_a_killed_seed_is_completed(tmp_path: Path) -> None:
    """Killed in the middle of a file, after the first slice and after the next one."""
    command = ("seed", "recoverlution", "--now", EVENING, "--set", "count_users=500", "--set",
               "coverage_per_mindblock=40", "--target")  # fmt: skip
    answer(*command, f"parquet:{tmp_path / 'calm'}")
    folder = tmp_path / "killed"
    again = (*command, f"parquet:{folder}")
    moments: Sequence[Callable[[], bool]] = (
        lambda: any(folder.glob("*/.*.part")),
        lambda: slices_written(folder) >= 1,
        lambda: slices_written(folder) >= 2,
    )
    for moment in moments:
        process = start(*again)
        while not moment():
            assert process.poll() is None, "it was over before it could be killed"
            clock.sleep(0.005)
        process.kill()
        process.communicate()
    assert answer("status", "--target", again[-1])["state"] == "seeding"
    answer(*again)
    assert contents(folder) == contents(tmp_path / "calm")
    assert answer("validate", "recoverlution", "--target", again[-1])["ok"]
