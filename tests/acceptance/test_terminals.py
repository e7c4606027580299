"""What is seen at a terminal: bars while something goes on, tables that fit, colours unless they are not wanted."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from command import CLUB, call
from examples import part
from terminal import Terminal

NOW = ("--now", "2026-01-09T01:00:00Z")


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A seeded club of some size, and what its seed showed in `seed.txt` beside it."""
    folder = tmp_path_factory.mktemp("seen")
    target = f"embedded:{folder / 'data'}"
    try:
        with Terminal("seed", CLUB, *NOW, "--set", "people=1000", "--target", target, columns=80) as terminal:
            terminal.ends(0)
            (folder / "seed.txt").write_bytes(terminal.raw.encode())
        yield target
    finally:
        call("db", "stop", "--target", target)


def shown(*words: str, columns: int, **environment: str) -> str:
    """All that a command sends to a terminal."""
    with Terminal(*words, columns=columns, **environment) as terminal:
        terminal.ends(0)
        return terminal.raw


def frames(raw: str) -> list[str]:
    """Every line, and every state of a moving line, without colours."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", raw)
    return [frame for line in plain.split("\n") for frame in line.rstrip("\r").split("\r\x1b[2K")]


def test_a_seed_shows_how_far_it_is(target: str) -> None:
    raw = (Path(target.removeprefix("embedded:")).parent / "seed.txt").read_bytes().decode()
    seen = frames(raw)
    assert any(line.startswith("PostgreSQL: makes its files, once") for line in seen)
    assert any(re.fullmatch(r"writing rows  [━─]+ +\d+%.*", line) for line in seen)
    assert any(re.fullmatch(r"✓ writing rows  [\d,]+ rows in .*", line) for line in seen)
    assert any(re.fullmatch(r"✓ building keys and indexes  \d+ statements in .*", line) for line in seen)
    assert "CREATE" not in raw
    assert "ALTER" not in raw


@pytest.mark.parametrize("columns", part([60, 120, 80], every=2))
@pytest.mark.parametrize("words", [("worlds",), ("describe", CLUB), ("plan", CLUB)], ids=lambda w: w[0])
def test_what_needs_no_target_fits(words: tuple[str, ...], columns: int) -> None:
    assert max(map(len, frames(shown(*words, columns=columns)))) <= columns


@pytest.mark.parametrize("columns", part([60, 120, 80], every=2))
@pytest.mark.parametrize(
    "words", [("status",), ("doctor",), ("validate", CLUB), ("validate", CLUB, "--all"), ("count",)], ids=" ".join
)
def test_what_is_said_of_a_target_fits(words: tuple[str, ...], columns: int, target: str) -> None:
    seen = frames(shown(*words, "--target", target, columns=columns))
    # A command that can be copied stays in one line.
    long = [line for line in seen if len(line) > columns and " -m populace " not in line and target not in line]
    assert long == []


def test_an_error_is_folded_with_each_part_on_its_own_line() -> None:
    """At a terminal; for a program it is one line."""
    wrong = ("plan", CLUB, "--scenario", "bussy")
    with Terminal(*wrong, columns=60) as terminal:
        terminal.ends(2)
        raw = terminal.raw
    assert raw.startswith("\r\x1b[2K\x1b[1;31mpopulace:\x1b[0m ")
    lines = frames(raw.split("\x1b[2K", 1)[1])
    assert max(map(len, lines)) <= 60
    assert [line.split(":")[0] for line in lines if line.strip()][:3] == ["populace", "  given", "  allowed"]
    piped = call(*wrong, code=2, own_process=True).stderr.strip()
    assert "\n" not in piped
    assert "; given: 'bussy'; allowed: did you mean 'busy'?" in piped


def test_colours_stay_away_where_they_are_not_wanted(target: str) -> None:
    assert "\x1b[32m" in shown("validate", CLUB, "--all", "--target", target, columns=80)
    plain = shown("validate", CLUB, "--all", "--target", target, columns=80, NO_COLOR="1")
    assert not re.search(r"\x1b\[[0-9;]*m", plain)


def test_what_a_program_reads_is_plain(target: str) -> None:
    done = call("validate", CLUB, "--all", "--target", target, own_process=True)
    assert "\x1b" not in done.stdout + done.stderr
    assert done.stderr == ""
    # The document goes to the terminal as it goes to a file.
    with Terminal("status", "--json", "--target", target, columns=60) as terminal:
        assert json.loads(terminal.ends(0))["state"] == "ready"


def test_ascii_is_enough(target: str) -> None:
    seen = shown("validate", CLUB, "--target", target, columns=80, PYTHONIOENCODING="ascii")
    assert seen.isascii()
    assert "----" in seen
