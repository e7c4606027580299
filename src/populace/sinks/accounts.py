"""A sink for projects whose accounts only a service may make: rows go to PostgreSQL, accounts through a callable.

It wraps a `PostgresSink` and does not depend on the service. Accounts are made at once, because the rows that
follow refer to them; they are deleted later, through the outbox, after the rows that referred to them.
"""

from __future__ import annotations

import json
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Sequence

import psycopg
import pyarrow as pa

from populace import clock
from populace.batch import Batch
from populace.database.faults import translate
from populace.database.named import named
from populace.database.ownership import note
from populace.database.pins import names_of_the_app
from populace.errors import Interrupted
from populace.sinks.postgres import PostgresSink
from populace.sinks.sink import Tallies, Tally
from populace.spec import OUTBOX, AccountService, Channel, World

SCHEMA = "auth"
AT_ONCE = 25
"""Accounts asked for in one call; between two calls the work can be stopped."""

SQL = named("populace.sinks", "accounts.sql")

User = dict[str, object]
"""id, email, user_metadata (a dict), created_at (ISO), password_hash where there is one: an account that is wanted."""


class AccountsSink:
    """Writes rows of a world into its tables, and accounts separately.

    create: makes accounts, each with its identity, or finds that they exist; its errors are passed on. channel:
    of the requests to delete them, and which tables hold them.
    connection, bulk: as `PostgresSink` has them; rows are counted by day as the world says. Accounts stay after a
    rollback, so `create` must accept the same ones again.
    """

    def __init__(
        self,
        connection: psycopg.Connection,
        world: World,
        create: Callable[[Sequence[User]], object],
        channel: Channel,
        *,
        bulk: bool = False,
    ) -> None:
        assert isinstance(channel.peer, AccountService)
        self._connection = connection
        self._channel, self._peer = channel.name, channel.peer
        self._create = create
        self._table = world.table(channel.peer.users)
        elsewhere = {
            f"{SCHEMA}.{self._peer.users}": self._forget,
            f"{SCHEMA}.{self._peer.identities}": lambda people, tallies: None,
        }
        self._sink = PostgresSink(connection, world, bulk=bulk, by_day=world.by_day, elsewhere=elsewhere)
        self._by_day = world.by_day
        self._own = {channel.peer.users, channel.peer.identities}
        self._tallies = Tallies()
        self._stopped = threading.Event()

    def write(self, batch: Batch) -> None:
        """Apply one batch. Identities are the service's to make and to delete; they are counted.

        Raises as `PostgresSink.write` and `create` do, and Interrupted after `cancel`.
        """
        if batch.table not in self._own or batch.act == "remove":
            self._sink.write(batch)
        elif len(batch.rows):
            tally = self._tallies.of(batch.table)
            before = tally.written
            tally.attempted += len(batch.rows)
            try:
                if batch.table == self._peer.users:
                    self._make(batch.rows, tally)
                else:
                    self._backdate("backdate_identities", batch.rows.column("user_id"), batch.rows)
                    tally.written += len(batch.rows)
            finally:
                tally.rejected += len(batch.rows) - (tally.written - before)
            if batch.table in self._by_day:
                for day, many in days(batch.rows):
                    self._tallies.on(batch.table, day, inserted=many)

    def flush(self) -> None:
        """Write what was held back."""
        self._sink.flush()

    def tallies(self) -> Tallies:
        """What was written since the last call. An account is counted as removed when the service has deleted it, by
        whoever asks it to; here its request is counted, as a row of the outbox."""
        done, self._tallies = self._tallies, Tallies()
        done.add(self._sink.tallies())
        return done

    def cancel(self) -> None:
        """End what another thread has under way, if anything; there it is raised as an error."""
        self._stopped.set()
        self._sink.cancel()

    def _make(self, rows: pa.RecordBatch, tally: Tally) -> None:
        users = wanted(rows)
        for first in range(0, len(users), AT_ONCE):
            if self._stopped.is_set():
                raise Interrupted("stopped while accounts were made", where=f"{SCHEMA}.{self._peer.users}")
            some = users[first : first + AT_ONCE]
            self._create(some)
            tally.written += len(some)
        self._backdate("backdate_users", rows.column("id"), rows)
        if self._table.noted:
            self._connection.execute(note(self._table), (_texts(rows.column("id")),))

    def _backdate(self, statement: str, keys: pa.Array, rows: pa.RecordBatch) -> None:
        moments = [clock.iso(at_us) for at_us in rows.column("created_at").cast(pa.int64()).to_pylist()]
        backdate(self._connection, statement, _texts(keys), moments)

    def _forget(self, people: Sequence[str], tallies: Tallies) -> None:
        queued = self._connection.execute(SQL["forget"], {"channel": self._channel, "ids": people}).rowcount
        tally = tallies.of(OUTBOX.name)
        tally.attempted += queued
        tally.written += queued


def backdate(connection: psycopg.Connection, statement: str, ids: Sequence[str], moments: Sequence[str]) -> None:
    """Give what the service made just now these moments, where its tables are ours to write; elsewhere it is as old as
    the service says. statement: `backdate_users`, by their ids, or `backdate_identities`, by those of their users."""
    try:
        with connection.transaction(), names_of_the_app(connection):
            connection.execute(SQL[statement], {"ids": list(ids), "moments": list(moments)})
    except psycopg.errors.InsufficientPrivilege:
        return
    except psycopg.Error as error:
        raise translate(error, f"writing schema {SCHEMA}") or error from error


def wanted(rows: pa.RecordBatch) -> list[User]:
    """The accounts that rows of `auth.users` describe, in their order."""
    moments = rows.column("created_at").cast(pa.int64()).to_pylist()
    texts = [rows.column(name).to_pylist() for name in ("email", "raw_user_meta_data")]
    has_hash = "encrypted_password" in rows.schema.names
    hashes = rows.column("encrypted_password").to_pylist() if has_hash else [None] * len(rows)
    return [
        {
            "id": key,
            "email": email,
            "user_metadata": json.loads(metadata or "{}"),
            "created_at": clock.iso(at_us),
            **({"password_hash": password_hash} if password_hash else {}),
        }
        for key, email, metadata, password_hash, at_us in zip(
            _texts(rows.column("id")), *texts, hashes, moments, strict=True
        )
    ]


def days(rows: pa.RecordBatch) -> list[tuple[int, int]]:
    """How many rows were created on each day (since 1970)."""
    counts = Counter(at_us // clock.DAY_US for at_us in rows.column("created_at").cast(pa.int64()).to_pylist())
    return sorted(counts.items())


def _texts(keys: pa.Array) -> list[str]:
    return [str(uuid.UUID(bytes=key)) for key in keys.to_pylist()]
