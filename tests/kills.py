"""Kills that land where they are meant to. Another session holds what a command needs for its next step; the command is
seen waiting for exactly that, and is killed there. However slow the machine, none comes too early or too late.

A kill counts for its stage only when the server shows the statement that waits and the state that others see, and when
that state is the same after the dead command's sessions have ended: whatever it had begun is taken back.
"""

from __future__ import annotations

import os
import re
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

import figures
from command import ENVIRONMENT, Place, answer
from forks import Fork
from populace import clock

DENSITY = int(os.environ.get("TORTURE", "1"))
"""How many times as many kills a stage gets: `make torture` asks for more."""
PATIENCE_S = 120.0 * DENSITY
_POLL_S = 0.01

WAITING = """
SELECT query FROM pg_stat_activity
WHERE datname = current_database() AND application_name LIKE 'populace %%' AND %s = ANY (pg_blocking_pids(pid))
"""
SESSIONS = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'populace %'
"""


def locked(table: str, mode: str = "SHARE") -> str:
    """A hold on a table: reading goes on, writing waits, and so do ANALYZE and TRUNCATE."""
    return f"LOCK TABLE {table} IN {mode} MODE"


@dataclass(slots=True)
class Kills:
    """Kills on one target. environment: of all commands. hits: by stage, in the order in which they landed."""

    place: Place
    environment: Mapping[str, str] = field(default_factory=dict)
    hits: Counter[str] = field(default_factory=Counter)

    def call(self, *command: str) -> Any:
        """Run a command to its end; its document."""
        return answer(*command, "--target", self.place.target, **self.environment)

    def kill(
        self,
        stage: str,
        command: Sequence[str],
        hold: str,
        *,
        at: str,
        sees: tuple[str, object],
        passing: int = 0,
    ) -> None:
        """Start a command and kill it where it waits for what a session holds that has run the statement `hold`.

        at: a pattern of the statement that waits. sees: a query of one value, and the value that others see then.
        passing: so many of the command's transactions go by before (hold is a table's lock then).
        """
        with psycopg.connect(self.place.url, autocommit=True) as watch:
            held = Hold(self.place.url, hold).taken()
            process = Fork([*command, "--target", self.place.target], ENVIRONMENT | self.environment)
            try:
                statement = waiting(watch, process, held, stage)
                for _ in range(passing):
                    held = held.let_one_pass(watch)
                    statement = waiting(watch, process, held, stage)
                assert re.search(at, statement), f"{stage}: it waits elsewhere\n{statement}"
                assert value(watch, sees[0]) == sees[1], f"{stage}: {sees[0]}"
            finally:
                said = process.kill()
                held.release()
            assert "Traceback" not in said, said
            until(lambda: value(watch, SESSIONS) == 0, f"{stage}: the sessions of the killed command to end")
            assert value(watch, sees[0]) == sees[1], f"{stage}: what a killed command had begun has stayed"
        self.hits[stage] += 1

    def report(self) -> None:
        """Add what was hit, stage by stage, to the figures."""
        figures.add_all(f"kills: {Path(self.place.world).name}", self.hits)


def waiting(watch: Any, process: Fork, held: Hold, stage: str) -> str:
    """The statement in which a command waits for a hold. Fails when the command ends before."""
    found: list[str] = []

    def waits() -> bool:
        assert process.ended is None, f"{stage}: the command ended before, with {process.ended}\n{process.kill()}"
        found.extend(row[0] for row in watch.execute(WAITING, (held.pid,)))
        return bool(found)

    until(waits, f"{stage}: the command to wait")
    # What a session says is read before what blocks it: the first answer may name the statement before.
    waits()
    return found[-1]


class Hold:
    """A session that has run a statement, or waits to run it, and does not commit."""

    def __init__(self, url: str, statement: str) -> None:
        self.url, self.statement = url, statement
        self.connection = psycopg.connect(url)
        self.pid = self.connection.info.backend_pid
        self._taken = False
        self._taking = threading.Thread(target=self._take, daemon=True)
        self._taking.start()

    def _take(self) -> None:
        self.connection.execute(self.statement.encode())
        self._taken = True

    def taken(self) -> Hold:
        """When the statement has run."""
        self._taking.join(PATIENCE_S)
        assert self._taken, self.statement
        return self

    def let_one_pass(self, watch: Any) -> Hold:
        """Let the transaction go by that waits, and stand in the way of the next.

        The next hold queues behind who waits, and the server hands it the lock when that one commits.
        """
        following = Hold(self.url, self.statement)
        until(lambda: bool(value(watch, f"SELECT cardinality(pg_blocking_pids({following.pid}))")), "a hold to queue")
        self.release()
        return following.taken()

    def release(self) -> None:
        self.connection.close()


def value(watch: Any, query: str) -> Any:
    """The one value that a query answers with."""
    row = watch.execute(query.encode()).fetchone()
    return row[0] if row else None


def until(holds: Callable[[], bool], what: str) -> None:
    """Wait until something comes true."""
    end = clock.monotonic() + PATIENCE_S
    while not holds():
        assert clock.monotonic() < end, f"waited too long for {what}"
        clock.sleep(_POLL_S)
