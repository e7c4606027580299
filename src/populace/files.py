"""Files of the user's: read within bounds, and written whole or not at all, never through a link to elsewhere.

Whatever is read may come from somebody else, so that size, depth, numbers and texts are bounded before anything looks
at them. Whatever is written appears under its name complete, or not; a file that is not ours is not replaced.
"""

from __future__ import annotations

import ast
import json
import math
import os
import re
import shutil
import stat
import threading
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from populace.errors import BadInput, Refused

MOST_BYTES = 8 << 20
"""Of a file that is read, unless its reader says otherwise; plans and lists of people are far smaller."""
_DRAFT = ".populace-"
_HEAD_BYTES = 64 << 10
MOST_LEVELS = 32
"""Objects and lists inside each other."""
MOST_DIGITS = 400
"""Of a whole number: more than any float has."""

_PARSING = threading.Lock()


class Unreadable(ValueError):
    """Why a file, or what it holds, cannot be used; in words that follow a colon."""


def content(file: Path, most_bytes: int = MOST_BYTES) -> bytes:
    """What a file holds. Raises Unreadable for what is no file, cannot be read or is too long."""
    try:
        # Not to wait for somebody who writes into a pipe.
        handle = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            if not stat.S_ISREG(kind := os.fstat(handle).st_mode):
                raise Unreadable("this is a folder" if stat.S_ISDIR(kind) else "this is not a file")
            with open(handle, "rb", closefd=False) as opened:
                held = opened.read(most_bytes + 1)
        finally:
            os.close(handle)
    except OSError as error:
        raise Unreadable(error.strerror or str(error)) from None
    except Unreadable:
        raise
    except ValueError as error:
        raise Unreadable(str(error)) from None
    if len(held) > most_bytes:
        raise Unreadable(f"it is longer than {most_bytes:,} bytes")
    return held


def json_of(held: bytes) -> Any:
    """The JSON in a file. Raises Unreadable for what is none, and for what no file of ours could hold: NaN and
    infinities, numbers of hundreds of digits, a name twice in an object, texts with NUL or half a character, and more
    than a few levels."""
    try:
        found = json.loads(
            held.decode("utf-8"),
            parse_constant=_no_number,
            object_pairs_hook=_once,
            parse_int=_whole,
            parse_float=_finite,
        )
    except UnicodeDecodeError:
        raise Unreadable("it is not text in UTF-8") from None
    except RecursionError:
        raise Unreadable(f"it has more than {MOST_LEVELS} levels") from None
    except json.JSONDecodeError as error:
        raise Unreadable(str(error)) from None
    _bounded(found)
    return found


def toml_of(held: bytes) -> dict[str, Any]:
    """The TOML in a file. Raises Unreadable as `json_of` does."""
    try:
        found = tomllib.loads(held.decode("utf-8"), parse_float=_finite)
    except UnicodeDecodeError:
        raise Unreadable("it is not text in UTF-8") from None
    except RecursionError:
        raise Unreadable(f"it has more than {MOST_LEVELS} levels") from None
    except Unreadable:
        raise
    except ValueError as error:
        # Python's own limit of digits names a function to call.
        raise Unreadable("a number has too many digits" if "integer string" in str(error) else str(error)) from None
    _bounded(found)
    return found


def python_of(held: bytes | str) -> ast.Module:
    """The syntax tree of a module. Raises SyntaxError and ValueError as `ast.parse` does.

    One at a time: two threads that parse at once end each other with a SystemError in Python 3.11.
    """
    with _PARSING:
        return ast.parse(held)


def line_of(held: bytes, *path: str) -> int | None:
    """The line of a TOML file on which the value at a path begins; None where that cannot be said."""
    lines = held.decode("utf-8", errors="replace").splitlines()
    name = re.compile(rf"(?:^|[\s.,{{\"'\[])[\"']?{re.escape(path[-1])}[\"']?\s*[=\]]")
    for at, line in enumerate(lines):
        if not name.search(line):
            continue
        for end in range(at + 1, min(at + 20, len(lines)) + 1):
            with suppress(ValueError, RecursionError):
                found: Any = tomllib.loads("\n".join(lines[:end]))
                for part in path:
                    found = found.get(part) if isinstance(found, dict) else None
                if found is not None:
                    return at + 1
                break
    return None


@contextmanager
def readable(where: str, file: Path, what: str) -> Iterator[None]:
    """What makes a file unusable as our error. what: of the file, such as `the plan file`; where: the field that names
    it."""
    try:
        yield
    except Unreadable as error:
        raise BadInput(f"{what} cannot be read: {error}", where=where, given=str(file)) from None


def require_writable(file: Path, where: str, what: str, ours: Callable[[bytes], bool]) -> None:
    """Raise what `write` would raise for this file, before there is anything to write."""
    with _writable(file, where, what):
        _allowed(file, where, what, ours)
        whole = file.resolve()
        handle, beside = _beside(whole, 0o600)
        os.close(handle)
        beside.unlink()


def try_folder(folder: Path) -> None:
    """Raise OSError where a folder does not take files, or is not there and cannot be made. Nothing is left of it."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    handle, beside = _beside(there / folder.name, 0o600)
    os.close(handle)
    beside.unlink()


def write(
    file: Path, held: bytes, where: str, what: str, ours: Callable[[bytes], bool], *, secret: bool = False
) -> None:
    """Write a file, whole or not at all; it is on the disk when this returns.

    where: the field that names it. what: it, such as `the plan file`. ours: whether a file that begins like this may be
    replaced; one without content may be. secret: nobody else may read it. Raises BadInput when it cannot be written,
    Refused for a file that is there and not ours, and for a path that leads elsewhere through a link.
    """
    with _writable(file, where, what):
        before = _allowed(file, where, what, ours)
        put(file.resolve(), held, 0o600 if secret else 0o666 if before is None else before)


def put(file: Path, held: bytes, mode: int = 0o666) -> None:
    """Replace a file of ours by these bytes, whole or not at all. mode: its permissions, less the umask. Raises
    OSError."""
    with appearing(file, mode) as beside:
        beside.write_bytes(held)


@contextmanager
def appearing(file: Path, mode: int = 0o666) -> Iterator[Path]:
    """A new file in the same folder, for the block to fill: it takes the name of `file` when the block has ended well,
    and goes when it has not. mode: its permissions, less the umask. Raises OSError."""
    handle, beside = _beside(file, mode)
    os.close(handle)
    try:
        yield beside
        sync(beside)
        beside.replace(file)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    sync(file.parent)


@contextmanager
def drafts(folder: Path) -> Iterator[Path]:
    """A new folder in a folder, for files that will take their place in it; it goes in the end. One that a process left
    which is no more goes too. Raises OSError."""
    for left in folder.glob(f"{_DRAFT}*.drafts"):
        number = left.name.removeprefix(_DRAFT).partition("-")[0]
        if (
            number.isdigit()
            and not left.is_symlink()
            and not Path("/proc", number).exists()
            and Path("/proc/self").exists()
        ):
            shutil.rmtree(left, ignore_errors=True)
    with TemporaryDirectory(prefix=f"{_DRAFT}{os.getpid()}-", suffix=".drafts", dir=folder) as made:
        yield Path(made)


def is_running(pid: int) -> bool:
    """Whether there is a process of this number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def is_draft(name: str) -> bool:
    """Whether a file of this name is one that `put` was about to rename when it was killed."""
    return re.fullmatch(re.escape(_DRAFT) + r"\d+-\d+\.part", name) is not None


def sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def require_within(path: Path, where: str) -> None:
    """Refuse a path that reads as if it stayed in a folder, and leaves it through a symbolic link.

    For a path below the current folder that is the current folder; for any path it is the one that its last name
    stands in.
    """
    here, named = Path.cwd(), Path(os.path.abspath(path))
    folders = [named.parent, *([here] if named.is_relative_to(here) else [])]
    if not all(named.resolve().is_relative_to(folder.resolve()) for folder in folders):
        raise Refused(
            "a symbolic link on this path leads out of its folder",
            where=where,
            given=str(path),
            todo=f"name the place itself, if you mean it: {named.resolve()}",
        )


@contextmanager
def _writable(file: Path, where: str, what: str) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError, RuntimeError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise BadInput(
            f"{what} cannot be written: {why}",
            where=where,
            given=str(file),
            todo="name a file in a folder that exists and can be written to",
        ) from None


def _allowed(file: Path, where: str, what: str, ours: Callable[[bytes], bool]) -> int | None:
    """The permissions of the file that is to be replaced; None where there is none. Raises Refused where it may not
    be."""
    require_within(file, where)
    if not file.exists():
        return None
    found = file.stat()
    if not stat.S_ISREG(found.st_mode):
        why = "this is a folder" if stat.S_ISDIR(found.st_mode) else "this is not a file"
        raise BadInput(f"{what} cannot be written: {why}", where=where, given=str(file), todo="name a file")
    if found.st_size and not _is(file, ours):
        raise Refused(
            f"a file is here that is not {what} of Populace", where=where, given=str(file),
            todo="name another one, or remove it first",
        )  # fmt: skip
    return stat.S_IMODE(found.st_mode)


def _is(file: Path, ours: Callable[[bytes], bool]) -> bool:
    with open(file, "rb") as opened:
        return ours(opened.read(_HEAD_BYTES))


def _beside(file: Path, mode: int) -> tuple[int, Path]:
    """A new file in the same folder, in which a file is written before it takes its name. What is there already, by
    whatever name, is somebody's, and let alone."""
    for number in count():
        beside = file.with_name(f"{_DRAFT}{os.getpid()}-{number}.part")
        with suppress(FileExistsError):
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            return os.open(beside, flags, mode), beside
    raise AssertionError("count() does not end")


def _bounded(found: Any) -> None:
    """Raise Unreadable for values that no file of ours could hold."""
    waiting: list[tuple[Any, int]] = [(found, 1)]
    while waiting:
        value, level = waiting.pop()
        if isinstance(value, str):
            _text(value)
        elif isinstance(value, int) and value.bit_length() > MOST_DIGITS * 3.33:
            raise Unreadable(f"a number has more than {MOST_DIGITS} digits")
        elif isinstance(value, Mapping | list):
            if level > MOST_LEVELS:
                raise Unreadable(f"it has more than {MOST_LEVELS} levels")
            if isinstance(value, Mapping):
                waiting += [(name, level) for name in value]
            waiting += [(one, level + 1) for one in (value.values() if isinstance(value, Mapping) else value)]


def _text(value: str) -> None:
    if "\0" in value:
        raise Unreadable("a text holds a NUL character")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise Unreadable("a text holds half a character (a lone surrogate)") from None


def _no_number(name: str) -> Any:
    raise Unreadable(f"{name} is not a number")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise Unreadable(f"{text[:40]} is not a number that can be used")
    return number


def _whole(text: str) -> int:
    if len(text) > MOST_DIGITS:
        raise Unreadable(f"a number has more than {MOST_DIGITS} digits")
    return int(text)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise Unreadable(f"the name {name[:60]!r} stands twice in an object")
        found[name] = value
    return found
