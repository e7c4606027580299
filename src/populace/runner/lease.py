"""Leadership: one seed or runner a target, by an advisory lock that the server drops with our session."""

from __future__ import annotations

import threading
from collections.abc import Callable

from populace import clock
from populace.database.connection import Connection
from populace.database.pins import Backend
from populace.errors import Refused, Remedy, TargetUnavailable
from populace.runner.records import SQL

KEY = int.from_bytes(b"pop life")
"""The lock's number. Migrations take another one, so that a command can read a target while a runner leads."""
WORK = int.from_bytes(b"pop work")
"""The number of the lock that workers of a leader share, each while its transaction lasts."""

_POLL_S = 0.5
_MOMENT_S, _SOON_S = 1.0, 0.02


class LeaseLost(TargetUnavailable):
    """The session is there, and its lease is not: another one may lead. Nothing of the window is written."""


def take(connection: Connection) -> bool:
    """Become the leader, if nobody else is. The lease lives as long as the connection.

    Where somebody leads it is tried again for a moment: the server drops a lock somewhat later than its client goes.
    """
    until = clock.monotonic() + _MOMENT_S
    while not (taken := _try(connection)) and clock.monotonic() < until:
        clock.sleep(_SOON_S)
    return taken


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


def work_for(connection: Connection, leader: Backend) -> None:
    """Have nobody else lead until this transaction ends, which writes for a leader. Raises LeaseLost when it does not
    lead any more: another one may have begun what this transaction was to write."""
    connection.execute(SQL["work"], {"work": WORK})
    known = {"key": KEY, "pid": leader.pid, "started_us": leader.started_us}
    row = connection.execute(SQL["led"], known).fetchone()
    if not (row and row[0]):
        raise LeaseLost("the lease was lost", where="populace.ledger", todo=Remedy(text="run {} again to continue"))


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
        if _try(connection):
            return True
        if not said:
            waiting(leader(connection) or "another session")
            said = True
        clock.sleep(_POLL_S, stop)
    return False


def _try(connection: Connection) -> bool:
    row = connection.execute(SQL["lock"], {"key": KEY, "work": WORK}).fetchone()
    return bool(row and row[0])
