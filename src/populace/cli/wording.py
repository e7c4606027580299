"""How the command line words what operations say as data: a field as its flag, an action as the command that does it.

Both are read off the commands themselves, so that neither can name an option that is not there. A command is worded so
that it can be typed as it stands: by the name under which this program was called, for the target and the world of the
command that suggests it.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from populace.errors import PopulaceError, Remedy
from populace.settings import DEFAULT_WORLD

if TYPE_CHECKING:
    import click

COMMANDS: Mapping[str, str] = {
    "backfill_events": "posthog backfill",
    "backfill_people": "sim-users backfill",
    "backup": "db backup",
    "check_world": "check-world",
    "events_status": "posthog status",
    "new_world": "new-world",
    "outbox_status": "outbox status",
    "restore": "db restore",
    "retry": "outbox retry",
    "retry_events": "posthog retry",
    "run_now": "run-now",
    "set_clock": "clock",
    "start_server": "db start",
    "stop_server": "db stop",
}
"""Commands whose words are not the operation's name."""

WITHOUT = "(without the password: put it into PGPASSWORD)"

_typed: dict[str, str] = {}
"""What the command that runs now was given as `target` and `world`; `without`: that target, where a password is left
out of it."""


def typed(target: str | None, world: str | None, *, password: bool = False) -> None:
    """Commands that are suggested from now on are for this target and world. target: without a password; password:
    whether it was given with one."""
    _typed.clear()
    _typed.update({name: value for name, value in (("target", target), ("world", world)) if value})
    if target and password:
        _typed["without"] = f"--target {shlex.quote(target)}"


def whole(text: str, between: str = "\n") -> str:
    """A text for a reader: where it suggests commands for a target whose password it leaves out, it says so."""
    left_out = _typed.get("without")
    lacks = left_out and left_out in text and "PGPASSWORD" not in text
    return f"{text}{between}{WITHOUT}" if lacks else text


def program() -> str:
    """How this program is called here: by its name where the shell finds it so, else by its path."""
    called = sys.argv[0]
    if Path(called).parts[-2:] == ("populace", "__main__.py"):
        return f"{_path(sys.executable)} -m populace"
    if Path(called).name != "populace" or os.sep not in called:
        return "populace"
    found = shutil.which("populace")
    return "populace" if found and Path(found).resolve() == Path(called).resolve() else _path(called)


def _path(file: str) -> str:
    """As it is typed from the current folder."""
    path = Path(file).absolute()
    try:
        return shlex.quote(str(path.relative_to(Path.cwd())))
    except (OSError, ValueError):
        return shlex.quote(str(path))


def said(error: PopulaceError) -> str:
    """An error in one line."""
    return whole(error.worded(place, command), " ")


def folded(error: PopulaceError) -> list[str]:
    """An error with each of its parts on a line of its own, and those of the faults that it sums up below it."""
    lines = error.parts(place, command)
    lines = [lines[0] + (":" if error.faults else ""), *(f"  {line}" for line in lines[1:])]
    for fault in error.faults:
        first, *others = folded(fault)
        lines += [f"  - {first}", *(f"    {line}" for line in others)]
    return whole("\n".join(lines), "\n  ").split("\n")


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
    given = {**_needed(known, remedy.arguments), **remedy.arguments, **_same_place(known, remedy.arguments)}
    words = [program(), *COMMANDS.get(remedy.action, remedy.action).split()]
    for name, parameter in known.items():
        if parameter.param_type_name == "argument" and name in given:
            words += _values(parameter, given[name])
    for name, value in given.items():
        if known[name].param_type_name == "option":
            words += [" ".join(_option(known[name], value))] if value is None else _option(known[name], value)
    return " ".join(words)


def again(*words: str, target: str | None = None) -> str:
    """A command of these words to type next. target: where it is not what the command that runs now was given."""
    place, world = target or _typed.get("target"), _typed.get("world", DEFAULT_WORLD)
    known = _commands().get(" ".join(words[:2])) or _commands().get(words[0], {})
    by_option = "world" in known and known["world"].param_type_name == "option"
    where = ("--target", place) if place else ("--world", world) if by_option and world != DEFAULT_WORLD else ()
    return " ".join([program(), *map(shlex.quote, (*words, *where))])


def _needed(known: Mapping[str, click.Parameter], given: Mapping[str, object]) -> dict[str, object]:
    """Names of what a command cannot do without, where nothing is given."""
    return {name: None for name, parameter in known.items() if parameter.required and name not in given}


def _same_place(known: Mapping[str, click.Parameter], given: Mapping[str, object]) -> dict[str, object]:
    """The target of the command that runs now; or its world, whose folder a bare `embedded:` is."""
    if "target" not in known or given.get("target"):
        return {}
    if "target" in _typed:
        return {"target": _typed["target"]}
    world = _typed.get("world", DEFAULT_WORLD)
    return {} if given.get("world") or world == DEFAULT_WORLD else {"world": world}


def flag(name: str) -> str:
    """How a field that several commands have in common is spelt."""
    return _flag(_anywhere(name))


def flags() -> set[str]:
    """Every option of every command, as it is typed."""
    return {spelt for known in _commands().values() for parameter in known.values() for spelt in parameter.opts}


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
    if value is True or getattr(parameter, "is_flag", False):
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
    from populace.cli.app import tree

    out: dict[str, Mapping[str, click.Parameter]] = {}

    def add(found: Any, words: str) -> None:
        for name, below in getattr(found, "commands", {}).items():
            add(below, f"{words} {name}".strip())
        out[words] = {parameter.name: parameter for parameter in found.params}

    add(tree(), "")
    del out[""]
    return out
