"""Output: results on stdout (one JSON document under `--json`), progress and logs on stderr."""

from __future__ import annotations

import json
import os
import sys
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from populace import clock
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
    _live: bool = field(default=False, repr=False)

    def result(self, document: Mapping[str, Any] | Sequence[Any], text: str) -> None:
        """The command's answer: the document under `--json`, else the text."""
        if self.quiet and not self.as_json:
            return
        shown = _json(document) if self.as_json else text
        self._end_line()
        try:
            print(shown)  # noqa: T201
            sys.stdout.flush()
        except OSError as error:
            if not isinstance(error, BrokenPipeError):
                raise BadInput(f"the output cannot be written ({error.strerror})", where="standard output") from None
            # The reader of our output has ended; nothing can be printed, and nothing must be flushed at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise SystemExit(0) from None

    def say(self, text: str, **detail: object) -> None:
        """A line about what is happening."""
        if self.quiet:
            return
        self._end_line()
        line = text
        if self.log_json:
            line = json.dumps(
                {"at": clock.iso(clock.now_us()), "level": "info", "message": text, **detail}, default=str
            )
        print(line, file=sys.stderr, flush=True)  # noqa: T201

    def progress(self, text: str) -> None:
        """A line that replaces the one before on a terminal; elsewhere it is printed only with `-v`."""
        if self.quiet:
            return
        if sys.stderr.isatty() and not self.log_json:
            sys.stderr.write(f"\r\x1b[2K{text[:110]}")
            sys.stderr.flush()
            self._live = True
        elif self.verbose or self.log_json:
            self.say(text)

    def hear(self, event: Event) -> None:
        """What an operation says: how far something is, or a line for a reader."""
        from populace.cli import wording

        if event.total is None:
            self.say(wording.advice(event.text))
        else:
            left = f", {event.seconds_left:,.0f} s left" if (event.seconds_left or 0) >= 1 else ""
            self.progress(progress_text(event) + left)

    def _end_line(self) -> None:
        if self._live:
            sys.stderr.write("\r\x1b[2K")
            self._live = False


def _json(document: Mapping[str, Any] | Sequence[Any]) -> str:
    """The document in characters that standard output can take as they are."""
    shown = json.dumps(document, indent=2, ensure_ascii=False, default=str)
    try:
        shown.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return json.dumps(document, indent=2, default=str)
    return shown


def progress_text(event: Event) -> str:
    """How far something is."""
    if event.unit == "rows":
        what = f" ({event.text})" if event.text else ""
        return f"{event.stage}: {event.done:,.0f} of about {event.total:,.0f}{what}"
    return f"{event.stage}: {event.done:,.0f} of {event.total:,.0f} {event.text}".rstrip()


def fail(error: PopulaceError) -> int:
    """Print an error and return its exit code."""
    from populace.cli import wording

    sys.stderr.write("\r\x1b[2K" if sys.stderr.isatty() else "")
    print(f"populace: {_plain(wording.said(error))}", file=sys.stderr)  # noqa: T201
    return error.exit_code


def _plain(text: str) -> str:
    """A text in which nothing moves a cursor: paths and names may hold any character."""
    return "".join(c if c == "\n" or c.isprintable() else repr(c)[1:-1] for c in text)


def table(header: Sequence[str], rows: Sequence[Sequence[object]], *, right: Sequence[int] = ()) -> str:
    """Columns aligned by spaces; `right`: positions of the columns with numbers."""
    cells = [[str(c) for c in row] for row in rows]
    widths = [max(len(line[i]) for line in [list(header), *cells]) for i in range(len(header))]

    def line(values: Sequence[str]) -> str:
        shown = [v.rjust(w) if i in right else v.ljust(w) for i, (v, w) in enumerate(zip(values, widths, strict=True))]
        return "  ".join(shown).rstrip()

    return "\n".join([line(list(header)), line(["-" * w for w in widths]), *(line(c) for c in cells)])


def folded(header: Sequence[str], rows: Sequence[Sequence[object]], *, most: Sequence[int]) -> str:
    """A table whose long cells go on in further lines; most: characters a line of each column, 0 for any number."""
    out: list[Sequence[str]] = []
    for row in rows:
        parts = [textwrap.wrap(str(c), w) or [""] if w else [str(c)] for c, w in zip(row, most, strict=True)]
        out += [[p[i] if i < len(p) else "" for p in parts] for i in range(max(len(p) for p in parts))]
    return table(header, out)


def size(count: float) -> str:
    """Bytes for a reader: `14.2 MB`."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"
