"""adopt: the catalogue of an app's database, written as a world: what is in each table, as far as can be seen."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from populace import files
from populace.database import catalogue
from populace.database.target import Target
from populace.declared import FILE, compiling, guessing, schema, writing
from populace.declared.world_file import short
from populace.errors import BadInput, Remedy
from populace.operations.context import Context

PAGE = "README.md"


@dataclass(frozen=True, slots=True)
class AdoptRequest:
    """url: of the app's database. out: the folder that is written. dry_run: only say what would be asked."""

    url: str
    out: Path | None = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Adopted:
    """What was written. shown: the folder, as a command takes it. shipped: tables whose rows are the app's own, and are
    used. statements: those that were run, or would be."""

    name: str
    shown: str
    files: Sequence[str] = ()
    tables: int = 0
    filled: int = 0
    shipped: Sequence[str] = ()
    guessed: int = 0
    declined: Mapping[str, str] = field(default_factory=dict)
    digest: str = ""
    statements: Sequence[str] = ()

    def document(self) -> dict[str, Any]:
        """As `adopt --json` prints it."""
        return {
            "name": self.name,
            "path": self.shown,
            "files": list(self.files),
            "tables": self.tables,
            "filled": self.filled,
            "keeping_the_apps_rows": list(self.shipped),
            "guessed": self.guessed,
            "declined": dict(self.declined),
            "digest": self.digest,
            "statements": list(self.statements),
        }


def adopt(context: Context, request: AdoptRequest) -> Adopted:
    """Read a catalogue, in a transaction that can change nothing, and write a world of it. No row is read.

    Raises BadInput for a folder that holds something, a database without tables and a name that cannot be one; Refused
    where the catalogue cannot be read; TargetUnavailable where there is no connection.
    """
    if request.dry_run:
        return Adopted("", "", statements=catalogue.statements())
    if request.out is None:
        raise BadInput("a folder is needed for the world", where="adopt.out", allowed="a folder that is not there yet",
                       todo=Remedy("adopt", {"out": "./myapp"}, "name it: {}"))  # fmt: skip
    target = Target.parse(request.url, "")
    if target.kind != "postgresql":
        raise BadInput("this is no database of an app", where="adopt.url", given=target.kind, allowed="postgresql://…")
    folder = (context.settings.folder or Path()) / request.out
    name = re.sub(r"[^a-z0-9_]", "_", folder.resolve().name.lower())
    if not re.match(r"[a-z]", name) or name in context.registry.names():
        raise BadInput("a world cannot have the name of this folder", where="adopt.out", given=folder.resolve().name,
                       allowed="a name that begins with a letter, and is none of an installed world")  # fmt: skip
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadInput("this folder holds something, and nothing is written over", where="adopt.out",
                       given=str(request.out), todo="take another folder")  # fmt: skip
    with context.connections.open(request.url, "adopt") as connection:
        read, held = catalogue.read(connection, str(target))
    guessed = guessing.guess(read, name[:40], name.replace("_", " ").capitalize(), held)
    if not guessed.arranged:
        raise BadInput("none of the tables can be filled", where=str(target), given="; ".join(
            f"{table}: {why}" for table, why in sorted(guessed.declined.items())))  # fmt: skip
    texts = {
        schema.FILE: schema.written(read),
        FILE: writing.toml(guessed, read),
        PAGE: writing.page(guessed, read),
    }
    # What cannot be read again is not written.
    compiling.compiled(read, guessed.declared, guessed.arranged, __package__)
    _write(folder, texts, request.out)
    compiling.load(folder)
    shown = str(request.out)
    return Adopted(
        name[:40],
        shown if request.out.is_absolute() or shown.startswith(".") else f"./{shown}",
        list(texts),
        len(read.tables),
        len(guessed.arranged),
        [short(table.name) for table in guessed.declared.tables.values() if table.source],
        len(guessed.why),
        guessed.declined,
        read.digest,
        catalogue.statements(),
    )


def _write(folder: Path, texts: Mapping[str, str], shown: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            files.put(folder / name, text.encode())
    except OSError as error:
        raise BadInput(f"the world cannot be written: {error.strerror}", where="adopt.out", given=str(shown)) from None
