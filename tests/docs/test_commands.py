"""docs/reference/commands.md knows every command and option of the program, and no other; and so do the other pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import typer.main

from docs import pages
from populace.cli.app import app
from populace.errors import Interrupted, PopulaceError

PAGE = "docs/reference/commands.md"
ROOT = typer.main.get_command(app)


def every(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    """A command and those below it, with the words that call them."""
    yield path, command
    for name, below in getattr(command, "commands", {}).items():
        yield from every(below, f"{path} {name}")


COMMANDS = dict(every(ROOT, "populace"))


def options(command: Any) -> dict[str, str]:
    """What the page must say of each option: all its spellings, and the word for its value."""
    out = {}
    for option in command.params:
        if option.param_type_name == "option" and "--help" not in option.opts:
            long = next(o for o in option.opts if o.startswith("--"))
            short = [o for o in option.opts if o != long]
            shown = f"{long} {option.metavar}" if option.metavar else long
            out[long] = ", ".join(f"`{spelt}`" for spelt in (shown, *short))
    return out


def test_every_command_has_a_section_and_no_other() -> None:
    found = re.findall(r"^## (populace.*)$", pages.text(PAGE), flags=re.MULTILINE)
    assert sorted(found) == sorted(COMMANDS)


@pytest.mark.parametrize("path", list(COMMANDS))
def test_every_option_is_there_and_no_other(path: str) -> None:
    section = pages.section(PAGE, f"## {path}")
    found = [row[0] for row in pages.cells(section)]
    assert sorted(found) == sorted(options(COMMANDS[path]).values())


@pytest.mark.parametrize("path", list(COMMANDS))
def test_arguments_and_an_example_are_there(path: str) -> None:
    command, section = COMMANDS[path], pages.section(PAGE, f"## {path}")
    # Of `explain` the last word is needed, and the one before it may be left out.
    arguments = [
        f"[{p.metavar}]" if p.metavar == "WORLD" and not p.required else p.metavar
        for p in command.params
        if p.param_type_name == "argument"
    ]
    if arguments:
        assert f"    {' '.join([path, *arguments])}\n" in section
    if not hasattr(command, "commands"):
        assert f"    {path}" in section or f"$({path})" in section


@pytest.mark.parametrize("path", list(COMMANDS))
def test_help_has_an_example(path: str) -> None:
    if not hasattr(COMMANDS[path], "commands"):
        assert "Example" in (COMMANDS[path].help or "")


@pytest.mark.parametrize("page", [pages.name(page) for page in pages.PAGES])
def test_what_pages_say_to_type_can_be_typed(page: str) -> None:
    for words in pages.commands(page):
        command: Any = ROOT
        rest = list(words)
        while rest and rest[0] in getattr(command, "commands", {}):
            command = command.commands[rest.pop(0)]
        spelt = "populace " + " ".join(words)
        if hasattr(command, "commands") and rest and not rest[0].startswith("-"):
            assert rest[0] in ("COMMAND", "…"), f"{page}: there is no {spelt}"
            continue
        known = {spelling for p in command.params for spelling in p.opts} | {"--help", "-h"}
        given = {word.split("=")[0] for word in rest if re.match(r"--?[a-z]", word)}
        assert given <= known, f"{page}: {spelt} has no {', '.join(sorted(given - known))}"


def test_the_exit_codes_are_those_of_the_errors() -> None:
    def below(kind: type[PopulaceError]) -> Iterator[int]:
        yield kind.exit_code
        for other in kind.__subclasses__():
            yield from below(other)

    assert Interrupted.exit_code == 130
    listed = {int(row[0]) for row in pages.cells(pages.section(PAGE, "## Exit codes"))}
    assert listed == {0, *below(PopulaceError)}
