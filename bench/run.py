"""`make bench`: what Populace costs on this machine, each figure as a ratio within one run where that makes sense.

Seed: `populace seed` against the limit, a server-side binary COPY of the same rows from files into the same tables and
the same 2_constraints.sql. Generation: rows a second without a database. Draws: ns each. Start-up: of the commands.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
from psycopg import sql

from lives import lines as bench_lives
from populace import clock
from populace.database import compat, guard
from populace.database.target import redact
from populace.engine import Shard, Snapshots, Window, generate, streams, whole
from populace.plan import Plan, resolve
from populace.runner.bulk import script
from populace.spec import World
from populace.worlds import registry

NOW = "2026-01-09T00:00:00Z"
BLOCK = 32_768


@dataclass(frozen=True, slots=True)
class Run:
    """A finished command: its JSON answer, real seconds, and the most memory it held."""

    answer: dict[str, Any]
    seconds: float
    peak_bytes: int


def command(*arguments: str) -> Run:
    """Run a populace command."""
    began = clock.monotonic()
    with tempfile.TemporaryFile("w+") as out:
        process = subprocess.Popen([sys.executable, "-m", "populace", *arguments], stdout=out)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = clock.monotonic() - began
        out.seek(0)
        text = out.read()
    if status:
        sys.exit(f"populace {' '.join(arguments)} failed")
    return Run(json.loads(text) if text.startswith("{") else {}, seconds, usage.ru_maxrss * 1024)


@dataclass(frozen=True, slots=True)
class Size:
    """A population: a scenario, and what is set otherwise."""

    scenario: str
    settings: tuple[str, ...] = ()

    def plan(self, world: World) -> Plan:
        """Its plan, with history up to `NOW`."""
        overrides = dict(s.split("=") for s in self.settings)
        return resolve(world, self.scenario, seed=1, epoch_us=clock.parse(NOW, "bench"), overrides=overrides)

    def __str__(self) -> str:
        return " ".join((self.scenario, *self.settings))


def seed(world: World, size: Size, folder: Path) -> tuple[Run, str]:
    """Seed into a fresh embedded server; the URL of the database."""
    target = f"embedded:{folder}"
    command("db", "start", "--target", target, "--json")
    url = command("db", "url", "--target", target, "--json").answer["url"]
    arguments = ["--scenario", size.scenario, *(f"--set={s}" for s in size.settings)]
    return command("seed", world.name, "--target", target, "--now", NOW, "--yes", "--json", "-q", *arguments), url


def copy_limit(plan: Plan, url: str, exchange: Path) -> tuple[float, float]:
    """Seconds of COPY FROM files and of 2_constraints.sql, for the rows that are in `url`, in a second database."""
    emitted = {name for flow in plan.world.flows for name in flow.tables}
    # What a trigger of the app's own fills is filled by it here too.
    tables = [table for table in plan.world.tables if table.name in emitted]
    exchange.chmod(0o777)
    with psycopg.connect(url, autocommit=True) as source:
        for table in tables:
            source.execute(_copy(table.columns, table, "TO", exchange))
        source.execute("DROP DATABASE IF EXISTS copy_limit")
        source.execute("CREATE DATABASE copy_limit")
    limit_url = url.rsplit("/", 1)[0] + "/copy_limit"
    with psycopg.connect(limit_url, autocommit=True) as target:
        guard.open_target(target, clock.now_us(), "bench")
        compat.install(target, plan.world.needs)
        for statement in script(plan.world, "1_tables.sql"):
            target.execute(statement)
        target.execute("CHECKPOINT")
        began = clock.monotonic()
        for table in tables:
            target.execute(_copy(table.columns, table, "FROM", exchange))
        copied = clock.monotonic()
        target.execute("SET maintenance_work_mem = '256MB'")
        for statement in script(plan.world, "2_constraints.sql"):
            target.execute(statement)
        done = clock.monotonic()
    return copied - began, done - copied


def _copy(columns: Any, table: Any, way: str, exchange: Path) -> sql.Composed:
    return sql.SQL("COPY {} ({}) {} {} (FORMAT binary)").format(
        sql.Identifier(table.schema, table.name),
        sql.SQL(", ").join(sql.Identifier(c.name) for c in columns),
        sql.SQL(way),
        sql.Literal(str(exchange / f"{table.name}.bin")),
    )


def generation(plan: Plan, share: Shard, until_us: int) -> tuple[int, float]:
    """Rows and seconds of generating a share of a plan, on one core and without a database."""
    rows, began = 0, clock.monotonic()
    for batch in generate(plan, share, Window(plan.origin_us, until_us)):
        rows += batch.rows.num_rows
    return rows, clock.monotonic() - began


def minute_ms(plan: Plan, start_us: int) -> tuple[float, float, int]:
    """ms of generating a minute of life, the first and the median of the next sixty, and the rows of all of them."""
    snapshots, taken, rows = Snapshots(), [], 0
    for minute in range(61):
        begins_us = start_us + minute * clock.MINUTE_US
        began = clock.monotonic()
        for batch in generate(plan, whole(plan), Window(begins_us, begins_us + clock.MINUTE_US), None, snapshots):
            rows += batch.rows.num_rows
        taken.append((clock.monotonic() - began) * 1000)
    return taken[0], statistics.median(taken[1:]), rows


def sessions(world: World, plan: Plan) -> Iterator[tuple[str, str]]:
    """What a world of visits that arrive costs."""
    share = Shard({"pairing": (0, max(1, plan.sizes["pairing"] // 8)), "person": (0, plan.sizes["person"])})
    rows, seconds = generation(plan, share, plan.epoch_us + clock.DAY_US)
    yield "generation alone", f"{rows / seconds:,.0f} rows/s ({rows:,} rows)"
    for days in (1, 365):
        lived = Size(world.default_scenario, (f"days={max(days, 45)}", f"session_history_days={days}")).plan(world)
        first, later, _ = minute_ms(lived, lived.epoch_us + 6 * clock.HOUR_US)
        yield (
            f"a live minute after {days} days of sessions",
            f"{later:.1f} ms (the first, without a snapshot: {first:.0f} ms)",
        )


def scheduled(world: World, plan: Plan) -> Iterator[tuple[str, str]]:
    """What a world of things that come by the calendar costs."""
    root = world.people_root
    share = Shard({**{name: (0, size) for name, size in plan.sizes.items()}, root: (0, -(-plan.sizes[root] // 5))})
    rows, seconds = generation(plan, share, plan.epoch_us)
    yield "generation alone", f"{rows / seconds:,.0f} rows/s ({rows:,} rows)"
    # The morning of a working day, when most happens.
    for days in (3, 60):
        first, later, many = minute_ms(plan, plan.epoch_us + days * clock.DAY_US + 15 * clock.HOUR_US)
        yield (
            f"a live minute, {days} days after the epoch",
            f"{later:.1f} ms, {many / 61:.1f} rows (the first, without a snapshot: {first:,.0f} ms)",
        )


def draw_ns() -> float:
    """ns a draw, in blocks, the median of many."""
    entity, taken = np.arange(BLOCK, dtype=np.uint64), []
    for counter in range(200):
        began = clock.monotonic()
        streams.bits(7, entity, counter)
        taken.append((clock.monotonic() - began) / BLOCK * 1e9)
    return statistics.median(taken)


def main() -> None:
    """Print every figure."""
    ask = argparse.ArgumentParser(description="Benchmarks of Populace; every figure is measured in this run.")
    ask.add_argument("--world", default="campaigns")
    ask.add_argument("--scenario", help="which one is seeded; of campaigns the largest (load_test)")
    ask.add_argument("--people", type=int, default=100_000, help="of other worlds")
    ask.add_argument("--coverage", type=int, default=500, help="of recoverlution")
    ask.add_argument("--sessions", type=int, default=0, metavar="DAYS", help="days of sessions in history")
    ask.add_argument("--growth", action="store_true", help="also seed a tenth of it, for the growth")
    chosen = ask.parse_args()
    world = registry.find(chosen.world)
    folder = Path(tempfile.mkdtemp(prefix="populace-bench-", dir="/var/tmp" if Path("/var/tmp").is_dir() else None))
    folder.chmod(0o755)
    try:
        _report(world, chosen, folder)
    finally:
        for place in folder.glob("data*"):
            command("db", "stop", "--target", f"embedded:{place}", "--json")
        shutil.rmtree(folder)


def sizes(world: World, chosen: argparse.Namespace) -> list[Size]:
    """What is seeded, the smallest first. Growth is measured against the smaller ones."""
    if any(flow.shares for flow in world.flows):
        names = ["development", "analytics", "load_test"]
        largest = chosen.scenario or names[-1]
        return [Size(name) for name in (names[: names.index(largest) + 1] if largest in names else [largest])]
    if chosen.scenario:
        return [Size(chosen.scenario)]
    if world.lifecycles:
        return [Size(world.default_scenario, (f"persona_pool={people}",)) for people in _tenths(chosen, chosen.people)]
    days = (f"session_history_days={chosen.sessions}", f"days={max(chosen.sessions, 45)}") if chosen.sessions else ()
    pairs = zip(_tenths(chosen, chosen.people), _tenths(chosen, chosen.coverage), strict=True)
    return [Size(world.default_scenario, (f"count_users={n}", f"coverage_per_mindblock={c}", *days)) for n, c in pairs]


def _tenths(chosen: argparse.Namespace, many: int) -> list[int]:
    return [many // 10, many] if chosen.growth else [many]


def _report(world: World, chosen: argparse.Namespace, folder: Path) -> None:
    def line(name: str, value: str) -> None:
        print(f"{name:44} {value}", flush=True)

    *smaller, largest = sizes(world, chosen)
    plan = largest.plan(world)
    print(f"{world.name}: {largest}\n")
    line("ns a draw (blocks of 32,768)", f"{draw_ns():.1f}")
    helps = statistics.median(command("--help").seconds for _ in range(5))
    line("populace --help", f"{helps:.2f} s")
    if world.lifecycles:
        figures = bench_lives(world, chosen.people)
    else:
        figures = sessions(world, plan) if world.sessions else scheduled(world, plan)
    for name, value in figures:
        line(name, value)
    began = clock.monotonic()
    command("db", "start", "--target", f"embedded:{folder / 'data-cold'}", "--json")
    line("embedded server, from nothing to a session", f"{clock.monotonic() - began:.2f} s")
    grown: list[tuple[Size, int, float]] = []
    for size in smaller:
        less, _ = seed(world, size, folder / f"data-{len(grown)}")
        grown.append((size, less.answer["rows_created"], less.answer["seconds"]))
        line(f"seed {size}", f"{grown[-1][2]:.1f} s, {grown[-1][1]:,} rows, {grown[-1][1] / grown[-1][2]:,.0f} rows/s")
    run, url = seed(world, largest, folder / "data")
    written, seconds = run.answer["rows_created"], run.answer["seconds"]
    line(f"seed {largest}", f"{seconds:.1f} s, {written:,} rows, {written / seconds:,.0f} rows/s")
    line("  peak memory of Populace", f"{run.peak_bytes / 2**20:,.0f} MiB")
    exchange = folder / "exchange"
    exchange.mkdir()
    copied, built = copy_limit(plan, url, exchange)
    line("limit: COPY FROM files, then 2_constraints", f"{copied:.1f} + {built:.1f} = {copied + built:.1f} s")
    line("ratio of the seed to the limit", f"{seconds / (copied + built):.2f}")
    line("database", redact(url))
    for size, rows, took in grown:
        line(f"growth from {size}", f"{written / rows:.1f} × the rows take {seconds / took:.1f} × the time")


if __name__ == "__main__":
    main()
