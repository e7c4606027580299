"""The one door to worlds: those that installed packages announce (ours among them), and those in a file of the user's.

A world of one's own is a Python file or package folder that defines `WORLD`; it is named by its path.
"""

from __future__ import annotations

import importlib.util
import sys
from importlib.metadata import entry_points
from pathlib import Path

from populace.errors import BadInput, PopulaceError, nearest
from populace.spec import World

GROUP = "populace.worlds"
_CALLED: dict[str, str] = {}


def names() -> list[str]:
    """The names of the installed worlds, in order."""
    return sorted(point.name for point in entry_points(group=GROUP))


def find(name: str) -> World:
    """A world by name, or by the path of the file or folder that defines it.

    Raises BadInput, with the nearest name, when there is none.
    """
    for point in entry_points(group=GROUP):
        if point.name == name:
            world = point.load()
            break
    else:
        if "/" not in name and not name.endswith(".py"):
            raise BadInput(
                "there is no such world",
                where="world",
                given=name,
                allowed=nearest(name, names()),
                todo="see populace worlds; a world of your own is named by its path",
            )
        world = _from_path(Path(name))
    if not isinstance(world, World):
        raise BadInput("WORLD is not a populace.spec.World", where=name, given=type(world).__name__)
    _CALLED[world.name] = name
    return world


def called(world: World | str) -> str:
    """What a user types to name a world that `find` found: its name, or its path."""
    name = world if isinstance(world, str) else world.name
    return _CALLED.get(name, name)


def _from_path(path: Path) -> object:
    file = path / "__init__.py" if path.is_dir() else path
    if not file.is_file():
        raise BadInput(
            "there is no world at this path",
            where="world",
            given=str(path),
            allowed="a Python file or package folder that defines WORLD",
        )
    module_name = path.resolve().stem
    inside = [str(path.resolve())] if path.is_dir() else None
    spec = importlib.util.spec_from_file_location(module_name, file, submodule_search_locations=inside)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module
    try:
        spec.loader.exec_module(module)
    except PopulaceError:
        raise
    except (Exception, SystemExit) as error:
        raise BadInput(f"the world cannot be loaded: {type(error).__name__}: {error}", where=str(file)) from error
    return getattr(module, "WORLD", None)
