"""Questions at a terminal. The only place that imports questionary; the wizard's texts are elsewhere.

After a wrong answer it shows what is allowed and asks again. Ctrl-C raises KeyboardInterrupt.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import questionary

from populace.cli import options, wording
from populace.errors import BadInput

if TYPE_CHECKING:
    from populace.operations.context import Context
    from populace.spec import Parameter, World
    from populace.spec.parameter import Value


def agree(question: str, *, offered: bool = True) -> bool:
    """Yes or no, by one key; Enter takes the default."""
    return bool(questionary.confirm(question, default=offered).unsafe_ask())


def typed(question: str) -> str:
    """What the user types."""
    return str(questionary.text(question).unsafe_ask())


def one_of(question: str, choices: Sequence[tuple[str, str]]) -> str:
    """One of some (value, line), by its number or with the arrow keys."""
    shown = [questionary.Choice(line, value) for value, line in choices]
    return str(questionary.select(question, shown, use_shortcuts=len(shown) < 10).unsafe_ask())


def value(question: str, parameter: Parameter) -> Value:
    """A value that the parameter allows; Enter takes its default."""
    if isinstance(parameter.default, bool):
        return agree(f"{question}?", offered=parameter.default)
    while True:
        given = typed(f"{question}, {parameter.allowed} [{parameter.default}]:").strip()
        try:
            return parameter.check(given, "wizard") if given else parameter.default
        except BadInput as error:
            _say(f"  {given!r} is not possible; allowed: {error.allowed}")


def others(world: World) -> dict[str, Value]:
    """Any other parameters of the world but its secrets, until an empty answer."""
    from populace.settings import FILE

    out: dict[str, Value] = {}
    while given := typed("Anything else? PATH=VALUE, or Enter for no more:").strip():
        try:
            ((path, text),) = options.pairs([given], "wizard").items()
            parameter = world.parameter(path, "wizard")
            if parameter.secret:
                raise BadInput(
                    "this value is secret, and the commands that are shown later would repeat it",
                    where=f"wizard.{path}",
                    todo=f"put it into {FILE}, under worlds.{world.name}, and begin again",
                )
            out[path] = parameter.check(text, "wizard")
        except BadInput as error:
            _say(f"  {wording.said(error)}")
    return out


def where(here: Context) -> Context:
    """The current target, or another one."""
    from populace.database.target import Target

    def shown(text: str) -> str:
        return "embedded:, one server for each world" if text == "embedded:" else Target.parse(text, "W").redacted()

    if agree(f"The target is {shown(here.settings.target)}. Is it the right one?"):
        return here
    while True:
        # It may hold a password, which must not stay on the screen.
        given = questionary.text("Target (embedded:DIR or postgresql://…):", erase_when_done=True).unsafe_ask().strip()
        try:
            target = Target.parse(given, "W")
            if target.kind == "parquet":
                raise BadInput("this wizard seeds databases", where="target", allowed="embedded:DIR, postgresql://…")
            _say(f"  target: {shown(given)}")
            return here.at(given)
        except BadInput as error:
            _say(f"  {wording.said(error)}")


def _say(text: str) -> None:
    questionary.print(text)
