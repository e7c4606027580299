"""settings.md and tables.md say what the program has, all of it and nothing else; so does the list of dependencies."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from docs import pages, parameters
from populace import settings, trust
from populace.errors import BadInput
from populace.worlds import registry
from populace.worlds.recoverlution import WORLD

MODULES = {"pyjwt": "jwt"}
"""Packages whose module has another name."""
SETTINGS, TABLES = "docs/reference/settings.md", "docs/reference/tables.md"
SOURCE = pages.ROOT / "src" / "populace"
SQL = "\n".join(file.read_text(encoding="utf-8") for file in sorted((SOURCE / "database" / "sql").glob("*.sql")))


@pytest.mark.parametrize("world", registry.names())
def test_parameters_with_defaults_and_bounds(world: str) -> None:
    """If this fails: python tests/docs/parameters.py"""
    _, table, _ = parameters.parts(pages.text(f"docs/reference/{parameters.PAGES[world]}"))
    assert table == parameters.table(registry.find(world))


def test_events_with_their_properties() -> None:
    """If this fails: python tests/docs/parameters.py"""
    _, table, _ = parameters.parts(
        pages.text("docs/reference/hogflix.md"), parameters.EVENTS_BEGIN, parameters.EVENTS_END
    )
    assert table == parameters.events()


def test_variables_and_what_they_set() -> None:
    listed = {row[0].strip("`"): row[1].strip("`") for row in pages.cells(pages.section(SETTINGS, "## Environment"))}
    known = {variable: name for name, variables in settings.VARIABLES.items() for variable in variables}
    assert {variable: name for variable, name in listed.items() if name} == known
    read = set(re.findall(r"""["'](POPULACE_[A-Z_]+)["']""", "".join(f.read_text() for f in SOURCE.rglob("*.py"))))
    assert read <= set(listed)
    assert {variable for variable in listed if variable.startswith("POPULACE_")} <= read


def test_the_file_takes_what_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (example,) = pages.fenced(SETTINGS, "toml")
    (tmp_path / settings.FILE).write_text(example, encoding="utf-8")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "user"))
    trust.allow(tmp_path / settings.FILE, example.encode())
    loaded = settings.load(tmp_path, {})
    for path, value in loaded.worlds["recoverlution"].items():
        WORLD.parameter(path).check(value, "example")
    listed = {row[0].strip("`") for row in pages.cells(pages.section(SETTINGS, "## populace.toml"))}
    assert listed == set(tomllib.loads(example))
    (tmp_path / settings.FILE).write_text("nonsense = 1", encoding="utf-8")
    with pytest.raises(BadInput) as refused:
        settings.load(tmp_path, {})
    assert all(name in str(refused.value) for name in listed)


def test_every_table_of_ours_with_its_columns() -> None:
    made = {}
    for name, body in re.findall(r"CREATE TABLE populace\.(\w+) \((.*?)\n\);", SQL, flags=re.DOTALL):
        made[name] = re.findall(r"^\s+([a-z_0-9]+)\s+([a-z0-9]+)\b", body, flags=re.MULTILINE)
    for name, body in re.findall(r"ALTER TABLE populace\.(\w+)\n(.*?);", SQL, flags=re.DOTALL):
        made[name] += re.findall(r"ADD COLUMN ([a-z_0-9]+)\s+([a-z0-9]+)\b", body)
    assert len(made) >= 10
    assert re.findall(r"^### populace\.(\w+)$", pages.text(TABLES), flags=re.MULTILINE) == list(made)
    for name, columns in made.items():
        section = pages.section(TABLES, f"### populace.{name}")
        assert [(row[0].strip("`"), row[1]) for row in pages.cells(section)] == columns, name


def test_every_function_of_ours() -> None:
    listed = {row[0].strip("`") for row in pages.cells(pages.section(TABLES, "## Functions"))}
    assert listed == {f"{name}()" for name in re.findall(r"CREATE FUNCTION (populace\.\w+)\(", SQL)}


def test_every_runtime_dependency_is_accounted_for() -> None:
    page = pages.text("docs/decisions/0004-dependencies.md")
    project = tomllib.loads(pages.text("pyproject.toml"))["project"]
    for requirement in project["dependencies"]:
        name = re.split(r"[\[><=]", requirement)[0]
        assert f"`{name}`" in page
    imported = "".join(file.read_text() for file in SOURCE.rglob("*.py"))
    for row in pages.cells(page.partition("## Not used")[0]):
        module = MODULES.get(row[0].strip("`"), row[0].strip("`").replace("-", "_"))
        assert re.search(rf"(import|from) {module}\b|\"{module}\"", imported), f"{module} is not used"
