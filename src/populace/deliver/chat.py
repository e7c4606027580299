"""Questions, one by one, to an endpoint that answers; each reply is stored once, as the world declares.

A call costs money, so its limits are kept in the target and by real time: a restart forgets none. A question that gets
no reply waits and is asked again, and is rejected in the end; nothing here stops the world.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx
import psycopg
from psycopg.types.json import Jsonb

from populace import clock
from populace.database.connection import Connection
from populace.database.named import named
from populace.database.pins import names_of_the_app
from populace.deliver import address, outbox, receipts
from populace.deliver.outbox import DROPPED, OutboxBatch, Row
from populace.deliver.peer import Answer
from populace.deliver.reply import Endpoint, NoReply, Reply, ask
from populace.errors import BadInput
from populace.spec import Channel, Questions, Table

FIRST_PAUSE_S, LONGEST_PAUSE_S = 30.0, 3600.0
"""A question that got no reply is asked again after so long, twice as long each time."""
LONGEST_WAIT_S = 60.0
"""Real time between two looks at what the limits allow, at most."""
PAUSE_S = 1.0
_POLL_S = 0.05

SQL = named("populace.deliver", "chat.sql")


@dataclass(slots=True)
class Chat:
    """The peer of a channel of questions.

    endpoint: whom to ask, and how. table: of the world, in which answers are written. connect: opens a session on the
    target, for the record of calls; it is committed before a call is made. now_us: the real time.
    """

    channel: Channel
    endpoint: Endpoint
    table: Table
    connect: Callable[[], Connection]
    now_us: Callable[[], int] = clock.now_us
    client: httpx.Client = field(init=False, repr=False)
    _statements: receipts.Statements = field(init=False, repr=False)

    most = 1
    most_ahead_us: int | None = None

    def __post_init__(self) -> None:
        url = address.checked(self.endpoint.url, self.endpoint.where, secret=self.endpoint.key is not None)
        if self.endpoint.key is not None:
            address.checked_key(self.endpoint.key, self.endpoint.key_where, "a service role key")
        self.client = address.client(url, self.endpoint.timeout_s)
        self._statements = receipts.statements(self.peer.receipts, self.table)

    @property
    def peer(self) -> Questions:
        """What the world declares of it."""
        assert isinstance(self.channel.peer, Questions)
        return self.channel.peer

    @property
    def per_s(self) -> float:
        """Calls a second."""
        return 1.0 / max(self.endpoint.seconds_between, 0.001)

    def send(self, batch: OutboxBatch, stop: threading.Event) -> Answer:
        """Ask the one question of the batch, if a call is allowed now; else the answer says when to try again.

        Raises psycopg.Error and PopulaceError when the target goes away.
        """
        (row,) = batch.rows
        wrong = [name for name in self.peer.members if not isinstance(row.payload.get(name), str)]
        if wrong:
            return Answer(refused=[(row, f"the payload is no question: {', '.join(wrong)} should be text")])
        call, now_us, wait_s = self._allowed()
        if call is None:
            clock.sleep(min(wait_s, PAUSE_S), stop)  # whoever asks again at once asks once a second
            why = "no further call is allowed yet"
            return Answer(after_s=min(LONGEST_WAIT_S, wait_s), rests_s=wait_s, why=why)
        found = self._asked(row, stop)
        if found is None:
            return Answer()
        if isinstance(found, NoReply):
            if not found.reached:
                self._uncount(call)
            return self._failed(row, found, now_us)
        return Answer(taken=[row], record=partial(self._record, row, found))

    def close(self) -> None:
        """Let the connection to the endpoint go."""
        self.client.close()

    def _allowed(self) -> tuple[int | None, int, float]:
        """The number of a call that may be made now and is on record, the real time, and the seconds to wait; no number
        when it may not."""
        with closing(self.connect()) as connection, connection.transaction():
            connection.execute(SQL["lock_calls"])
            now_us = self.now_us()  # not before: whoever held the lock has made a call meanwhile
            free_us = self._free_us(connection, now_us)
            if free_us > now_us:
                return None, now_us, (free_us - now_us) / clock.SECOND_US
            now = {"channel": self.channel.name, "now": clock.to_datetime(now_us)}
            added = connection.execute(SQL["add_call"], now).fetchone()
            assert added is not None
            before_us = clock.midnight_before(now_us) - clock.DAY_US - int(self.endpoint.run_s * clock.SECOND_US)
            before = {"channel": self.channel.name, "before": clock.to_datetime(before_us)}
            connection.execute(SQL["forget_calls"], before)
        return int(added[0]), now_us, 0.0

    def _free_us(self, connection: Connection, now_us: int) -> int:
        """When the next call may be made, by all three limits."""
        limits = self.endpoint
        day_us, run_us = clock.midnight_before(now_us), int(limits.run_s * clock.SECOND_US)
        starts = {"run_start": now_us - run_us, "day_start": day_us}
        bound = {name: clock.to_datetime(at_us) for name, at_us in starts.items()}
        row = connection.execute(SQL["calls"], {"channel": self.channel.name, **bound}).fetchone()
        assert row is not None
        last, in_run, first_in_run, in_day = row
        moments = [now_us]
        if last is not None:
            moments.append(clock.from_datetime(last) + int(limits.seconds_between * clock.SECOND_US))
        if in_run >= limits.per_run:
            moments.append((clock.from_datetime(first_in_run) if first_in_run else now_us) + run_us)
        if in_day >= limits.per_day:
            moments.append(day_us + clock.DAY_US)
        return max(moments)

    def _uncount(self, call: int) -> None:
        with closing(self.connect()) as connection, connection.transaction():
            connection.execute(SQL["uncount_call"], {"id": call})

    def _asked(self, row: Row, stop: threading.Event) -> Reply | NoReply | None:
        """The reply, or why there is none; None after a stop, and a later answer is ignored."""
        found: list[Reply | NoReply] = []
        payload = self._with_history(row)

        def call() -> None:
            try:
                found.append(ask(self.client, self.endpoint, payload, self.peer.question))
            except NoReply as error:
                found.append(error)
            except Exception as error:
                found.append(NoReply(f"the call failed ({type(error).__name__})"))

        calling = threading.Thread(target=call, name="populace-question", daemon=True)
        calling.start()
        while calling.is_alive() and not stop.is_set():
            calling.join(_POLL_S)
        return found[0] if found else None

    def _with_history(self, row: Row) -> Mapping[str, Any]:
        """The payload, with what was said so far where the request holds it."""
        if self.endpoint.request.history is None:
            return row.payload
        written = self.peer.receipts
        thread = row.payload[written.copied[written.thread]]
        about = {**written.fixed, "thread": thread, "at": row.payload[self.peer.moment]}
        with closing(self.connect()) as connection:
            said = connection.execute(self._statements.said, about).fetchall()
        return {**row.payload, "messages": [{"role": role, "content": content} for role, content in said]}

    def _failed(self, row: Row, why: NoReply, now_us: int) -> Answer:
        """Ask again later, or, after so many attempts, no more. Other questions need not wait as long as this one."""
        if row.attempts + 1 >= self.endpoint.attempts:
            return Answer(refused=[(row, f"{why}, after {row.attempts + 1} attempts")])
        pause_s = max(FIRST_PAUSE_S * 2.0**row.attempts, why.retry_after_s or 0.0)

        def postpone(connection: Connection) -> None:
            outbox.postpone(connection, [row], now_us=now_us, at_least_s=min(pause_s, LONGEST_PAUSE_S))

        return Answer(later=[row], why=str(why), after_s=self.endpoint.seconds_between, record=postpone)

    def _record(self, row: Row, reply: Reply, connection: Connection) -> None:
        """Write a reply, in the transaction in which its question leaves the outbox."""
        if self.endpoint.stores:
            written = self.peer.receipts
            thread = row.payload[written.copied[written.thread]]
            texts = [row.payload[self.peer.question], reply.message]
            connection.execute(self._statements.take_over, {"thread": thread, "texts": texts})
            return
        at = clock.to_datetime(row.at_us)
        try:
            with connection.transaction():
                stored = self._stored(row, reply, connection)
        except psycopg.errors.ForeignKeyViolation:
            stored = False  # what it refers to went while its reply was on the way in
        except (psycopg.DataError, psycopg.IntegrityError, BadInput) as error:
            said = error.diag.message_primary if isinstance(error, psycopg.Error) else error.what
            connection.execute(SQL["uncount"], {"channel": self.channel.name, "at": at, "kind": row.kind})
            connection.execute(
                SQL["put_back"],
                {
                    "id": row.id,
                    "channel": self.channel.name,
                    "at": at,
                    "kind": row.kind,
                    "payload": Jsonb(row.payload),
                    "attempts": row.attempts + 1,
                    "error": f"the reply cannot be stored: {said}"[: outbox.ERROR_CHARACTERS],
                },
            )
            return
        if not stored:
            counted = {"channel": self.channel.name, "at": at, "kind": row.kind}
            connection.execute(SQL["uncount"], counted)
            connection.execute(SQL["dropped"], {**counted, "kind": DROPPED})

    def _stored(self, row: Row, reply: Reply, connection: Connection) -> bool:
        """Add the answer's row; False when what it refers to was removed."""
        connection.execute(SQL["writing"])
        now = connection.execute(SQL["simulated_now"]).fetchone()
        assert now is not None
        # The same moment twice: the payload's is written in whole milliseconds.
        at_us = max(row.at_us, clock.parse(row.payload[self.peer.moment], "payload"))
        # A clock that stands, or goes slower than ours, has no room for the whole latency.
        latest_us = max(at_us, clock.from_datetime(now[0]) - 1)
        created_us = min(at_us + reply.latency_ms * 1000, latest_us)
        metadata: dict[str, Any] = {"timestamp": clock.iso(created_us), "latency": reply.latency_ms, **reply.metadata}
        values = receipts.row(
            self.peer.receipts,
            self.table,
            row.payload,
            content=reply.message,
            metadata=Jsonb(metadata),
            created_at=clock.to_datetime(created_us),
        )
        with names_of_the_app(connection):
            added = connection.execute(self._statements.write, values).rowcount
        if added:
            at = {"table": self.table.name, "created_at": clock.to_datetime(created_us)}
            connection.execute(SQL["tally"], at)
            connection.execute(SQL["tally_day"], at)
        return added > 0
