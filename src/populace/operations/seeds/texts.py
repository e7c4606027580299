"""What a world may write beyond ASCII: a database's encoding may have no room for all of it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from populace.database.statements import without_comments
from populace.files import python_of
from populace.spec import World

_DATA = (".json", ".csv", ".txt", ".toml", ".yaml", ".yml", ".jsonl")

_ESCAPED = re.compile(r"\\[NUux0-7]")
"""How a string names a character that is not written there."""


def texts(world: World) -> str:
    """What in the package of a world holds more than ASCII and may reach a row or the server: strings of its code (not
    what documents it), SQL without comments, and files of data, which may be ASCII alone too."""
    return "\n".join(_of_folder(files(world.package)))


def _of_folder(folder: Traversable) -> Iterator[str]:
    for entry in folder.iterdir():
        if entry.is_dir():
            if not entry.name.startswith((".", "__pycache__")):
                yield from _of_folder(entry)
        elif entry.name.endswith(".py"):
            yield from _strings(entry.read_text(encoding="utf-8"))
        elif entry.name.endswith(".sql"):
            sql = entry.read_text(encoding="utf-8")
            yield "" if sql.isascii() else without_comments(sql)
        elif entry.name.endswith(_DATA):
            yield entry.read_bytes().decode("utf-8", errors="replace")


@lru_cache(maxsize=512)
def _strings(code: str) -> tuple[str, ...]:
    """The string constants of a module that are used for something; none where none holds more than ASCII."""
    if code.isascii() and not _ESCAPED.search(code):
        return ()
    tree = python_of(code)
    unused = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    found = (n for n in ast.walk(tree) if isinstance(n, ast.Constant) and id(n) not in unused)
    return tuple(node.value for node in found if isinstance(node.value, str))
