"""A catalogue: the words of a world in CSV files of its package, and the digest by which a change of them shows."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable
from importlib.resources import files

Row = dict[str, str]
"""A line of a file, by column."""


def reader(package: str) -> Callable[[str], list[Row]]:
    """What reads a package's `<name>.csv` by name: its lines, in their order."""

    def rows(name: str) -> list[Row]:
        text = files(package).joinpath(f"{name}.csv").read_text(encoding="utf-8")
        return list(csv.DictReader(text.splitlines(), strict=True))

    return rows


def digest(*content: object) -> str:
    """SHA-256 of everything that a catalogue hands out, so that a change of words or of their order shows."""
    return hashlib.sha256(repr(content).encode()).hexdigest()


def together(*parts: str) -> str:
    """The digest of a world that has read several catalogues, or an edition of something else: one of all of them."""
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()
