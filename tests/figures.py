"""What torture observed: counted while the tests run, and printed as one table when all have run."""

from __future__ import annotations

from collections import Counter, defaultdict

_COUNTED: dict[str, Counter[str]] = defaultdict(Counter)


def add(part: str, what: str, count: int = 1) -> None:
    """Add to a figure, such as part `ten runners`, what `led`. A figure of 0 is shown too."""
    _COUNTED[part][what] += count


def add_all(part: str, counts: Counter[str]) -> None:
    """Add several figures of a part."""
    for what, count in counts.items():
        add(part, what, count)


def table() -> list[str]:
    """A line for each figure, in the order in which they came; empty where nothing was counted."""
    rows = [(part, what, f"{n:,}") for part, counts in _COUNTED.items() for what, n in counts.items()]
    if not rows:
        return []
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    out, last = [], ""
    for part, what, count in rows:
        shown = "" if part == last else part
        out.append(f"{shown:{widths[0]}}  {what:{widths[1]}}  {count:>{widths[2]}}")
        last = part
    return out
