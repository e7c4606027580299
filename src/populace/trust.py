"""Whether a settings file may say where secrets go and which programs run: it is the user's own, and was allowed once.

A file in the current folder comes with whatever was cloned or unpacked there. What is allowed is a path together with
a hash of what stands in it, recorded in the user's data folder: a file that has changed has to be allowed again.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from contextlib import suppress
from pathlib import Path

import platformdirs

from populace import files
from populace.errors import BadInput, Refused

_OTHERS = stat.S_IWGRP | stat.S_IWOTH


def allowed(file: Path, held: bytes) -> bool:
    """Whether the user has allowed this file with this content."""
    try:
        record = _record(file)
        found = record.lstat()
        mine = stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & _OTHERS
        return mine and json.loads(files.content(record, 1 << 16)) == _said(file, held)
    except (OSError, ValueError, BadInput):
        return False


def allow(file: Path, held: bytes) -> None:
    """Record that the user allows this file with this content. Raises Refused for a file that is not theirs alone,
    BadInput where nothing can be recorded."""
    why = fault(file)
    if why:
        raise Refused(f"this file cannot be trusted: {why}", where=str(file))
    record = _record(file)
    try:
        record.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        files.put(record, json.dumps(_said(file, held)).encode(), 0o600)
    except OSError as error:
        raise BadInput(
            f"what is trusted cannot be recorded: {error.strerror}",
            where=str(record.parent),
            todo="set XDG_DATA_HOME to a folder of yours that can be written to",
        ) from None


def revoke(file: Path) -> bool:
    """Take it back; whether the file had been allowed."""
    with suppress(FileNotFoundError):
        _record(file).unlink()
        return True
    return False


def fault(file: Path) -> str | None:
    """Why a file is not the user's alone; None when it is."""
    try:
        found, folder = file.lstat(), file.parent.stat()
    except OSError as error:
        return error.strerror or str(error)
    us = os.geteuid()
    if stat.S_ISLNK(found.st_mode):
        return "it is a symbolic link"
    if not stat.S_ISREG(found.st_mode):
        return "it is not a file"
    if found.st_uid != us:
        return f"it belongs to another user (id {found.st_uid})"
    if found.st_mode & _OTHERS:
        return f"others may write to it (chmod go-w {file})"
    if folder.st_uid not in (us, 0):
        return f"its folder belongs to another user (id {folder.st_uid})"
    if folder.st_mode & _OTHERS:
        return f"others may write to its folder (chmod go-w {file.parent})"
    return None


def data_folder() -> Path:
    """Where a user's own data is kept. Raises BadInput where there is no home and nobody says another place."""
    try:
        return platformdirs.user_data_path("populace", appauthor=False).expanduser().absolute()
    except (RuntimeError, KeyError, OSError):
        raise BadInput(
            "this user has no home folder",
            where="XDG_DATA_HOME",
            todo="set XDG_DATA_HOME to a folder that can be written to, or name a target with a folder of its own, "
            "embedded:DIR",
        ) from None


def _record(file: Path) -> Path:
    return data_folder() / "trusted" / f"{hashlib.sha256(_named(file).encode()).hexdigest()[:32]}.json"


def _said(file: Path, held: bytes) -> dict[str, str]:
    return {"file": _named(file), "sha256": hashlib.sha256(held).hexdigest()}


def _named(file: Path) -> str:
    """The file's own name in its real folder, in a form that JSON can hold."""
    return os.fsencode(file.parent.resolve() / file.name).decode("utf-8", errors="backslashreplace")
