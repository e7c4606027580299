"""Sessions on the target that are kept open between requests."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg_pool import ConnectionPool, PoolTimeout

from populace.database.connection import Connection, connect
from populace.database.session import Session
from populace.database.target import Target
from populace.errors import PopulaceError, TargetUnavailable
from populace.operations.context import Direct

MOST = 8
PATIENCE_S = 8.0
"""So long a request waits for a session, then the target counts as away."""


class _Pinned(Session):
    """A session as `connect` makes it, for a pool that makes its own."""

    @classmethod
    def connect(cls, conninfo: str = "", **given: Any) -> Any:
        """As psycopg's; everything but the name of the session is settled by `connect`."""
        try:
            return connect(conninfo, application_name=given["application_name"], autocommit=False)
        except PopulaceError as error:
            # What a pool can hear of: it tries again.
            raise psycopg.OperationalError(str(error)) from error


@dataclass(slots=True)
class Pooled(Direct):
    """A pool for each database, made when it is first asked for. What leads, or takes long, opens sessions of its own
    (`Direct`): it holds locks that must end with them. A server opens its database when it begins, and never again.

    called: how sessions of the pool name themselves to the server.
    """

    opens = False

    called: str = "populace serve"
    _pools: dict[str, ConnectionPool[Any]] = field(default_factory=dict, repr=False)
    _reached: dict[str, str] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def reach(self, target: Target, pg_bin: Path | None) -> str:
        """As `Direct`; but a server that answered before is not looked for again until a session fails."""
        known = self._reached.get(target.redacted())
        if known is None:
            known = Direct.reach(self, target, pg_bin)
            self._reached[target.redacted()] = known
        return known

    def open(self, url: str, purpose: str, *, autocommit: bool = False) -> Connection:
        """A session of the pool. Raises TargetUnavailable when there is none for a while."""
        try:
            connection: Connection = self._pool(url).getconn(timeout=PATIENCE_S)
        except PoolTimeout as error:
            self._reached.clear()
            connect(url, application_name=self.called).close()  # says why, or it is just busy
            raise TargetUnavailable("the server is busy", where="target", todo="try again soon") from error
        connection.autocommit = autocommit
        return connection

    def close(self, connection: Connection) -> None:
        """Give a session back, as it came."""
        pool = getattr(connection, "_pool", None)
        if pool is None:
            connection.close()
            return
        if not connection.closed:
            try:
                connection.rollback()
                connection.autocommit, connection.isolation_level, connection.read_only = False, None, None
            except psycopg.Error:
                connection.close()
        pool.putconn(connection)

    def shut(self) -> None:
        """Close all sessions."""
        for pool in self._pools.values():
            pool.close(timeout=2)
        self._pools.clear()

    def _pool(self, url: str) -> ConnectionPool[Any]:
        with self._lock:
            pool = self._pools.get(url)
            if pool is None:
                pool = ConnectionPool(
                    url,
                    connection_class=_Pinned,
                    min_size=1,
                    max_size=MOST,
                    open=True,
                    check=ConnectionPool.check_connection,
                    reconnect_timeout=5,
                    kwargs={"application_name": self.called},
                    name=self.called,
                )
                self._pools[url] = pool
            return pool
