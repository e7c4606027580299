"""`-q` means errors only: every command has it, and says nothing where nothing is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main

from command import CLUB, call, refusal
from docs.test_commands import every
from populace.cli.app import app

COMMANDS = {
    path: command for path, command in every(typer.main.get_command(app), "") if not hasattr(command, "commands")
}
WITHOUT = {" wizard", " help", " mcp"}
"""A dialogue, a text that is the answer itself, and what talks to a program and says nothing else."""
NOW = ("--now", "2026-01-09T01:00:00Z")


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A small club."""
    target = f"embedded:{tmp_path_factory.mktemp('quiet')}"
    try:
        done = call("seed", CLUB, *NOW, "--target", target, "-q")
        assert done.stdout == done.stderr == ""
        yield target
    finally:
        call("db", "stop", "--target", target)


@pytest.mark.parametrize("path", sorted(COMMANDS.keys() - WITHOUT))
def test_every_command_can_be_quiet(path: str) -> None:
    spelt = [set(p.opts) for p in COMMANDS[path].params]
    assert {"--quiet", "-q"} in spelt


@pytest.mark.parametrize(
    "words",
    [
        ("worlds",),
        ("describe", "recoverlution"),
        ("plan", "recoverlution"),
    ],
    ids=" ".join,
)
def test_nothing_is_said_without_a_target(words: tuple[str, ...]) -> None:
    done = call(*words, "-q")
    assert done.stdout == done.stderr == ""


@pytest.mark.parametrize(
    "words",
    [
        ("status",),
        ("doctor",),
        ("count",),
        ("settings",),
        ("settings", "rate=3"),
        ("undo", "1"),
        ("pause",),
        ("resume",),
        ("clock",),
        ("logs",),
        ("validate", CLUB),
        ("cleanup", "--all", "--dry-run"),
        ("init",),
        ("seed", CLUB, *NOW),
        ("run", CLUB, "--until", "2026-01-09T02:00:00Z", "--speed", "max"),
        ("tick", CLUB, "--until", "2026-01-09T03:00:00Z"),
        ("outbox", "status"),
        ("outbox", "retry"),
        ("db", "start"),
        ("db", "url"),
        ("db", "psql", "-c", "SET work_mem = '4MB'"),
    ],
    ids=" ".join,
)
def test_nothing_is_said_where_nothing_is_wrong(words: tuple[str, ...], target: str) -> None:
    done = call(*words, "-q", "--target", target)
    assert done.stdout == done.stderr == ""


def test_an_error_is_said_all_the_same(tmp_path: Path) -> None:
    assert "there is no database here" in refusal("status", "-q", "--target", f"embedded:{tmp_path / 'none'}")


def test_notes_are_left_out_too(target: str) -> None:
    url = call("db", "url", "--target", target).stdout.strip()
    assert "the target is that of DATABASE_URL" in call("status", DATABASE_URL=url).stderr
    done = call("status", "-q", DATABASE_URL=url)
    assert done.stdout == done.stderr == ""
