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
from populace.database import guard
from populace.database.target import redact
from populace.engine import Shard, Snapshots, Window, generate, streams, whole
from populace.plan import Plan, resolve
from populace.runner.bulk import script
from populace.spec import Lifecycle, World
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


def seed(world: World, settings: list[str], folder: Path) -> tuple[Run, str]:
    """Seed into a fresh embedded server; the URL of the database."""
    target = f"embedded:{folder}"
    command("db", "start", "--target", target, "--json")
    url = command("db", "url", "--target", target, "--json").answer["url"]
    arguments = [f"--set={s}" for s in settings]
    return command("seed", world.name, "--target", target, "--now", NOW, "--yes", "--json", "-q", *arguments), url


def copy_limit(plan: Plan, url: str, exchange: Path) -> tuple[float, float]:
    """Seconds of COPY FROM files and of 2_constraints.sql, for the rows that are in `url`, in a second database."""
    tables = plan.world.tables
    exchange.chmod(0o777)
    with psycopg.connect(url, autocommit=True) as source:
        for table in tables:
            source.execute(_copy(table.columns, table, "TO", exchange))
        source.execute("DROP DATABASE IF EXISTS copy_limit")
        source.execute("CREATE DATABASE copy_limit")
    limit_url = url.rsplit("/", 1)[0] + "/copy_limit"
    with psycopg.connect(limit_url, autocommit=True) as target:
        guard.open_target(target, clock.now_us(), "bench")
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


def generation(plan: Plan) -> tuple[int, float]:
    """Rows and seconds of generating about half a million rows of the busiest root, and a day of life."""
    share = Shard({"pairing": (0, max(1, plan.sizes["pairing"] // 8)), "person": (0, plan.sizes["person"])})
    rows, began = 0, clock.monotonic()
    for batch in generate(plan, share, Window(plan.origin_us, plan.epoch_us + clock.DAY_US)):
        rows += batch.rows.num_rows
    return rows, clock.monotonic() - began


def minute_ms(world: World, days: int) -> tuple[float, float]:
    """ms of generating the first minute after so many days of sessions, and of one of the next (the median)."""
    overrides = {"days": max(days, 45), "session_history_days": days}
    epoch_us = clock.parse(NOW, "bench")
    plan = resolve(world, world.default_scenario, seed=1, epoch_us=epoch_us, overrides=overrides)
    snapshots, taken = Snapshots(), []
    for minute in range(60):
        start_us = epoch_us + 6 * clock.HOUR_US + minute * clock.MINUTE_US
        began = clock.monotonic()
        for _ in generate(plan, whole(plan), Window(start_us, start_us + clock.MINUTE_US), None, snapshots):
            pass
        taken.append((clock.monotonic() - began) * 1000)
    return taken[0], statistics.median(taken[1:])


def sessions(world: World, plan: Plan) -> Iterator[tuple[str, str]]:
    """What a world of visits that arrive costs."""
    rows, seconds = generation(plan)
    yield "generation alone", f"{rows / seconds:,.0f} rows/s ({rows:,} rows)"
    for days in (1, 365):
        first, later = minute_ms(world, days)
        yield (
            f"a live minute after {days} days of sessions",
            f"{later:.1f} ms (the first, without a snapshot: {first:.0f} ms)",
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
    ask.add_argument("--world", default="recoverlution")
    ask.add_argument("--people", type=int, default=100_000)
    ask.add_argument("--coverage", type=int, default=500)
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


def _report(world: World, chosen: argparse.Namespace, folder: Path) -> None:
    lives = any(isinstance(flow, Lifecycle) for flow in world.flows)

    def settings(people: int, coverage: int) -> list[str]:
        if lives:
            return [f"persona_pool={people}"]
        days = f"days={max(chosen.sessions, 45)}"
        sessions = [f"session_history_days={chosen.sessions}", days] if chosen.sessions else []
        return [f"count_users={people}", f"coverage_per_mindblock={coverage}", *sessions]

    def plan(people: int, coverage: int) -> Plan:
        overrides = dict(s.split("=") for s in settings(people, coverage))
        epoch_us = clock.parse(NOW, "bench")
        return resolve(world, world.default_scenario, seed=1, epoch_us=epoch_us, overrides=overrides)

    def line(name: str, value: str) -> None:
        print(f"{name:44} {value}", flush=True)

    print(f"{world.name}: {chosen.people:,} people" + ("" if lives else f", coverage {chosen.coverage}") + "\n")
    line("ns a draw (blocks of 32,768)", f"{draw_ns():.1f}")
    helps = statistics.median(command("--help").seconds for _ in range(5))
    line("populace --help", f"{helps:.2f} s")
    big = plan(chosen.people, chosen.coverage)
    for name, value in bench_lives(world, chosen.people) if lives else sessions(world, big):
        line(name, value)
    began = clock.monotonic()
    command("db", "start", "--target", f"embedded:{folder / 'data-cold'}", "--json")
    line("embedded server, from nothing to a session", f"{clock.monotonic() - began:.2f} s")
    run, url = seed(world, settings(chosen.people, chosen.coverage), folder / "data")
    written = run.answer["rows_created"]
    line("seed", f"{run.answer['seconds']:.1f} s, {written:,} rows, {written / run.answer['seconds']:,.0f} rows/s")
    line("  peak memory of Populace", f"{run.peak_bytes / 2**20:,.0f} MiB")
    exchange = folder / "exchange"
    exchange.mkdir()
    copied, built = copy_limit(big, url, exchange)
    line("limit: COPY FROM files, then 2_constraints", f"{copied:.1f} + {built:.1f} = {copied + built:.1f} s")
    line("ratio of the seed to the limit", f"{run.answer['seconds'] / (copied + built):.2f}")
    line("database", redact(url))
    if chosen.growth:
        tenth, _ = seed(world, settings(chosen.people // 10, chosen.coverage // 10), folder / "data-tenth")
        times = run.answer["seconds"] / tenth.answer["seconds"]
        more = written / tenth.answer["rows_created"]
        line("growth", f"{more:.1f} × the rows take {times:.1f} × the time")


if __name__ == "__main__":
    main()
