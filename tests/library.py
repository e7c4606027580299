"""The small worlds of the documents, written into folders as a reader would."""

from __future__ import annotations

import re
from pathlib import Path

from docs import pages

LIBRARY = "docs/how-to/your-own-world.md"


def files_of(page: str, folder: str) -> dict[str, str]:
    """The files of a world that a page shows, by their path in its folder: each follows a line that begins with it, and
    the first one of a file counts."""
    shown = re.compile(rf"^`{folder}/([^`]+)`[^\n]*\n\n```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
    return dict(reversed(shown.findall(pages.text(page))))


def library(folder: Path, page: str = LIBRARY, name: str = "library") -> Path:
    """The world of a page, in a folder of its name."""
    found = files_of(page, name)
    assert {"__init__.py", "schema/1_tables.sql", "schema/2_constraints.sql"} <= set(found), f"{page}: {list(found)}"
    for file, content in found.items():
        (folder / name / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / name / file).write_text(content, encoding="utf-8")
    return folder / name


def edited(file: Path, old: str, new: str) -> None:
    """Change a text of a file that stands there once."""
    held = file.read_text(encoding="utf-8")
    assert held.count(old) == 1, f"{old!r} stands {held.count(old)} times in {file}"
    file.write_text(held.replace(old, new), encoding="utf-8")
