"""What a world names as `module:name`, and is imported only where it is used."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from populace.errors import Refused
from populace.spec import World


def declared(named: str, where: str, what: str) -> Any:
    """What stands under a name. where: the declaration; what: such as `the site of this world`, for errors.

    Raises Refused when it cannot be imported.
    """
    module, _, name = named.partition(":")
    try:
        return getattr(import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise Refused(
            f"{what} cannot be loaded: {error}",
            where=where,
            given=named,
            todo="install what it needs, or correct the name",
        ) from error


def site_of(world: World, called: str) -> Any:
    """What makes the application of a world's site. called: as somebody named the world, for errors. Raises Refused for
    a world without one."""
    if world.site is None:
        raise Refused("this world has no site", where=called, allowed="a world that declares `site`")
    return declared(world.site, f"{called}.site", "the site of this world")
