"""A judgement's report on disk: whole or not at all, and found out to be impossible before anything is judged."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from populace import clock
from populace.checks.judgement import Judgement
from populace.errors import BadInput


@dataclass(frozen=True, slots=True)
class Written:
    """The report's file and its size."""

    file: Path
    bytes: int


def require_writable(file: Path) -> None:
    """Raise BadInput when no file can be written there: no such folder, no right to it, or something else is there."""
    if file.exists() and not file.is_file():
        raise _unwritable(file, "this is a folder" if file.is_dir() else "this is not a file")
    try:
        _beside(file).unlink()
    except OSError as error:
        raise _unwritable(file, f"the report cannot be written here: {error.strerror}") from None


def write(judgement: Judgement, file: Path) -> Written:
    """Write the report of a judgement; a file that is there is replaced. Raises BadInput when that fails."""
    from populace.checks import report

    content = report.render(judgement, clock.now_us()).encode("utf-8")
    beside = None
    try:
        beside = _beside(file)
        beside.write_bytes(content)
        beside.replace(file.resolve())
    except OSError as error:
        if beside is not None:
            beside.unlink(missing_ok=True)
        raise _unwritable(file, f"the report cannot be written: {error.strerror}") from None
    return Written(file, len(content))


def _beside(file: Path) -> Path:
    """A new file in which it is written before it takes its name; through a link, beside what that names.

    A file that is there already, by whatever name, is somebody's, and let alone.
    """
    whole = file.resolve()
    for number in count():
        beside = whole.with_name(f"{whole.name}.{number}.part")
        with suppress(FileExistsError):
            beside.touch(exist_ok=False)
            break
    return beside


def _unwritable(file: Path, why: str) -> BadInput:
    return BadInput(
        why, where="validate.html", given=str(file), todo="name a file in a folder that exists and can be written to"
    )
