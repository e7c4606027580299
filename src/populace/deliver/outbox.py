"""The outbox in the target: what waits to be sent, read in batches, and deleted and counted when it was sent.

Every function works inside the caller's transaction. A batch is held by row locks until that transaction ends: two
deliveries never hold the same row, and a row whose sender dies is free again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from populace import clock
from populace.database.connection import Connection
from populace.database.named import named

SQL = named("populace.deliver", "outbox.sql")

HISTORICAL_US = 48 * clock.HOUR_US
"""Older than this, against the real now, an event is history to the one who takes it."""
MOST_AHEAD_US = 23 * clock.HOUR_US
"""An event that lies further ahead of real time would be given the time at which it arrives."""
FIRST_WAIT_S = 0.25
LONGEST_WAIT_S = 60.0
TOGETHER_WAIT_S = 0.5
"""So long, at most, rows wait that were not taken together: perhaps only one of them is at fault."""
ERROR_CHARACTERS = 500
DROPPED = "dropped"
"""The kind under which `populace.delivered` counts replies to what was removed by then."""
_LAST_US = 4_102_444_800 * clock.SECOND_US
"""2100-01-01, where the supported years end."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the outbox. at_us: simulated time. attempts: failed ones."""

    id: UUID
    at_us: int
    kind: str
    payload: Mapping[str, Any]
    attempts: int = 0

    @property
    def person(self) -> str:
        """Whom an event is about."""
        return str(self.payload.get("distinct_id"))

    @property
    def describes(self) -> bool:
        """Whether an event sets properties of its person."""
        return bool((self.payload.get("properties") or {}).get("$set"))

    def filling(self) -> Row:
        """The event with properties of its person that replace none."""
        rest = {k: v for k, v in self.payload["properties"].items() if k not in ("$set", "$set_once")}
        once = {**self.payload["properties"]["$set"], **self.payload["properties"].get("$set_once", {})}
        return replace(self, payload={**self.payload, "properties": {**rest, "$set_once": once}})


@dataclass(frozen=True, slots=True)
class Rejection:
    """Rows that were rejected for the same reason. example: the id of one of them."""

    kind: str
    error: str
    rows: int
    example: str


@dataclass(frozen=True, slots=True)
class Sent:
    """Rows of a kind that were delivered, and the simulated days they are of."""

    kind: str
    rows: int
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class OutboxBatch:
    """Rows to be sent together, the oldest first. historical: all of them are older than 48 hours; else none is."""

    rows: Sequence[Row]
    historical: bool


def wait_s(attempts: int) -> float:
    """Seconds to wait after so many failed attempts in a row (from 1): 0.25, 0.5, … at most 60."""
    return min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** min(attempts - 1, 20))


def take(
    connection: Connection, channel: str, *, most: int, now_us: int, most_ahead_us: int | None = None
) -> OutboxBatch:
    """The oldest rows that may go now, at most so many, and held until the transaction ends. now_us: real time.
    most_ahead_us: rows that lie further ahead of it wait; None: none of them.

    New ones before historical ones, which may be millions, and never both in a batch. What was not taken before goes in
    a smaller batch each time. Properties of people follow the order in which they arrive: where newer ones have gone
    before, older ones only fill what is missing. Empty when there is none.
    """
    edge_us, last_us = now_us - HISTORICAL_US, _LAST_US if most_ahead_us is None else now_us + most_ahead_us
    for low_us, high_us, historical in ((edge_us, last_us, False), (0, edge_us, True)):
        found = connection.execute(
            SQL["take"],
            {
                "channel": channel,
                "now": clock.to_datetime(now_us),
                "low": clock.to_datetime(low_us),
                "high": clock.to_datetime(high_us),
                "most": most,
            },
        )
        rows = [Row(i, clock.from_datetime(at), kind, payload, n) for i, at, kind, payload, n in found]
        if rows:
            return OutboxBatch(_described(connection, channel, narrowed(rows, most)), historical)
    return OutboxBatch([], historical=False)


def _described(connection: Connection, channel: str, rows: Sequence[Row]) -> Sequence[Row]:
    """The rows, of which those whose properties of a person are older than what was sent replace nothing. The newest
    are noted as sent: if they are not taken after all they are tried again, and are as new as what is noted."""
    newest = {row.person: row.at_us for row in sorted(rows, key=lambda row: row.at_us) if row.describes}
    if not newest:
        return rows
    given = {"channel": channel, "people": sorted(newest)}
    connection.execute(SQL["describing"], given)
    known = {p: clock.from_datetime(at) for p, at in connection.execute(SQL["described"], given).fetchall() if at}
    moments = [clock.to_datetime(newest[person]) for person in given["people"]]
    connection.execute(SQL["describe"], {**given, "at": moments})
    return [row.filling() if row.describes and row.at_us < known.get(row.person, 0) else row for row in rows]


def narrowed(rows: Sequence[Row], most: int) -> Sequence[Row]:
    """As many of the first rows as are risked together: half as many with each time that one of them was not taken.

    Where one row keeps its batch from being taken, it ends up alone.
    """
    held, tried = 0, 0
    for row in rows:
        tried = max(tried, row.attempts)
        if held and held >= most >> min(tried, 30):
            break
        held += 1
    return rows[:held]


def delivered(connection: Connection, rows: Iterable[Row]) -> None:
    """The other side has these: they leave the outbox, and are counted."""
    ids = [row.id for row in rows]
    if ids:
        connection.execute(SQL["delivered"], {"ids": ids})


def postpone(connection: Connection, rows: Sequence[Row], *, now_us: int, at_least_s: float = 0.0) -> None:
    """These were not taken and wait: one alone the longer the more often it was tried, several for a moment only.

    at_least_s: as the other side asked.
    """
    most_s = LONGEST_WAIT_S if len(rows) == 1 else TOGETHER_WAIT_S
    with connection.cursor() as cursor:
        cursor.executemany(
            SQL["postpone"],
            [
                {
                    "id": row.id,
                    "attempts": row.attempts + 1,
                    "not_before": clock.to_datetime(
                        now_us + int(max(at_least_s, min(most_s, wait_s(row.attempts + 1))) * clock.SECOND_US)
                    ),
                }
                for row in rows
            ],
        )


def reject(connection: Connection, refused: Iterable[tuple[Row, str]]) -> None:
    """The other side refused these for good: they stay, with what was said, and wait until a retry is asked for."""
    with connection.cursor() as cursor:
        cursor.executemany(SQL["reject"], [{"id": row.id, "error": error[:ERROR_CHARACTERS]} for row, error in refused])


def retry(connection: Connection, channel: str) -> int:
    """Let what was rejected wait again, as if it were new; how many rows."""
    return connection.execute(SQL["retry"], {"channel": channel}).rowcount


def next_due_us(
    connection: Connection, channel: str, *, now_us: int = 0, most_ahead_us: int | None = None
) -> int | None:
    """When the first row that waits may go (real time, µs; 0: at once); None when none waits.

    now_us, most_ahead_us: as for `take`.
    """
    ahead = None if most_ahead_us is None else timedelta(microseconds=most_ahead_us)
    edge = None if most_ahead_us is None else clock.to_datetime(now_us + most_ahead_us)
    row = connection.execute(SQL["next_due"], {"channel": channel, "ahead": ahead, "edge": edge}).fetchone()
    assert row is not None
    earliest, at_once, waiting = row
    if not waiting:
        return None
    return 0 if at_once else clock.from_datetime(earliest)


def ahead(connection: Connection, channel: str, *, now_us: int, most_ahead_us: int) -> int:
    """How many rows wait since they lie too far ahead of real time."""
    edge = clock.to_datetime(now_us + most_ahead_us)
    row = connection.execute(SQL["ahead"], {"channel": channel, "edge": edge}).fetchone()
    assert row is not None
    return int(row[0])


def waiting(connection: Connection, channel: str) -> dict[str, tuple[int, int]]:
    """Rows that wait by kind, and how many of them have failed attempts; without those that were rejected."""
    return {kind: (n, tried) for kind, n, tried in connection.execute(SQL["waiting"], {"channel": channel})}


def rejected(connection: Connection, channel: str, most: int = 50) -> list[Rejection]:
    """What was rejected, by kind and reason, the most frequent first."""
    found = connection.execute(SQL["rejected"], {"channel": channel, "most": most})
    return [Rejection(kind, error or "", n, example) for kind, error, n, example in found]


def sent(connection: Connection, channel: str) -> list[Sent]:
    """What was delivered, by kind."""
    return [Sent(*row) for row in connection.execute(SQL["sent"], {"channel": channel})]
