"""A seed by worker processes: the same content whatever their number, and whichever of them die."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pyarrow.parquet as pq
import pytest

from command import CLUB, ENVIRONMENT, Place, answer, call, placed
from examples import part, where_all_run
from forks import Fork
from kills import PATIENCE_S, Hold, locked, until, value

WORLD = "hogflix"
# Four pools, so that there are slices for several workers.
SETTINGS = {"persona_pool": 1600, "days": 4, "unseen_days": 30}
SEED = ("seed", WORLD, *(f"--set={k}={v}" for k, v in SETTINGS.items()), "--now", "2026-01-09T06:30:00Z", "--yes")
MISTAKEN = """
import sys
from dataclasses import replace
from tiny import CLUB, people
def buyers(draw, person):
    if getattr(sys.modules["__main__"].__spec__, "name", "") == "populace.runner.worker":
        1 / 0
    return people(draw, person)
first, *others = CLUB.flows
WORLD = replace(CLUB, name="shop", package="shop", flows=(replace(first, emit=buyers), *others))
"""
AT_WORK = "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'populace seed worker%'"
STUCK = """
SELECT count(*) FROM pg_stat_activity
WHERE application_name LIKE 'populace seed worker%' AND cardinality(pg_blocking_pids(pid)) > 0
"""


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with placed(WORLD, tmp_path / "place") as made:
        yield made


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """What one process writes."""
    with placed(WORLD, tmp_path_factory.mktemp("alone") / "place") as made:
        answer(*SEED, "--workers", "1", "--target", made.target)
        yield made.contents()


def workers_of(process: Fork) -> list[int]:
    """The processes of a command's workers."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == process.process.pid and b"populace.runner.worker" in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
        except (OSError, ValueError):
            continue  # it has ended meanwhile
    return sorted(found)


@pytest.mark.parametrize("many", part([7, 3], every=2))
def test_the_number_of_workers_changes_nothing(place: Place, alone: dict[str, str], many: int) -> None:
    done = answer(*SEED, "--workers", str(many), "--target", place.target)
    assert place.contents() == alone
    assert answer(*SEED, "--target", place.target)["unchanged"]
    assert done["rows_created"] == sum(table["written"] for table in done["tables"].values()) > 10_000


def kill_all(watch: psycopg.Connection[Any], process: Fork, many: int, times: int) -> None:
    """Kill a command's workers where they wait to record a slice whose rows are written, and those that come after."""
    for time in range(times):
        # Of the dead ones the server's processes wait on: they notice when they are let.
        until(lambda passed=time: value(watch, STUCK) == many * (passed + 1), f"{many} workers to wait")
        workers = workers_of(process)
        assert len(workers) == many
        for worker in workers:
            os.kill(worker, signal.SIGKILL)


def test_workers_that_die_are_replaced(place: Place, alone: dict[str, str]) -> None:
    """Twelve of them, each with a slice that is written and not recorded yet."""
    call("init", "--target", place.target, "--yes")
    with psycopg.connect(place.url, autocommit=True) as watch:
        held = Hold(place.url, locked("populace.ledger")).taken()
        process = Fork([*SEED, "--workers", "4", "--target", place.target], ENVIRONMENT)
        try:
            for written in (0, 5, 10):
                while value(watch, "SELECT count(*) FROM populace.ledger") < written:
                    until(lambda: value(watch, STUCK) == 4, "four workers to wait")
                    held = held.let_one_pass(watch)
                kill_all(watch, process, 4, 1)
                # Those who live wait for the dead, too, until these have been let.
                held = held.let_one_pass(watch)
        finally:
            held.release()
            code, said = process.end(PATIENCE_S)
    assert code == 0, said
    assert place.contents() == alone


@contextmanager
def two_that_wait(place: Place) -> Iterator[tuple[psycopg.Connection[Any], Hold, Fork]]:
    """A session that looks, one that holds the ledger, and a seed whose two workers wait for it."""
    call("init", "--target", place.target, "--yes")
    with psycopg.connect(place.url, autocommit=True) as watch:
        held = Hold(place.url, locked("populace.ledger")).taken()
        process = Fork([*SEED, "--workers", "2", "--target", place.target], ENVIRONMENT)
        try:
            until(lambda: value(watch, STUCK) == 2, "both workers to wait")
            yield watch, held, process
        finally:
            held.release()


def have_ended(workers: Sequence[int]) -> bool:
    """Whether none of these processes is there any more."""
    return not any(Path(f"/proc/{worker}/exe").exists() for worker in workers)


@where_all_run
def test_a_slice_at_which_workers_die_again_and_again_is_given_up(place: Place, alone: dict[str, str]) -> None:
    with two_that_wait(place) as (watch, held, process):
        kill_all(watch, process, 2, 3)
        code, said = process.end()
        held.release()
        assert code == 4, said
        assert "3 worker processes in turn ended by signal 9" in said
        until(lambda: value(watch, AT_WORK) == 0, "their sessions to end")
    answer(*SEED, "--workers", "3", "--target", place.target)
    assert place.contents() == alone


def test_workers_end_with_whoever_seeds(place: Place, alone: dict[str, str]) -> None:
    with two_that_wait(place) as (watch, held, process):
        workers = workers_of(process)
        assert len(workers) == 2
        process.kill()
        until(lambda: have_ended(workers), "the workers to end")
        held.release()
        until(lambda: value(watch, AT_WORK) == 0, "their sessions to end")
        assert value(watch, "SELECT count(*) FROM populace.ledger") == 0
    answer(*SEED, "--target", place.target)
    assert place.contents() == alone


def test_a_worker_that_outlives_its_leader_keeps_others_from_leading_and_writes_no_more(place: Place) -> None:
    """Stopped in the middle of a transaction, it does not notice the end of its leader."""
    with two_that_wait(place) as (_, _, process):
        workers = workers_of(process)
        try:
            for worker in workers:
                os.kill(worker, signal.SIGSTOP)
            process.kill()
            refused = call(*SEED, "--target", place.target, code=3)
            assert "is at work on this target" in refused.stderr
        finally:
            for worker in workers:
                os.kill(worker, signal.SIGCONT)
    until(lambda: have_ended(workers), "the workers to end")


def test_an_interrupt_ends_the_workers_at_once(place: Place, alone: dict[str, str]) -> None:
    with two_that_wait(place) as (_, _, process):
        workers = workers_of(process)
        process.signal(signal.SIGINT)
        code, said = process.end()
        assert have_ended(workers)
    assert code == 130
    assert "continue" in said
    answer(*SEED, "--workers", "3", "--target", place.target)
    assert place.contents() == alone


def test_files_are_the_same_by_whomever_they_are_written(tmp_path: Path) -> None:
    rows = []
    for many in (1, 3):
        folder = tmp_path / str(many)
        answer(*SEED, "--workers", str(many), "--target", f"parquet:{folder}")
        tables = sorted(path.name for path in folder.iterdir() if path.is_dir())
        rows.append({name: pq.read_table(folder / name).sort_by("id") for name in tables if name == "public.profiles"})
        assert answer("validate", "--target", f"parquet:{folder}")
    assert rows[0] == rows[1] != {}


@pytest.mark.parametrize("many", ["0", "-2", "65"])
def test_a_number_of_workers_that_cannot_be(place: Place, many: str) -> None:
    refused = call(*SEED, "--workers", many, "--target", place.target, code=2)
    assert "--workers: so many workers cannot be" in refused.stderr


def test_a_world_by_path_is_found_by_workers(tmp_path: Path) -> None:
    """Installed or not: what counts is the world that was named."""
    contents = []
    for many in (1, 2):
        made = Place(str(CLUB), tmp_path / str(many))
        answer("seed", str(CLUB), "--now", "2026-01-09T06:30:00Z", "--workers", str(many), "--target", made.target)
        contents.append(made.contents())
        call("db", "stop", "--target", made.target)
    assert contents[0] == contents[1] != {}


def test_a_mistake_of_an_author_in_a_worker_has_their_line(tmp_path: Path) -> None:
    """One that is met nowhere else, such as in members who are not tried beforehand."""
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "__init__.py").write_text(MISTAKEN)
    done = call("seed", str(folder), "--workers", "2", "--target", f"parquet:{tmp_path / 'files'}", code=2)
    assert "shop/__init__.py:7: buyers() in the flow 'people' of shop failed: ZeroDivisionError" in done.stderr
    assert "Traceback" not in done.stderr
