"""The source of a world that is found by its path: a hash of every file that can change what it writes.

An installed world says by its version when the same plan gives other rows. Somebody who works on a world of their own
does not raise a number with every line, so there the files themselves are part of the plan.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from populace import files
from populace.errors import BadInput
from populace.spec import Source
from populace.spec.authors import is_installed

MOST_FILES = 5_000
"""Of one world: a folder with more holds something else too."""
_READ_LATER = frozenset(
    (
        "checks",
        "charts",
        "timings",
        "realism",
        "report.sql",
        "status.sql",
        "activity.sql",
        "doctor.sql",
        "retention.sql",
    )
)
"""What looks at rows, or takes old ones away, and cannot change those that a plan gives."""
_CACHES = frozenset(("__pycache__", "node_modules"))
_FOREIGN = ("PG_VERSION", "server.password", "pyvenv.cfg")
"""What marks a folder as a database or an environment, which may lie inside a world's."""


def source_of(path: Path) -> Source:
    """The source of the world at a path, which has been loaded. Raises BadInput for a file that cannot be read."""
    out, seen = dict[str, str](), {path.stem}
    waiting: list[tuple[str | None, Path]] = [(None, path)]
    while waiting:
        module, place = waiting.pop()
        for file in files_of(place):
            name = file.name if file == place else file.relative_to(place).as_posix()
            out[name if module is None else f"import {module}: {name}"] = _hash(file)
            if file.suffix == ".py":
                waiting += _beside(file, seen)
    return out


def files_of(place: Path) -> list[Path]:
    """The files of a world's folder, or its only file, in order. Hidden ones, pages and caches are left out."""
    if place.is_file():
        return [place]
    out: list[Path] = []
    for folder, folders, names in os.walk(place):
        here = Path(folder)
        if here != place and any(marker in names for marker in _FOREIGN):
            folders.clear()
            continue
        folders[:] = sorted(name for name in folders if _counts(place, here / name))
        out += [here / name for name in sorted(names) if _counts(place, here / name) and (here / name).is_file()]
        if len(out) > MOST_FILES:
            raise BadInput(
                "the folder of this world holds too many files",
                where=str(place),
                allowed=f"at most {MOST_FILES:,}",
                todo="keep what is not part of the world elsewhere",
            )
    return out


def _counts(world: Path, path: Path) -> bool:
    name = path.name
    if name.startswith(".") or name in _CACHES or path.suffix in (".pyc", ".md"):
        return False
    return path.parent != world or name not in _READ_LATER


def _hash(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()[:16]
    except OSError as error:
        raise BadInput(f"a file of this world cannot be read: {error.strerror}", where=str(file)) from None


def _beside(file: Path, seen: set[str]) -> Iterator[tuple[str, Path]]:
    """Modules and packages of the author's own that a file imports from elsewhere, each once."""
    for name in sorted(_imported(file) - seen):
        seen.add(name)
        if place := _place_of(name):
            yield name, place


def _imported(file: Path) -> set[str]:
    """The first words of the names that a file imports; relative ones are in the folder anyway."""
    try:
        tree = files.python_of(file.read_bytes())
    except (SyntaxError, ValueError):  # a file that nobody imports
        return set()
    out = set[str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            out |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            out.add(node.module.partition(".")[0])
    return out


def _place_of(name: str) -> Path | None:
    """Where a module stands that its author can change; None for what is installed, built in or not there."""
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return None
    if spec is None or name in sys.stdlib_module_names:
        return None
    origin = spec.origin or next(iter(spec.submodule_search_locations or ()), None)
    if origin is None or origin in ("built-in", "frozen") or is_installed(origin):
        return None
    return Path(origin).parent if spec.submodule_search_locations and spec.origin else Path(origin)
