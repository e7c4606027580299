"""How the command line words what operations say as data: a field as its flag, an action as the command that does it.

Both are read off the commands themselves, so that neither can name an option that is not there.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from populace.errors import PopulaceError, Remedy

if TYPE_CHECKING:
    import click

COMMANDS: Mapping[str, str] = {
    "backfill_events": "posthog backfill",
    "backfill_people": "sim-users backfill",
    "check_world": "check-world",
    "events_status": "posthog status",
    "new_world": "new-world",
    "outbox_status": "outbox status",
    "retry": "outbox retry",
    "retry_events": "posthog retry",
    "run_now": "run-now",
    "set_clock": "clock",
    "start_server": "db start",
    "stop_server": "db stop",
}
"""Commands whose words are not the operation's name."""


def said(error: PopulaceError) -> str:
    """An error in one line."""
    return error.worded(place, command)


def advice(todo: str | Remedy) -> str:
    """What to do, as somebody types it."""
    return todo if isinstance(todo, str) else todo.worded(command)


def place(where: str) -> str:
    """The flag of a field such as `seed.scenario`; any other place as it is."""
    operation, _, name = where.rpartition(".")
    parameter = _parameters(operation).get(name)
    return where if parameter is None else _flag(parameter)


def command(remedy: Remedy) -> str:
    """An action as a command; the same request again as the flags that are to change."""
    if not (remedy.action or remedy.arguments):
        return "the same command"
    if not remedy.action:
        return _listed([" ".join(_again(_anywhere(name), value)) for name, value in remedy.arguments.items()])
    known = _parameters(remedy.action)
    words = ["populace", *COMMANDS.get(remedy.action, remedy.action).split()]
    for name, parameter in known.items():
        if parameter.param_type_name == "argument" and (parameter.required or name in remedy.arguments):
            words += _values(parameter, remedy.arguments.get(name))
    for name, value in remedy.arguments.items():
        if known[name].param_type_name == "option":
            words += [" ".join(_option(known[name], value))] if value is None else _option(known[name], value)
    return " ".join(words)


def known() -> list[str]:
    """The words of every command."""
    return list(_commands())


def _again(parameter: click.Parameter, value: object) -> list[str]:
    """A flag to add or to leave out; with its value where one is named."""
    return [_flag(parameter)] if value is None else _option(parameter, value)


def _listed(words: list[str]) -> str:
    return " and ".join([*([", ".join(words[:-1])] if words[1:] else []), *words[-1:]])


def _option(parameter: click.Parameter, value: object) -> list[str]:
    """An option with its value, as a shell reads it; with the name of its value where there is none."""
    flag = _flag(parameter)
    if value is True:
        return [flag]
    return [word for shown in _values(parameter, value) for word in (flag, shown)]


def _values(parameter: click.Parameter, value: object) -> list[str]:
    if value is None:
        return [parameter.metavar or parameter.name or ""]
    if isinstance(value, Mapping):
        return [shlex.quote(f"{path}={_written(one)}") for path, one in value.items()]
    return [shlex.quote(_written(value))]


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _flag(parameter: click.Parameter) -> str:
    """`--all`; of an argument the name that the help has for it."""
    if parameter.param_type_name == "argument":
        return parameter.metavar or parameter.name or ""
    return next(spelt for spelt in parameter.opts if spelt.startswith("--"))


def _anywhere(name: str) -> click.Parameter:
    """A field that several commands have in common."""
    return next(known[name] for known in _commands().values() if name in known)


def _parameters(operation: str) -> Mapping[str, click.Parameter]:
    return _commands().get(COMMANDS.get(operation, operation), {})


@cache
def _commands() -> Mapping[str, Mapping[str, click.Parameter]]:
    """The parameters of every command by name, by the words that call it."""
    import typer.main

    from populace.cli.app import app

    out: dict[str, Mapping[str, click.Parameter]] = {}

    def add(found: Any, words: str) -> None:
        for name, below in getattr(found, "commands", {}).items():
            add(below, f"{words} {name}".strip())
        out[words] = {parameter.name: parameter for parameter in found.params}

    add(typer.main.get_command(app), "")
    del out[""]
    return out
