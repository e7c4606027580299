"""What every test run has in common: files in memory where there is room, and at the end which files took longest."""

from __future__ import annotations

import os
import shutil
from collections import defaultdict
from pathlib import Path

import pytest

SHOWN = 15
MEMORY = Path("/dev/shm")
ENOUGH_BYTES = 6 << 30


def pytest_configure() -> None:
    """Hundreds of databases are made and dropped: on a disk, most of that is waiting for it."""
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ENOUGH_BYTES:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The slowest files, in seconds of the workers, set-up included."""
    seconds: dict[str, float] = defaultdict(float)
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                seconds[report.nodeid.partition("::")[0]] += report.duration
    if len(seconds) > 1:
        terminalreporter.section("slowest files")
        for file in sorted(seconds, key=seconds.__getitem__, reverse=True)[:SHOWN]:
            terminalreporter.line(f"{seconds[file]:7.1f} s  {file}")
        terminalreporter.line(f"{sum(seconds.values()):7.1f} s  in all, of all workers")
