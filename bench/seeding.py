"""What a seed costs: `populace seed` in a process of its own, against the limit.

The limit is a server-side binary COPY of the same rows from files into the same tables, and the same
2_constraints.sql: on the same server, with its settings, right after the seed.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from populace import clock
from populace.database import compat, guard
from populace.plan import Plan, resolve
from populace.runner.bulk import script
from populace.spec import World

NOW = "2026-01-09T00:00:00Z"
_WROTE = re.compile(r"rows: [1-9]")


@dataclass(frozen=True, slots=True)
class Run:
    """A finished command: its JSON answer, real seconds, and the most memory it held. said: its log, each line with
    the seconds until it came."""

    answer: dict[str, Any]
    seconds: float
    peak_bytes: int
    said: Sequence[tuple[float, str]] = field(default=(), repr=False)

    def until(self, pattern: str | re.Pattern[str]) -> float:
        """Seconds until the first line that matches."""
        return next(at for at, line in self.said if re.search(pattern, line))

    @property
    def first_rows_s(self) -> float:
        """Seconds until the first rows were committed."""
        return self.until(_WROTE)

    @property
    def loading_s(self) -> float:
        """Seconds from the first row that is made to the last index."""
        return self.until("indexes: .*built") - self.until("rows: 0 of")


def command(*arguments: str, logged: bool = False, hear: Callable[[str], object] = str) -> Run:
    """Run a populace command. logged: with its log, of which `hear` gets each line as it comes."""
    words = [sys.executable, "-m", "populace", *arguments, *(["--log-json", "-v"] if logged else [])]
    said: list[tuple[float, str]] = []
    began = clock.monotonic()
    with tempfile.TemporaryFile("w+") as out:
        process = subprocess.Popen(words, stdout=out, stderr=subprocess.PIPE if logged else None, text=True)
        hears = threading.Thread(target=_hear, args=(process, began, said, hear))
        hears.start()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = status  # it is collected
        seconds = clock.monotonic() - began
        hears.join()
        out.seek(0)
        text = out.read()
    if status:
        sys.exit(f"populace {' '.join(arguments)} failed" + "".join(f"\n{line}" for _, line in said[-5:]))
    return Run(json.loads(text) if text.startswith("{") else {}, seconds, usage.ru_maxrss * 1024, said)


def _hear(
    process: subprocess.Popen[str], began: float, said: list[tuple[float, str]], hear: Callable[[str], object]
) -> None:
    for line in process.stderr or ():
        with_message = line.startswith("{") and json.loads(line)
        said.append((clock.monotonic() - began, with_message["message"] if with_message else line.rstrip()))
        hear(said[-1][1])


@dataclass(frozen=True, slots=True)
class Size:
    """A population: a scenario, and what is set otherwise."""

    scenario: str
    settings: tuple[str, ...] = ()

    def plan(self, world: World) -> Plan:
        """Its plan, with history up to `NOW`."""
        overrides = dict(s.split("=") for s in self.settings)
        return resolve(world, self.scenario, seed=1, epoch_us=clock.parse(NOW, "bench"), overrides=overrides)

    @property
    def words(self) -> list[str]:
        """As arguments of a command."""
        return ["--scenario", self.scenario, *(f"--set={s}" for s in self.settings)]

    def __str__(self) -> str:
        return " ".join((self.scenario, *self.settings))


def start(folder: Path) -> tuple[str, float]:
    """A fresh embedded server: its target, and the seconds until it took a session."""
    target = f"embedded:{folder}"
    return target, command("db", "start", "--target", target, "--json").seconds


def seed(world: str, size: Size, folder: Path, *more: str) -> tuple[Run, str]:
    """Seed into a fresh embedded server that runs; the URL of the database. world: its name or path."""
    target, _ = start(folder)
    url = command("db", "url", "--target", target, "--json").answer["url"]
    arguments = (*size.words, "--now", NOW, "--yes", "--json", *more)
    return command("seed", world, "--target", target, *arguments, logged=True), url


def copy_limit(plan: Plan, url: str, exchange: Path) -> tuple[float, float]:
    """Seconds of COPY FROM files and of 2_constraints.sql, for the rows that are in `url`, in a second database."""
    emitted = {name for flow in plan.world.flows for name in flow.tables}
    # What a trigger of the app's own fills is filled by it here too.
    tables = [table for table in plan.world.tables if table.name in emitted]
    exchange.mkdir(exist_ok=True)
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
