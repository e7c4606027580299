"""Errors in the functions of a world: shown to their author with file and line, and never as a fault of Populace.

Any error that passes through a frame of the world's own code is the author's. So is a `Misuse`, which the engine raises
about what a function asked for or gave back.
"""

from __future__ import annotations

import sysconfig
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType, TracebackType

import populace
from populace.errors import BadInput, PopulaceError

TODO = "mend the world; this is not a fault of Populace"
_NOT_AUTHORS = tuple(
    f"{folder}/"
    for folder in (populace.__path__[0], *(sysconfig.get_path(name) for name in ("stdlib", "platlib", "purelib")))
)
"""Folders whose code no author of a world has written: ours, Python's, and installed packages."""

_CALLED = {"<module>": "a line", "<lambda>": "a lambda"}


class Misuse(BadInput):
    """What a world's function asks for, or gives back, is wrong. Whoever calls the function adds where it stands."""


@contextmanager
def authored(package: str, doing: str, function: Callable[..., object] | None = None) -> Iterator[None]:
    """Run code of a world: its errors become BadInput, with the file and line of the function that is at fault.

    package: the world's, by which code of an installed world is known. doing: what runs, in words, such as `the flow
    'visiting' of club`. function: where to look when no line of the world's is on the stack.
    """
    try:
        yield
    except Exception as error:
        if isinstance(error, PopulaceError) and not isinstance(error, Misuse):
            raise
        found = blamed(error, doing, function, package)
        if found is None:
            raise
        raise found from error


def blamed(
    error: Exception, doing: str = "a world", function: Callable[..., object] | None = None, package: str = "\0"
) -> BadInput | None:
    """The error for the author of a world; None when none of their code is on the stack and it is no misuse."""
    line = _line_of_author(error.__traceback__, package)
    if line is None and isinstance(error, Misuse):
        line = _declared(function)
    if line is None:
        return error if isinstance(error, Misuse) else None
    code, number = line
    where = f"{_shown(code.co_filename)}:{number}"
    if isinstance(error, SyntaxError) and error.filename and not is_installed(error.filename):
        # It is met where its file is imported, and says itself where it is.
        where = f"{_shown(error.filename)}:{error.lineno}"
    if isinstance(error, Misuse):
        what = f"in {doing}: " + (f"{error.where}: " if error.where else "") + error.what
        return BadInput(what, where=where, given=error.given, allowed=error.allowed, todo=TODO)
    return BadInput(
        f"{_CALLED.get(code.co_name, f'{code.co_name}()')} in {doing} failed: {type(error).__name__}: {error}",
        where=where,
        todo=TODO,
    )


def declared_at(function: Callable[..., object] | None) -> str:
    """Where a function of a world stands: its file and line; "" where that cannot be said."""
    found = _declared(function)
    return "" if found is None else f"{_shown(found[0].co_filename)}:{found[1]}"


def _line_of_author(traceback: TracebackType | None, package: str) -> tuple[CodeType, int] | None:
    """The innermost line of an author's code on the way to an error."""
    found = None
    while traceback is not None:
        frame = traceback.tb_frame
        module = str(frame.f_globals.get("__name__", ""))
        inside = module == package or module.startswith(f"{package}.")
        if not module.startswith("populace.") and (inside or not is_installed(frame.f_code.co_filename)):
            found = (frame.f_code, traceback.tb_lineno)
        traceback = traceback.tb_next
    return found


def is_installed(file: str) -> bool:
    """Whether no author of a world has written a file; code that stands in none counts so too."""
    return file.startswith("<") or file.startswith(_NOT_AUTHORS)


def _declared(function: Callable[..., object] | None) -> tuple[CodeType, int] | None:
    code = getattr(function, "__code__", None)
    return (code, code.co_firstlineno) if isinstance(code, CodeType) else None


def _shown(file: str) -> str:
    """A file with its folder: enough to find it by."""
    return "/".join(file.split("/")[-2:])
