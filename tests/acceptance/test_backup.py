"""A database into a file and back: whole or not at all, of this database only, and the eighth day removes the first."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import resource
import signal
import stat
import subprocess
from pathlib import Path

import psycopg
import pytest

from command import ENVIRONMENT, answer, call, refusal
from conftest import MakeDatabase, SeededBy
from examples import where_all_run
from forks import Fork
from hazards import CLUB_SMALL, FILMS, JOURNEYS, Small, execute, rows
from kills import WAITING, Hold, until
from populace import clock
from populace.database import backups

DAY_US = 86_400_000_000
OTHERS = """
CREATE TABLE public.bookings (id int PRIMARY KEY, person uuid REFERENCES public.people);
CREATE SCHEMA shop; CREATE TABLE shop.orders (id int); INSERT INTO shop.orders VALUES (1)
"""


@pytest.fixture
def url(make_database: MakeDatabase, seeded: SeededBy) -> str:
    """A database in which a small club lives."""
    return make_database(seeded(CLUB_SMALL).template)


def taken(url: str, out: Path) -> Path:
    return Path(answer("db", "backup", "--target", url, "--out", str(out))["file"])


def test_it_comes_back_whole_and_can_live_and_leave(url: str, tmp_path: Path) -> None:
    before, file = rows(url), taken(url, tmp_path)
    call("run", CLUB_SMALL.world, "--until", CLUB_SMALL.until, "--speed", "max", "-q", "--target", url)
    later = rows(url)
    execute(url, "CREATE PUBLICATION news FOR TABLE public.visits; " + OTHERS)
    done = answer("db", "restore", str(file), "--target", url, "--yes")
    assert done["database"] in url
    assert done["watermark"].startswith(CLUB_SMALL.now[:16])
    assert rows(url) == before != later
    with psycopg.connect(url) as connection:
        left = connection.execute("SELECT to_regclass('shop.orders'), to_regclass('public.bookings')").fetchone()
        assert left == (None, None)
    # The same life follows, and Populace still knows what it made.
    call("run", CLUB_SMALL.world, "--until", CLUB_SMALL.until, "--speed", "max", "-q", "--target", url)
    assert rows(url) == later
    call("cleanup", "--all", "--yes", "--target", url)
    assert "table public.visits" in {one["what"] for one in answer("uninstall", "--yes", "--target", url)["removed"]}


def test_the_file_is_the_users_alone_and_pg_restore_reads_it(url: str, tmp_path: Path) -> None:
    file = taken(url, tmp_path)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    from populace.database import binaries

    listed = subprocess.run(
        [binaries.wheel_folder() / "pg_restore", "--list", file], capture_output=True, text=True, check=True
    )
    assert "TABLE DATA public visits" in listed.stdout


@where_all_run
@pytest.mark.parametrize("small", [JOURNEYS, FILMS], ids=lambda small: str(small.world))
def test_every_world_comes_back(small: Small, make_database: MakeDatabase, seeded: SeededBy, tmp_path: Path) -> None:
    url = make_database(seeded(small).template)
    before, file = rows(url), taken(url, tmp_path)
    call("cleanup", "--all", "--yes", "--target", url)
    call("db", "restore", str(file), "--target", url, "--yes")
    assert rows(url) == before


def test_the_eighth_day_removes_the_first(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    strange = tmp_path / "mine.dump"
    strange.write_text("not a backup")
    first_us, kept = clock.parse("2026-01-01T03:00:00Z", "test"), []
    for day in range(8):
        # A little earlier in the night each time: days count, not hours.
        monkeypatch.setattr(clock, "now_us", lambda at=first_us + day * DAY_US - day * 1_000_000: at)
        kept.append(taken(url, tmp_path))
        assert kept[0].exists() == (day < 7)
    assert [file for file in kept if file.exists()] == kept[1:]
    assert strange.read_text() == "not a backup"
    # A refresh that was killed needs one of them, however old.
    answer("init", "--staging", "--target", url)
    execute(url, f"UPDATE populace.target SET refreshing = '{kept[1]}'")
    monkeypatch.setattr(clock, "now_us", lambda: first_us + 20 * DAY_US)
    said = call("db", "backup", "--target", url, "--out", str(tmp_path)).stderr
    assert "this is a backup of what it has left" in said
    assert [file for file in kept if file.exists()] == [kept[1]]


def test_backups_of_another_database_stay(
    url: str, make_database: MakeDatabase, seeded: SeededBy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_database(seeded(CLUB_SMALL).template)
    monkeypatch.setattr(clock, "now_us", lambda: clock.parse("2020-01-01T03:00:00Z", "test"))
    old = taken(other, tmp_path)
    monkeypatch.undo()
    taken(url, tmp_path)
    assert old.exists()
    said = refusal("db", "restore", str(old), "--target", url, "--yes")
    assert "a backup of another database" in said
    assert "--other-database" in said
    execute(url, "DELETE FROM public.steps")
    call("db", "restore", str(old), "--target", url, "--yes", "--other-database")
    assert rows(url) == rows(other)
    call("status", "--target", url)


def test_what_is_cut_off_or_damaged_is_refused(url: str, tmp_path: Path) -> None:
    file, before = taken(url, tmp_path), rows(url)
    held = file.read_bytes()

    def refused(content: bytes, says: str) -> None:
        file.write_bytes(content)
        assert says in refusal("db", "restore", str(file), "--target", url, "--yes", code=2)
        assert rows(url) == before

    refused(held[: len(held) // 2], "its last line is missing")
    refused(held.replace(held[5000:5004], b"abcd", 1), "its checksum does not hold")
    refused(held[:2000] + held[2010:], "another length")
    refused(b"", "its last line is missing")
    # A dump whose rows end in the middle, although its last line is right: nothing of what was begun stays.
    about = backups.read(file_of(file, held)).about
    half = held[: about.bytes * 3 // 4]
    new = dataclasses.replace(about, bytes=len(half), sha256=hashlib.sha256(half).hexdigest())
    line = json.dumps(dataclasses.asdict(new)).encode()
    refused(half + b"\n" + line + b"\npopulace-backup-1 %08d\n" % len(line), "this backup is not whole")
    assert "cannot be read" in refusal("db", "restore", str(tmp_path / "no"), "--target", url, "--yes", code=2)


def file_of(file: Path, held: bytes) -> Path:
    file.write_bytes(held)
    return file


def test_only_an_open_target_that_nobody_works_on_is_restored(url: str, empty_url: str, tmp_path: Path) -> None:
    file = taken(url, tmp_path)
    assert "not been opened" in refusal("db", "restore", str(file), "--target", empty_url, "--yes")
    assert "not been opened" in refusal("db", "backup", "--target", empty_url)
    assert "there is no terminal to confirm at" in refusal("db", "restore", str(file), "--target", url)
    from populace.runner import lease

    with psycopg.connect(url, autocommit=True, application_name="populace run") as leader:
        leader.execute("SELECT pg_advisory_lock(%s)", (lease.KEY,))
        assert "is at work on this target" in refusal("db", "restore", str(file), "--target", url, "--yes")
        taken(url, tmp_path)  # a backup reads, and disturbs nobody


@pytest.mark.parametrize("how", ["killed", "stopped"])
def test_a_restore_that_is_ended_leaves_the_old_data(how: str, url: str, tmp_path: Path) -> None:
    file, before = taken(url, tmp_path), rows(url)
    with psycopg.connect(url, autocommit=True) as watch:
        held = Hold(url, "LOCK TABLE public.visits IN ACCESS SHARE MODE").taken()
        process = Fork(["db", "restore", str(file), "--target", url, "--yes"], ENVIRONMENT)
        until(lambda: watch.execute(WAITING, (held.pid,)).fetchone() is not None, "the restore to wait")
        if how == "killed":
            process.kill()
        else:
            process.signal(signal.SIGINT)
            assert process.end()[0] == 130
        held.release()
        until(
            lambda: watch.execute(
                "SELECT FROM pg_stat_activity WHERE application_name = 'populace restore'"
            ).fetchone() is None,
            "the session to end",
        )  # fmt: skip
    assert rows(url) == before
    call("db", "restore", str(file), "--target", url, "--yes")
    assert rows(url) == before


def test_an_older_pg_dump_and_none_are_refused(url: str, tmp_path: Path) -> None:
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    said = refusal("db", "backup", "--target", url, code=4, POPULACE_PG_BIN=str(bin_folder))
    assert "there is no pg_dump" in said
    for name in ("pg_dump", "pg_restore"):
        (bin_folder / name).write_text(f'#!/bin/sh\necho "{name} (PostgreSQL) 13.4"\n')
        (bin_folder / name).chmod(0o755)
    said = refusal("db", "backup", "--target", url, code=4, POPULACE_PG_BIN=str(bin_folder))
    assert "pg_dump is older than the server: pg_dump 13.4, server 18." in said


def test_a_dump_that_fails_leaves_no_file_and_shows_no_password(url: str, tmp_path: Path) -> None:
    password = psycopg.conninfo.conninfo_to_dict(url)["password"]
    assert password
    bin_folder, out, seen = tmp_path / "bin", tmp_path / "out", tmp_path / "seen"
    bin_folder.mkdir()
    (bin_folder / "pg_restore").write_text("#!/bin/sh\n")
    (bin_folder / "pg_dump").write_text(
        "#!/bin/sh\n"
        'case "$1" in --version) echo "pg_dump (PostgreSQL) 18.6"; exit;; esac\n'
        f'echo "$@" > {seen}; env | grep ^PG >> {seen}\n'
        f'echo "pg_dump: error: query failed for {password}" >&2; exit 1\n'
    )
    for program in bin_folder.iterdir():
        program.chmod(0o755)
    said = refusal(
        "db", "backup", "--target", url, "--out", str(out), code=4,
        POPULACE_PG_BIN=str(bin_folder), PGOPTIONS="-c work_mem=1MB",
    )  # fmt: skip
    assert "the dump failed: query failed for ***" in said
    assert list(out.iterdir()) == []
    arguments, *environment = seen.read_text().splitlines()
    assert password not in arguments
    assert [line.partition("=")[0] for line in environment] == ["PGPASSWORD"]


def test_a_full_disk_leaves_no_file(url: str, tmp_path: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))
    try:
        said = refusal("db", "backup", "--target", url, "--out", str(tmp_path), code=4)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert "no space left for the backup" in said
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_backup_left_is_swept_away(url: str, tmp_path: Path) -> None:
    left = tmp_path / ".populace-999999999-0.part"
    left.write_text("half")
    file = taken(url, tmp_path)
    assert list(tmp_path.iterdir()) == [file]


def test_a_folder_that_cannot_be_written_to_is_refused(url: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    out = str(tmp_path / "file" / "folder")
    assert "backups cannot be written here" in refusal("db", "backup", "--target", url, "--out", out, code=2)
    said = refusal("db", "backup", "--target", url, "--out", str(tmp_path), "--keep-days", "0", code=2)
    assert "--keep-days" in said
