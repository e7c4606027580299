"""Output: results on stdout (one JSON document under `--json`), progress and logs on stderr."""

from __future__ import annotations

import json
import os
import sys
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TextIO

from populace import clock
from populace.cli import screen
from populace.cli.progress import Progress, in_a_line
from populace.errors import BadInput, PopulaceError
from populace.event import Event


@dataclass(slots=True)
class Output:
    """How this command prints. quiet: errors only, and the document of `--json`. log_json: stderr as one JSON
    object a line."""

    as_json: bool = False
    quiet: bool = False
    verbose: bool = False
    log_json: bool = False
    _progress: Progress = field(default_factory=Progress, repr=False)

    def result(self, document: Mapping[str, Any] | Sequence[Any], text: str) -> None:
        """The command's answer: the document under `--json`, else the text."""
        if self.quiet and not self.as_json:
            return
        from populace.cli import wording

        shown = _json(document) if self.as_json else _within(wording.whole(text), sys.stdout)
        self._progress.clear()
        try:
            print(shown)  # noqa: T201
            sys.stdout.flush()
        except OSError as error:
            if not isinstance(error, BrokenPipeError):
                raise BadInput(f"the output cannot be written ({error.strerror})", where="standard output") from None
            # The reader of our output has ended; nothing can be printed, and nothing must be flushed at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise SystemExit(0) from None

    def say(self, text: str, *, asked: bool = False, **detail: object) -> None:
        """A line about what is happening. asked: somebody is to agree to it, so that it is said even when quiet."""
        if self.quiet and not asked:
            return
        self._progress.clear()
        line = _within(text, sys.stderr)
        if self.log_json:
            line = json.dumps(
                {"at": clock.iso(clock.now_us()), "level": "info", "message": text, **detail}, default=str
            )
        print(line, file=sys.stderr, flush=True)  # noqa: T201

    def hear(self, event: Event) -> None:
        """What an operation says: how far something is, or a line for a reader."""
        from populace.cli import wording

        if event.total is None:
            self.say(wording.advice(event.text))
        elif self.quiet:
            return
        elif sys.stderr.isatty() and not self.log_json:
            self._progress.hear(event)
        elif self.verbose or self.log_json:
            self.say(in_a_line(event))


def _within(text: str, stream: TextIO) -> str:
    """A text whose sentences end where the terminal does; commands stay in one line, so that they can be copied."""
    from populace.cli import wording

    room, command = screen.width(stream), f"{wording.program()} "
    if room is None:
        return text
    return "\n".join(
        line if len(line) <= room or "\x1b" in line or command in line else _wrapped(line, room)
        for line in text.split("\n")
    )


def _wrapped(line: str, room: int) -> str:
    margin = " " * (len(line) - len(line.lstrip()) + 2)
    return textwrap.fill(line, room, subsequent_indent=margin, break_long_words=False, break_on_hyphens=False)


def _json(document: Mapping[str, Any] | Sequence[Any]) -> str:
    """The document in characters that standard output can take as they are."""
    shown = json.dumps(document, indent=2, ensure_ascii=False, default=str)
    try:
        shown.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return json.dumps(document, indent=2, default=str)
    return shown


def fail(error: PopulaceError) -> int:
    """Print an error and return its exit code."""
    from populace.cli import wording

    sys.stderr.write("\r\x1b[2K" if sys.stderr.isatty() else "")
    name = screen.paint("populace:", "bad", sys.stderr)
    said = wording.said(error) if screen.width(sys.stderr) is None else _folded(error)
    print(f"{name} {_plain(said)}", file=sys.stderr)  # noqa: T201
    return error.exit_code


def _folded(error: PopulaceError) -> str:
    """An error at a terminal, after the program's name: each part on its own line, folded where the screen ends."""
    from populace.cli import wording

    first, *others = wording.folded(error)
    within = _within(f"populace: {first}", sys.stderr).removeprefix("populace: ")
    return "\n".join([within, *(_within(line, sys.stderr) for line in others)])


def _plain(text: str) -> str:
    """A text in which nothing moves a cursor: paths and names may hold any character."""
    return "".join(c if c == "\n" or c.isprintable() else repr(c)[1:-1] for c in text)
