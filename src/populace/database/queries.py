"""The SQL files of this package, by name. As bytes: psycopg takes those from a file, and no text is put together."""

from __future__ import annotations

import functools
from importlib import resources


@functools.cache
def load(path: str) -> bytes:
    """The file `path`, relative to this package, such as `queries/columns.sql`; line ends as on Unix."""
    return resources.files(__package__).joinpath(path).read_bytes().replace(b"\r\n", b"\n")


def names(folder: str) -> list[str]:
    """The names of the `.sql` files in a folder of this package, sorted."""
    return sorted(entry.name for entry in resources.files(__package__).joinpath(folder).iterdir()
                  if entry.name.endswith(".sql"))  # fmt: skip
