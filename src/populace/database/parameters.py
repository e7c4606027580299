"""Parameters in a PostgreSQL URL that libpq does not know: those that drivers of other languages and pools use.

A URL is often copied from an app. What is harmless in it is accepted, what means something is respected, and the rest
is named in one error.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from difflib import get_close_matches
from typing import NamedTuple
from urllib.parse import parse_qsl, quote

import psycopg.pq

from populace.errors import BadInput

SCHEMA = "public"
"""The schema that a URL may name: tables are written where their world declares them."""

_OF_POOLS = frozenset(
    {
        "pgbouncer", "connection_limit", "pool", "pool_size", "pool_timeout", "pool_max_conns", "pool_min_conns",
        "pool_max_conn_lifetime", "pool_max_conn_idle_time", "pool_health_check_period", "max_overflow", "pool_recycle",
        "pool_pre_ping", "socket_timeout", "query_timeout", "conn_max_age", "max_lifetime", "idle_timeout",
        "idle_in_transaction_session_timeout", "statement_timeout", "lock_timeout", "checkout_timeout",
        "reaping_frequency", "max", "min",
    }
)  # fmt: skip
_OF_DRIVERS = frozenset(
    {
        "statement_cache_size", "prepared_statements", "prepared_statement_cache_size", "prepare_threshold",
        "prepareThreshold", "preparedStatementCacheQueries", "default_query_exec_mode", "statement_cache_capacity",
        "description_cache_capacity", "binary_parameters", "async_fallback", "uselibpqcompat", "workaround", "supa",
        "encoding", "ApplicationName", "reWriteBatchedInserts", "tcpKeepAlive", "serverVersion", "charset",
        "min_messages", "relationMode",
    }
)  # fmt: skip
HARMLESS = _OF_POOLS | _OF_DRIVERS
"""About an app's pool or an app's driver. Sessions of ours do not take them: they pin what they need themselves."""


_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")


class _Fault(NamedTuple):
    given: str
    allowed: str


def _schema(value: str) -> list[tuple[str, str]]:
    if value != SCHEMA:
        raise ValueError(f"schema={SCHEMA}: tables are written into the schemas that a world declares")
    return []


def _ssl(value: str) -> list[tuple[str, str]]:
    modes = {"true": "require", "1": "require", "on": "require", "no-verify": "require", "false": "disable",
             "0": "disable", "off": "disable"}  # fmt: skip
    mode = modes.get(value.lower(), value)
    if mode not in _MODES:
        raise ValueError("ssl=true, false or a mode of sslmode")
    return [("sslmode", mode)]


def _sslaccept(value: str) -> list[tuple[str, str]]:
    if value == "strict":
        return [("sslmode", "verify-full"), ("sslrootcert", "system")]
    if value == "accept_invalid_certs":
        return []
    raise ValueError("sslaccept=strict or accept_invalid_certs")


def _sslmode(value: str) -> list[tuple[str, str]]:
    return [("sslmode", "require" if value == "no-verify" else value)]


MEANT: dict[str, Callable[[str], list[tuple[str, str]]]] = {
    "schema": _schema,
    "currentSchema": _schema,
    "ssl": _ssl,
    "sslaccept": _sslaccept,
    "sslmode": _sslmode,
}
"""What means something to us: the parameters of libpq that say the same. Raises ValueError with what is allowed."""


def usable(url: str, where: str) -> str:
    """A URL with libpq's own parameters only, which mean what those of `url` did. where: what it came from.

    Raises BadInput with every parameter that is not known, or says what cannot be.
    """
    # As libpq reads it: what stands before the first @ is a user and a password, question marks included.
    user = re.match(r"[^:]*://[^@/]*@|", url)
    assert user is not None
    host, _, query = url[user.end() :].partition("?")
    base = user[0] + host
    if not query:
        return url
    known = {option.keyword.decode() for option in psycopg.pq.Conninfo.get_defaults()}
    kept: list[tuple[str, str]] = []
    meant: list[tuple[str, str]] = []
    faults: list[_Fault] = []
    given = parse_qsl(query.replace("+", "%2B"), keep_blank_values=True)
    if not all(name.isidentifier() for name, _ in given):
        return url  # no list of parameters: perhaps the tail of a password, which nobody must see
    for name, value in given:
        if name in MEANT:
            try:
                meant += MEANT[name](value)
            except ValueError as error:
                shown = f"{name}={value}" if value.replace("-", "_").isidentifier() else name
                faults.append(_Fault(shown, str(error)))
        elif name in known:
            kept.append((name, value))
        elif name not in HARMLESS:
            close = get_close_matches(name, known | MEANT.keys() | HARMLESS, n=1)
            faults.append(_Fault(name, f"did you mean {close[0]}?" if close else "the parameters of libpq"))
    if faults:
        raise BadInput(
            "this URL has parameters that cannot be used",
            where=where,
            given=", ".join(fault.given for fault in faults),
            allowed="; ".join(dict.fromkeys(fault.allowed for fault in faults)),
            todo="leave them out, or correct them",
        )
    said = {name for name, _ in kept}
    kept += [(name, value) for name, value in _strictest(meant).items() if name not in said]
    return base + ("?" if kept else "") + "&".join(f"{name}={quote(value, safe='/,:')}" for name, value in kept)


def _strictest(meant: list[tuple[str, str]]) -> dict[str, str]:
    """Of several ways to say how a connection is encrypted, the one that asks for most."""
    out = dict(meant)
    modes = [value for name, value in meant if name == "sslmode"]
    if modes:
        out["sslmode"] = max(modes, key=lambda mode: _MODES.index(mode) if mode in _MODES else len(_MODES))
    return out
