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
    target: str | None = None,
    out: Output | None = None,
    world: str | None = None,
    *,
    alias: bool = True,
    uses_target: bool = True,
) -> Context:
    """Settings of file, environment and `--target`; worlds that are installed, or found from this folder.

    out: how the command prints, where it may be quiet. world: what the command was given; commands that are suggested
    later are for this target and world. alias: whether `DATABASE_URL` may name the target, which is said
    then. uses_target: whether the command has one.
    """
    from populace.operations.context import Context
    from populace.settings import load
    from populace.worlds.registry import Registry

    try:
        folder = Path.cwd()
    except OSError:
        raise BadInput("the current folder is not there any more", todo="change to one that is") from None
    _remember(target, world)
    chosen = load(folder, target=target, asked="--target", alias=alias)
    if uses_target:
        _say_which(chosen, out or Output(), alias=alias)
    return Context(chosen, Registry(folder), on_note=(out or Output()).hear)


def _remember(target: str | None, world: str | None) -> None:
    """What the user typed, for the commands that are suggested to them."""
    from populace.cli import wording
    from populace.database.target import has_password

    wording.typed(_shown(target, world) if target else None, world, password=has_password(target))


def _shown(target: str, world: str | None) -> str | None:
    """A target without its password; None where it is none: whoever uses it says what is wrong with it."""
    from populace.database.target import Target
    from populace.settings import DEFAULT_WORLD

    if Target.is_bare(target):
        return None
    try:
        return Target.parse(target, world or DEFAULT_WORLD).redacted()
    except BadInput:
        return None


def _say_which(chosen: Settings, out: Output, *, alias: bool) -> None:
    """A line about a variable that names a database without being meant for us."""
    from populace.settings import ALIAS

    if not chosen.environment.get(ALIAS):
        return
    if chosen.sources.get("target") == ALIAS:
        if shown := _shown(chosen.target, None):
            out.say(f"the target is that of {ALIAS}: {shown}")
    elif not alias and "target" not in chosen.sources:
        out.say(f"{ALIAS} is not used here; --target or POPULACE_TARGET name a database")
