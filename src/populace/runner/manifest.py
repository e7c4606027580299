"""The manifest of a folder or bucket of files: which plan is in it, and which slices and files of it are there.

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

from populace import clock, files
from populace.batch import MANIFEST, File
from populace.engine import DrawStatistics
from populace.errors import BadInput, PopulaceError, Refused, Remedy, TargetUnavailable
from populace.plan import Plan, from_document
from populace.sinks.parquet import EMPTY, file_name, folder_name, part_name
from populace.spec import World
from populace.stores import Bucket

Place = Path | Bucket
FORMAT = "populace parquet 1"
MOST_BYTES = 256 << 20
"""Of a manifest: about a million files."""


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

    def with_slice(self, done: Slice, written: list[File], statistics: DrawStatistics) -> Manifest:
        """One slice further. statistics: with those of the slice."""
        rows = dict(self.rows)
        for file in written:
            rows[file.table] += file.rows
        return replace(
            self,
            rows=rows,
            slices=tuple(replace(s, written=True) if s == done else s for s in self.slices),
            files=(*self.files, *written),
            statistics=statistics.document(),
        )

    def finished(self, empty: list[File]) -> Manifest:
        """All slices are written, and these files without rows."""
        return replace(self, state="ready", files=(*self.files, *empty))

    @property
    def cut(self) -> object:
        """What two seeds have in common that write the same files."""
        return self.digest, self.seeded_to_us, tuple(one.name for one in self.slices)

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


def read(place: Place) -> Manifest | None:
    """The manifest of a folder or a bucket; None when it is not there, or empty.

    Raises Refused for a place that holds other things and no manifest of ours.
    """
    held = _held_by_bucket(place) if isinstance(place, Bucket) else _held_by_folder(place)
    if held is None:
        return None
    try:
        d = files.json_of(held)
        if d["format"] != FORMAT:
            raise _foreign(place, f"{MANIFEST} is not one of this version of Populace")
        found = _read(d)
    except files.Unreadable as error:
        raise _foreign(place, f"{MANIFEST} is not one of ours: {error}") from None
    except (ValueError, KeyError, TypeError, AttributeError, BadInput):
        raise _foreign(place, f"{MANIFEST} is not one of ours") from None
    for one in found.files:
        if not _stays(one.path):
            raise _foreign(place, f"{MANIFEST} names {one.path!r}, which is no file of a seed")
    return found


def _held_by_bucket(bucket: Bucket) -> bytes | None:
    bucket.require()
    with bucket.reachable():
        held = bucket.read(MANIFEST, MOST_BYTES)
        if held is None and (other := min(bucket.names(), default=None)):
            raise _foreign(bucket, f"under this prefix is {other!r}, and no {MANIFEST}")
    return held


def _held_by_folder(folder: Path) -> bytes | None:
    file = folder / MANIFEST
    with reachable(folder):
        if not folder.is_dir():
            if os.path.lexists(folder):
                raise _foreign(folder, "this is not a folder")
            return None
        if not os.path.lexists(file):
            if others := sorted(p.name for p in folder.iterdir() if not _is_draft(p)):
                raise _foreign(folder, f"the folder holds {others[0]!r} and no {MANIFEST}")
            return None
        if file.is_symlink() or not file.is_file():
            raise _foreign(folder, f"{MANIFEST} is not a file")
    try:
        return files.content(file, MOST_BYTES)
    except files.Unreadable as error:
        raise _foreign(folder, f"{MANIFEST} is not one of ours: {error}") from None


def _read(d: Mapping[str, Any]) -> Manifest:
    """A manifest from its document. Raises KeyError, TypeError, ValueError or BadInput for what is none."""
    found = Manifest(
        state=d["state"],
        world=d["world"],
        digest=d["plan"],
        document=d["document"],
        seeded_to_us=clock.parse(d["seeded_to"], MANIFEST),
        estimated=d["rows_estimated"],
        rows=d["rows"],
        slices=tuple(Slice(**s) for s in d["slices"]),
        files=tuple(File(**f) for f in d["files"]),
        statistics=d["statistics"],
    )
    if not isinstance(d["slices"], list) or not isinstance(d["files"], list):
        raise TypeError("slices and files are lists")
    texts = [found.world, found.digest, *(s.root for s in found.slices)]
    texts += [text for file in found.files for text in (file.table, file.path, file.sha256)]
    numbers = [found.estimated, *found.rows.values(), *(n for s in found.slices for n in (s.low, s.high))]
    numbers += [number for file in found.files for number in (file.rows, file.bytes)]
    fits = (
        found.state in ("seeding", "ready")
        and all(type(text) is str for text in texts)
        and all(type(number) is int and 0 <= number < 1 << 63 for number in numbers)
        and all(type(s.written) is bool for s in found.slices)
        and isinstance(found.document, dict)
        and {file.table for file in found.files} <= set(found.rows)
        and _are_sums(found.statistics)
    )
    if not fits:
        raise ValueError("a value is of another kind")
    return found


def _are_sums(statistics: Any) -> bool:
    """Whether these are statistics of draws as they are stored."""
    shapes = {"chances": 4, "choices": 2, "measures": 3}
    if set(statistics) != set(shapes):
        return False
    for name, length in shapes.items():
        for sums in statistics[name].values():
            parts = sums if name == "choices" else [sums]
            if len(sums) != length or not all(type(n) is int for part in parts for n in part):
                return False
            if len({len(part) for part in parts}) > 1:
                return False
    return True


def _stays(path: str) -> bool:
    """Whether a path is a file in a folder of the target's: no other place, and no name that is hidden."""
    folder, _, name = path.partition("/")
    return bool(folder and name) and not (set("/\0") & set(name)) and folder[0] != "." and name[0] != "."


def write(place: Place, manifest: Manifest, *, secret: bool = False) -> None:
    """Replace the manifest, whole or not at all; it is on the disk when this returns. secret: nobody else may read
    it. Raises Refused for a bucket into which another seed writes: no lock is known there.
    """
    held = manifest.text().encode()
    if isinstance(place, Bucket):
        _require_alone(place, manifest)
        place.put(MANIFEST, held)
        return
    for left in place.iterdir():
        if _is_draft(left):
            left.unlink()
    files.put(place / MANIFEST, held, 0o600 if secret else 0o666)


def _require_alone(bucket: Bucket, manifest: Manifest) -> None:
    there = read(bucket)
    if there is not None and there.cut != manifest.cut:
        raise Refused("another seed writes under this prefix", where=bucket.shown, todo="name another prefix")


def require_ours(place: Place, manifest: Manifest, world: World) -> None:
    """Refuse a place in which there is anything else than files of this seed, written or under way."""
    names = {file_name(name) for name in (EMPTY, *(s.name for s in manifest.slices))}
    names |= {part_name(name) for name in names}
    folders = {folder_name(table) for table in world.tables}
    if isinstance(place, Bucket):
        for key in sorted(place.names()):
            of, _, name = key.rpartition("/")
            if key != MANIFEST and (of not in folders or name not in names):
                raise _foreign(place, f"under this prefix is {key!r}, which is not of this seed")
        return
    folder = place
    for path in sorted(folder.iterdir()):
        if path.name == MANIFEST or _is_draft(path):
            continue
        if path.name not in folders or path.is_symlink() or not path.is_dir():
            raise _foreign(folder, f"the folder holds {path.name!r}, which is not of this seed")
        for file in sorted(path.iterdir()):
            if file.name not in names or file.is_symlink() or not file.is_file():
                raise _foreign(folder, f"the folder holds {path.name + '/' + file.name!r}, which is not of this seed")


def _is_draft(path: Path) -> bool:
    """Whether a seed that was killed left this while it wrote a manifest."""
    return files.is_draft(path.name) and not path.is_symlink()


def _foreign(place: Place, what: str) -> PopulaceError:
    kind = "prefix" if isinstance(place, Bucket) else "folder"
    todo = f"name another {kind}, or one that is empty; nothing here was changed"
    return Refused(what, where=place.shown if isinstance(place, Bucket) else f"parquet:{place}", todo=todo)


@contextmanager
def locked(folder: Place, *, secret: bool = False) -> Iterator[None]:
    """Make the folder if need be, and be the only one who writes to it. secret: a new one is closed to others. A bucket
    has no such lock: `write` looks instead.

    Raises Refused when somebody else writes to it.
    """
    if isinstance(folder, Bucket):
        yield
        return
    folder.mkdir(mode=0o700 if secret else 0o777, parents=True, exist_ok=True)
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
def reachable(folder: Place) -> Iterator[None]:
    """What the disk or the storage refuses as our error: no room, no permission."""
    if isinstance(folder, Bucket):
        with folder.reachable():
            yield
        return
    try:
        yield
    except OSError as error:
        raise TargetUnavailable(
            f"the folder cannot be used: {error.strerror or error}",
            where=f"parquet:{folder}",
            todo=Remedy(text="check its permissions and the space on its disk, then run {} again"),
        ) from error
