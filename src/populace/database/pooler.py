"""Whether a URL leads to sessions, or to a pooler that serves each transaction by whichever of its sessions is free.

Behind such a pooler an advisory lock and a setting belong to nobody: two runners would lead at once, and what a session
of ours sets would stay in a session of the app's. So it is found out before anything is set or locked.
"""

from __future__ import annotations

from contextlib import closing

import psycopg
from psycopg.rows import TupleRow

from populace.database import faults, libpq, queries
from populace.database.session import Brief
from populace.database.target import redact
from populace.errors import Refused, TargetUnavailable

CONNECT_LIMIT_S = 10


def require_sessions(url: str) -> None:
    """Raise Refused when the sessions of a URL are not sessions of the server; TargetUnavailable when there are none.

    One session notes a word, and another holds a transaction open meanwhile. Where the first has lost its word then, or
    the second finds it, they share what serves them; one that gets no answer waits for the place that the other has.
    """
    with closing(_open(url)) as first:
        noted = _asked(first, url, "queries/pooler_note.sql")
        try:
            second = _open(url)
        except TargetUnavailable:
            return  # there is no second session to be had, and nothing to be found out
        with closing(second):
            second.autocommit = False
            try:
                shared = _asked(second, url, "queries/pooler_find.sql")[1] == noted[1]
            except TimeoutError:
                return  # it waits for the place that the first one keeps
            try:
                found = _asked(first, url, "queries/pooler_find.sql")
            except TimeoutError:
                raise _refused(url) from None
    if shared or found != noted:
        raise _refused(url)


def _asked(connection: Brief, url: str, file: str) -> TupleRow:
    try:
        row = connection.execute(queries.load(file)).fetchone()
    except psycopg.Error as error:
        if "pooling mode" in str(error):
            raise _refused(url) from error
        raise faults.connection_error(error, url) from error
    assert row is not None
    return row


def _open(url: str) -> Brief:
    """A session in which nothing is set."""
    try:
        with libpq.environment_of(url):
            return Brief.connect(
                libpq.patient(url), autocommit=True, application_name="populace", connect_timeout=CONNECT_LIMIT_S
            )
    except psycopg.Error as error:
        raise faults.connection_error(error, url) from error


def _refused(url: str) -> Refused:
    return Refused(
        "this leads to a pooler that serves every transaction by another session: no lock and no setting would hold",
        where=redact(url),
        allowed="the server itself, or a pooler in session mode",
        todo="name the port for sessions (on Supabase 5432 in place of 6543), or set pool_mode = session there",
    )
