"""`make bench ARGS="--world W"`: what one world costs on this machine, in any of its sizes.

Seed: `populace seed` against the limit, a server-side binary COPY of the same rows from files into the same tables and
the same 2_constraints.sql. Generation: rows a second without a database. Draws: ns each. Start-up: of the commands.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from page import processor_s
from seeding import Size, command, copy_limit, seed, start

from lives import lines as bench_lives
from populace import clock
from populace.database.target import redact
from populace.engine import Shard, Snapshots, Window, generate, streams, whole
from populace.plan import Plan
from populace.spec import World
from populace.worlds import registry

BLOCK = 32_768


def generation(plan: Plan, share: Shard, until_us: int) -> tuple[int, float]:
    """Rows and seconds of a processor for generating a share of a plan, on one core and without a database."""
    rows, began = 0, processor_s()
    for batch in generate(plan, share, Window(plan.origin_us, until_us)):
        rows += batch.rows.num_rows
    return rows, processor_s() - began


def minute_ms(plan: Plan, start_us: int) -> tuple[float, float, int]:
    """ms of generating a minute of life, the first and the median of the next sixty, and the rows of all of them."""
    snapshots, taken, rows = Snapshots(), [], 0
    for minute in range(61):
        begins_us = start_us + minute * clock.MINUTE_US
        began = processor_s()
        for batch in generate(plan, whole(plan), Window(begins_us, begins_us + clock.MINUTE_US), None, snapshots):
            rows += batch.rows.num_rows
        taken.append((processor_s() - began) * 1000)
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
    line("embedded server, from nothing to a session", f"{start(folder / 'data-cold')[1]:.2f} s")
    grown: list[tuple[Size, int, float]] = []
    for size in smaller:
        less, _ = seed(world.name, size, folder / f"data-{len(grown)}")
        grown.append((size, less.answer["rows_created"], less.answer["seconds"]))
        line(f"seed {size}", f"{grown[-1][2]:.1f} s, {grown[-1][1]:,} rows, {grown[-1][1] / grown[-1][2]:,.0f} rows/s")
    run, url = seed(world.name, largest, folder / "data")
    written, seconds = run.answer["rows_created"], run.answer["seconds"]
    line(f"seed {largest}", f"{seconds:.1f} s, {written:,} rows, {written / seconds:,.0f} rows/s")
    line("  peak memory of Populace", f"{run.peak_bytes / 2**20:,.0f} MiB")
    copied, built = copy_limit(plan, url, folder / "exchange")
    line("limit: COPY FROM files, then 2_constraints", f"{copied:.1f} + {built:.1f} = {copied + built:.1f} s")
    line("ratio of the seed to the limit", f"{seconds / (copied + built):.2f}")
    line("database", redact(url))
    for size, rows, took in grown:
        line(f"growth from {size}", f"{written / rows:.1f} × the rows take {seconds / took:.1f} × the time")


if __name__ == "__main__":
    main()
