"""new-world: the skeleton of a world, which runs as it stands and says what to change."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files as resources
from pathlib import Path
from typing import Any

from populace.errors import BadInput
from populace.operations.context import Context

ENDING = ".txt"
"""Of the files of the skeleton: no program takes them for its own."""
LONGEST = 40
_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class NewWorldRequest:
    """name: of the world, its folder and its module. folder: in which it is made; None: the current one."""

    name: str
    folder: Path | None = None


@dataclass(frozen=True, slots=True)
class NewWorld:
    """A skeleton that was written. shown: its path as a command takes it. files: theirs, in order."""

    name: str
    shown: str
    files: Sequence[str]

    def document(self) -> dict[str, Any]:
        """As `new-world --json` prints it."""
        return {"name": self.name, "path": self.shown, "files": list(self.files)}


def new_world(context: Context, request: NewWorldRequest) -> NewWorld:
    """Write the skeleton of a world into a folder of its name. Raises BadInput for a name that no module can have, or
    that another has already, and for a folder that is there or cannot be made: nothing is written over.
    """
    name = request.name
    taken = name in sys.stdlib_module_names or name in ("populace", "numpy") or name in context.registry.names()
    if not _NAME.fullmatch(name) or len(name) > LONGEST or taken:
        raise BadInput(
            "another module or world has this name" if taken else "this is no name for a world",
            where="new_world.name",
            given=name,
            allowed=f"lower-case letters, digits and _, a letter first, at most {LONGEST}, such as bookshop",
        )
    parent = request.folder or Path()
    base = context.settings.folder or Path()
    folder = base / parent / name
    written = []
    try:
        folder.mkdir(parents=True)
        for file, text in skeleton(name).items():
            (folder / file).parent.mkdir(exist_ok=True)
            (folder / file).write_text(text, encoding="utf-8")
            written.append(str(parent / name / file))
    except FileExistsError:
        raise BadInput("this folder is there already, and nothing is written over", where="new_world.name",
                       given=str(parent / name), todo="take another name, or another folder") from None  # fmt: skip
    except OSError as error:
        raise BadInput(f"the world cannot be written: {error.strerror}", where="new_world.folder",
                       given=str(parent)) from None  # fmt: skip
    path = parent / name
    return NewWorld(name, str(path) if path.is_absolute() else f"./{path}", written)


def skeleton(name: str) -> Mapping[str, str]:
    """The files of a world of this name, by their paths in its folder."""
    source = resources(__package__).joinpath("skeleton")
    found = {}
    for place in ("", "schema/"):
        for file in sorted(source.joinpath(place).iterdir(), key=lambda f: f.name):
            if file.name.endswith(ENDING):
                text = file.read_text(encoding="utf-8")
                text = text.replace("@NAME@", name).replace("@TITLE@", name.replace("_", " ").capitalize())
                found[place + file.name.removesuffix(ENDING)] = text
    return found
