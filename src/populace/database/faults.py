"""What PostgreSQL's errors mean to a user: the one place that maps them to ours, and never shows a password."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg.conninfo import conninfo_to_dict

from populace.database.target import redact
from populace.errors import BadInput, CheckFailed, PopulaceError, Remedy, TargetUnavailable

# Errors while connecting carry no SQLSTATE, only text. Pattern, what it means, what to do.
_CONNECTION_ERRORS = (
    (r"no password supplied", "this server asks for a password, and none was given",
     "put it into PGPASSWORD, or into the URL; the characters @ : / # ? % must be percent-encoded there"),
    (r"password authentication failed|SCRAM|SASL", "the user name or the password is wrong",
     "check both in the URL; the characters @ : / # ? % must be percent-encoded"),
    (r'database ".*" does not exist', "there is no such database", "create it, or correct the name in the URL"),
    (r'role ".*" (does not exist|is not permitted to log in)', "this user cannot log in there",
     "correct the user name in the URL"),
    (r"no pg_hba\.conf entry", "the server does not allow this connection (address, user, database and TLS together)",
     "add ?sslmode=require to the URL, or have the server's pg_hba.conf changed"),
    (r"too many (clients|connections)|remaining connection slots|max clients", "the server has no connection left",
     "close other programs that hold connections, or raise max_connections"),
    (r"SSL|TLS|certificate", "no encrypted connection could be negotiated",
     "set sslmode in the URL: require, disable, or verify-full with sslrootcert"),
    (r"resolve host|Name or service not known|translate host name", "there is no host with this name",
     "correct the host in the URL"),
    (r"conversion between .* is not supported|codec not available",
     "the encoding of this database cannot be read as text",
     "make the database with ENCODING 'UTF8' TEMPLATE template0"),
    (r"starting up|shutting down|recovery mode|not yet accepting", "the server is not accepting connections yet",
     "try again in a moment"),
    (r"timeout|timed out", "the server does not answer", "check the address, the network and the firewall"),
    (r"refused", "nothing listens there", "start the server, or correct the host and the port in the URL"),
)  # fmt: skip
_LASTING = re.compile("|".join(pattern for pattern, _, _ in (*_CONNECTION_ERRORS[:5], *_CONNECTION_ERRORS[6:9])))
_NO_ROOM = re.compile(r"No space left on device|could not extend file|Disk quota exceeded")

# Waiting helps: connection failures, shutdown and restart, a session ended for its age or its rest, no connection left,
# deadlock, serialisation.
_PASSING = ("08", "57P01", "57P02", "57P03", "57P05", "25P03", "25P04", "53300", "40001", "40P01")


def connection_error(error: psycopg.Error, url: str) -> PopulaceError:
    """The error for a connection that could not be made."""
    shown, said = redact(url), _without_password(str(error), url)
    if isinstance(error, psycopg.ProgrammingError) and not error.sqlstate:
        return BadInput("this URL cannot be read", where="target", given=shown)
    for pattern, what, todo in _CONNECTION_ERRORS:
        if re.search(pattern, said):
            return TargetUnavailable(f"{what} ({_first_line(said)})", where=shown, todo=todo)
    return TargetUnavailable(f"no connection ({_first_line(said)})", where=shown, todo="check the URL and the server")


def translate(error: BaseException, doing: str) -> PopulaceError | None:
    """The error a user should see for an error during work; None when it is a defect of ours (bad SQL, say).

    doing: what failed, such as `writing public.profiles`.
    """
    if isinstance(error, PopulaceError):
        return error
    if not isinstance(error, psycopg.Error):
        return None
    state = error.sqlstate or ""
    said = error.diag.message_primary or _first_line(str(error))
    if state == "53100" or _NO_ROOM.search(str(error)):
        return TargetUnavailable(f"no space left on the server's disk ({said})", where=doing,
                                 todo=Remedy(text="free some space there, then run {} again"))  # fmt: skip
    if is_lost(error):
        return TargetUnavailable(f"the connection was lost ({said})", where=doing,
                                 todo=Remedy(text="start the server, then run {} again"))  # fmt: skip
    if state == "42501":
        return TargetUnavailable(f"a right is missing: {said}", where=doing,
                                 todo="ask for the right, or connect as the owner of the tables")  # fmt: skip
    if state == "25006":
        return TargetUnavailable(f"the server accepts no writes: {said}", where=doing,
                                 todo="connect to the primary")  # fmt: skip
    if state in {"57014", "55P03"}:
        return TargetUnavailable(f"the server gave up waiting: {said}", where=doing,
                                 todo="raise statement_timeout or lock_timeout for this user, or try again when "
                                 "the tables are not locked")  # fmt: skip
    if state.startswith("53"):
        return TargetUnavailable(f"the server is short of resources: {said}", where=doing)
    if state[:2] in {"22", "23"} or state == "P0001":
        return _rejected(error, said, doing)
    return None


def is_lost(error: BaseException) -> bool:
    """Whether waiting, connecting again and doing the same makes sense."""
    if isinstance(error, TargetUnavailable):
        return error.__cause__ is not None and is_lost(error.__cause__)
    if not isinstance(error, psycopg.Error):
        return False
    if error.sqlstate:
        return error.sqlstate.startswith(_PASSING)
    if isinstance(error, psycopg.InterfaceError):
        return "closed" in str(error)
    return isinstance(error, psycopg.OperationalError) and not _LASTING.search(str(error))


def _rejected(error: psycopg.Error, said: str, doing: str) -> CheckFailed:
    diag = error.diag
    table = f"{diag.schema_name}.{diag.table_name}" if diag.table_name else None
    column = f", column {diag.column_name}" if diag.column_name else ""
    constraint = f", constraint {diag.constraint_name}" if diag.constraint_name else ""
    place = f" by {table}{column}{constraint}" if table else ""
    detail = "; ".join(text for text in (said, diag.message_detail, _first_line(diag.context or "")) if text)
    return CheckFailed(f"rows were rejected{place}: {detail}", where=doing)


def _first_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[0] if lines else ""


def _without_password(text: str, url: str) -> str:
    try:
        secret = str(conninfo_to_dict(url).get("password") or "")
    except psycopg.Error:
        return ""
    return text.replace(secret, "***") if secret else text


@contextmanager
def explained(doing: str) -> Iterator[None]:
    """The server's errors as ours, where they are not a defect. doing: what was done."""
    try:
        yield
    except psycopg.Error as error:
        ours = translate(error, doing)
        if ours is None:
            raise
        raise ours from error
