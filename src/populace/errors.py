"""The error tree. Every error a user can cause says where, what was given, what is allowed and what to do.

The command line prints `str(error)` on one line of standard error and exits with `exit_code`; nothing else decides
exit codes. An error that is none of these is a defect of ours.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class PopulaceError(Exception):
    """What went wrong, and the way out.

    what: one sentence, no full stop. where: the path of the faulty thing (`recoverlution.days`). given: the value as
    the user wrote it. allowed: the range or the list of names. todo: the command or the change that mends it.
    """

    exit_code = 1

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        given: object = None,
        allowed: str | None = None,
        todo: str | None = None,
    ) -> None:
        self.what, self.where, self.given, self.allowed, self.todo = what, where, given, allowed, todo
        parts = [f"{where}: {what}" if where else what]
        if given is not None:
            parts.append(f"given: {given!r}")
        if allowed:
            parts.append(f"allowed: {allowed}")
        if todo:
            parts.append(f"to do: {todo}")
        super().__init__("; ".join(parts))


class CheckFailed(PopulaceError):
    """A check did not hold, or rows were rejected."""

    exit_code = 1


class BadInput(PopulaceError):
    """The request itself is wrong: a name, a number, a file. Nothing was written."""

    exit_code = 2


class Refused(PopulaceError):
    """The request is well formed, and doing it would be unsafe or would break a promise. Nothing was written."""

    exit_code = 3


class TargetUnavailable(PopulaceError):
    """The target cannot be reached, or does not let us in, or has no room left."""

    exit_code = 4


class Interrupted(PopulaceError):
    """The user stopped the work; what is committed stays, and the same command goes on from there."""

    exit_code = 130


def several(errors: Iterable[PopulaceError], kind: type[PopulaceError] = BadInput) -> PopulaceError:
    """One error out of many, so that all faults are shown at once; a single one is returned as it is."""
    found = list(errors)
    if len(found) == 1:
        return found[0]
    return kind(f"{len(found)} faults:\n  - " + "\n  - ".join(str(error) for error in found))


def nearest(name: str, known: Iterable[str]) -> str:
    """The text for `allowed`: the nearest right name first, then the others (at most twelve)."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    shown = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
    return f"did you mean {close[0]!r}? ({shown})" if close else shown
