"""A connection to a target: opened in one way, with one kind of error."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.rows import TupleRow

from populace.database import access, faults, libpq, pins, pooler
from populace.database.embedded import EmbeddedServer
from populace.database.pins import Backend
from populace.database.session import Look, Session, Vigil, look
from populace.database.target import Target
from populace.errors import BadInput, Remedy, TargetUnavailable

Connection = psycopg.Connection[TupleRow]

DATABASE = "populace"
CONNECT_LIMIT_S = 10
LOOK_LIMIT_S = 5

translate = faults.translate
is_lost = faults.is_lost


def connect(
    url: str, *, application_name: str, autocommit: bool = False, connect_limit_s: int = CONNECT_LIMIT_S
) -> Connection:
    """A session that is the same everywhere (`pins`), and is looked after (`session`).

    application_name: what the server's list of sessions shows. Raises TargetUnavailable, with advice and without a
    password, when there is no connection (`is_lost` of that error says whether to try again), or when the server does
    not let the session be what it has to be; BadInput when the URL cannot be read.
    """
    conn = _pinned(url, application_name, connect_limit_s)
    conn.vigil = Vigil(lambda backend: _look(url, backend))
    conn.autocommit = autocommit
    return conn


def _pinned(url: str, application_name: str, limit_s: int) -> Session:
    try:
        with libpq.environment_of(url):
            conn = Session.connect(
                libpq.patient(url),
                autocommit=True,
                application_name=application_name,
                connect_timeout=limit_s,
                client_encoding="UTF8",
            )
    except psycopg.Error as error:
        raise faults.connection_error(error, url) from error
    try:
        conn.backend = pins.pin(conn)
    except psycopg.Error as error:
        conn.close()
        raise faults.connection_error(error, url) from error
    except BaseException:
        conn.close()
        raise
    return conn


def _look(url: str, backend: Backend) -> Look:
    """What a session does, asked in another one. Raises psycopg's error where there is none to be had."""
    try:
        with _pinned(url, "populace look", LOOK_LIMIT_S) as conn:
            return look(conn, backend)
    except TargetUnavailable as error:
        raise error.__cause__ if isinstance(error.__cause__, psycopg.Error) else psycopg.OperationalError from error


def back_off(attempts: int) -> Iterator[float]:
    """The seconds to wait before each of `attempts` new attempts: 0.2, 0.4, … at most 10. The same every time: those
    who wait are few."""
    for attempt in range(attempts):
        yield min(10.0, 0.2 * 2 ** min(attempt, 10))


def open_database(target: Target, pg_bin: Path | None = None) -> str:
    """The URL of the target's database. An embedded server is started if need be, and its database made.

    Raises BadInput for a target that is no database, TargetUnavailable when no server answers, Refused for a pooler
    that does not keep sessions.
    """
    if target.url is not None:
        pooler.require_sessions(target.url)
        return target.url
    if target.kind != "embedded" or target.directory is None:
        raise BadInput(
            "this target is not a database",
            where="target",
            given=target.redacted(),
            allowed="embedded:, embedded:DIR or postgresql://…",
        )
    server = EmbeddedServer(target.directory, pg_bin)
    with _maintenance(server) as conn:
        if conn.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone() is None:
            _create(conn)
    return server.url(DATABASE)


def _maintenance(server: EmbeddedServer) -> Connection:
    url = server.start().url
    try:
        return connect(url, application_name="populace", autocommit=True)
    except TargetUnavailable as error:
        if "password" not in str(error.__cause__):
            raise
        raise TargetUnavailable(
            "the server has another password than this file",
            where=str(server.directory / access.FILE),
            todo=Remedy("stop_server", text="{}, then delete the file: the next start sets a new password"),
        ) from error


def _create(conn: Connection) -> None:
    try:
        conn.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
    except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
        return  # another process made it in this moment
    except psycopg.Error as error:
        raise translate(error, "making the database") or TargetUnavailable(
            f"the database could not be made ({error})", where="embedded server"
        ) from error
