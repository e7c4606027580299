"""A copy of a database's schema on a server of our own, without rows and foreign keys: there, rows can be tried.

What cannot be made there, such as what needs an extension that this server lacks, is left out.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg.sql import SQL, Identifier

from populace.database import dumping, queries, statements
from populace.database.connection import Connection

_LEFT_OUT = re.compile(
    r"\d+; \d+ \d+ (FK CONSTRAINT|ACL|DEFAULT ACL|POLICY|ROW SECURITY|PUBLICATION|SUBSCRIPTION|EVENT TRIGGER|COMMENT"
    r"|MATERIALIZED VIEW DATA|SECURITY LABEL) "
)
"""What a row meets elsewhere, or not at all. Rows of the app's that ours refer to are not in the copy."""
_FOR_PSQL = re.compile(r"(?m)^(?:\\(?:un)?restrict .*|SET transaction_timeout .*)$")
SHOWN = "-- where tables have triggers and the like: pg_dump --schema-only, for a copy on a server of Populace's own"


def copy(connection: Connection, own: Connection, folder: Path, pg_bin: Path | None) -> int:
    """Copy the schema of a database to that of `own`, which commits each statement; how many of the statements failed.

    connection: in a transaction that repeats its reads. folder: for the dump. Raises TargetUnavailable where no
    program can dump this server.
    """
    programs, file = dumping.for_server(connection, pg_bin, own=False), folder / "schema.dump"
    names = [name for name, _ in connection.execute(queries.load("queries/backup_schemas.sql")).fetchall()]
    schemas = [name for name in names if name != "populace"]
    file.touch()
    dumping.dump(connection, programs, schemas, file, own=False, hear=lambda size: None, rows=False)
    failed = 0
    for name in schemas:
        own.execute(SQL("CREATE SCHEMA IF NOT EXISTS {}").format(Identifier(name)))
    for name, schema in connection.execute(queries.load("queries/backup_extensions.sql")).fetchall():
        failed += not _made(own, SQL("CREATE EXTENSION IF NOT EXISTS {} SCHEMA {} CASCADE").format(
            Identifier(name), Identifier(schema)).as_string(own))  # fmt: skip
    lines = [line for line in dumping.listed(programs, file) if not _LEFT_OUT.match(line)]
    for section in ("pre-data", "post-data"):
        for statement in _statements(programs, file, section, lines):
            failed += not _made(own, statement)
    return failed


def _statements(programs: dumping.Programs, file: Path, section: str, lines: list[str]) -> Iterator[str]:
    with dumping.statements(programs, file, section, lines) as script:
        text = io.TextIOWrapper(io.BytesIO(script.read()), encoding="utf-8").read()
    yield from statements.split(_FOR_PSQL.sub("", text))


def _made(own: Connection, statement: str) -> bool:
    """Whether a statement could be run."""
    try:
        own.execute(statement)
    except psycopg.Error:
        return False
    return True
