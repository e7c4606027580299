"""Servers for tests."""

from __future__ import annotations

import os
import shutil
import tempfile
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


MEMORY = Path("/dev/shm")
ENOUGH_BYTES = 10 << 30


def write_to_memory() -> None:
    """What tests write goes to memory where there is enough of it: a database is made in a tenth of the time."""
    try:
        known = dict(line.split(":") for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines())
        available = int(known["MemAvailable"].split()[0]) << 10
        room = os.statvfs(MEMORY)
    except (OSError, KeyError):
        return
    if min(available, room.f_bavail * room.f_frsize) >= ENOUGH_BYTES and "TMPDIR" not in os.environ:
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)
        cluster.SETTINGS["max_wal_size"] = "512MB"


@contextmanager
def running(folder: Path) -> Iterator[EmbeddedServer]:
    """A server of the wheel's PostgreSQL in a folder, while the block lasts."""
    server = EmbeddedServer(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(server.data)
