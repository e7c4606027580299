"""`make bench`: what Populace costs on this machine, in one table, which docs/performance.md keeps.

Every figure is measured in this run: parts take turns, up to three times each, until the minutes are over, and the
table shows the middle one with the least and the most. `--world W` measures one world in any of its sizes instead.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from page import Budget, Figure, Table, busy_share
from run import minute_ms
from seeding import NOW, Size, command, copy_limit, seed, start

from lives import fold, minute, rows_a_second
from populace import clock
from populace.plan import resolve
from populace.worlds import registry

FILMS = Path(__file__).parent / "films"
DEFAULT = Size("default")
PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
LIMIT = Budget("≤ 1.5", "≤ 1.25")
MINUTE = Budget("≤ 25 ms", "≤ 10 ms")

Part = Callable[[Path], Iterator[Figure]]


def start_up(folder: Path) -> Iterator[Figure]:
    """How long somebody waits for the first things that they do."""
    group = "Start-up"
    yield Figure(group, "`populace --help`", command("--help").seconds, "s", Budget("< 0.3 s", "< 0.15 s"))
    _, seconds = start(folder / "data")
    yield Figure(group, "embedded server, from nothing to a session", seconds, "s")
    url = command("db", "url", "--target", f"embedded:{folder / 'data'}", "--json").answer["url"]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE opened")
    opened = url.rsplit("/", 1)[0] + "/opened"
    took = command("init", "--target", opened, "--json", "-q").seconds
    yield Figure(group, "`init` of a database", took, "s", Budget("≤ 1 s", "≤ 0.4 s"))
    for world, scenario in (("worldchef", "staging"), ("campaigns", "development")):
        run, _ = seed(world, Size(scenario), folder / f"data-{world}")
        named = f"`seed {world}` ({scenario}, {run.answer['rows_created']:,} rows)"
        yield Figure(group, f"{named}: to its first rows", run.first_rows_s, "s", Budget("≤ 1 s", "≤ 0.6 s"))
        yield Figure(group, f"{named}: to the end", run.seconds, "s")


def films(folder: Path) -> Iterator[Figure]:
    """A million events: seeding against the limit, from process start to process end; and two workers."""
    yield from against_the_limit("films", str(FILMS), DEFAULT, folder, Budget("≤ 1.5", "≤ 1.25"))
    rows_s = {}
    for workers in (1, 2):
        run, _ = seed(str(FILMS), DEFAULT, folder / f"data-{workers}", "--workers", str(workers))
        rows_s[workers] = run.until("indexes: 0 of") - run.until("rows: 0 of")
    group = "Scaling"
    yield Figure(group, "films: its rows, by one worker", rows_s[1], "s")
    yield Figure(group, "films: its rows, by two workers", rows_s[2], "s")
    yield Figure(group, "so many times as fast", rows_s[1] / rows_s[2], "", Budget("", "≥ 1.6 with a core to spare"))


def worldchef(folder: Path) -> Iterator[Figure]:
    """Its load test."""
    yield from against_the_limit("worldchef load_test", "worldchef", Size("load_test"), folder, LIMIT)


def campaigns(folder: Path) -> Iterator[Figure]:
    """Its load test."""
    yield from against_the_limit("campaigns load_test", "campaigns", Size("load_test"), folder, LIMIT)


def against_the_limit(name: str, world: str, size: Size, folder: Path, budget: Budget) -> Iterator[Figure]:
    """Seeding, from process start to process end, as a multiple of the limit."""
    group = "Seeding, and the limit: COPY FROM files, then 2_constraints.sql"
    run, url = seed(world, size, folder / "data")
    copied, built = copy_limit(size.plan(registry.find(world)), url, folder / "exchange")
    limit, rows = copied + built, run.answer["rows_created"]
    yield Figure(group, f"{name}: {rows:,} rows, from process start to its end", run.seconds, "s")
    yield Figure(group, f"{name}: the limit", limit, "s")
    yield Figure(group, f"{name}: as a multiple of the limit", run.seconds / limit, "×", budget)
    yield Figure(group, f"{name}: rows, keys and indexes alone", run.loading_s / limit, "×")
    yield Figure(group, f"{name}: the most memory", run.peak_bytes / 2**20, "MiB", Budget("< 1,024 MiB", "< 512 MiB"))


def generation(folder: Path) -> Iterator[Figure]:
    """On one core, without a database."""
    group, world = "Generating, on one core and without a database", registry.find("hogflix")
    _, speed = rows_a_second(world, 1_500, events=True)
    budget = Budget("≥ 500,000 rows/s", "1,000,000 rows/s")
    yield Figure(group, "hogflix, 1,500 people: rows and events", speed, "rows/s", budget)
    _, ns = fold(world, 64_000, 60)
    yield Figure(group, "hogflix, 64,000 people: a day of a person", ns, "ns", Budget("≤ 80 ns", "55 ns"))


def ticks(folder: Path) -> Iterator[Figure]:
    """A minute of life, where something happens in it; the middle one of half an hour or an hour."""
    group = "A minute of life, before it is written"
    for people in (5_000, 100_000):
        ms, rows, _ = minute(registry.find("hogflix"), people)
        yield Figure(group, f"hogflix, {people:,} people, {rows:.0f} rows", ms, "ms", MINUTE)
    for name, scenario, hour in (
        ("recoverlution", "documented", 6),
        ("campaigns", "load_test", 3 * 24 + 15),
        ("worldchef", "load_test", 20),
    ):
        plan = resolve(registry.find(name), scenario, seed=1, epoch_us=clock.parse(NOW, "bench"), overrides={})
        _, ms, many = minute_ms(plan, plan.epoch_us + hour * clock.HOUR_US)
        yield Figure(group, f"{name} {scenario}, {many / 61:.0f} rows", ms, "ms", MINUTE)


PARTS: tuple[Part, ...] = (start_up, films, worldchef, campaigns, generation, ticks)


def measured(table: Table, parts: tuple[Part, ...], most: int, minutes: float) -> None:
    """Let the parts take turns; one that would not end in time is not begun again."""
    began, took = clock.monotonic(), dict.fromkeys(parts, 0.0)
    for turn in range(most):
        for part in parts:
            if turn and clock.monotonic() - began + took[part] > minutes * 60:
                continue
            print(f"{clock.monotonic() - began:4.0f} s  {part.__name__}, {turn + 1} of {most}", file=sys.stderr)
            since = clock.monotonic()
            with servers() as folder:
                for figure in part(folder):
                    table.add(figure)
            took[part] = clock.monotonic() - since
    table.seconds = clock.monotonic() - began


@contextmanager
def servers() -> Iterator[Path]:
    """A folder for servers and their data, which are removed in the end."""
    on_disk = "/var/tmp" if Path("/var/tmp").is_dir() else None
    folder = Path(tempfile.mkdtemp(prefix="populace-bench-", dir=on_disk))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        for place in folder.glob("data*"):
            command("db", "stop", "--target", f"embedded:{place}", "--json")
        shutil.rmtree(folder)


def main() -> None:
    """Print the table, and write the page."""
    ask = argparse.ArgumentParser(description="Benchmarks of Populace; every figure is measured in this run.")
    ask.add_argument("--parts", nargs="*", choices=[part.__name__ for part in PARTS], help="only these; no page then")
    ask.add_argument("--repetitions", type=int, default=3)
    ask.add_argument("--minutes", type=float, default=4.0, help="no part is begun again that would end later")
    ask.add_argument("--out", type=Path, help=f"where the page goes; docs/{PAGE.name}, unless only some parts run")
    chosen = ask.parse_args()
    parts = tuple(part for part in PARTS if not chosen.parts or part.__name__ in chosen.parts)
    table = Table(busy_share())
    try:
        measured(table, parts, chosen.repetitions, chosen.minutes)
    finally:
        table.others = max(table.others, busy_share())
        print("\n".join(table.lines()))
    out = chosen.out or (None if chosen.parts else PAGE)
    if out is not None:
        out.write_text(table.page(), encoding="utf-8")


if __name__ == "__main__":
    if any(word.partition("=")[0] == "--world" for word in sys.argv):
        import run

        run.main()
    else:
        main()
