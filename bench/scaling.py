"""What more workers are good for: measured with one and two, and a model for many, fitted to what was measured here.

The constants are processor time a row, from the difference of two sizes, so that what other programs do on the machine
changes them little. `--write` keeps the page docs/concepts/scaling.md.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg
from page import busy_share
from seeding import NOW, Run, command, start
from table import FILMS, servers

from populace import clock

PAGE = Path(__file__).parent.parent / "docs" / "concepts" / "scaling.md"
SMALL, LARGE = 6.6, 19.8
"""Visits a minute of the two sizes: about one and three million rows."""
BILLION = 1_000_000_000
CORES = 64
SESSIONS = 2
"""That build keys and indexes side by side."""
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Cost:
    """Processor seconds of a seed of so many rows. own: of Populace and its workers; rows, keys: of the server, until
    the last row and after it. seconds: real ones. rows_s: of them, until the last row."""

    many: int
    own: float
    rows: float
    keys: float
    seconds: float
    rows_s: float


def _of_children(done: Callable[[], Run]) -> tuple[Run, float]:
    """A command's result, and the processor time of it and of the processes that it waited for."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run = done()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return run, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _of_server(pid: int) -> float:
    """Processor time of a server: of its first process, of those that have ended, and of those that are there."""
    ticks = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has ended meanwhile
        if int(folder.name) == pid:
            ticks += sum(map(int, fields[11:15]))
        elif int(fields[1]) == pid:
            ticks += sum(map(int, fields[11:13]))
    return ticks / _TICK


def _seed(visits: float, target: str, *more: str) -> tuple[Run, float]:
    words = ("--set", f"visits_per_min={visits}", "--now", NOW, "--yes", "--json", "--target", target, *more)
    return _of_children(lambda: command("seed", str(FILMS), *words, logged=True))


def database(visits: float, folder: Path) -> Cost:
    """Into a fresh embedded server, by one process: rows, then keys and indexes."""
    target, _ = start(folder)
    url = command("db", "url", "--target", target, "--json").answer["url"]
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT pg_read_file('postmaster.pid')").fetchone()
    assert row is not None
    pid, marks = int(row[0].splitlines()[0]), list[float]()
    began = _of_server(pid)
    words = ("--set", f"visits_per_min={visits}", "--now", NOW, "--yes", "--json", "--target", target, "--workers", "1")

    def at_keys(line: str) -> None:
        if line.startswith("indexes: 0 of"):
            marks.append(_of_server(pid))

    run, own = _of_children(lambda: command("seed", str(FILMS), *words, logged=True, hear=at_keys))
    ended = _of_server(pid)
    rows_s = run.until("indexes: 0 of") - run.until("rows: 0 of")
    return Cost(run.answer["rows_created"], own, marks[0] - began, ended - marks[0], run.seconds, rows_s)


def files(visits: float, folder: Path, *more: str) -> Cost:
    """Into a folder of files."""
    run, own = _seed(visits, f"parquet:{folder}", *(more or ("--workers", "1")))
    rows_s = run.until("rows: .*written") - run.until("rows: 0 of")
    return Cost(run.answer["rows_created"], own, 0, 0, run.seconds, rows_s)


@dataclass(frozen=True, slots=True)
class Line:
    """A cost that grows with the rows: fixed seconds, and µs a row."""

    fixed_s: float
    row_us: float

    @classmethod
    def through(cls, of: Callable[[Cost], float], small: Cost, large: Cost) -> Line:
        slope = (of(large) - of(small)) / (large.many - small.many)
        if large.many < 2 * small.many or slope <= 0:
            sys.exit(
                f"no cost a row comes of {small.many:,} and {large.many:,} rows: {of(small):.2f}, {of(large):.2f} s"
            )
        return cls(max(0.0, of(small) - slope * small.many), slope * 1e6)

    def __call__(self, rows: int) -> float:
        return self.row_us * rows / 1e6


def page(folder: Path) -> str:
    """Everything, measured and worked out."""
    others = busy_share()
    small, large = (database(visits, folder / f"data-{visits}") for visits in (SMALL, LARGE))
    f_small, f_large = (files(visits, folder / f"files-{visits}") for visits in (SMALL, LARGE))
    two = files(LARGE, folder / "files-two", "--workers", "2")
    cluster = files(LARGE, folder / "files-cluster", "--cluster", "local:2")
    others = max(others, busy_share())
    own = Line.through(lambda c: c.own, small, large)
    rows = Line.through(lambda c: c.rows, small, large)
    keys = Line.through(lambda c: c.keys, small, large)
    written = Line.through(lambda c: c.own, f_small, f_large)
    lines = [
        "# Scaling",
        "",
        "What [more workers](../how-to/cluster.md) are good for. `python bench/scaling.py --write` measures it on your",
        "machine and writes this page; every figure below comes from one run of it.",
        "",
        f"Measured on {os.cpu_count()} cores with `films`, the world of the benchmark, at {small.many:,} and",
        f"{large.many:,} rows. Constants are processor time a row, from the difference between the two sizes: what a",
        f"start costs is not in them. Other programs used {others:.0%} of the processors: real times below",
        "are good for a comparison only where that is little.",
        "",
        "## Constants",
        "",
        "| What | µs a row | a row a second and core |",
        "|---|---|---|",
    ]
    for what, line in (
        ("Populace, into a database: generate and encode", own),
        ("the server: COPY", rows),
        ("the server: keys and indexes", keys),
        ("Populace, into files: generate, compress, hash", written),
    ):
        lines.append(f"| {what} | {line.row_us:.2f} | {1e6 / line.row_us:,.0f} |")
    lines += [
        "",
        "## One and two workers",
        "",
        f"Files, {f_large.many:,} rows. Efficiency is the speed against that of as many single ones: real time counts",
        "what else the machine did, processor time does not.",
        "",
        "| Workers | rows, s | processor time, s | efficiency by real time | by processor time |",
        "|---|---|---|---|---|",
    ]
    for name, cost, many in (
        ("one", f_large, 1), ("two (`--workers 2`)", two, 2), ("two (`--cluster local:2`)", cluster, 2),
    ):  # fmt: skip
        by_time, by_work = f_large.rows_s / (many * cost.rows_s), f_large.own / cost.own
        lines.append(f"| {name} | {cost.rows_s:.1f} | {cost.own:.1f} | {by_time:.2f} | {by_work:.2f} |")
    lines += [
        "",
        "## A billion rows",
        "",
        f"A model on paper, not a measurement: `films` with {BILLION:,} rows on {CORES} cores like these.",
        "",
        "- Into files, with W workers: `rows × files / W`. Nothing is shared but the network of the storage.",
        "- Into a database, with W workers and the other cores for its sessions, one for each worker:",
        "  `rows × max(Populace / W, COPY / sessions)`,",
        f"  then `rows × keys / {SESSIONS}` for {SESSIONS} sessions that build them.",
        "",
        "| Workers | files | database: rows | database: keys | database, in all |",
        "|---|---|---|---|---|",
    ]
    for many in (1, 8, 16, 32, 48, 63):
        sessions = min(many, CORES - many)
        in_rows = max(own(BILLION) / many, rows(BILLION) / sessions)
        in_keys = keys(BILLION) / SESSIONS
        figures = (written(BILLION) / many, in_rows, in_keys, in_rows + in_keys)
        lines.append(f"| {many} | {' | '.join(map(_time, figures))} |")
    lines += [
        "",
        "What it leaves out: the log of a server that replicates, disks that are slower than the cores,",
        "sorting that grows a little faster than the rows, and the network. So it is a bound from below. It says",
        "where time goes: beyond some workers a database waits for its keys, and files do not.",
    ]
    return "\n".join(lines) + "\n"


def _time(seconds: float) -> str:
    return f"{seconds / 3600:.1f} h" if seconds > 5400 else f"{seconds / 60:.0f} min"


def main() -> None:
    """Print the page, or write it."""
    ask = argparse.ArgumentParser(description="What more workers are good for; every figure is measured in this run.")
    ask.add_argument("--write", action="store_true", help=f"write docs/concepts/{PAGE.name}")
    chosen = ask.parse_args()
    began = clock.monotonic()
    with servers() as folder:
        text = page(folder)
    print(f"{clock.monotonic() - began:.0f} s", file=sys.stderr)
    if chosen.write:
        PAGE.write_text(text, encoding="utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()
