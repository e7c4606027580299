"""The command line as a user calls it: in this process, or in one of its own where that is the point."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psycopg
from psycopg import sql

from populace.cli.main import main
from populace.database import guard
from populace.database.connection import connect
from populace.spec import World
from populace.worlds import registry
from remedies import watched
from urls import same_secret

TESTS = Path(__file__).parent
CLUB, MARKET = str(TESTS / "club"), str(TESTS / "market")
ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith(("POPULACE_", "DATABASE_URL"))} | {
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
    *arguments: str, code: int | None = 0, cwd: Path | None = None, own_process: bool = False, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, and insist on its exit code; None: any.

    In this process, since Python's start takes longer than most commands; own_process: where the process is the point.
    """
    if own_process or arguments[:2] == ("db", "psql"):
        process = start(*arguments, cwd=cwd, **environment)
        out, err = process.communicate(timeout=300)
        done = subprocess.CompletedProcess(arguments, process.returncode, out, err)
    else:
        done = in_this_process(arguments, cwd or TESTS, ENVIRONMENT | environment)
    assert code is None or done.returncode == code, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    assert "Traceback" not in done.stderr, done.stderr
    return done


def in_this_process(
    arguments: Sequence[str], cwd: Path, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """What `main` does and says: all but that a process ends."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    with (
        chdir(cwd),
        patch.dict(os.environ, environment, clear=True),
        patch.object(sys, "argv", ["populace", *map(str, arguments)]),
        Path(os.devnull).open() as nothing,
        patch.object(sys, "stdin", nothing),
        redirect_stdout(out),
        redirect_stderr(err),
        watched(arguments) as faults,
    ):
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)
    assert not faults, faults
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())


def answer(*arguments: str, code: int | None = 0, **environment: str) -> Any:
    """The JSON document that a command prints."""
    return json.loads(call(*arguments, "--json", code=code, **environment).stdout)


def refusal(*arguments: str, code: int = 3, **environment: str) -> str:
    """What is said by a command that prints nothing and ends with this code."""
    done = call(*arguments, code=code, **environment)
    assert done.stdout == ""
    said, _, end = done.stderr.removeprefix("populace: ").rpartition("\n")
    assert not end
    return said


def adopt(url: str) -> None:
    """A copy of an opened database is open only once somebody says so."""
    with connect(url, application_name="tests") as conn:
        if guard.is_open(conn):
            guard.adopt(conn)


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
        call("db", "start", "--target", self.target)
        self.url = call("db", "url", "--target", self.target).stdout.strip()
        same_secret(self.url)

    @classmethod
    def at(cls, world: str, url: str) -> Place:
        """A database that is there."""
        place = cls.__new__(cls)
        place.world, place.target, place.url = world, url, url
        return place

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


@contextmanager
def placed(world: str, folder: Path) -> Iterator[Place]:
    """Such a target, whose server stops when the block ends."""
    made = Place(world, folder)
    try:
        yield made
    finally:
        call("db", "stop", "--target", made.target)
