"""What libpq takes from somewhere else than our arguments: the environment, and its own defaults for a dead network.

A server of ours is reached by what we know of it, and by nothing else: a variable that is meant for another server
(PGSSLMODE, PGHOSTADDR, PGSERVICE, PGOPTIONS, PGTZ …) has no say. A URL takes them as every program with libpq does.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from psycopg import pq
from psycopg.conninfo import conninfo_to_dict, make_conninfo

_WAITS = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 20_000}
"""How a dead network is noticed, where the URL says nothing of it: after about 25 s without an answer of its TCP."""

_PROOF = {"require_auth": "scram-sha-256"}
"""Where our server has ended, another user may listen in its place, who must not get the password."""
_KNOWS_PROOF = 160_000
"""The version of libpq from which it can ask for this."""

_changing = threading.Lock()


class OwnUrl(str):
    """The URL of a server of ours."""

    __slots__ = ()


def elsewhere(url: str, conninfo: str) -> str:
    """Another address on the server of `url`."""
    return OwnUrl(conninfo) if isinstance(url, OwnUrl) else conninfo


@contextmanager
def environment_of(url: str) -> Iterator[None]:
    """While a session is opened: libpq's variables are absent where the server is ours.

    libpq reads them by itself, some of them late and without a parameter that overrides them, so they are taken out of
    the process for these milliseconds. Sessions on our own servers are opened one after the other.
    """
    if not isinstance(url, OwnUrl):
        with _changing:
            pass  # another thread puts them back first
        yield
        return
    with _changing:
        kept = {name: os.environ.pop(name) for name in list(os.environ) if _is_libpqs(name)}
        try:
            yield
        finally:
            os.environ.update(kept)


def without(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of a program, such as psql, that talks to a server of ours."""
    return {**none_of(environment), **{f"PG{name.replace('_', '').upper()}": value for name, value in _PROOF.items()}}


def none_of(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of a program that is given all it needs."""
    return {name: value for name, value in environment.items() if not _is_libpqs(name)}


def patient(url: str) -> str:
    """The URL as a connection string that says how long a dead network is waited for."""
    given = conninfo_to_dict(url)
    said: dict[str, str | int] = {
        **_WAITS,
        **(_PROOF if isinstance(url, OwnUrl) and pq.version() >= _KNOWS_PROOF else {}),
    }
    return make_conninfo(url, **{name: value for name, value in said.items() if name not in given})


def _is_libpqs(name: str) -> bool:
    return name.startswith("PG")
