"""The file of a backup: what pg_dump wrote, and after it one line that says of which database it is, and its checksum.

pg_restore reads such a file as it reads any other. The line comes last, so that a file that was cut off has none; the
file appears under its name only when it is whole, and nobody else may read it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any

from populace import clock, files
from populace.database import dumping
from populace.errors import BadInput, PopulaceError, TargetUnavailable

ENDING = ".dump"
KEPT_DAYS = 7
_MAGIC = b"populace-backup-1"
_TAIL = re.compile(rb"\n" + _MAGIC + rb" (\d{8})\n")
_TAIL_BYTES = len(_MAGIC) + 11
_MOST_BYTES = 4 << 20
"""Of the line."""
_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Tie:
    """Something outside the schemas of a backup that needs what is in them. statement: makes it again; None: nothing
    known here does."""

    kind: str
    name: str
    statement: str | None


@dataclass(frozen=True, slots=True)
class About:
    """What a backup is of.

    taken_us: when, in real time. host: of the server, which counts where it does not say who it is. system, oid,
    name: of its server and itself, as in `identity`. world, plan, watermark_us: who lives there and up to when;
    None: nobody. world_path: where that world was found, None for an installed one. server, pg_dump: versions.
    schemas: what is in it. left_out: schemas that belong to others. extensions: name and schema of each. made:
    numbers of records in `populace.made` that hold. ties: see `Tie`. sha256, bytes: of what pg_dump wrote.
    """

    taken_us: int
    host: str
    system: str | None
    oid: int
    name: str
    world: str | None
    plan: str | None
    watermark_us: int | None
    server: str
    pg_dump: str
    schemas: Sequence[str]
    left_out: Sequence[str]
    extensions: Sequence[tuple[str, str]]
    made: Sequence[int] = field(default=(), repr=False)
    ties: Sequence[Tie] = field(default=(), repr=False)
    sha256: str = ""
    bytes: int = 0
    world_path: str | None = None

    def document(self) -> dict[str, Any]:
        """What is printed of it."""
        return {
            "taken": clock.iso(self.taken_us),
            "database": self.name,
            "system_identifier": self.system,
            "world": self.world,
            "plan": self.plan,
            "watermark": None if self.watermark_us is None else clock.iso(self.watermark_us),
            "bytes": self.bytes,
            "schemas": list(self.schemas),
            "left_out": list(self.left_out),
        }

    def same_target(self, other: About) -> bool:
        """Whether both are of databases of one name on one server: a nightly reset may have made it again."""
        return self.name == other.name and self._server == other._server

    def same_database(self, other: About) -> bool:
        """Whether both are of one and the same database."""
        return self.same_target(other) and self.oid == other.oid

    @property
    def _server(self) -> str:
        return self.system or self.host


@dataclass(frozen=True, slots=True)
class Backup:
    """A whole file."""

    file: Path
    about: About


def folder_of(root: Path, about: About) -> Path:
    """Where backups of a database go, below a user's folder."""
    server = hashlib.sha256(about._server.encode()).hexdigest()[:12]
    return root / "backups" / f"{_plain(about.name)}-{server}"


@dataclass(slots=True)
class Draft:
    """A backup that is being taken. path: for pg_dump to fill. file: what it becomes when it is whole."""

    path: Path
    file: Path
    about: About

    def finish(self) -> About:
        """Write the last line, once the rest is there."""
        sha256, size = _hashed(self.path)
        self.about = replace(self.about, sha256=sha256, bytes=size)
        line = json.dumps(asdict(self.about)).encode()
        with self.path.open("ab") as opened:
            opened.write(b"\n" + line + b"\n" + _MAGIC + b" %08d\n" % len(line))
        return self.about


@contextmanager
def new(folder: Path, about: About) -> Iterator[Draft]:
    """A backup that is being taken; the file appears when the block has ended well, and nothing is left when it has
    not. Raises BadInput for a folder that cannot be written to, TargetUnavailable where there is no room.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _sweep(folder)
        when = clock.to_datetime(about.taken_us).strftime("%Y%m%dT%H%M%SZ")
        stem = f"{_plain(about.name)}-{about.world or 'nobody'}-{when}"
        file = next(path for path in _numbered(folder, stem) if not path.exists())
        with files.appearing(file, 0o600) as beside:
            yield Draft(beside, file, about)
    except OSError as error:
        raise _not_written(folder, error) from None


def require_folder(folder: Path) -> None:
    """Raise what `new` would raise for a folder; nothing is made."""
    try:
        files.try_folder(folder)
    except (OSError, ValueError) as error:
        raise _not_written(folder, error) from None


def read(file: Path) -> Backup:
    """A backup, by its last line alone. Raises BadInput for a file that is none, or was cut off."""
    try:
        with file.open("rb") as opened:
            size = opened.seek(0, os.SEEK_END)
            opened.seek(max(0, size - _TAIL_BYTES))
            tail = _TAIL.fullmatch(opened.read())
            long = int(tail[1]) if tail else 0
            if not tail or not 0 < long <= min(_MOST_BYTES, size - _TAIL_BYTES):
                raise dumping.unreadable(file, "its last line is missing, as in a file that was cut off or is not of "
                                         "`populace db backup`")  # fmt: skip
            opened.seek(size - _TAIL_BYTES - long)
            held = files.json_of(opened.read(long))
        about = _about(held)
    except OSError as error:
        raise BadInput(f"the backup cannot be read: {error.strerror}", where="restore.file", given=str(file)) from None
    except (files.Unreadable, KeyError, TypeError, ValueError):
        raise dumping.unreadable(file, "its last line cannot be read") from None
    if about.bytes != size - _TAIL_BYTES - long - 1:
        raise dumping.unreadable(file, "it has another length than its last line says")
    return Backup(file, about)


def require_whole(backup: Backup, hear: Callable[[int], None]) -> None:
    """Raise BadInput unless the checksum holds. hear: hears how many bytes are read."""
    digest, done = hashlib.sha256(), 0
    try:
        with backup.file.open("rb") as opened:
            while done < backup.about.bytes and (block := opened.read(min(_BLOCK_BYTES, backup.about.bytes - done))):
                digest.update(block)
                done += len(block)
                hear(done)
    except OSError as error:
        raise dumping.unreadable(backup.file, error.strerror or str(error)) from None
    if digest.hexdigest() != backup.about.sha256:
        raise dumping.unreadable(backup.file, "its checksum does not hold, so that it was changed or damaged")


def of_target(folder: Path, about: About) -> list[Backup]:
    """The backups of a database in a folder, the oldest first. What is anything else is passed over."""
    found = []
    for file in sorted(folder.glob(f"*{ENDING}")) if folder.is_dir() else []:
        try:
            backup = read(file)
        except PopulaceError:
            continue
        if file.is_file() and not file.is_symlink() and backup.about.same_target(about):
            found.append(backup)
    return sorted(found, key=lambda one: one.about.taken_us)


def retire(folder: Path, about: About, keep_days: int, needed: Path | None = None) -> list[Path]:
    """Delete the backups of this database that are from so many days (of UTC) before this one or more; which those
    were. needed: is kept, however old."""
    today = about.taken_us // clock.DAY_US
    old = [one.file for one in of_target(folder, about) if one.about.taken_us // clock.DAY_US <= today - keep_days]
    old = [file for file in old if needed is None or not (needed.exists() and file.samefile(needed))]
    for file in old:
        file.unlink(missing_ok=True)
    return old


def _hashed(file: Path) -> tuple[str, int]:
    """The checksum of a file and its length."""
    digest, done = hashlib.sha256(), 0
    with file.open("rb") as opened:
        while block := opened.read(_BLOCK_BYTES):
            digest.update(block)
            done += len(block)
    return digest.hexdigest(), done


def _about(held: Any) -> About:
    fields: Mapping[str, Any] = held
    ties = tuple(Tie(**tie) for tie in fields["ties"])
    extensions = tuple((str(name), str(schema)) for name, schema in fields["extensions"])
    about = About(**{**fields, "ties": ties, "extensions": extensions})
    if not all(isinstance(value, int) for value in (about.taken_us, about.oid, about.bytes)):
        raise TypeError
    return about


def _sweep(folder: Path) -> None:
    """Remove what backups that were killed have left: their drafts."""
    for file in folder.iterdir():
        if files.is_draft(file.name) and not files.is_running(int(file.name.split("-")[1])):
            file.unlink(missing_ok=True)


def _numbered(folder: Path, stem: str) -> Iterator[Path]:
    yield folder / f"{stem}{ENDING}"
    yield from (folder / f"{stem}-{number}{ENDING}" for number in count(2))


def _plain(name: str) -> str:
    """A name as a file may have it."""
    return re.sub(r"[^A-Za-z0-9_]+", "_", name)[:60]


def _not_written(folder: Path, error: OSError | ValueError) -> PopulaceError:
    why = (error.strerror if isinstance(error, OSError) else None) or str(error)
    if isinstance(error, OSError) and dumping.is_full(error):
        return TargetUnavailable("no space left for the backup", where=str(folder),
                                 todo="free some space, or name another folder")  # fmt: skip
    return BadInput(f"backups cannot be written here: {why}", where="backup.out",
                    given=str(folder), todo="name a folder that can be written to")  # fmt: skip
