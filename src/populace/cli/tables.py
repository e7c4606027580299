"""Tables and lists of fields as text: aligned by spaces; at a terminal folded so that they fit, with calm colours.

Where no terminal reads them they are plain, and each row is one line.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Collection, Iterator, Mapping, Sequence

from populace.cli import screen
from populace.cli.screen import Style

GAP = "  "
LEAST, WHOLE = 12, 26
"""Characters that a folded column keeps, and those of a word that is never cut: a time, an id."""

_STATES: Mapping[str, Style] = {
    "ok": "good",
    "FAILED": "bad",
    "attention": "attention",
    "open": "attention",
    "info": "faint",
    "red": "bad",
    "in": "good",
    "left out": "faint",
}
_COUNTED: Mapping[str, Style] = {"FAILED": "bad", "REJECTED": "bad", "DIFFERENT": "bad", "OPEN": "attention"}
"""Columns whose numbers are painted unless they are 0."""
_PART = re.compile(r"[^_./:,-]*[_./:,-]+|[^_./:,-]+")

Cells = Sequence[Sequence[str]]


def table(header: Sequence[str], rows: Sequence[Sequence[object]], *, right: Collection[int] = ()) -> str:
    """Columns aligned by spaces; `right`: positions of the columns with numbers."""
    cells = [[str(c) for c in row] for row in rows]
    natural = [max(len(line[i]) for line in [list(header), *cells]) for i in range(len(header))]
    room = screen.width()
    widths = natural if room is None else _fitting(header, cells, natural, right, room)
    if widths is None:
        assert room is not None
        return "\n\n".join(_record(header, row, room) for row in cells)
    rule = screen.paint(GAP.join(screen.drawn("─" if room else "-") * width for width in widths), "faint")
    heads = [screen.paint(_line(line, widths, right), "faint") for line in _folded(header, widths)]
    lines = [_painted(header, row, line, widths, right) for row in cells for line in _folded(row, widths)]
    return "\n".join([*heads, rule, *lines])


def folded(header: Sequence[str], rows: Sequence[Sequence[object]], *, most: Sequence[int]) -> str:
    """A table whose long cells go on in further lines; most: characters a line of each column, 0 for any number.

    At a terminal its width decides.
    """
    if screen.width() is not None:
        return table(header, rows)
    out: list[Sequence[str]] = []
    for row in rows:
        parts = [textwrap.wrap(str(c), w) or [""] if w else [str(c)] for c, w in zip(row, most, strict=True)]
        out += [[p[i] if i < len(p) else "" for p in parts] for i in range(max(len(p) for p in parts))]
    return table(header, out)


def fields(pairs: Sequence[tuple[str, str]]) -> str:
    """Names with their values, one a line: `state: ready`; at a terminal aligned."""
    room = screen.width()
    if room is None:
        return "\n".join(f"{name}: {value}" for name, value in pairs)
    left = max((len(name) for name, _ in pairs), default=0)
    return "\n".join(_field(name, value, left, room) for name, value in pairs)


def size(count: float) -> str:
    """Bytes for a reader: `14.2 MB`."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


def duration(seconds: float) -> str:
    """Seconds for a reader: `2.7 s`, `3 min 20 s`, `2 h 5 min`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def _fitting(
    header: Sequence[str], cells: Cells, natural: Sequence[int], right: Collection[int], room: int
) -> list[int] | None:
    """Widths that fit into the room: the widest columns give way, numbers and the words of their heads never. None
    where that does not do."""
    widths, least = list(natural), []
    for at, (head, width) in enumerate(zip(header, natural, strict=True)):
        word = max(map(len, head.split()), default=0)
        if at in right:
            least.append(max(word, *(len(row[at]) for row in cells)) if cells else word)
        else:
            whole = max((len(one) for row in cells for one in row[at].split() if len(one) <= WHOLE), default=0)
            least.append(min(width, max(LEAST, word, whole)))
    while sum(widths) + len(GAP) * (len(widths) - 1) > room:
        widest = max(range(len(widths)), key=lambda at: widths[at] if widths[at] > least[at] else 0)
        if widths[widest] == least[widest]:
            return None
        widths[widest] -= 1
    return widths


def _folded(row: Sequence[str], widths: Sequence[int]) -> Iterator[list[str]]:
    """The lines of a row."""
    parts = [list(wrapped(cell, width)) for cell, width in zip(row, widths, strict=True)]
    for number in range(max(map(len, parts))):
        yield [part[number] if number < len(part) else "" for part in parts]


def wrapped(text: str, width: int) -> Iterator[str]:
    """The lines of a text, broken between words; a longer word after the signs that names are made with."""
    if len(text) <= width:
        yield text
        return
    line = ""
    for word in text.split():
        for at, part in enumerate([word] if len(word) <= width else _PART.findall(word)):
            gap = " " if line and at == 0 else ""
            if line and len(line) + len(gap) + len(part) > width:
                yield line
                line, gap = "", ""
            line += gap + part
            while len(line) > width:
                yield line[:width]
                line = line[width:]
    if line:
        yield line


def _line(values: Sequence[str], widths: Sequence[int], right: Collection[int]) -> str:
    shown = [v.rjust(w) if i in right else v.ljust(w) for i, (v, w) in enumerate(zip(values, widths, strict=True))]
    return GAP.join(shown).rstrip()


def _painted(
    header: Sequence[str], row: Sequence[str], line: Sequence[str], widths: Sequence[int], right: Collection[int]
) -> str:
    """A line of a row, in the colours of its cells."""
    if not screen.coloured():
        return _line(line, widths, right)
    shown = []
    for at, (text, width) in enumerate(zip(line, widths, strict=True)):
        placed = text.rjust(width) if at in right else text.ljust(width)
        shown.append(screen.paint(placed, _style(header[at], row[at])))
    return GAP.join(shown).rstrip()


def _style(head: str, cell: str) -> Style | None:
    if not head and cell in _STATES:
        return _STATES[cell]
    return _COUNTED.get(head) if cell not in ("", "0") else None


def _record(header: Sequence[str], row: Sequence[str], room: int) -> str:
    """A row of too many columns for the terminal: one line for each that holds something."""
    left = max(map(len, header))
    return "\n".join(_field(head, cell, left, room) for head, cell in zip(header, row, strict=True) if cell)


def _field(name: str, value: str, left: int, room: int) -> str:
    first, *more = wrapped(value, max(LEAST, room - left - len(GAP))) if value else [""]
    lines = [f"{screen.paint(name.ljust(left), 'faint')}{GAP}{first}", *(" " * left + GAP + line for line in more)]
    return "\n".join(line.rstrip() for line in lines)
