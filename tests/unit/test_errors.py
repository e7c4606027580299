"""Errors as data: what each face words in its own way, and what each is worth to a shell and to HTTP."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import populace
from populace.cli import wording
from populace.errors import (
    BadInput,
    CheckFailed,
    Interrupted,
    PopulaceError,
    Refused,
    Remedy,
    TargetUnavailable,
    several,
)
from remedies import fault
from sources import nodes

HOUSE = Path(populace.__file__).parent


@pytest.mark.parametrize(
    ("kind", "exit_code", "http_status"),
    [
        (CheckFailed, 1, 200),
        (BadInput, 2, 422),
        (Refused, 3, 409),
        (TargetUnavailable, 4, 503),
        (Interrupted, 130, 409),
    ],
)
def test_exit_codes_and_statuses(kind: type[PopulaceError], exit_code: int, http_status: int) -> None:
    error = kind("it is so")
    assert (error.exit_code, error.http_status) == (exit_code, http_status)


def test_each_face_words_the_same_error_in_its_own_way() -> None:
    todo = [Remedy("seed", {"world": "hogflix", "changes": {"a": True}}, "{}, first"), Remedy("", {"force": True})]
    error = Refused("nobody lives here", where="seed.scenario", given="x", todo=todo)
    said = "nobody lives here; given: 'x'; to do: "
    assert str(error) == f"seed.scenario: {said}seed(world='hogflix', changes={{'a': True}}), first; force=True"
    assert wording.said(error) == f"--scenario: {said}populace seed hogflix --set a=true, first; --force"


def test_all_faults_are_worded_by_the_face() -> None:
    error = several([BadInput("one", where="plan.epoch"), BadInput("two", where="club.people")])
    assert wording.said(error) == "2 faults:\n  - --epoch: one\n  - club.people: two"
    assert str(error) == "2 faults:\n  - plan.epoch: one\n  - club.people: two"


@pytest.mark.parametrize(
    ("remedy", "command"),
    [
        (Remedy("seed", {"world": None, "scenario": None}), "populace seed WORLD --scenario S"),
        (Remedy("cleanup", {"everything": True, "world": "x"}), "populace cleanup --all --world x"),
        (Remedy("start_server"), "populace db start"),
        (Remedy("run_now", {"sessions": 3}), "populace run-now 3"),
        (Remedy("settings", {"changes": {"rate": 2}}), "populace settings rate=2"),
        (Remedy("init", {"target": "embedded:/a b"}), "populace init --target 'embedded:/a b'"),
        (Remedy("", {"until": None, "speed": None, "every": None}), "--until, --speed and --every"),
        (Remedy("", {"changes": {"a": "sql"}}), "--set a=sql"),
        (Remedy(), "the same command"),
    ],
)
def test_an_action_is_a_command_that_can_be_typed(remedy: Remedy, command: str) -> None:
    assert wording.command(remedy) == command


def remedies() -> list[tuple[str, Remedy]]:
    """Every remedy that stands in the code, with whichever arguments can be read off it."""
    out = []
    for file in sorted(HOUSE.rglob("*.py")):
        for node in nodes(file.read_text(encoding="utf-8")):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "Remedy"
                and node.args
            ):
                arguments = node.args[1] if len(node.args) > 1 else ast.Dict(keys=[], values=[])
                keys = arguments.keys if isinstance(arguments, ast.Dict) else []
                names = [key.value for key in keys if isinstance(key, ast.Constant)]
                if isinstance(node.args[0], ast.Constant):
                    place = f"{file.relative_to(HOUSE)}:{node.lineno}"
                    out.append((place, Remedy(str(node.args[0].value), dict.fromkeys(map(str, names)))))
    return out


def test_every_remedy_names_a_command_and_options_that_are_there() -> None:
    found = remedies()
    assert len(found) > 10
    for place, remedy in found:
        words = wording.command(remedy)
        assert not remedy.action or fault(words) is None, f"{place}: {fault(words)}"


COMMANDS = {words.split()[0] for words in wording.known()}


@pytest.mark.parametrize("folder", ["operations", "runner", "deliver", "plan", "sinks", "checks", "engine"])
def test_no_flag_and_no_command_stands_below_the_command_line(folder: str) -> None:
    named = re.compile(rf'"--[a-z]|populace ({"|".join(COMMANDS)})\b')
    found = [
        f"{file.relative_to(HOUSE)}:{number}: {line.strip()}"
        for file in sorted((HOUSE / folder).rglob("*.py"))
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if named.search(line)
    ]
    assert found == []


def test_operations_read_no_environment_and_no_working_folder() -> None:
    reads = re.compile(r"\bos\.(environ|getenv|getcwd)\b|\b(Path\.cwd|load)\(|\bprint\(")
    for file in sorted((HOUSE / "operations").rglob("*.py")):
        lines = file.read_text(encoding="utf-8").splitlines()
        assert [line for line in lines if reads.search(line) and ".load(" not in line] == [], file
