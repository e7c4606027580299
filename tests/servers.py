"""Servers for tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from populace.database.embedded import EmbeddedServer


@contextmanager
def running(folder: Path) -> Iterator[EmbeddedServer]:
    """A server of the wheel's PostgreSQL in a folder, while the block lasts."""
    server = EmbeddedServer(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()
