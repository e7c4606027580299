"""The error tree. Every error a user can cause says where, what was given, what is allowed and what to do.

`where` is the path of a field (`seed.scenario`, `target`), and what to do is data: each interface words both itself,
the command line as flags and commands. `str(error)` words them for Python. An error knows its exit code and its HTTP
status; nothing else decides either. An error that is none of these is a defect of ours.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

MOST_SHOWN = 400
"""Characters of a value that an error repeats."""


@dataclass(frozen=True, slots=True)
class Remedy:
    """What to do about an error, as data.

    action: an operation by name, such as `seed`; "": the same request again, or with these arguments. arguments: fields
    of its request; of a field with None only the name counts. text: words around it, `{}` stands for the action.
    """

    action: str = ""
    arguments: Mapping[str, object] = field(default_factory=dict)
    text: str = "{}"

    def worded(self, word: Callable[[Remedy], str]) -> str:
        """The whole text, with the action in the words of an interface."""
        return self.text.replace("{}", word(self))

    def __str__(self) -> str:
        return self.worded(_in_python)


Todo = str | Remedy | Sequence[str | Remedy]
"""What to do: a text, an action, or several of them."""


class PopulaceError(Exception):
    """What went wrong, and what to do.

    what: one sentence, no full stop. where: the path of the faulty thing (`recoverlution.days`, `seed.scenario`).
    given: the value as the user wrote it. allowed: the range or the list of names. todo: what to do. faults: the
    errors that this one sums up.
    """

    exit_code = 1
    http_status = 500

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        given: object = None,
        allowed: str | None = None,
        todo: Todo | None = None,
        faults: Sequence[PopulaceError] = (),
    ) -> None:
        self.what, self.where, self.given, self.allowed, self.faults = what, where, given, allowed, tuple(faults)
        single = isinstance(todo, str | Remedy)
        self.remedies: tuple[str | Remedy, ...] = () if not todo else (todo,) if single else tuple(todo)  # type: ignore[assignment,arg-type]
        super().__init__(self.worded(str, _in_python))

    def worded(self, place: Callable[[str], str], word: Callable[[Remedy], str]) -> str:
        """The error in one line. place: words `where`; word: words an action."""
        if self.faults:
            return f"{self.what}:\n  - " + "\n  - ".join(fault.worded(place, word) for fault in self.faults)
        return "; ".join(self.parts(place, word))

    def parts(self, place: Callable[[str], str], word: Callable[[Remedy], str]) -> list[str]:
        """Where and what, what was given, what is allowed, what to do: those that there are, without its faults."""
        parts = [f"{_in_one_line(place(self.where))}: {self.what}" if self.where else self.what]
        if self.given is not None:
            parts.append(f"given: {_shown(self.given)}")
        if self.allowed:
            parts.append(f"allowed: {self.allowed}")
        if self.remedies:
            parts.append("to do: " + "; ".join(r if isinstance(r, str) else r.worded(word) for r in self.remedies))
        return parts


class CheckFailed(PopulaceError):
    """A check failed, or rows were rejected: the request was done, and this is its verdict."""

    exit_code = 1
    http_status = 200


class BadInput(PopulaceError):
    """The request itself is wrong: a name, a number, a file. Nothing was written."""

    exit_code = 2
    http_status = 422


class Refused(PopulaceError):
    """The request is well formed, but unsafe or impossible for this target. Nothing was written."""

    exit_code = 3
    http_status = 409


class TargetUnavailable(PopulaceError):
    """The target cannot be reached, or refuses the log-in, or has no space left."""

    exit_code = 4
    http_status = 503


class Interrupted(PopulaceError):
    """The user stopped the work; what is committed stays, and the same request continues from there."""

    exit_code = 130
    http_status = 409


def several(errors: Iterable[PopulaceError], kind: type[PopulaceError] = BadInput) -> PopulaceError:
    """One error out of many, so that all faults are shown at once; a single one is returned as it is."""
    found = list(errors)
    return found[0] if len(found) == 1 else kind(f"{len(found)} faults", faults=found)


def nearest(name: str, known: Iterable[str]) -> str:
    """The text for `allowed`: the nearest right name first, then the others (at most twelve)."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    shown = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
    return f"did you mean {close[0]!r}? ({shown})" if close else shown


def _in_one_line(text: str) -> str:
    """A path, which may hold line ends."""
    return text if text.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def _shown(given: object) -> str:
    """A value as the user wrote it, or the beginning of a long one."""
    try:
        text = repr(given)
    except (ValueError, RecursionError):  # a number of thousands of digits, a list of a thousand levels
        return f"({type(given).__name__} too large to show)"
    return text if len(text) <= MOST_SHOWN else f"{text[: MOST_SHOWN - 40]}… ({len(text):,} characters)"


def _in_python(remedy: Remedy) -> str:
    """An action as a call, and the same request again as its fields."""
    fields = [name if value is None else f"{name}={value!r}" for name, value in remedy.arguments.items()]
    return f"{remedy.action}({', '.join(fields)})" if remedy.action else " and ".join(fields) or "the same call"


def no_such_name(where: str, given: str, names: Iterable[str]) -> BadInput:
    """An error about a name that nothing has, with those that there are."""
    return BadInput("there is no such name", where=where, given=given, allowed=nearest(given, names))
