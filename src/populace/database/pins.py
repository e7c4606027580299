"""What every session of ours is like, whatever the database, the role, the URL and the environment say.

A session inherits hundreds of settings. Those that change what our SQL means, what comes back, or how long a session
lives are pinned here, in one statement right after connecting. Others stay as the operator has them: where data lies
(tablespaces), how plans are made, how much memory a query takes, what is logged, when a commit counts as durable.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg.pq import TransactionStatus

from populace.database import queries
from populace.errors import TargetUnavailable

SEARCH_PATH = "pg_catalog, pg_temp"
"""Names without a schema are PostgreSQL's own. Everything else is qualified: nobody's object stands in for another."""

MEANING: Mapping[str, str] = {
    "search_path": SEARCH_PATH,
    # How text, numbers and times read and are written.
    "client_encoding": "UTF8",
    "standard_conforming_strings": "on",
    "backslash_quote": "safe_encoding",
    "array_nulls": "on",
    "transform_null_equals": "off",
    "quote_all_identifiers": "off",
    "DateStyle": "ISO, MDY",
    "IntervalStyle": "postgres",
    "TimeZone": "UTC",
    "timezone_abbreviations": "Default",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "xmlbinary": "base64",
    "xmloption": "content",
    "lc_monetary": "C",
    "lc_numeric": "C",
    "lc_time": "C",
    # What a statement sees, changes and fires.
    "default_transaction_isolation": "read committed",
    "default_transaction_read_only": "off",
    "default_transaction_deferrable": "off",
    "row_security": "on",
    "session_replication_role": "origin",
    "restrict_nonsystem_relation_kind": "",
    "gin_fuzzy_search_limit": "0",
    "default_table_access_method": "heap",
    "check_function_bodies": "on",
    "plpgsql.extra_errors": "none",
    "plpgsql.extra_warnings": "none",
}
"""What changes the meaning of a statement."""

LIFETIME: Mapping[str, str] = {
    "statement_timeout": "0",
    "lock_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "idle_session_timeout": "0",
    "transaction_timeout": "0",
    "exit_on_error": "off",
}
"""What would end a session that does nothing wrong. Statements that may wait for somebody set a limit of their own."""

NETWORK: Mapping[str, str] = {
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "20000",
    "client_connection_check_interval": "5000",
}
"""How the server notices that nobody answers, and drops our locks: in about 25 s. Not every system has all of them."""


def pin(connection: psycopg.Connection) -> Backend:
    """Make a new session, in autocommit, what every session of ours is; which process of the server serves it.

    Raises TargetUnavailable, naming the setting, when the server does not let it be what it has to be.
    """
    try:
        return _set(connection, {**MEANING, **LIFETIME, **NETWORK})
    except (psycopg.errors.InvalidParameterValue, psycopg.errors.FeatureNotSupported):
        pass  # a system without some of the network's settings
    except psycopg.errors.InsufficientPrivilege as error:
        raise _refused(error) from error
    try:
        return _set(connection, {**MEANING, **LIFETIME})
    except (psycopg.DataError, psycopg.ProgrammingError, psycopg.errors.FeatureNotSupported) as error:
        raise _refused(error) from error


_WORDS_OF_SQL = frozenset(
    {
        "bigint", "bit", "boolean", "char", "character", "dec", "decimal", "double", "float", "int", "integer",
        "interval", "national", "nchar", "numeric", "real", "smallint", "time", "timestamp", "varchar",
    }
)  # fmt: skip
"""Types that are words of the language, and so mean PostgreSQL's own wherever they stand."""


def qualified(type_name: str) -> str:
    """A type as it means the same whatever the search path is. A name without a schema is one of PostgreSQL's own."""
    if type_name.startswith('"'):
        return type_name if re.match(r'"(?:[^"]|"")+"\.', type_name) else f"pg_catalog.{type_name}"
    first = re.split(r"[\s(\[]", type_name, maxsplit=1)[0]
    return type_name if "." in first or first.lower() in _WORDS_OF_SQL else f"pg_catalog.{type_name}"


@dataclass(frozen=True, slots=True)
class Backend:
    """A process of the server. started_us: when, as the server says it; a process id is used again later."""

    pid: int
    started_us: int


@contextmanager
def names_of_the_app(connection: psycopg.Connection) -> Iterator[None]:
    """For statements that fire the app's triggers, checks and defaults: their functions find names as they do in the
    app's sessions of this role. In an open transaction. The statements themselves qualify everything, operators too.
    """
    connection.execute("SET LOCAL search_path TO DEFAULT")
    with names_are_ours_again(connection):
        yield


@contextmanager
def names_are_ours_again(connection: psycopg.Connection) -> Iterator[None]:
    """Around a statement that lets the app's names in by itself, once it is understood (`path_of_the_app`)."""
    try:
        yield
    finally:
        # A failed transaction is rolled back, and the path with it.
        if connection.info.transaction_status == TransactionStatus.INTRANS:
            connection.execute(f"SET LOCAL search_path = {SEARCH_PATH}".encode())


def path_of_the_app(connection: psycopg.Connection) -> str:
    """The search path that sessions of this role have in this database."""
    row = connection.execute(
        "SELECT s.reset_val FROM pg_catalog.pg_settings AS s WHERE s.name OPERATOR(pg_catalog.=) 'search_path'"
    ).fetchone()
    assert row is not None
    return str(row[0])


def _set(connection: psycopg.Connection, wanted: Mapping[str, str]) -> Backend:
    row = connection.execute(
        queries.load("queries/pin.sql"), {"names": list(wanted), "values": list(wanted.values())}
    ).fetchone()
    assert row is not None
    return Backend(*row)


def _refused(error: psycopg.Error) -> TargetUnavailable:
    said = error.diag.message_primary or str(error)
    wanted = {**MEANING, **LIFETIME}
    named = next((name for name in wanted if f'"{name}"' in said), None)
    return TargetUnavailable(
        f"a setting of this session changes what is written, and may not be changed: {said}",
        where="the settings of the role or the database",
        given=named,
        allowed=f"{named} = {wanted[named]}" if named else None,
        todo=f"have an administrator run ALTER ROLE … RESET {named or '…'} (or ALTER DATABASE … RESET, where it stands "
        "there), or connect as another role",
    )
