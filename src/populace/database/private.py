"""Files in the folder of an embedded server: only the owner of the folder may read or change them.

Root may run the server of somebody else's folder. What root makes there then belongs to the owner of the folder, and no
link in it leads root out of it.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import IO

from populace.errors import TargetUnavailable

FILE_MODE, FOLDER_MODE = 0o600, 0o700


def make_folder(folder: Path) -> None:
    """Make the folder, or close one that is there to everybody else; the folders above it are left as they are.

    Raises TargetUnavailable when it belongs to another user, OSError when it cannot be made.
    """
    folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    found = folder.stat()
    if os.geteuid() not in {0, found.st_uid}:
        raise TargetUnavailable(
            "this folder belongs to another user",
            where=str(folder),
            given=f"user id {found.st_uid}",
            todo="run as that user, or name a folder of your own (one inside it will do) with embedded:DIR",
        )
    if found.st_mode & 0o077:
        folder.chmod(found.st_mode & FOLDER_MODE)


def open_file(file: Path, flags: int) -> int:
    """A descriptor of a file, made if need be (flags as for `os.open`). Raises OSError, also for a symbolic link."""
    descriptor = os.open(file, flags | os.O_CREAT | os.O_NOFOLLOW, FILE_MODE)
    try:
        _close_to_others(descriptor, file.parent)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def append(file: Path) -> IO[bytes]:
    """A file to be written to at its end."""
    return os.fdopen(open_file(file, os.O_WRONLY | os.O_APPEND), "ab")


def write(file: Path, text: str) -> None:
    """Write a file, whole or not at all."""
    descriptor, draft = tempfile.mkstemp(prefix=f"{file.name}.", dir=file.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as out:
            _close_to_others(descriptor, file.parent)
            out.write(text)
        os.replace(draft, file)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise


def _close_to_others(descriptor: int, folder: Path) -> None:
    found, owner = os.fstat(descriptor), folder.stat()
    if os.geteuid() == 0 and found.st_uid == 0 and owner.st_uid != 0:
        os.fchown(descriptor, owner.st_uid, owner.st_gid)
    if found.st_mode & 0o177:
        os.fchmod(descriptor, FILE_MODE)
