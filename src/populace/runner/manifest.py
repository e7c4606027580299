"""The manifest of a folder of files: which plan is in it, and which slices and files of it are there.

It is to files what Populace's own tables are to a database. It is replaced whole, after the files it names, so that a
killed seed shows what it lacks; and a folder that holds anything it does not know is not changed.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from populace import clock
from populace.batch import MANIFEST, File
from populace.engine import DrawStatistics
from populace.errors import PopulaceError, Refused, Remedy, TargetUnavailable
from populace.plan import Plan, from_document
from populace.sinks.parquet import EMPTY, file_name, folder_name, part_name, sync
from populace.spec import World

FORMAT = "populace parquet 1"


@dataclass(frozen=True, slots=True)
class Slice:
    """Ordinals of one root, `low` to `high` (not included), and whether their files are there."""

    root: str
    low: int
    high: int
    written: bool = False

    @property
    def name(self) -> str:
        """What its files are called: in the order of ordinals also as text."""
        return f"{self.root}-{self.low:010}-{self.high:010}"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a folder holds. document: the plan's. seeded_to_us: where the one window ends. slices: how the roots were
    cut, once for all. estimated: rows of all of them, guessed beforehand. statistics: of the slices that are written,
    as plain data.
    """

    state: Literal["seeding", "ready"]
    world: str
    digest: str
    document: Mapping[str, Any]
    seeded_to_us: int
    estimated: int
    rows: Mapping[str, int]
    slices: tuple[Slice, ...]
    files: tuple[File, ...]
    statistics: Mapping[str, Any]

    @classmethod
    def begin(cls, plan: Plan, seeded_to_us: int, slices: tuple[Slice, ...], estimated: int) -> Manifest:
        """Of a folder in which nothing is written yet."""
        rows = {table.full_name: 0 for table in plan.world.tables}
        nothing = DrawStatistics().document()
        document = plan.document()
        return cls(
            "seeding", plan.world.name, plan.digest, document, seeded_to_us, estimated, rows, slices, (), nothing
        )

    def with_slice(self, done: Slice, files: list[File], statistics: DrawStatistics) -> Manifest:
        """One slice further. statistics: with those of the slice."""
        rows = dict(self.rows)
        for file in files:
            rows[file.table] += file.rows
        return replace(
            self,
            rows=rows,
            slices=tuple(replace(s, written=True) if s == done else s for s in self.slices),
            files=(*self.files, *files),
            statistics=statistics.document(),
        )

    def finished(self, files: list[File]) -> Manifest:
        """All slices are written, and these files without rows."""
        return replace(self, state="ready", files=(*self.files, *files))

    def plan(self, world: World) -> Plan:
        """The plan. Raises Refused when this version would give other people."""
        return from_document(self.document, world, f"the plan in {MANIFEST}")

    def text(self) -> str:
        """As it stands in the file: what a reader looks for first, the plan and the statistics at the end."""
        document = {
            "format": FORMAT,
            "state": self.state,
            "world": self.world,
            "scenario": self.document["scenario"],
            "seed": self.document["seed"],
            "epoch": self.document["epoch"],
            "seeded_to": clock.iso(self.seeded_to_us),
            "plan": self.digest,
            "rows_estimated": self.estimated,
            "rows": dict(self.rows),
            "slices": [asdict(s) for s in self.slices],
            "files": [asdict(f) for f in self.files],
            "document": dict(self.document),
            "statistics": dict(self.statistics),
        }
        return "{" + ",".join(f"\n{_said(name)}: {_lines(value)}" for name, value in document.items()) + "\n}\n"


def _lines(value: Any) -> str:
    """JSON with a line a member of what is long, and no more: a manifest is read by people too."""
    if isinstance(value, list) and value:
        return "[" + ",".join(f"\n  {_said(one)}" for one in value) + "]"
    if isinstance(value, Mapping) and value:
        return "{" + ",".join(f"\n  {_said(name)}: {_said(one)}" for name, one in value.items()) + "}"
    return _said(value)


def _said(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def read(folder: Path) -> Manifest | None:
    """The manifest of a folder; None when the folder is not there, or empty.

    Raises Refused for a folder that holds other things and no manifest of ours.
    """
    file = folder / MANIFEST
    with reachable(folder):
        if not folder.is_dir():
            if folder.exists():
                raise _foreign(folder, "this is not a folder")
            return None
        if not file.is_file():
            if others := sorted(p.name for p in folder.iterdir() if p.name != part_name(MANIFEST)):
                raise _foreign(folder, f"the folder holds {others[0]!r} and no {MANIFEST}")
            return None
        text = file.read_bytes()
    try:
        d = json.loads(text)
        if d["format"] != FORMAT:
            raise _foreign(folder, f"{MANIFEST} is not one of this version of Populace")
        slices = tuple(Slice(**s) for s in d["slices"])
        files = tuple(File(**f) for f in d["files"])
        until_us = clock.parse(d["seeded_to"], MANIFEST)
        known = d["state"], d["world"], d["plan"], d["document"], until_us, d["rows_estimated"], d["rows"]
        return Manifest(*known, slices, files, d["statistics"])
    except (ValueError, KeyError, TypeError):
        raise _foreign(folder, f"{MANIFEST} is not one of ours") from None


def write(folder: Path, manifest: Manifest) -> None:
    """Replace the manifest, whole or not at all; it is on the disk when this returns."""
    part = folder / part_name(MANIFEST)
    part.write_text(manifest.text(), encoding="utf-8")
    sync(part)
    part.replace(folder / MANIFEST)
    sync(folder)


def require_ours(folder: Path, manifest: Manifest, world: World) -> None:
    """Refuse a folder in which there is anything else than files of this seed, written or under way."""
    names = {file_name(name) for name in (EMPTY, *(s.name for s in manifest.slices))}
    names |= {part_name(name) for name in names}
    folders = {folder_name(table) for table in world.tables}
    for path in sorted(folder.iterdir()):
        if path.name in (MANIFEST, part_name(MANIFEST)):
            continue
        if path.name not in folders or not path.is_dir():
            raise _foreign(folder, f"the folder holds {path.name!r}, which is not of this seed")
        for file in sorted(path.iterdir()):
            if file.name not in names or not file.is_file():
                raise _foreign(folder, f"the folder holds {path.name + '/' + file.name!r}, which is not of this seed")


def _foreign(folder: Path, what: str) -> PopulaceError:
    todo = "name another folder, or one that is empty; nothing here was changed"
    return Refused(what, where=f"parquet:{folder}", todo=todo)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Make the folder if need be, and be the only one who writes to it. Raises Refused when somebody else does."""
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused(
                "another seed is at work in this folder",
                where=f"parquet:{folder}",
                todo="wait until it has ended, or stop it",
            ) from None
        yield
    finally:
        os.close(handle)


@contextmanager
def reachable(folder: Path) -> Iterator[None]:
    """What the disk refuses as our error: no room, no permission."""
    try:
        yield
    except OSError as error:
        raise TargetUnavailable(
            f"the folder cannot be used: {error.strerror or error}",
            where=f"parquet:{folder}",
            todo=Remedy(text="check its permissions and the space on its disk, then run {} again"),
        ) from error
