"""A judgement's report on disk: whole or not at all, and found out to be impossible before anything is judged."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from populace import clock, files
from populace.checks.judgement import Judgement
from populace.checks.realism.finding import Comparison

WHERE, WHAT = "validate.html", "a report"


@dataclass(frozen=True, slots=True)
class Written:
    """The report's file and its size."""

    file: Path
    bytes: int


def require_writable(file: Path) -> None:
    """Raise BadInput when no file can be written there: no such folder, no right to it, or something else is there;
    Refused for a file that is no report, and a path that leads elsewhere through a link. BadInput also where what
    reports are made with is not installed."""
    from populace.checks import report

    report.require()
    files.require_writable(file, WHERE, WHAT, _is_report)


def write(judgement: Judgement, file: Path) -> Written:
    """Write the report of a judgement; one that is there is replaced. Raises as `require_writable` does."""
    from populace.checks import report

    return _keep(report.render(judgement, clock.now_us()), file)


def write_realism(found: Comparison, file: Path) -> Written:
    """Write the report of how real people look; one that is there is replaced. Raises as `require_writable` does."""
    from populace.checks import report

    return _keep(report.render_realism(found, clock.now_us()), file)


def _keep(text: str, file: Path) -> Written:
    content = text.encode("utf-8")
    files.write(file, content, WHERE, WHAT, _is_report)
    return Written(file, len(content))


def _is_report(head: bytes) -> bool:
    return b'<meta name="generator" content="Populace">' in head
