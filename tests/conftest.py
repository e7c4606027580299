"""What every test run has in common: at its end it says which files took longest."""

from __future__ import annotations

from collections import defaultdict

import pytest

SHOWN = 15


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
