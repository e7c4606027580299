"""Worlds read from the files that define them: a Python file or package folder, or a folder with a `world.toml`."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import ModuleType

from populace import declared
from populace.errors import BadInput, PopulaceError, Remedy
from populace.spec import World
from populace.spec.authors import blamed
from populace.worlds.source import source_of


def load(path: Path, given: str) -> object:
    """What the file or folder at a path calls its `WORLD`; None when nothing is called so. given: the path as it was
    named. Raises BadInput for a path without one, and for a file that fails.
    """
    file = path / "__init__.py" if path.is_dir() else path
    if (path / declared.FILE).is_file():
        from populace.declared import compiling

        return replace(compiling.load(path), source=source_of(path))
    if not file.is_file() or file.suffix != ".py":
        raise nothing_at(given)
    with _LOADING, _leaving_nothing():
        world = _executed(path, file)
        return replace(world, source=source_of(path)) if isinstance(world, World) else world


def nothing_at(given: str) -> BadInput:
    """The error for a path where no world stands."""
    return BadInput(
        "there is no world at this path",
        where="world",
        given=str(Path(given)),
        allowed="a Python file or package folder that defines WORLD",
    )


def checked(found: object, given: str) -> World:
    """What was found, when it is a world; raises BadInput for anything else. given: as it was named."""
    if isinstance(found, World):
        return found
    raise BadInput(
        "this defines no world",
        where=given,
        given="no WORLD" if found is None else f"WORLD is of the type {type(found).__name__}",
        allowed="WORLD = World(…), of populace.spec",
        todo=Remedy("new_world", {"name": "myworld"}, "{} writes one to begin with"),
    )


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
