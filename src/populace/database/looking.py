"""What stands in a database before it is opened: whether somebody lives there, and whether it looks like production.

It reads samples and changes nothing. What it cannot see counts as something that may be there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg import sql

from populace import clock
from populace.database import queries
from populace.database.connection import Connection

LONGEST_S = 10.0
"""So long the tables are looked at, all together."""
MOST_TABLES = 500
SAMPLE = 1000
"""Values of a column that are looked at."""
_PAGES = 200
_PRODUCTION = re.compile(r"(?<![a-z])(prod|production|prd|live)(?![a-z])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sight:
    """One thing that was seen. kind: `size`, `sessions`, `host`, `database`, `replicas`, `triggers`, `rows`, `people`,
    `logins` or `unseen`. warns: whether somebody should know the database by name before they open it.
    """

    kind: str
    text: str
    warns: bool = False


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    holds: str


@dataclass(frozen=True, slots=True)
class _Table:
    schema: str
    name: str
    pages: int
    readable: bool
    columns: tuple[_Column, ...]

    @property
    def shown(self) -> str:
        return f"{self.schema}.{self.name}"

    @property
    def source(self) -> sql.Composed:
        return sql.SQL("ONLY {}").format(sql.Identifier(self.schema, self.name))

    @property
    def sampled(self) -> sql.Composed:
        """The table, or of a large one some pages anywhere in it."""
        if self.pages <= _PAGES:
            return self.source
        share = sql.Literal(100 * _PAGES / self.pages)
        return sql.SQL("{} TABLESAMPLE SYSTEM ({})").format(self.source, share)


def look(conn: Connection) -> list[Sight]:
    """What is there, what warns last. In the caller's transaction, which is left as it was."""
    with conn.transaction(force_rollback=True):
        conn.execute("SET LOCAL statement_timeout = '3s'")
        conn.execute("SET LOCAL lock_timeout = '1s'")
        conn.execute("SET LOCAL row_security = off")
        return sorted([*_server(conn), *_triggers(conn), *_tables(conn)], key=lambda sight: sight.warns)


def _server(conn: Connection) -> Iterator[Sight]:
    row = conn.execute(queries.load("queries/looking_server.sql")).fetchone()
    assert row is not None
    size, sessions, replicas = row
    yield Sight("size", f"size: {size}")
    if sessions:
        yield Sight("sessions", f"{sessions} other {'session is' if sessions == 1 else 'sessions are'} connected to it")
    for host in filter(None, (conn.info.host or "").split(",")):
        if _PRODUCTION.search(host):
            yield Sight("host", f"the name of the host, {host}, says production", warns=True)
    if _PRODUCTION.search(conn.info.dbname):
        yield Sight("database", f"the name of the database, {conn.info.dbname}, says production", warns=True)
    if replicas:
        yield Sight("replicas", f"{replicas} {'replica follows' if replicas == 1 else 'replicas follow'} this server",
                    warns=True)  # fmt: skip


def _triggers(conn: Connection) -> Iterator[Sight]:
    """What the app has its own tables do."""
    found = conn.execute(queries.load("queries/looking_triggers.sql")).fetchall()
    names = [f"{name} on {schema}.{table}" for schema, table, these in found for name in these]
    if names:
        what = "one trigger or rule" if len(names) == 1 else f"{len(names)} triggers and rules"
        text = f"{what} of the app, which {'runs' if len(names) == 1 else 'run'} on synthetic rows too: {_some(names)}"
        yield Sight("triggers", text)


def _tables(conn: Connection) -> Iterator[Sight]:
    tables = _candidates(conn)
    until, filled, unseen = clock.monotonic() + LONGEST_S, [], [t.shown for t in tables[MOST_TABLES:]]
    for place, table in enumerate(tables[:MOST_TABLES]):
        if clock.monotonic() > until:
            unseen += [t.shown for t in tables[place:MOST_TABLES]]
            break
        has_rows: list[bool] = []
        with _tried(conn, table, unseen):
            query = sql.SQL("SELECT EXISTS (SELECT FROM {})").format(table.source)
            has_rows += [row[0] for row in conn.execute(query)]
        if not any(has_rows):
            continue
        filled.append(table.shown)
        sights: list[Sight] = []
        with _tried(conn, table, unseen):
            sights += [*_people(conn, table), *_logins(conn, table)]
        yield from sights
    if filled:
        what = f"rows in {len(filled)} of {len(tables)} tables, such as {_some(filled)}"
        yield Sight("rows", what, warns=True)
    if unseen:
        count = f"{len(unseen)} {'table' if len(unseen) == 1 else 'tables'}"
        yield Sight("unseen", f"{count} could not be looked at, such as {_some(unseen)}", warns=True)


def _candidates(conn: Connection) -> list[_Table]:
    """Tables that people of others may stand in; those of accounts first."""
    found = []
    for schema, name, pages, readable, columns in conn.execute(queries.load("queries/looking_tables.sql")):
        found.append(_Table(schema, name, pages, readable, tuple(_Column(*one) for one in columns or ())))
    return found


@contextmanager
def _tried(conn: Connection, table: _Table, unseen: list[str]) -> Iterator[None]:
    """What the block cannot read is noted, and nothing else comes of it."""
    if not table.readable:
        unseen.append(table.shown)
        return
    try:
        with conn.transaction():
            yield
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.QueryCanceled, psycopg.errors.LockNotAvailable):
        unseen.append(table.shown)


def _people(conn: Connection, table: _Table) -> Iterator[Sight]:
    """Addresses at which somebody may read what they are sent."""
    for column in table.columns:
        if column.holds != "email":
            continue
        query = sql.SQL(queries.load("queries/looking_people.sql").decode()).format(
            column=sql.Identifier(column.name), table=table.sampled, most=sql.Literal(SAMPLE)
        )
        domains: Counter[str] = Counter()
        sampled = 0
        for domain, reserved, count in conn.execute(query):
            sampled += count
            if not reserved:
                domains[domain] += count
        if domains:
            most = ", ".join(domain for domain, _ in domains.most_common(3)) + (", …" if len(domains) > 3 else "")
            real = f"{domains.total()} of {sampled} addresses looked at are real ones ({most})"
            what = f"{table.shown}.{column.name}: {real}"
            yield Sight("people", what, warns=True)


def _logins(conn: Connection, table: _Table) -> Iterator[Sight]:
    """People who were here lately."""
    emails = [column.name for column in table.columns if column.holds == "email"]
    for column in table.columns:
        if column.holds != "login":
            continue
        query = sql.SQL(queries.load("queries/looking_logins.sql").decode()).format(
            column=sql.Identifier(column.name),
            email=sql.Identifier(emails[0]) if emails else sql.SQL("NULL"),
            table=table.sampled,
            most=sql.Literal(SAMPLE),
        )
        row = conn.execute(query).fetchone()
        if row and row[0]:
            what = f"{table.shown}.{column.name}: {row[0]} of {row[1]} people looked at were here in the last 30 days"
            yield Sight("logins", what, warns=True)


def _some(names: list[str]) -> str:
    return ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
