"""Servers for tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from populace.database import cluster
from populace.database.embedded import EmbeddedServer

AS_SHIPPED = dict(cluster.SETTINGS)
"""The settings of an embedded server."""


def spare_the_disk() -> None:
    """Servers that are started from here on do not wait for the disk: nobody pulls the plug of a test's machine. Who is
    killed loses nothing by it, and a database is dropped in a tenth of the time."""
    cluster.SETTINGS.update({"fsync": "off", "full_page_writes": "off"})


@contextmanager
def running(folder: Path) -> Iterator[EmbeddedServer]:
    """A server of the wheel's PostgreSQL in a folder, while the block lasts."""
    server = EmbeddedServer(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()
