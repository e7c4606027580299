"""adopt: the catalogue of an app's database, written as a world: what is in each table, as far as can be seen."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from populace import files
from populace.database import answers, catalogue, profiling, schema_copy
from populace.database.target import Target
from populace.declared import FILE, acts, compiling, guessing, merging, profiles, schema, world_file, writing
from populace.declared.declaration import Declared, short
from populace.declared.guessing import Guessed
from populace.declared.structure import arrange
from populace.errors import BadInput, Remedy
from populace.operations.authoring import trying
from populace.operations.context import Context

PAGE = "README.md"
COUNTING = "profile.sql"
"""The queries that counted, where that was asked for."""


@dataclass(frozen=True, slots=True)
class AdoptRequest:
    """url: of the app's database. out: the folder that is written. dry_run: only say what would be asked.
    refresh: the folder is a world that was adopted before; what was edited stays. profile: also count what is in
    the tables. create_partitions: a seed is to make the partitions that are missing."""

    url: str
    out: Path | None = None
    dry_run: bool = False
    refresh: bool = False
    profile: bool = False
    create_partitions: bool = False


@dataclass(frozen=True, slots=True)
class Adopted:
    """What was written. shown: the folder, as a command takes it. shipped: tables whose rows are the app's own, and are
    used. statements: those that were run, or would be. changes: of a refresh, what is other now."""

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
    changes: Sequence[str] = ()

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
            "changes": list(self.changes),
        }


def adopt(context: Context, request: AdoptRequest) -> Adopted:
    """Read a catalogue, in a transaction that can change nothing, and write a world of it. Rows are read only to be
    counted, where that is asked for.

    Raises BadInput for a folder that holds something, a database without tables and a name that cannot be one; Refused
    where the catalogue cannot be read; TargetUnavailable where there is no connection.
    """
    if request.dry_run:
        return Adopted("", "", statements=[*catalogue.statements(), schema_copy.SHOWN])
    if request.out is None:
        raise BadInput("a folder is needed for the world", where="adopt.out", allowed="a folder that is not there yet",
                       todo=Remedy("adopt", {"out": "./myapp"}, "name it: {}"))  # fmt: skip
    target = Target.parse(request.url, "")
    if target.kind != "postgresql":
        raise BadInput("this is no database of an app", where="adopt.url", given=target.kind, allowed="postgresql://…")
    folder = (context.settings.folder or Path()) / request.out
    before = _before(folder, request.out) if request.refresh else None
    name = before.declared.name if before else _name_of(context, folder)
    if before is None and folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        again = (folder / FILE).is_file() and (folder / schema.FILE).is_file()
        refresh = Remedy("adopt", {"out": str(request.out), "refresh": True}, "{} brings the world there up to date")
        raise BadInput("this folder holds something, and nothing is written over", where="adopt.out",
                       given=str(request.out), todo=[*([refresh] if again else []), "take another folder"])  # fmt: skip
    with context.connections.open(request.url, "adopt") as connection:
        read, held = catalogue.read(connection, str(target))
        read, asked = answers.answered(connection, read)
        title = before.declared.title if before else name.replace("_", " ").capitalize()
        guess = partial(guessing.guess, read, name, title, held, create_partitions=request.create_partitions)
        guessed, counting = trying.tried(context, connection, read, held, guess), list[str]()
        if request.profile:
            columns = {one.table.full_name: list(one.columns) for one in guessed.arranged}
            counted, counting = profiling.read(connection, columns, profiles.worded(guessed, read))
            guessed = profiles.closer(guessed, read, counted)
    guessed = acts.living(guessed, read)
    if not guessed.arranged:
        raise BadInput("none of the tables can be filled", where=str(target), given="; ".join(
            f"{table}: {why}" for table, why in sorted(guessed.declined.items())))  # fmt: skip
    changes: Sequence[str] = ()
    text = writing.toml(guessed, read)
    if before is not None:
        done = merging.merged(before.text, str(request.out / FILE), before.schema, read, guessed)
        text, changes = done.text, done.changes
        guessed = _checked(done.text, read, guessed, str(request.out / FILE))
    # What is no world is not written.
    compiling.compiled(read, guessed.declared, guessed.arranged, __package__)
    texts = {schema.FILE: schema.written(read), FILE: text, PAGE: writing.page(guessed, read, counted=bool(counting))}
    if counting:
        texts[COUNTING] = "-- What was counted, in a transaction that can change nothing.\n" + "".join(
            f"{query};\n" for query in counting)  # fmt: skip
    _write(folder, texts, request.out)
    compiling.load(folder)
    shown = str(request.out)
    return Adopted(
        name,
        shown if request.out.is_absolute() or shown.startswith(".") else f"./{shown}",
        list(texts),
        len(read.tables),
        len(guessed.arranged),
        [short(table.name) for table in guessed.declared.tables.values() if table.source],
        len(guessed.why),
        guessed.declined,
        read.digest,
        [*catalogue.statements(), *asked, *counting],
        changes,
    )


@dataclass(frozen=True, slots=True)
class _Before:
    """A world that was adopted before. text: of its `world.toml`, as it is now."""

    text: str
    schema: schema.Schema
    declared: Declared


def _before(folder: Path, shown: Path) -> _Before:
    if not (folder / FILE).is_file():
        raise BadInput("there is no adopted world to refresh", where="adopt.out", given=str(shown),
                       todo=Remedy("adopt", {"out": str(shown)}, "{} without a refresh makes one"))  # fmt: skip
    old = schema.read(folder / schema.FILE)
    declared = world_file.read(folder / FILE, old)
    return _Before(files.content(folder / FILE).decode("utf-8"), old, declared)


def _checked(text: str, read: schema.Schema, guessed: Guessed, where: str) -> Guessed:
    """The merged file as it will be read. Raises BadInput for what does not fit the schema any more."""
    declared = world_file.parsed(Path(where), text.encode(), read)
    arranged, faults = arrange(read, declared)
    if faults:
        raise BadInput(
            "the edited file does not fit the schema as it is now:\n  - " + "\n  - ".join(
                f"{short(fault.table)}: {fault.why}" for fault in faults),
            where=where, todo="change these tables in the file, or write `fill = false` for them, and refresh again",
        )  # fmt: skip
    declined = {t.name: t.why for t in declared.tables.values() if not t.fill and not t.source}
    # The file says in a comment why rows are the app's own; what somebody has edited is no guess any more.
    fresh = guessed.declared.tables
    declared = replace(declared, tables={
        name: replace(t, why=t.why or fresh[name].why) if t.source and name in fresh else t
        for name, t in declared.tables.items()})  # fmt: skip
    return replace(
        guessed, declared=declared, arranged=arranged, declined=declined,
        why={at: why for at, why in guessed.why.items() if _kind(declared, at) == _kind(guessed.declared, at)},
        left={at: why for at, why in guessed.left.items() if _kind(declared, at) is None},
    )  # fmt: skip


def _kind(declared: Declared, at: tuple[str, str]) -> str | None:
    """The kind of a table's column; None where nothing is said of it."""
    table, name = at
    column = declared.tables[table].columns.get(name) if table in declared.tables else None
    return None if column is None else column.kind


def _name_of(context: Context, folder: Path) -> str:
    name = re.sub(r"[^a-z0-9_]", "_", folder.resolve().name.lower())[:40]
    if not re.match(r"[a-z]", name) or name in context.registry.names():
        raise BadInput("a world cannot have the name of this folder", where="adopt.out", given=folder.resolve().name,
                       allowed="a name that begins with a letter, and is none of an installed world")  # fmt: skip
    return name


def _write(folder: Path, texts: Mapping[str, str], shown: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            files.put(folder / name, text.encode())
    except OSError as error:
        raise BadInput(f"the world cannot be written: {error.strerror}", where="adopt.out", given=str(shown)) from None
