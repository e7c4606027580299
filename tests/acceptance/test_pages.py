"""What README and how-to pages show of populations at a fixed time is what the program prints for them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from command import call
from docs import pages
from docs.test_pages import assert_shown

PLACE = re.compile(r"(?:embedded|parquet):(\./\S+)")
VARYING = (
    (re.compile(r"\d[\d,]*(?:\.\d+)? s\b"), "s"),
    (re.compile(r'"seconds": [\d.]+'), '"seconds"'),
    (re.compile(r"\(\d+\.\d MB\)"), "(MB)"),
    (re.compile(r"(plan\"?:? \"?)[0-9a-f]{16}"), r"\1"),
)
"""What depends on the machine or on versions: how long something took, how large a report is with the script of its
charts, and a plan's digest."""


def tours() -> Iterator[tuple[str, str, list[pages.Typed]]]:
    """The commands of a page that are for one target of the current folder, in their order: a page, a target, these."""
    for page in ("README.md", "docs/how-to/parquet.md"):
        found: dict[str, list[pages.Typed]] = {}
        for entry in pages.typed(page):
            if entry.words[0] == "populace" and (place := PLACE.search(entry.command)):
                found.setdefault(place[0], []).append(entry)
        yield from ((page, target, entries) for target, entries in found.items())


TOURS = list(tours())


def alike(lines: Sequence[str], here: Path) -> list[str]:
    """Lines without what varies."""
    out = []
    for line in lines:
        line = line.replace(str(here), "/home/you")
        for pattern, instead in VARYING:
            line = pattern.sub(instead, line)
        out.append(line)
    return out


def test_there_is_something_to_compare() -> None:
    wanted = {"embedded:./tour", "embedded:./hog", "embedded:./mail", "parquet:./hogflix"}
    assert wanted <= {target for _, target, _ in TOURS}


@pytest.mark.slow
@pytest.mark.parametrize(("page", "target", "entries"), TOURS, ids=[f"{page} {target}" for page, target, _ in TOURS])
def test_what_is_shown_is_printed(page: str, target: str, entries: list[pages.Typed], tmp_path: Path) -> None:
    try:
        for entry in entries:
            done = call(*entry.words[1:], cwd=tmp_path, code=None)
            printed = [*done.stderr.splitlines(), *done.stdout.splitlines()]
            assert_shown(alike(entry.shown, tmp_path), alike(printed, tmp_path))
    finally:
        if target.startswith("embedded:"):
            call("db", "stop", "--target", target, cwd=tmp_path, code=None)
