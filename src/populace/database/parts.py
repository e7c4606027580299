"""Partitions that a world asks for: those that are missing for a stretch of time are made, and dropped again when a
population goes, if nobody else has rows there.

A partition is ours because its comment says so, whatever its name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

from psycopg.sql import SQL, Identifier, Literal

from populace import clock
from populace.database.connection import Connection
from populace.database.ownership import name_of
from populace.database.queries import load
from populace.spec import Table

MARK = "Populace made this partition, and drops it when a population goes and it is empty"
MOST = 1_500
"""Partitions of one table."""
_LONGEST_NAME = 48
_FAR = {"MINVALUE": datetime.min.replace(tzinfo=UTC), "MAXVALUE": datetime.max.replace(tzinfo=UTC)}
Stretch = tuple[datetime, datetime]


def make(connection: Connection, table: Table, from_us: int, to_us: int) -> int:
    """Make the partitions of a table that are missing between two moments, in the caller's transaction; how many.

    Raises psycopg's error where this role may not, or where a bound is none of time.
    """
    assert table.parts is not None
    there = [_stretch(bound) for (bound,) in connection.execute(load("queries/partitions.sql"), _of(table))]
    missing = list(gaps(table.parts.by, clock.to_datetime(from_us), clock.to_datetime(to_us), there))
    for low, high in missing[:MOST]:
        name = Identifier(table.schema, f"{table.relation[:_LONGEST_NAME]}_{low:%Y%m%d}")
        at = "%Y-%m-%d" if table.column(table.parts.column).type == "date" else "%Y-%m-%d %H:%M:%S.%f+00"
        connection.execute(SQL("CREATE TABLE {} PARTITION OF {} FOR VALUES FROM ({}) TO ({})").format(
            name, name_of(table), Literal(low.strftime(at)), Literal(high.strftime(at))))  # fmt: skip
        connection.execute(SQL("COMMENT ON TABLE {} IS {}").format(name, Literal(MARK)))
    return len(missing[:MOST])


def drop_empty(connection: Connection, tables: Sequence[Table]) -> int:
    """Drop the partitions of ours in which no row is, in the caller's transaction; how many."""
    gone = 0
    for table in tables:
        if table.parts is None:
            continue
        for schema, name in connection.execute(
            load("queries/partitions_ours.sql"), {**_of(table), "mark": MARK}
        ).fetchall():
            part = Identifier(schema, name)
            row = connection.execute(SQL("SELECT EXISTS (SELECT FROM {})").format(part)).fetchone()
            if row and not row[0]:
                connection.execute(SQL("ALTER TABLE {} DETACH PARTITION {}").format(name_of(table), part))
                connection.execute(SQL("DROP TABLE {}").format(part))
                gone += 1
    return gone


def gaps(by: str, low: datetime, high: datetime, there: Sequence[Stretch | None]) -> Iterator[Stretch]:
    """What no partition takes between two moments, by days, weeks, months or years. there: what those that are there
    take; None: what no other takes."""
    if None in there:
        return
    taken = sorted(one for one in there if one is not None)
    begin = _begin(by, low.date())
    while begin < high:
        end = _next(by, begin)
        at = begin
        for first, last in taken:
            if last <= at or first >= end:
                continue
            if first > at:
                yield at, first
            at = max(at, last)
        if at < end:
            yield at, end
        begin = end


def _begin(by: str, day: date) -> datetime:
    first = {"year": day.replace(month=1, day=1), "month": day.replace(day=1),
             "week": day - timedelta(days=day.weekday())}.get(by, day)  # fmt: skip
    return datetime(first.year, first.month, first.day, tzinfo=UTC)


def _next(by: str, begin: datetime) -> datetime:
    if by == "year":
        return begin.replace(year=begin.year + 1)
    if by == "month":
        return (begin + timedelta(days=32)).replace(day=1)
    return begin + timedelta(days=7 if by == "week" else 1)


def _stretch(bound: str) -> Stretch | None:
    """What a partition takes, as the server says it; None for the one that takes the rest."""
    if bound.startswith("DEFAULT"):
        return None
    low, high = re.findall(r"'([^']*)'|(MINVALUE|MAXVALUE)", bound)[:2]
    return _moment(*low), _moment(*high)


def _moment(text: str, word: str) -> datetime:
    if word:
        return _FAR[word]
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _of(table: Table) -> dict[str, str]:
    return {"schema": table.schema, "name": table.relation}
