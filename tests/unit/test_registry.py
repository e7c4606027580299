"""Worlds by path: two of one folder name are two worlds, and neither takes the place of the other or of a library."""

from __future__ import annotations

import importlib
import json
import sys
from importlib.resources import files
from pathlib import Path

import pytest

from populace.errors import BadInput
from populace.worlds.registry import Registry

SOURCE = """
from dataclasses import replace
from tiny import CLUB
from {imports} import TITLE

def later():
    from .more import LATER
    return LATER

WORLD = replace(CLUB, title=TITLE, package={package!r}, digest=later())
"""


def made(folder: Path, name: str, title: str, *, relative: bool = False, package: str | None = None) -> Path:
    """A world in a folder of that name."""
    here = folder / title / name
    (here / "schema").mkdir(parents=True)
    (here / "__init__.py").write_text(
        SOURCE.format(imports=".parts" if relative else f"{name}.parts", package=package or name)
    )
    (here / "parts.py").write_text(f"TITLE = {title!r}\n")
    (here / "more.py").write_text(f"LATER = 'later {title}'\n")
    (here / "schema" / "1_tables.sql").write_text(f"-- {title}\n")
    return here


@pytest.fixture(autouse=True)
def modules(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test loads is forgotten after it."""
    monkeypatch.setattr(sys, "modules", sys.modules.copy())


def schema(package: str) -> str:
    return files(package).joinpath("schema/1_tables.sql").read_text()


@pytest.mark.parametrize("relative", [False, True])
def test_two_worlds_of_one_folder_name_stay_apart(tmp_path: Path, relative: bool):
    paths = [made(tmp_path, "twins", title, relative=relative) for title in ("first", "second", "third")]
    registry = Registry()
    worlds = [registry.find(str(path)) for path in paths]
    assert [world.title for world in worlds] == ["first", "second", "third"]
    assert [world.digest for world in worlds] == ["later first", "later second", "later third"]
    assert [schema(world.package) for world in worlds] == ["-- first\n", "-- second\n", "-- third\n"]
    assert len({world.package for world in worlds}) == 3
    # What a module imports later is its own.
    assert [importlib.import_module(world.package).later() for world in worlds] == [w.digest for w in worlds]
    assert [registry.find(str(path)) for path in paths] == worlds
    assert all(registry.find(str(p)) is w for p, w in zip(paths, worlds, strict=True))
    again = [Registry().find(str(path)) for path in reversed(paths)]
    assert [world.title for world in again] == ["third", "second", "first"]
    assert schema(worlds[0].package) == "-- first\n"


def test_a_world_does_not_take_the_place_of_a_library(tmp_path: Path):
    found = Registry().find(str(made(tmp_path, "json", "a world")))
    assert found.title == "a world"
    assert sys.modules["json"] is json
    assert json.loads("[1]") == [1]
    assert schema(found.package) == "-- a world\n"


def test_a_world_that_cannot_be_loaded_leaves_the_other_as_it_is(tmp_path: Path):
    registry = Registry()
    first = registry.find(str(made(tmp_path, "twins", "first")))
    broken = made(tmp_path, "twins", "second")
    (broken / "parts.py").write_text("1 / 0\n")
    with pytest.raises(BadInput, match="ZeroDivisionError"):
        registry.find(str(broken))
    assert schema(first.package) == "-- first\n"
    assert importlib.import_module("twins.parts").TITLE == "first"


def test_files_and_packages_inside_a_package_are_renamed_too(tmp_path: Path):
    registry = Registry()
    registry.find(str(made(tmp_path, "twins", "first", package="twins.schema")))
    second = registry.find(str(made(tmp_path, "twins", "second", package="twins.schema")))
    assert second.package.endswith(".schema")
    assert second.package != "twins.schema"
    single = tmp_path / "twins.py"
    single.write_text("import dataclasses, tiny\nWORLD = dataclasses.replace(tiny.CLUB, title='one file')\n")
    assert registry.find(str(single)).title == "one file"
    assert importlib.import_module("twins.parts").TITLE == "first"


def test_a_package_that_is_not_there_is_named(tmp_path: Path):
    path = made(tmp_path, "desk2", "copied", relative=True, package="helpdesk_of_somebody")
    with pytest.raises(BadInput, match=r"(?s)package.*'helpdesk_of_somebody'.*'desk2'.*package=__name__"):
        Registry().find(str(path))


def test_a_folder_may_be_copied_where_the_package_is_its_name(tmp_path: Path):
    source = SOURCE.format(imports=".parts", package="X").replace("'X'", "__name__")
    paths = [made(tmp_path, name, name, relative=True) for name in ("one", "other")]
    for path in paths:
        (path / "__init__.py").write_text(source)
    assert [Registry().find(str(path)).package for path in paths] == ["one", "other"]


def test_a_file_without_a_world_says_what_to_do(tmp_path: Path):
    file = tmp_path / "nothing.py"
    file.write_text("world = 1\n")
    with pytest.raises(BadInput, match=r"no WORLD.*WORLD = World"):
        Registry().find(str(file))
