"""The shape of declarations and worlds: the rooms of a world, files of a size, functions of few parameters."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import populace
from sources import nodes

HOUSE = Path(populace.__file__).parent
WORLDS = sorted(folder for folder in (HOUSE / "worlds").iterdir() if (folder / "__init__.py").is_file())
ROOMS = {"parameters", "scenarios", "tables", "catalogue", "people", "behaviour", "reporting", "personas", "realism"}
DATA = {"schema", "checks", "charts", "timings", "live", "health"}
ALWAYS = {"parameters", "scenarios", "tables", "catalogue", "people", "behaviour", "schema", "checks", "charts"}
MOST_LINES, MOST_PARAMETERS = 310, 7


def rooms(world: Path) -> set[str]:
    """The folders and modules of a world, by name; a room of one file is that file."""
    entries = (entry for entry in world.iterdir() if not entry.name.startswith(("_", ".")))
    return {entry.name.removesuffix(".py") for entry in entries if entry.is_dir() or entry.suffix == ".py"}


def wide(source: str, most: int = MOST_PARAMETERS) -> Iterator[str]:
    """The functions of a text that take more parameters than that."""
    for node in nodes(source):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            given = node.args.posonlyargs + node.args.args + node.args.kwonlyargs
            if len([one for one in given if one.arg not in ("self", "cls")]) > most:
                yield f"{node.lineno}: {node.name}"


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
def test_worlds_have_one_layout(world: Path):
    assert rooms(world) >= ALWAYS
    assert rooms(world) - ROOMS - DATA == set()


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
def test_files_of_a_world_can_be_read_at_once(world: Path):
    long = {
        str(f.relative_to(world)): n for f in world.rglob("*.py") if (n := len(f.read_text().splitlines())) > MOST_LINES
    }
    assert long == {}


def test_all_worlds_are_looked_at():
    assert [world.name for world in WORLDS] == ["campaigns", "hogflix", "recoverlution", "worldchef"]


@pytest.mark.parametrize("folder", ["spec", "plan", "worlds"])
def test_what_takes_many_values_takes_a_dataclass(folder: str):
    files = sorted((HOUSE / folder).rglob("*.py"))
    assert files
    assert [f"{f.relative_to(HOUSE)}:{found}" for f in files for found in wide(f.read_text(encoding="utf-8"))] == []


def test_a_function_of_many_parameters_is_found():
    names = ", ".join(f"p{n}" for n in range(MOST_PARAMETERS + 1))
    assert list(wide(f"def much({names}): pass")) == ["1: much"]
    assert list(wide(f"def little(self, {names.rpartition(',')[0]}): pass")) == []
