"""What a command knows before it calls an operation: the settings of this folder and environment, and the flags."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from populace.cli.output import Output
from populace.errors import BadInput

if TYPE_CHECKING:
    from populace.operations.context import Context
    from populace.settings import Settings


def context(
    target: str | None = None, out: Output | None = None, *, alias: bool = True, uses_target: bool = True
) -> Context:
    """Settings of file, environment and `--target`; worlds that are installed, or found from this folder.

    out: how the command prints, where it may be quiet. alias: whether `DATABASE_URL` may name the target, which is said
    then. uses_target: whether the command has one.
    """
    from populace.operations.context import Context
    from populace.settings import load
    from populace.worlds.registry import Registry

    try:
        folder = Path.cwd()
    except OSError:
        raise BadInput("the current folder is not there any more", todo="change to one that is") from None
    chosen = load(folder, target=target, asked="--target", alias=alias)
    if uses_target:
        _say_which(chosen, out or Output(), alias=alias)
    return Context(chosen, Registry(folder), on_note=(out or Output()).hear)


def _say_which(chosen: Settings, out: Output, *, alias: bool) -> None:
    """A line about a variable that names a database without being meant for us."""
    from populace.database.target import Target
    from populace.settings import ALIAS, DEFAULT_WORLD

    if not chosen.environment.get(ALIAS):
        return
    if chosen.sources.get("target") == ALIAS:
        try:
            out.say(f"the target is that of {ALIAS}: {Target.parse(chosen.target, DEFAULT_WORLD).redacted()}")
        except BadInput:
            return  # whoever uses it says what is wrong with it
    elif not alias and "target" not in chosen.sources:
        out.say(f"{ALIAS} is not used here; --target or POPULACE_TARGET name a database")
