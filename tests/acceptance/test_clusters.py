"""A seed by the workers of a Dask scheduler: the same content, whichever of them die, and whoever is taken for dead."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psycopg
import pyarrow.parquet as pq
import pytest

from command import ENVIRONMENT, Place, answer, call, placed, refusal
from examples import where_all_run
from forks import Fork
from kills import PATIENCE_S, Hold, locked, until, value

pytest.importorskip("distributed", reason="the extra populace[dask] is not installed")

from populace.errors import Refused
from populace.runner import cluster
from populace.runner.clusters import Address

WORLD = "hogflix"
SETTINGS = {"persona_pool": 1600, "days": 4, "unseen_days": 30}
SEED = ("seed", WORLD, *(f"--set={k}={v}" for k, v in SETTINGS.items()), "--now", "2026-01-09T06:30:00Z", "--yes")
STUCK = """
SELECT pid FROM pg_stat_activity
WHERE application_name LIKE 'populace seed worker%' AND cardinality(pg_blocking_pids(pid)) > 0
"""
AT_WORK = "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'populace seed worker%'"


def stuck(watch: psycopg.Connection[Any]) -> set[int]:
    """Sessions of workers that wait for a lock."""
    return {row[0] for row in watch.execute(STUCK.encode())}


class Scheduler:
    """A scheduler with workers, each a process of its own, as somebody starts them by hand; what they log is kept."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._folder, self._processes = folder, list[subprocess.Popen[bytes]]()
        self.living: list[int] = []
        # One that is silent counts as dead; but on a slow machine a worker is silent while it loads its modules.
        self._start("scheduler", "--port", "0", DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL="30s")
        until(lambda: bool(re.search(r"Scheduler at: +tcp://\S+", self.log())), "a scheduler to start")
        self.url = re.findall(r"Scheduler at: +(tcp://\S+)", self.log())[0]

    def _start(self, kind: str, *words: str, **environment: str) -> subprocess.Popen[bytes]:
        quiet = {name: text for name, text in ENVIRONMENT.items() if name != "PYTHONWARNINGS"}
        with (self._folder / f"{len(self._processes)}.log").open("wb") as log:
            command = [sys.executable, "-m", f"distributed.cli.dask_{kind}", "--host", "127.0.0.1", "--no-dashboard"]
            process = subprocess.Popen(
                [*command, *words], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=quiet | environment
            )
        self._processes.append(process)
        return process

    def hire(self, many: int = 1, **environment: str) -> list[int]:
        """New workers; their processes."""
        words = (self.url, "--nthreads", "1", "--no-nanny")
        before = self._joined()
        hired = [self._start("worker", *words, **environment).pid for _ in range(many)]
        until(lambda: self._joined() == before + many, "workers to join")
        return hired

    def _joined(self) -> int:
        return len(re.findall("Registered to:", self.log()))

    def log(self) -> str:
        return "".join(file.read_text(errors="replace") for file in sorted(self._folder.iterdir()))

    def end(self) -> None:
        for process in self._processes:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scheduler]:
    made = Scheduler(tmp_path_factory.mktemp("dask") / "logs")
    yield made
    made.end()


@pytest.fixture
def crew(scheduler: Scheduler) -> list[int]:
    """Three workers."""
    scheduler.living += scheduler.hire(3 - len(scheduler.living))
    return scheduler.living


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


def test_nobody_answers(tmp_path: Path, scheduler: Scheduler, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "CONNECT_S", 0.5)
    monkeypatch.setattr(cluster, "FIRST_WORKER_S", 0.5)
    target = ("--target", f"parquet:{tmp_path / 'files'}")
    assert "no scheduler answers here" in refusal(*SEED, "--cluster", "tcp://127.0.0.1:1", *target, code=4)
    assert "nobody works for this scheduler" in refusal(*SEED, "--cluster", scheduler.url, *target, code=4)
    assert not (tmp_path / "files").exists()


def test_the_piece_of_a_worker_that_dies_is_taken_again(
    place: Place, alone: Mapping[str, str], scheduler: Scheduler, crew: list[int]
) -> None:
    """Each waits with a slice that is written and not recorded; one is killed. No password is in any log."""
    call("init", "--target", place.target, "--yes")
    with psycopg.connect(place.url, autocommit=True) as watch:
        held = Hold(place.url, locked("populace.ledger")).taken()
        process = Fork([*SEED, "--cluster", scheduler.url, "--target", place.target], ENVIRONMENT)
        try:
            until(lambda: len(stuck(watch)) == 3, "three workers to wait")
            os.kill(crew.pop(), signal.SIGKILL)
        finally:
            held.release()
            code, said = process.end(PATIENCE_S)
    assert code == 0, said
    assert place.contents() == alone
    assert answer(*SEED, "--target", place.target)["unchanged"]
    password = psycopg.conninfo.conninfo_to_dict(place.url)["password"]
    assert password
    assert str(password) not in scheduler.log()
    assert "Traceback" not in said


@where_all_run
def test_a_worker_that_is_taken_for_dead_writes_nothing_twice(
    place: Place, alone: Mapping[str, str], scheduler: Scheduler, crew: list[int]
) -> None:
    """It is stopped with a slice that is written and not recorded, until another one has written that slice too."""
    call("init", "--target", place.target, "--yes")
    with psycopg.connect(place.url, autocommit=True) as watch:
        held = Hold(place.url, locked("populace.ledger")).taken()
        process = Fork([*SEED, "--cluster", scheduler.url, "--target", place.target], ENVIRONMENT)
        try:
            until(lambda: len(stuck(watch)) == 3, "three workers to wait")
            before, stopped = stuck(watch), crew.pop()
            os.kill(stopped, signal.SIGSTOP)
            crew += scheduler.hire()
            until(lambda: bool(stuck(watch) - before), "another one to wait")
            assert stuck(watch) >= before
        finally:
            os.kill(stopped, signal.SIGCONT)
            held.release()
            code, said = process.end(PATIENCE_S)
    os.kill(stopped, signal.SIGKILL)
    assert code == 0, said
    assert place.contents() == alone


def test_an_interrupt_leaves_nobody_at_work(
    place: Place, alone: Mapping[str, str], scheduler: Scheduler, crew: list[int]
) -> None:
    call("init", "--target", place.target, "--yes")
    with psycopg.connect(place.url, autocommit=True) as watch:
        held = Hold(place.url, locked("populace.ledger")).taken()
        process = Fork([*SEED, "--cluster", scheduler.url, "--target", place.target], ENVIRONMENT)
        until(lambda: len(stuck(watch)) == 3, "three workers to wait")
        process.signal(signal.SIGINT)
        code, said = process.end()
        assert code == 130
        assert "continue" in said
        held.release()
        until(lambda: value(watch, AT_WORK) == 0, "their sessions to end")
        assert value(watch, "SELECT count(*) FROM populace.ledger") == 0
    answer(*SEED, "--workers", "2", "--target", place.target)
    assert place.contents() == alone


def files(folder: Path) -> dict[str, object]:
    names = sorted(path.name for path in folder.iterdir() if path.is_dir())
    return {name: pq.read_table(folder / name).sort_by("id") for name in names if name == "public.profiles"}


def test_a_cluster_of_its_own_writes_the_same_files_and_ends(tmp_path: Path) -> None:
    answer(*SEED, "--workers", "1", "--target", f"parquet:{tmp_path / 'one'}")
    answer(*SEED, "--cluster", "local:2", "--target", f"parquet:{tmp_path / 'two'}")
    assert files(tmp_path / "one") == files(tmp_path / "two") != {}


@where_all_run
@pytest.mark.parametrize("many", [1, 3])
def test_the_number_of_workers_changes_nothing(place: Place, alone: Mapping[str, str], many: int) -> None:
    answer(*SEED, "--cluster", f"local:{many}", "--target", place.target)
    assert place.contents() == alone


def test_workers_of_another_version_are_not_given_anything(tmp_path: Path, scheduler: Scheduler) -> None:
    older = tmp_path / "older" / "populace-0.0.9.dist-info"
    older.mkdir(parents=True)
    (older / "METADATA").write_text("Metadata-Version: 2.1\nName: populace\nVersion: 0.0.9\n")
    (hired,) = scheduler.hire(PYTHONPATH=str(older.parent))
    try:
        said = refusal(*SEED, "--cluster", scheduler.url, "--target", f"parquet:{tmp_path / 'files'}", code=2)
    finally:
        os.kill(hired, signal.SIGKILL)
    assert "has version 0.0.9" in said
    assert "pip install 'populace[dask]==" in said
    assert not (tmp_path / "files").exists()


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("local:0", "local:1 to local:64"),
        ("local:many", "this is not a cluster"),
        ("http://127.0.0.1:8786", "tcp://HOST:PORT"),
        ("tcp://me:secret@127.0.0.1:8786", "this is not a cluster"),
        ("tcp://127.0.0.1:99999", "this is not a cluster"),
        ("kubernetes:people", "pip install dask-kubernetes"),
    ],
)
def test_a_cluster_that_cannot_be(given: str, says: str, tmp_path: Path) -> None:
    said = refusal(*SEED, "--cluster", given, "--target", f"parquet:{tmp_path / 'files'}", code=2)
    assert said.startswith("--cluster: ")
    assert says in said
    assert "secret" not in said


def test_workers_beside_a_cluster(tmp_path: Path) -> None:
    words = ("--cluster", "local:2", "--workers", "2", "--target", f"parquet:{tmp_path / 'files'}")
    assert "not by both" in refusal(*SEED, *words, code=2)


class Elsewhere:
    """A client whose workers see something else."""

    def run(self, _ask: object, on_error: str) -> dict[str, object]:
        assert on_error == "return"
        return {"tcp://10.0.0.7:1": 1, "tcp://10.0.0.8:1": OSError("no route to host\nand more")}


def test_a_worker_that_does_not_reach_the_target() -> None:
    joined = cluster.Cluster(Elsewhere(), Address("scheduler", "tcp://10.0.0.1:8786"), 2)  # type: ignore[arg-type]
    with pytest.raises(Refused, match=r"10\.0\.0\.8:1 does not reach this database \(no route to host\); given"):
        joined.require(lambda: 1, 1, "does not reach this database", "name one")


def test_pieces_end_early_and_errors_come_back(scheduler: Scheduler, crew: list[int]) -> None:
    """As the contract of executors has it: what was begun is left when nobody asks any more."""
    with cluster.joined(scheduler.url, Address("scheduler", scheduler.url)) as joined:
        assert sorted(result for _, result in joined.map(abs, [-1, -2, -3], threading.Event())) == [1, 2, 3]
        with pytest.raises(TypeError, match="bad operand"):
            list(joined.map(abs, ["one"], threading.Event()))
        stop = threading.Event()
        stop.set()
        assert list(joined.map(abs, [-1], stop)) == []
