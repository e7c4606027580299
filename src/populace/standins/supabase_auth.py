"""A stand-in for the part of Supabase Auth's Admin API that makes, lists and deletes accounts.

Its accounts are the rows of a real `auth.users`, so that what is made here is seen by the app's own tables. Requests
are checked as strictly as the real service checks them, and logged with their time, so that a test can see their rate.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psycopg
from psycopg.types.json import Jsonb

from populace import clock
from populace.database.named import named
from populace.standins.loopback import HOST, Answer, Loopback, Request

SQL = named("populace.standins", "supabase_auth.sql")
USERS = "/auth/v1/admin/users"
PER_PAGE = 50
"""Accounts on a page unless the caller asks for fewer; more than this it never gives."""

_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


@dataclass(frozen=True, slots=True)
class Call:
    """A request that came in; at_s: on the server's clock."""

    at_s: float
    method: str
    path: str
    status: int


class Declined(Exception):
    """A request that is answered with an error: status, code and message as the service words them."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.document = status, {"code": status, "error_code": code, "msg": message}


@dataclass(slots=True)
class AuthServer:
    """The Admin API on a loopback port, to be used in a `with`.

    database: URL of the database whose `auth.users` it keeps. key: the service role key that requests must carry.
    faults: statuses to answer the next requests with instead of doing them. filters: whether the list's filter works;
    older versions of the service ignore it. takes_ids: whether a new account gets the id it is asked to have.
    """

    database: str = field(repr=False)
    key: str = field(repr=False)
    port: int = 0
    monotonic: Callable[[], float] = clock.monotonic
    filters: bool = True
    takes_ids: bool = True
    faults: list[int] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    _server: Loopback | None = None

    @property
    def url(self) -> str:
        """The project's root, as `SUPABASE_URL` names it."""
        return f"http://{HOST}:{self.port}"

    def most_in_a_second(self, method: str = "POST") -> int:
        """The most requests of a method that came within any one second."""
        times = sorted(call.at_s for call in self.calls if call.method == method)
        return max((sum(1 for t in times if at <= t < at + 1) for at in times), default=0)

    def __enter__(self) -> AuthServer:
        self._server = Loopback(self._asked, ["GET", "POST", "DELETE"], port=self.port)
        self.port = self._server.port
        return self

    def __exit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()

    def _asked(self, asked: Request) -> Answer:
        status, document, headers = self.answer(asked.method, asked.target, asked.headers, asked.body)
        return Answer(status, json.dumps(document).encode(), {"Content-Type": "application/json", **headers})

    def answer(
        self, method: str, target: str, headers: Mapping[str, str], raw: bytes
    ) -> tuple[int, Any, dict[str, str]]:
        """Status, document and further headers for one request."""
        at_s = self.monotonic()
        parts = urlsplit(target)
        given = {name.lower(): value for name, value in headers.items()}
        more: dict[str, str] = {}
        try:
            if self.faults:
                raise Declined(self.faults.pop(0), "unexpected_failure", "something is wrong here")
            if not given.get("apikey"):
                raise Declined(401, "no_authorization", "No API key found in request")
            if given["apikey"] != self.key or given.get("authorization") != f"Bearer {self.key}":
                raise Declined(403, "not_admin", "User not allowed")
            with psycopg.connect(self.database) as connection:
                status, document = 200, self._done(connection, method, parts.path, parts.query, raw, more)
        except Declined as declined:
            status, document = declined.status, declined.document
        except psycopg.Error as error:
            status, document = 500, {"code": 500, "error_code": "unexpected_failure", "msg": str(error)}
        self.calls.append(Call(at_s, method, parts.path, status))
        return status, document, more

    def _done(
        self, connection: psycopg.Connection, method: str, path: str, query: str, raw: bytes, more: dict[str, str]
    ) -> object:
        if path == USERS and method == "POST":
            return self._create(connection, raw)
        if path == USERS and method == "GET":
            return self._page(connection, {k: v[0] for k, v in parse_qs(query).items()}, more)
        if path.startswith(USERS + "/") and method in ("GET", "DELETE"):
            key = {"id": _uuid(path.removeprefix(USERS + "/"))}
            row = connection.execute(SQL["one"], key).fetchone()
            if row is None:
                raise Declined(404, "user_not_found", "User not found")
            if method == "GET":
                return _shown(row)
            connection.execute(SQL["delete"], key)
            return {}
        raise Declined(404, "not_found", "no such route")

    def _create(self, connection: psycopg.Connection, raw: bytes) -> object:
        try:
            wanted = json.loads(raw)
            email = str(wanted["email"]).lower()
            metadata = wanted.get("user_metadata", {})
            confirmed, hashed = wanted.get("email_confirm", False), wanted.get("password_hash")
            if not isinstance(metadata, dict) or not isinstance(confirmed, bool) or not isinstance(hashed, str | None):
                raise TypeError
        except (ValueError, KeyError, TypeError):
            raise Declined(400, "bad_json", "Could not read the account that is wanted") from None
        if not _EMAIL.fullmatch(email):
            raise Declined(400, "validation_failed", "Unable to validate email address: invalid format")
        key = _uuid(str(wanted["id"])) if self.takes_ids and "id" in wanted else None
        has = connection.execute(SQL["has_email"], {"email": email}).fetchone()
        if has is not None and has[0]:
            raise Declined(422, "email_exists", "A user with this email address has already been registered")
        values = {
            "id": key, "email": email, "confirmed": confirmed, "metadata": Jsonb(metadata), "password_hash": hashed,
        }  # fmt: skip
        try:
            row = connection.execute(SQL["create"], values).fetchone()
        except psycopg.errors.UniqueViolation:
            connection.rollback()
            raise Declined(500, "unexpected_failure", "Database error creating new user") from None
        assert row is not None
        connection.execute(SQL["identity"], {"id": row[0], "email": email})
        made = connection.execute(SQL["one"], {"id": row[0]}).fetchone()
        assert made is not None
        return _shown(made)

    def _page(self, connection: psycopg.Connection, wanted: dict[str, str], more: dict[str, str]) -> object:
        try:
            page, size = int(wanted.get("page", 1)), int(wanted.get("per_page", PER_PAGE))
            if page < 1 or size < 1:
                raise ValueError
        except ValueError:
            raise Declined(400, "validation_failed", "Bad Pagination Parameters") from None
        size = min(size, PER_PAGE)
        sought = {"filter": wanted.get("filter", "") if self.filters else ""}
        rows = connection.execute(SQL["page"], {**sought, "size": size, "skip": (page - 1) * size}).fetchall()
        total = connection.execute(SQL["total"], sought).fetchone()
        assert total is not None
        more["X-Total-Count"] = str(total[0])
        return {"users": [_shown(row) for row in rows], "aud": "authenticated"}


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise Declined(404, "validation_failed", "user_id must be an UUID") from None


def _shown(row: tuple[Any, ...]) -> dict[str, Any]:
    key, email, confirmed_at, metadata, created_at = row
    return {
        "id": key,
        "aud": "authenticated",
        "role": "authenticated",
        "email": email,
        "email_confirmed_at": confirmed_at and confirmed_at.isoformat(),
        "user_metadata": metadata or {},
        "created_at": created_at and created_at.isoformat(),
    }
