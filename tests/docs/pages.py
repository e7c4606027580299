"""The project's documents as tests see them: pages, fenced blocks, what was typed and what was printed."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "src").rglob("*.md"), ROOT / "examples" / "README.md"]
)

_FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"(?:^|\n)\n((?: {4}[^\n]*\n)+)")


def name(page: Path) -> str:
    """Its path in the project."""
    return str(page.relative_to(ROOT))


def text(page: str) -> str:
    """A page of the project."""
    return (ROOT / page).read_text(encoding="utf-8")


def fenced(page: str, language: str) -> list[str]:
    """The fenced blocks of a language, in order."""
    return [body for kind, body in _FENCED.findall(text(page)) if kind == language]


def prose(page: str) -> str:
    """A page without its fenced blocks."""
    return _FENCED.sub("", text(page))


@dataclass(frozen=True)
class Typed:
    """A command of a console block, and the lines shown below it (`…` stands for any number of them)."""

    command: str
    shown: tuple[str, ...]

    @property
    def words(self) -> list[str]:
        """As a shell splits it."""
        return shlex.split(self.command)


def typed(page: str) -> Iterator[Typed]:
    """Every `$ command` of a page's console blocks."""
    for block in fenced(page, "console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, *shown = part.splitlines()
            yield Typed(command, tuple(shown))


def commands(page: str) -> Iterator[list[str]]:
    """Every `populace …` that a page says to type, as words: in console blocks, indented blocks and inline code."""
    for entry in typed(page):
        yield from _of(entry.command)
    for block in _INDENTED.findall(prose(page)):
        for line in block.splitlines():
            yield from _of(line.split(" #")[0])
    for code in re.findall(r"`([^`\n]+)`", prose(page)):
        yield from _of(code)


def _of(line: str) -> Iterator[list[str]]:
    inside = re.search(r"\$\(populace ([^)]+)\)", line)
    found = inside or re.search(r"(?:^|[ /])populace ([a-z-].*)$", line.strip())
    if found and not line.strip().startswith(("from ", "import ", "CREATE ", "DROP ")):
        yield shlex.split(found[1])


def queries() -> Iterator[str]:
    """Every SQL statement that a page shows: after `-c`, or indented and beginning with SELECT."""
    for page in map(name, PAGES):
        for words in commands(page):
            yield from (after for word, after in pairwise(words) if word in ("-c", "--command"))
        for block in _INDENTED.findall(prose(page)):
            yield from (line.strip() for line in block.splitlines() if line.strip().startswith("SELECT"))


def section(page: str, heading: str) -> str:
    """What stands below a heading, up to the next of the same or a higher level."""
    level = len(heading) - len(heading.lstrip("#"))
    _, found, after = ("\n" + text(page)).partition(f"\n{heading}\n")
    assert found, f"{page} has no heading {heading!r}"
    return re.split(rf"^#{{1,{level}}} ", after, maxsplit=1, flags=re.MULTILINE)[0]


def headings(page: str) -> list[str]:
    """The anchors of a page, as they are made from its headings."""
    found = re.findall(r"^#{1,6} (.+)$", prose(page), flags=re.MULTILINE)
    return [re.sub(r"[^\w\- ]", "", heading.replace("`", "")).strip().lower().replace(" ", "-") for heading in found]


def cells(block: str) -> list[list[str]]:
    """The rows of the tables in a piece of a page, without their heads."""
    rows: list[list[str]] = []
    for line in block.splitlines():
        if re.fullmatch(r"\|[-|]+\|", line):
            rows.pop()
        elif line.startswith("|"):
            rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows
