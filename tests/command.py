"""The command line as a user calls it, in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

import here
from populace import clock
from populace.spec import World
from populace.worlds import registry

TESTS = Path(__file__).parent
CLUB = str(TESTS / "club")
ENVIRONMENT = {k: v for k, v in os.environ.items() if k not in here.CLEAN} | {
    "PYTHONPATH": str(TESTS),
    "PYTHONWARNINGS": "error",
}


def start(*arguments: str, cwd: Path | None = None, **environment: str) -> subprocess.Popen[str]:
    """Begin a command."""
    return subprocess.Popen(
        [sys.executable, "-m", "populace", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=cwd or TESTS,
        env=ENVIRONMENT | environment,
    )


def call(
    *arguments: str, code: int = 0, cwd: Path | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, and insist on its exit code.

    Servers are started and stopped in this process: hundreds of tests do so, and what a process adds is Python's start.
    """
    if arguments[:2] in (("db", "stop"), ("db", "url")) and not (code or cwd or environment):
        done = here.run(*arguments)
        assert done.exit_code == 0, f"{done.exception!r}\n{done.output}"
        return subprocess.CompletedProcess(arguments, 0, done.stdout, done.stderr)
    process = start(*arguments, cwd=cwd, **environment)
    out, err = process.communicate(timeout=300)
    assert process.returncode == code, f"exit {process.returncode}\n{out}\n{err}"
    assert "Traceback" not in err, err
    return subprocess.CompletedProcess(arguments, process.returncode, out, err)


def answer(*arguments: str, code: int = 0, **environment: str) -> Any:
    """The JSON document that a command prints."""
    return json.loads(call(*arguments, "--json", code=code, **environment).stdout)


def contents(url: str, world: World) -> dict[str, str]:
    """A hash of every table's content, by table; what does not depend on rows' order or place."""
    out = {}
    with psycopg.connect(url) as connection:
        for table in world.tables:
            columns = sql.SQL(", ").join(sql.Identifier(c.name) for c in table.columns)
            row = connection.execute(
                sql.SQL(
                    "SELECT count(*), md5(coalesce(string_agg(h, '' ORDER BY h), ''))"
                    " FROM (SELECT md5(ROW({})::text) AS h FROM {}) AS hashed"
                ).format(columns, sql.Identifier(table.schema, table.name))
            ).fetchone()
            assert row is not None
            out[table.full_name] = f"{row[0]}:{row[1]}"
    return out


class Place:
    """A target with a server of its own, for one world."""

    def __init__(self, world: str, folder: Path) -> None:
        self.world = world
        self.target = f"embedded:{folder}"
        self.url = call("db", "url", "--target", self.target).stdout.strip()

    def contents(self) -> dict[str, str]:
        """A hash of every table's content."""
        return contents(self.url, registry.find(self.world))

    def number(self, query: str) -> int:
        """The one number that a query answers with."""
        with psycopg.connect(self.url) as connection:
            row = connection.execute(query).fetchone()  # type: ignore[call-overload]
            return int(row[0])

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows that a query answers with."""
        with psycopg.connect(self.url) as connection:
            return connection.execute(query).fetchall()  # type: ignore[call-overload]

    def do(self, statement: str) -> None:
        """Run a statement."""
        with psycopg.connect(self.url) as connection:
            connection.execute(statement)  # type: ignore[call-overload]


def killed(arguments: tuple[str, ...], after_s: list[float], **environment: str) -> int:
    """Start a command again and again, and kill it each time after a while; how often it was still alive then."""
    kills = 0
    for delay in after_s:
        process = start(*arguments, **environment)
        clock.sleep(delay)
        kills += process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.communicate()
    return kills
