"""Puts a database back to what a backup holds, in one transaction of a session of ours.

Everything that stands in the schemas of the backup goes, whatever made it, and is made again; until the commit others
see the old state, and whatever ends the session before leaves it. Schemas themselves stay, with the rights on them and
the default rights in them, and so do extensions: a hosted service owns some of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import IO

import psycopg
from psycopg import sql

from populace.database import dumping, guard, made, migrations, queries
from populace.database.backups import Backup, Tie
from populace.database.cleanup import LOCK_LIMIT
from populace.database.connection import Connection, translate
from populace.database.dumping import Programs
from populace.errors import CheckFailed, PopulaceError, Refused

_BLOCK_BYTES = 1 << 18
_SESSION_LINE = re.compile(rb"\\(un)?restrict |SET transaction_timeout ")
"""What of a script is for psql, or for servers from 17 on: it sets nothing that the session has not set."""


def schemas(conn: Connection) -> tuple[list[str], list[str]]:
    """The schemas of this database that a backup holds, and those of others that it leaves out."""
    rows = conn.execute(queries.load("queries/backup_schemas.sql")).fetchall()
    return [name for name, ours in rows if ours], [name for name, ours in rows if not ours]


def extensions(conn: Connection) -> list[tuple[str, str]]:
    """Extensions of this database and their schemas."""
    return [(name, schema) for name, schema in conn.execute(queries.load("queries/backup_extensions.sql"))]


def ties(conn: Connection, of: Sequence[str]) -> list[Tie]:
    """What is outside of these schemas and may need what is in them."""
    return [Tie(*row) for row in conn.execute(queries.load("queries/backup_outside.sql"), {"schemas": list(of)})]


def made_numbers(conn: Connection) -> list[int]:
    """The numbers of the records of what Populace made that hold now."""
    return [number for (number,) in conn.execute(queries.load("queries/backup_made.sql"))]


def empty(conn: Connection, of: Sequence[str]) -> int:
    """Drop what stands in these schemas, in the caller's transaction; how many objects there were."""
    conn.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(sql.Literal(LOCK_LIMIT)))
    conn.execute("SET LOCAL client_min_messages = 'warning'")
    drops = conn.execute(queries.load("queries/restore_drops.sql"), {"schemas": list(of)}).fetchall()
    if drops:
        conn.execute(";\n".join(statement for (statement,) in drops).encode())
    return len(drops)


def restore(
    conn: Connection, backup: Backup, programs: Programs, listed: Sequence[str], hear: Callable[[str, int], None]
) -> None:
    """Replace what is in the schemas of users by what the backup holds, in the caller's transaction.

    listed: see `dumping.listed`. hear: hears what is done, and how many bytes of rows. The session is of no use
    afterwards for anything but what its transaction needs: its settings are the script's. Raises Refused where
    something of others needs what would go, BadInput for a file that is not whole, CheckFailed for statements that do
    not run here.
    """
    about = backup.about
    here, _ = schemas(conn)
    wanted = sorted({*here, *about.schemas})
    outside = {(tie.kind, tie.name) for tie in ties(conn, wanted)}
    staging = guard.is_staging(conn)
    try:
        hear("drops what is there", 0)
        empty(conn, wanted)
        _require_untouched(conn, outside, wanted, about.ties)
        for name in here:
            if name not in about.schemas:
                conn.execute(sql.SQL("DROP SCHEMA {}").format(sql.Identifier(name)))
        stay = set(here) & set(about.schemas)
        for name, schema in about.extensions:
            if schema in stay or schema in about.left_out:
                conn.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {} SCHEMA {}").format(
                    sql.Identifier(name), sql.Identifier(schema)))  # fmt: skip
        lines = [line for line in listed if not _is_of_schema(line, stay)]
        _run(conn, backup, programs, lines, hear)
        _tie(conn, about.ties, wanted)
    except psycopg.Error as error:
        raise _failed(error) from error
    _adopt(conn, about.made)
    if staging:
        guard.mark_staging(conn)


def _run(
    conn: Connection, backup: Backup, programs: Programs, lines: Sequence[str], hear: Callable[[str, int], None]
) -> None:
    """Tables, then rows, then what stands on them."""
    for section, said in (("pre-data", "makes the tables"), ("post-data", "builds keys and indexes")):
        with dumping.statements(programs, backup.file, section, lines) as script:
            hear(said, 0)
            conn.execute(b"".join(_for_the_server(script)))
        if section == "pre-data":
            with dumping.statements(programs, backup.file, "data", lines) as script:
                _rows(conn, script, backup, hear)


def _rows(conn: Connection, script: IO[bytes], backup: Backup, hear: Callable[[str, int], None]) -> None:
    """The statements between the tables' rows, and the rows."""
    before: list[bytes] = []
    done = 0
    for line in _for_the_server(script):
        if not (line.startswith(b"COPY ") and line.endswith(b" FROM stdin;\n")):
            before.append(line)
            continue
        if text := b"".join(before).strip():
            conn.execute(text)
        before = []
        with conn.cursor() as cursor, cursor.copy(line.removesuffix(b";\n")) as copy:
            block: list[bytes] = []
            held = 0
            for row in script:
                if row == b"\\.\n":
                    break
                block.append(row)
                held += len(row)
                if held >= _BLOCK_BYTES:
                    copy.write(b"".join(block))
                    done, block, held = done + held, [], 0
                    hear("writes the rows", done)
            else:
                raise dumping.unreadable(backup.file, "it ends in the middle of a table")
            copy.write(b"".join(block))
            done += held
    if text := b"".join(before).strip():
        conn.execute(text)


def _for_the_server(script: Iterable[bytes]) -> Iterable[bytes]:
    """The lines of a script but for those that are for psql. Of a table's rows none is read here."""
    return (line for line in script if not _SESSION_LINE.match(line))


def _require_untouched(
    conn: Connection, outside: set[tuple[str, str]], of: Sequence[str], known: Sequence[Tie]
) -> None:
    """Raise Refused when something outside went that nothing makes again."""
    now = {(tie.kind, tie.name) for tie in ties(conn, of)}
    again = {(tie.kind, tie.name) for tie in known if tie.statement}
    lost = [f"{kind} {name}" for kind, name in sorted(outside - now - again)
            if not kind.startswith("publication")]  # fmt: skip
    if lost:
        raise Refused(
            "others need what would be replaced, and nothing was changed:\n  - " + "\n  - ".join(lost) + "\n",
            where="restore",
            todo="drop these first, and make them again afterwards",
        )


def _tie(conn: Connection, known: Sequence[Tie], of: Sequence[str]) -> None:
    """Make again what had to go with the tables: triggers of other schemas, and what publications publish."""
    now = {(tie.kind, tie.name) for tie in ties(conn, of)}
    for tie in known:
        if tie.statement and (tie.kind, tie.name) not in now:
            conn.execute(tie.statement.encode())


def _adopt(conn: Connection, numbers: Sequence[int]) -> None:
    """Take what was restored for the database that was opened, and what Populace had made in it for its own."""
    there = sorted(made.before(conn))
    lists = {"catalogs": [catalog for catalog, _ in there], "objects": [oid for _, oid in there]}
    rows = conn.execute(queries.load("queries/restore_made.sql"), {**lists, "numbers": list(numbers)}).fetchall()
    with conn.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO populace.made"
            " (catalog, object, kind, name, cluster_wide, columns, definition, made_by, made_at)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING", rows,
        )  # fmt: skip
    migrations.migrate(conn)  # the backup may be of an older version
    guard.adopt(conn)


def _is_of_schema(line: str, names: Iterable[str]) -> bool:
    """Whether a line of the list is of a schema itself, or of the rights and default rights on it."""
    return any(
        re.match(rf"\d+; \d+ \d+ (SCHEMA - |ACL - SCHEMA |COMMENT - SCHEMA |DEFAULT ACL ){re.escape(name)} ", line)
        for name in names
    )


def _failed(error: psycopg.Error) -> PopulaceError:
    known = translate(error, "restoring")
    if known is not None:
        return known
    said = error.diag.message_primary or str(error).splitlines()[0]
    return CheckFailed(f"the backup cannot be restored here, and nothing was changed: {said}", where="restoring",
                       todo="correct that in the database, or restore into an empty one")  # fmt: skip
