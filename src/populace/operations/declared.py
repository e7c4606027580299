"""What a world names as `module:name`, and is imported only where it is used."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from populace.errors import Refused


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
