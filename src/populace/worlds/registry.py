"""The one door to worlds: those that installed packages announce (ours among them), and those in a file of the user's.

A world of one's own is a Python file or package folder that defines `WORLD`; it is named by its path. A `Registry`
remembers by which name or path it found each world, so that a remedy names it the same way.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING

from populace.errors import BadInput, Remedy, nearest

if TYPE_CHECKING:
    from populace.spec import Source, World

GROUP = "populace.worlds"


class Registry:
    """Worlds as one program sees them, and what each that was found is called there.

    folder: what a relative path of a world starts from; without one such paths are those of the process.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._called: dict[str, str] = {}
        self._loaded: dict[Path, object] = {}
        self._lock = threading.RLock()

    def names(self) -> list[str]:
        """The names of the installed worlds, in order."""
        return names()

    def find(self, name: str) -> World:
        """A world by name, or by the path of the file or folder that defines it.

        Raises BadInput, with the nearest name, when there is none.
        """
        from populace.worlds import loading

        with self._lock:
            found = _installed(name)
            if found is None:
                if is_name(name):
                    raise BadInput(
                        "there is no such world",
                        where="world",
                        given=name,
                        allowed=nearest(name, names()),
                        todo=Remedy("worlds", text="see {}; a world of your own is named by its path"),
                    )
                found = self._from_path(name)
            world = loading.checked(found, name)
            self._called[world.name] = name
            return world

    def called(self, world: World | str) -> str:
        """How a world that `find` found is named: by its name, or by its path."""
        name = world if isinstance(world, str) else world.name
        return self._called.get(name, name)

    def path_of(self, world: World) -> Path | None:
        """Where a world that `find` found stands, when it was named by its path."""
        return next((path for path, loaded in self._loaded.items() if loaded is world), None)

    def keep(self, world: World) -> Path | None:
        """Copy the files of a world that was named by its path, so that `kept` finds it as it is now. Returns where.

        Raises BadInput where there is no data folder, OSError where nothing can be written.
        """
        from populace.worlds import kept

        path = self.path_of(world)
        return None if path is None else kept.keep(path, world.source)

    def kept(self, source: Source) -> World | None:
        """A world of the user's as it was when its files were these; None when no copy was kept, or it gives others."""
        from populace.worlds import kept, loading

        with self._lock, suppress(BadInput):
            path = kept.kept(source)
            world = None if path is None else loading.checked(self._at(path, str(path)), str(path))
            if world is not None and world.source == source:
                return world
        return None

    def _from_path(self, name: str) -> object:
        """The world at a path; the same object each time."""
        from populace.worlds import loading

        try:
            path = (self._folder / name if self._folder else Path(name)).resolve()
            path.is_file()
        except (OSError, ValueError, RuntimeError):  # too long, a NUL, a loop of links, somebody's folder
            raise loading.nothing_at(name) from None
        return self._at(path, name)

    def _at(self, path: Path, given: str) -> object:
        from populace.worlds import loading

        if path not in self._loaded:
            self._loaded[path] = loading.load(path, given)
        return self._loaded[path]


def is_name(text: str) -> bool:
    """Whether a text is a world's name, and no path."""
    return "/" not in text and not text.endswith(".py")


def names() -> list[str]:
    """The names of the installed worlds, in order."""
    return sorted(point.name for point in entry_points(group=GROUP))


def find(name: str) -> World:
    """A world, where nobody asks what it was called: see `Registry.find`."""
    return Registry().find(name)


def _installed(name: str) -> object:
    return next((point.load() for point in entry_points(group=GROUP) if point.name == name), None)
