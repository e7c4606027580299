"""Commands that the program suggests: each is one that the real command line takes, as it was printed."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any
from unittest.mock import patch

import typer.main

from populace.cli import wording
from populace.cli.app import app
from populace.errors import Remedy


@cache
def _root() -> Any:
    return typer.main.get_command(app)


def _found(words: Sequence[str]) -> tuple[Any, list[str]]:
    """The command that these words call, and what is left of them."""
    command, rest = _root(), list(words)
    while rest and rest[0] in getattr(command, "commands", {}):
        command = command.commands[rest.pop(0)]
    return command, rest


def fault(suggested: str) -> str | None:
    """Why the command line does not take this command; None when it does. A name of a value stands for any value."""
    program = wording.program()
    if not suggested.startswith(f"{program} "):
        return f"{suggested!r} does not begin with {program}"
    command, rest = _found(shlex.split(suggested.removeprefix(program)))
    placeholders = {p.metavar for p in command.params}
    try:
        command.make_context(command.name, ["1" if word in placeholders else word for word in rest])
    except Exception as error:
        return f"{suggested!r}: {error}"
    return None


def flag_fault(flag: str, typed: Sequence[str]) -> str | None:
    """Why a flag cannot be added to the command that was typed; None when it can."""
    command, _ = _found(typed)
    known = {spelt for p in command.params for spelt in (*p.opts, p.metavar)}
    return None if flag in known else f"{' '.join(typed)} has no {flag}"


@contextmanager
def watched(typed: Sequence[str]) -> Iterator[list[str]]:
    """While a command runs: the faults of all that it suggests."""
    faults: list[str] = []
    word, again = wording.command, wording.again

    def checked(remedy: Remedy) -> str:
        said = word(remedy)
        if remedy.action:
            faults.extend(filter(None, [fault(said)]))
        else:
            flags = [wording.flag(name) for name in remedy.arguments]
            faults.extend(filter(None, (flag_fault(flag, typed) for flag in flags)))
        return said

    def checked_again(*words: str, target: str | None = None) -> str:
        said = again(*words, target=target)
        faults.extend(filter(None, [fault(said)]))
        return said

    with patch.object(wording, "command", checked), patch.object(wording, "again", checked_again):
        yield faults
