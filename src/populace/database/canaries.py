"""One row of canaries, written and read back before the first commit of a seed: whether what is meant arrives.

A wrong encoding, time zone or notation changes rows in silence, and no check that reads through the same session sees
it. So the server is asked what it holds: in hex, as it prints it, and whether it counts the same characters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import psycopg
from psycopg.types.json import Jsonb

from populace.database import queries
from populace.database.connection import Connection
from populace.errors import Refused, TargetUnavailable

SCRIPTS = "café – ’ ß Łódź Ελλάδα Привет שלום سلام नमस्ते ไทย 日本語 한국어 👋🏽 \u0301a \\ ' \" % $1 \t\n"
"""Text that a database in UTF8 has to hold."""
_COLUMNS = ("text", "timestamptz", "float8", "bytea", "jsonb", "interval", "date", "numeric", "text[]")
_SHOWN = 12


def encoding(connection: Connection) -> str:
    """The encoding of the database, as PostgreSQL calls it."""
    return connection.info.parameter_status("server_encoding") or ""


def require_known_encoding(connection: Connection, shown: str) -> None:
    """Raise Refused for a database that does not know what characters its bytes are. shown: the target."""
    if encoding(connection) == "SQL_ASCII":
        raise Refused(
            "this database has no encoding: it keeps bytes without knowing which characters they are",
            where=shown,
            given="SQL_ASCII",
            allowed="UTF8, or another encoding that holds the world's texts",
            todo="make the database with ENCODING 'UTF8' TEMPLATE template0",
        )


def verify(connection: Connection, texts: Callable[[], str], shown: str) -> None:
    """Write one row of canaries and read it back, in the caller's transaction; nothing of it stays.

    texts: gives what a population may write. Its characters beyond ASCII are tried where the database is not in UTF8,
    and `SCRIPTS` where it is. Raises Refused when the database's encoding has no room for a character,
    TargetUnavailable when something else comes back than was written.
    """
    require_known_encoding(connection, shown)
    wanted = SCRIPTS
    if encoding(connection) != "UTF8":
        wanted = "".join(sorted({c for c in texts() if not c.isascii()}))
    lost = _without_room(connection, wanted)
    if lost:
        raise Refused(
            f"the encoding of this database has no room for {len(lost)} characters that would be written",
            where=shown,
            given=f"{encoding(connection)}, without {' '.join(lost[:_SHOWN])}{' …' if len(lost) > _SHOWN else ''}",
            todo="make the database with ENCODING 'UTF8' TEMPLATE template0",
        )
    with connection.transaction(force_rollback=True), connection.cursor() as cursor:
        cursor.execute(queries.load("queries/canaries_table.sql"))
        row = _row(wanted)
        with cursor.copy("COPY pg_temp.populace_canaries FROM STDIN (FORMAT binary)") as copy:
            copy.set_types(_COLUMNS)
            copy.write_row(row)
        found = cursor.execute(queries.load("queries/canaries.sql")).fetchone()
        _compare((wanted.encode().hex(), len(wanted), *_PRINTED, *row), found or ())


_PRINTED = (
    "2026-03-29 01:30:00.000123+00",
    "0.30000000000000004",
    r"\x00ff27",
    '{"a": [1.50, "\\\\", null]}',
    "1 day 02:03:04.5",
    "2026-02-01",
    "1234567.80",
    '{NULL,"null","a,b"}',
)
"""How a server prints the canaries that are no plain text, in the settings that every session of ours has."""


def _row(text: str) -> tuple[object, ...]:
    return (
        text,
        datetime(2026, 3, 29, 1, 30, 0, 123, tzinfo=UTC),
        0.1 + 0.2,
        b"\x00\xff'",
        Jsonb({"a": [Decimal("1.50"), "\\", None]}, dumps=lambda _value: r'{"a": [1.50, "\\", null]}'),
        timedelta(days=1, hours=2, minutes=3, seconds=4.5),
        date(2026, 2, 1),
        Decimal("1234567.80"),
        [None, "null", "a,b"],
    )


_WHAT = ("text", "length of text", *_COLUMNS[1:], *_COLUMNS)


def _compare(written: tuple[object, ...], found: Iterable[object]) -> None:
    for what, wrote, read in zip(_WHAT, written, found, strict=True):
        same = read == {"a": [1.5, "\\", None]} if isinstance(wrote, Jsonb) else read == wrote
        if not same:
            raise TargetUnavailable(
                f"this session does not give back what was written ({what})",
                where="one row of canaries, before the first commit",
                given=repr(read),
                allowed=repr(wrote),
                todo="look for a setting of the role, the database or a pooler that changes what is written",
            )


def _without_room(connection: Connection, wanted: str) -> list[str]:
    """The characters that the server cannot store; one by one, since it names one at a time."""
    if not wanted or _has_room(connection, wanted):
        return []
    return [c for c in dict.fromkeys(wanted) if not _has_room(connection, c)]


def _has_room(connection: Connection, text: str) -> bool:
    try:
        with connection.transaction():
            connection.execute("SELECT %s::text", (text,))
    except psycopg.errors.UntranslatableCharacter:
        return False
    return True
