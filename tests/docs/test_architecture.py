"""ARCHITECTURE.md and CONTRIBUTING.md describe the tree as it is: its folders, the size of a world, the tests."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs import pages
from populace.worlds import registry

SOURCE = pages.ROOT / "src" / "populace"
PAGE = "ARCHITECTURE.md"
WITHIN = 0.2
"""A length is stated roughly: within a fifth."""


def stated(page: str, heading: str, table: int) -> list[list[str]]:
    """The rows of the n-th table below a heading."""
    tables = re.findall(r"(?:^\|.*\n)+", pages.section(page, heading), flags=re.MULTILINE)
    return pages.cells(tables[table])


def named(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def lines(folder: Path, suffix: str) -> int:
    return sum(len(file.read_text(encoding="utf-8").splitlines()) for file in folder.rglob(f"*{suffix}"))


def test_every_folder_and_file_of_the_package_is_described() -> None:
    there = {f"{path.name}/" if path.is_dir() else path.name for path in SOURCE.iterdir()}
    there -= {"__init__.py", "__main__.py", "__pycache__/", "py.typed"}
    assert sorted(name for row in stated(PAGE, "## The folders", 0) for name in named(row[0])) == sorted(there)


def test_every_world_is_listed() -> None:
    assert sorted(named(row[0])[0] for row in stated(PAGE, "## The folders", 1)) == registry.names()


@pytest.mark.parametrize("row", stated(PAGE, "## The folders", 1), ids=lambda row: row[0])
def test_a_world_is_as_long_as_it_says(row: list[str]) -> None:
    folder = SOURCE / "worlds" / named(row[0])[0]
    for cell, suffix in zip(row[1:], (".py", ".sql", ".csv"), strict=True):
        assert int(cell.replace(",", "")) == pytest.approx(lines(folder, suffix), rel=WITHIN), suffix


def test_worldchef_is_the_shortest_world_and_says_how_long_it_is() -> None:
    worlds = SOURCE / "worlds"
    long = {name: sum(lines(worlds / name, suffix) for suffix in (".py", ".sql", ".csv")) for name in registry.names()}
    assert min(long, key=long.__getitem__) == "worldchef"
    said = re.search(r"The world has about ([\d,]+) lines of Python", (worlds / "worldchef" / "README.md").read_text())
    assert said
    assert int(said[1].replace(",", "")) == pytest.approx(lines(worlds / "worldchef", ".py"), rel=WITHIN)


def test_the_paths_that_the_pages_name_exist() -> None:
    for page in (PAGE, "CONTRIBUTING.md"):
        for path in named(pages.prose(page)):
            if re.fullmatch(r"[a-z_]+/[a-z_/.]+", path) and not path.startswith("populace/"):
                homes = (pages.ROOT, SOURCE, *(SOURCE / "worlds").iterdir())
                assert any((home / path).exists() for home in homes), f"{page}: {path}"


def test_every_folder_of_tests_is_described() -> None:
    there = {f"tests/{path.name}" for path in (pages.ROOT / "tests").iterdir() if list(path.glob("test_*.py"))}
    there |= {f"tests/{path.parent.name}" for path in (pages.ROOT / "tests").glob("*/conftest.py")}
    assert {named(row[0])[0] for row in stated("CONTRIBUTING.md", "## Tests, by what they cost", 0)} == there
