"""One rule: the world is that of the target. A world of one's own is found again from any folder, by nobody's help."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from command import answer, call, refusal
from library import library

NOW = ("--now", "2026-01-09T00:00:00Z")
LOOKING = (("status",), ("doctor",), ("count",), ("settings",), ("logs",), ("clock",), ("outbox", "status"),
           ("db", "url"), ("cleanup", "--all", "--dry-run"), ("outbox", "retry"), ("validate",), ("reconcile",),
           ("run-now", "2"), ("pause",), ("resume",), ("run", "--once"),
           ("tick", "--until", "2026-01-09T00:05:00Z"))  # fmt: skip
"""What can be done with any world; WORLD is an option of some and an argument of others."""
NOT_HERE = (("activity",), ("posthog", "status"), ("posthog", "backfill", "--since", "2026-01-01T00:00:00Z"),
            ("sim-users", "count"), ("db", "password"), ("deliver",), ("personas",), ("metrics",),
            ("explain", "1", "--on", "2026-01-08"))  # fmt: skip
"""What this small world does not have, and says so by its name."""
BY_ARGUMENT = ("validate", "run", "tick", "reconcile", "personas", "metrics", "explain")


@dataclass(frozen=True)
class Home:
    """A data folder with the library in it, in a database of its own."""

    world: Path
    elsewhere: Path
    environment: dict[str, str]

    def words(self, command: tuple[str, ...], world: str | None) -> tuple[str, ...]:
        """A command that names a world, or none."""
        if world is None:
            return command
        return (command[0], world, *command[1:]) if command[0] in BY_ARGUMENT else (*command, "--world", world)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    folder = tmp_path_factory.mktemp("home of books")
    found = Home(library(folder), folder / "elsewhere", {"XDG_DATA_HOME": str(folder / "data")})
    found.elsewhere.mkdir()
    call("seed", "./library", *NOW, cwd=folder, **found.environment)
    yield found
    call("db", "stop", cwd=found.elsewhere, **found.environment)


@pytest.mark.parametrize("named", [None, "library", "PATH"])
def test_commands_find_the_world_of_the_target(home: Home, named: str | None):
    world = str(home.world) if named == "PATH" else named
    for command in LOOKING:
        done = call(*home.words(command, world), cwd=home.elsewhere, code=None, **home.environment)
        assert done.returncode == 0, (command, done.stderr)
    for command in NOT_HERE:
        said = refusal(*home.words(command, world), code=2, cwd=home.elsewhere, **home.environment)
        assert "library" in said or "this world" in said, (command, said)
        assert "recoverlution" not in said, (command, said)


def test_another_world_is_an_error_everywhere(home: Home):
    target = ("--target", call("db", "url", **home.environment).stdout.strip())
    for command in (*LOOKING, *NOT_HERE):
        if command[0] != "db" or command[1] == "password":
            said = refusal(*home.words(command, "hogflix"), *target, **home.environment)
            assert "of another world" in said, (command, said)
            assert "given: 'hogflix'; allowed: library" in said, (command, said)
            said = refusal(*home.words(command, "librar"), *target, code=2, **home.environment)
            assert "there is no such world" in said, (command, said)


def test_doctor_finds_a_healthy_world_healthy(home: Home):
    found = answer("doctor", **home.environment)
    assert (found["ok"], found["failed"]) == (True, 0)
    assert {"the target", "the plan", "readers"} <= {f["title"] for f in found["findings"] if f["state"] == "ok"}


def test_what_is_advised_runs_as_printed(home: Home, tmp_path: Path):
    """After a seed by path, and after a clean-up: in a folder with a space, on a target that was named."""
    target = ("--target", f"embedded:{tmp_path / 'some data'}")
    words = ["seed", "./library", *NOW, *target]
    try:
        for _ in range(2):
            said = call(*words, cwd=home.world.parent, **home.environment).stdout
            words = shlex.split(said.partition("populace run")[2].partition(" continues")[0].splitlines()[0])
            call("run", *words, "--once", cwd=home.world.parent, **home.environment)
            todo = answer("doctor", *target, **home.environment)["findings"]
            (again,) = [f["todo"] for f in todo if f["title"] == "a runner"]
            call(*shlex.split(again.partition(": without")[0])[1:], "--once", cwd=home.elsewhere, **home.environment)
            done = call("cleanup", "--all", "--yes", *target, cwd=home.elsewhere, **home.environment).stdout
            words = [*shlex.split(done.partition("next: populace ")[2]), *NOW]
    finally:
        call("db", "stop", *target, **home.environment)


def test_several_databases_and_no_name_is_a_question(home: Home, tmp_path: Path):
    """Nobody guesses which is meant; the default world's is, where it is there."""
    beside = Path(home.environment["XDG_DATA_HOME"]) / "populace" / "club"
    call("db", "start", "--target", f"embedded:{beside}", **home.environment)
    try:
        said = refusal("status", code=2, **home.environment)
        assert "given: 'embedded:'; allowed: club, library; to do: say which with --world" in said
        assert answer("status", "--world", "library", **home.environment)["world"] == "library"
        lived = answer("demo", "--world", str(home.world), "--for", "0.5", "--yes", "--no-open", **home.environment)
        assert lived["windows"] > 0
    finally:
        call("db", "stop", "--target", f"embedded:{beside}", **home.environment)
        shutil.rmtree(beside)


def test_a_path_that_is_gone_is_named(home: Home):
    moved = home.world.rename(home.world.with_name("moved"))
    try:
        said = refusal("validate", **home.environment)
        assert f"it was found at {home.world}" in said
        assert "cannot be found again" in said
        assert answer("count", "--world", str(moved), **home.environment)["rows"]["public.readers"] == 200
    finally:
        moved.rename(home.world)


def test_demo_continues_whoever_is_there(home: Home):
    target = ("--target", call("db", "url", **home.environment).stdout.strip())
    done = answer("demo", "--for", "0.1", "--yes", *target, **home.environment)
    assert done["people"] == 200
