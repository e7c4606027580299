"""A world's schema as migration files: the same every time, and a seed into the tables they make is the usual one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from command import answer, call, contents
from populace.database import compat
from populace.worlds.recoverlution import WORLD

SMALL = [f"--set={s}" for s in ("count_users=200", "coverage_per_mindblock=1", "days=2", "session_history_days=1")]
EXPORT = ("export", "recoverlution", "--format", "schema", "--out")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    target = f"embedded:{tmp_path_factory.mktemp('server')}"
    call("db", "start", "--target", target)
    yield call("db", "url", "--target", target).stdout.strip()
    call("db", "stop", "--target", target)


def database(server: str, name: str) -> str:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return server.rsplit("/", 1)[0] + f"/{name}"


def seed(url: str) -> dict[str, str]:
    answer("init", "--target", url)
    now = ("--now", "2026-01-09T01:00:00Z")
    answer("seed", "recoverlution", "--target", url, *now, *SMALL, "--yes")
    assert answer("validate", "recoverlution", "--target", url)["ok"]
    return contents(url, WORLD)


def test_a_seed_into_exported_tables_is_the_usual_one(server: str, tmp_path: Path) -> None:
    files = answer(*EXPORT, str(tmp_path))["files"]
    assert files == sorted(f.name for f in tmp_path.iterdir())
    assert all(re.fullmatch(rf"\d{{14}}_populace_{n}\.sql", name) for n, name in enumerate(files, 1))
    pushed = database(server, "pushed")
    with psycopg.connect(pushed, autocommit=True) as connection:
        for piece in compat.PIECES:  # what a Supabase project has from the start
            if str(piece) != "privileges populace":
                connection.execute(compat.script(f"{piece.kind}_{piece.name}").encode())
        for name in files:
            with connection.transaction():
                connection.execute((tmp_path / name).read_bytes())
        assert connection.execute("SELECT count(*) FROM populace.target").fetchone() == (0,)
    assert answer("status", "--target", pushed)["open"] is False
    refused = call("seed", "recoverlution", "--target", pushed, "--yes", code=3).stderr
    assert "has not been opened" in refused
    assert seed(pushed) == seed(database(server, "usual"))
    with psycopg.connect(pushed) as connection:
        assert connection.execute("SELECT in_place FROM populace.plan").fetchone() == (True,)


def test_it_is_the_same_every_time(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        call(*EXPORT, str(folder))
    assert {f.name: f.read_bytes() for f in first.iterdir()} == {f.name: f.read_bytes() for f in second.iterdir()}
    assert answer(*EXPORT, str(first))["written"] == 0


def test_other_files_are_kept_unless_forced(tmp_path: Path) -> None:
    names = answer(*EXPORT, str(tmp_path))["files"]
    first, extra = tmp_path / names[0], tmp_path / "20250101000000_mine.sql"
    good = first.read_bytes()
    first.write_text("mine", encoding="utf-8")
    extra.write_text("mine", encoding="utf-8")
    (tmp_path / names[-1]).unlink()
    assert names[0] in call(*EXPORT, str(tmp_path), code=3).stderr
    assert first.read_text(encoding="utf-8") == "mine"
    assert not (tmp_path / names[-1]).exists()
    assert answer(*EXPORT, str(tmp_path), "--force")["written"] == 2
    assert first.read_bytes() == good
    assert extra.read_text(encoding="utf-8") == "mine"


def test_no_shim_and_no_mark_is_exported(tmp_path: Path) -> None:
    text = "".join((tmp_path / name).read_text() for name in answer(*EXPORT, str(tmp_path))["files"])
    assert not re.search(
        r"CREATE (SCHEMA|TABLE) (IF NOT EXISTS )?(auth|extensions)\b|CREATE ROLE|made by Populace'", text
    )
    assert "INSERT INTO populace.target" not in text
    assert len(re.findall(r"^INSERT INTO populace\.migration ", text, flags=re.MULTILINE)) >= 2


def test_other_formats_are_refused(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert (
        "this version does not write this format"
        in call("export", "recoverlution", "--format", "csv", "--out", str(out), code=2).stderr
    )
    for words in (("--workers", "2"), ("--cluster", "local:2")):
        said = call("export", "recoverlution", "--format", "sql", "--out", str(out), *words, code=2).stderr
        assert f"{words[0]}: one process writes this format" in said
    assert "allowed: schema" in call("export", "recoverlution", "--format", "xml", "--out", str(out), code=2).stderr
    assert not out.exists()


def test_a_folder_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "--out" in call(*EXPORT, str(tmp_path / "file"), code=2).stderr
