"""The one door to worlds: those that installed packages announce (ours among them), and those in a file of the user's.

A world of one's own is a Python file or package folder that defines `WORLD`; it is named by its path. A `Registry`
remembers by which name or path it found each world, so that a remedy names it the same way.
"""

from __future__ import annotations

import hashlib
import importlib.util
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType

from populace import declared
from populace.errors import BadInput, PopulaceError, Remedy, nearest
from populace.spec import Source, World
from populace.spec.authors import blamed
from populace.worlds import kept
from populace.worlds.source import source_of

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
        with self._lock:
            world = _installed(name)
            if world is None:
                if is_name(name):
                    raise BadInput(
                        "there is no such world",
                        where="world",
                        given=name,
                        allowed=nearest(name, names()),
                        todo=Remedy("worlds", text="see {}; a world of your own is named by its path"),
                    )
                world = self._from_path(name)
            if not isinstance(world, World):
                raise BadInput(
                    "this defines no world",
                    where=name,
                    given="no WORLD" if world is None else f"WORLD is of the type {type(world).__name__}",
                    allowed="WORLD = World(…), of populace.spec",
                    todo=Remedy("new_world", {"name": "myworld"}, "{} writes one to begin with"),
                )
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
        path = self.path_of(world)
        return None if path is None else kept.keep(path, world.source)

    def kept(self, source: Source) -> World | None:
        """A world of the user's as it was when its files were these; None when no copy was kept, or it gives others."""
        with self._lock, suppress(BadInput):
            path = kept.kept(source)
            world = None if path is None else self._at(path, str(path))
            if isinstance(world, World) and world.source == source:
                return world
        return None

    def _from_path(self, name: str) -> object:
        """The world at a path; the same object each time."""
        try:
            path = (self._folder / name if self._folder else Path(name)).resolve()
            path.is_file()
        except (OSError, ValueError, RuntimeError):  # too long, a NUL, a loop of links, somebody's folder
            raise _nothing_at(name) from None
        return self._at(path, name)

    def _at(self, path: Path, given: str) -> object:
        if path not in self._loaded:
            self._loaded[path] = _load(path, given)
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


def _nothing_at(given: str) -> BadInput:
    return BadInput(
        "there is no world at this path",
        where="world",
        given=str(Path(given)),
        allowed="a Python file or package folder that defines WORLD",
    )


def _load(path: Path, given: str) -> object:
    file = path / "__init__.py" if path.is_dir() else path
    if (path / declared.FILE).is_file():
        from populace.declared import compiling

        return replace(compiling.load(path), source=source_of(path))
    if not file.is_file() or file.suffix != ".py":
        raise _nothing_at(given)
    with _LOADING, _leaving_nothing():
        world = _executed(path, file)
        return replace(world, source=source_of(path)) if isinstance(world, World) else world


_LOADING = threading.Lock()
"""Modules are the process's: worlds are loaded one after another."""


@contextmanager
def _leaving_nothing() -> Iterator[None]:
    """Without caches of compiled files: one of a file that changed twice in a second would be taken for its own."""
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        yield
    finally:
        sys.dont_write_bytecode = before


def _executed(path: Path, file: Path) -> object:
    """`WORLD` of a file, with all modules inside it as they stand now. Its module has the name of the file or folder;
    where another module has that name already (of a world elsewhere, or of the library), a name of its own instead, and
    the other keeps what is its own.
    """
    name, inside = path.stem, [str(path)] if path.is_dir() else None
    before, is_again = _modules_of(name), getattr(sys.modules.get(name), "__file__", str(file)) == str(file)
    others = {} if is_again else before
    spec = importlib.util.spec_from_file_location(name, file, submodule_search_locations=inside)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    for other in before:
        del sys.modules[other]
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except PopulaceError as error:
        raise BadInput(f"the world in {file} cannot be used", faults=error.faults or (error,)) from error
    except Exception as error:
        raise blamed(error, "the world") or _not_loaded(error, file) from error
    except SystemExit as error:
        raise _not_loaded(error, file) from error
    finally:
        if others:
            own = f"{name}__{hashlib.sha256(str(path).encode()).hexdigest()[:12]}"
            _rename(name, own)
            sys.modules.update(others)
    world = getattr(module, "WORLD", None)
    if others and isinstance(world, World) and (world.package + ".").startswith(name + "."):
        world = replace(world, package=own + world.package.removeprefix(name))
    if isinstance(world, World) and not _is_there(world.package):
        raise BadInput(
            "the package of this world, in which its files are, cannot be found",
            where=f"{file}: package",
            given=world.package,
            allowed=f"{name!r}, as the folder is called",
            todo="write package=__name__, which is right wherever the folder goes",
        )
    return world


def _is_there(package: str) -> bool:
    try:
        return importlib.util.find_spec(package) is not None
    except (ImportError, ValueError):
        return False


def _not_loaded(error: BaseException, file: Path) -> BadInput:
    if isinstance(error, SyntaxError):
        where, todo = f"{error.filename or file}:{error.lineno}", "correct this line"
        return BadInput(f"the world cannot be loaded: SyntaxError: {error.msg}", where=where, todo=todo)
    return BadInput(f"the world cannot be loaded: {type(error).__name__}: {error}", where=str(file))


def _modules_of(name: str) -> dict[str, ModuleType]:
    """A module and those inside it, by their names."""
    return {other: module for other, module in sys.modules.items() if (other + ".").startswith(name + ".")}


def _rename(name: str, new: str) -> None:
    """Give a module, and those inside it, another name; what they import later they find under it."""
    for old, module in _modules_of(name).items():
        del sys.modules[old]
        module.__name__ = new + old.removeprefix(name)
        if module.__spec__ is not None:
            module.__spec__.name = module.__name__
            # A loader of a file answers only to the name it has.
            vars(module.__spec__.loader)["name"] = module.__name__
            module.__package__ = module.__spec__.parent
        sys.modules[module.__name__] = module
