"""Leadership: one seed or runner a target, by an advisory lock that the server drops with our session."""

from __future__ import annotations

import threading
from collections.abc import Callable

from populace import clock
from populace.database.connection import Connection
from populace.errors import Refused, TargetUnavailable
from populace.runner.records import SQL

KEY = int.from_bytes(b"pop life")
"""The lock's number. Migrations take another one, so that a command can read a target while a runner leads."""

_POLL_S = 0.5


class LeaseLost(TargetUnavailable):
    """The session is there, and its lease is not: another one may lead. Nothing of the window is written."""


def take(connection: Connection) -> bool:
    """Become the leader, if nobody else is. The lease lives as long as the connection."""
    row = connection.execute(SQL["lock"], {"key": KEY}).fetchone()
    return bool(row and row[0])


def take_now(connection: Connection, shown: str) -> None:
    """Become the leader at once. Raises Refused, with the leader's name, when somebody else is. shown: the target."""
    if not take(connection):
        raise Refused(
            f"{leader(connection) or 'another session'} is at work on this target",
            where=shown,
            todo="wait until it has ended, or stop it",
        )


def require(connection: Connection) -> None:
    """Raise LeaseLost unless this session leads. The lock ends with its session, and a pooler may have given that to
    somebody else."""
    row = connection.execute(SQL["leads"], {"key": KEY}).fetchone()
    if not (row and row[0]):
        raise LeaseLost("the lease was lost", where="populace.ledger", todo="connect to the server without a pooler")


def give_back(connection: Connection) -> None:
    """Stop being the leader."""
    connection.execute(SQL["unlock"], {"key": KEY})


def leader(connection: Connection) -> str | None:
    """The application name of the session that leads, if there is one."""
    row = connection.execute(SQL["leader"], {"key": KEY}).fetchone()
    return None if row is None else str(row[1])


def wait(connection: Connection, stop: threading.Event, waiting: Callable[[str], None]) -> bool:
    """Become the leader, waiting for the present one to go; False when `stop` is set first.

    waiting(name of the leader): called once, when there is a need to wait. The connection is in autocommit.
    """
    said = False
    while not stop.is_set():
        if take(connection):
            return True
        if not said:
            waiting(leader(connection) or "another session")
            said = True
        clock.sleep(_POLL_S, stop)
    return False
