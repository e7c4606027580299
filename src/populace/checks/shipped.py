"""The SQL files of a world: checks, charts, timings. They are in its package, and are run unchanged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files

from populace.database.statements import without_comments


@dataclass(frozen=True, slots=True)
class Shipped:
    """A file. name: without its ending. where: its path, for errors. text: with its comments."""

    name: str
    where: str
    text: str

    @property
    def sql(self) -> bytes:
        """What is sent to the server."""
        return without_comments(self.text).encode()


def unheard(_name: str) -> None:
    """For checks whose progress nobody wants to know."""


def shipped(package: str, folder: str) -> Iterator[Shipped]:
    """The `.sql` files in a folder of a package, in the order of their names; none where there is no such folder."""
    found = files(package).joinpath(folder)
    if not found.is_dir():
        return
    for file in sorted(found.iterdir(), key=lambda f: f.name):
        if file.name.endswith(".sql"):
            where = f"{package}/{folder}/{file.name}"
            yield Shipped(file.name.removesuffix(".sql"), where, file.read_text(encoding="utf-8"))
