"""Visitors: a signed cookie that says who somebody is, the token of their forms, and signing in and up."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import re
from dataclasses import dataclass, replace
from functools import cache
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from populace import clock
from populace.api.answers import NotAllowed
from populace.database.connection import Connection
from populace.errors import BadInput
from populace.operations.login import COST, MOST_BYTES, matches
from populace.sites.hogflix.catalogue import row, run

COOKIE = "hogflix_session"
LASTS_S = 14 * 24 * 3600
LEAST_PASSWORD, MOST_NAME, MOST_EMAIL = 8, 60, 200
_EMAIL = re.compile(r"[^@\s\"<>]+@[^@\s\"<>.]+(\.[^@\s\"<>.]+)+")


@dataclass(frozen=True, slots=True)
class Session:
    """What a cookie says. user: None for somebody who has not signed in. marked: the session counts as synthetic.
    nonce: of this session alone, for the token of its forms. since_s: when it began."""

    nonce: str
    since_s: int
    user: UUID | None = None
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who is signed in. is_synthetic: by their account."""

    user_id: UUID
    profile_id: UUID
    email: str
    name: str
    distinct_id: str
    source: str | None
    is_synthetic: bool
    plan: str | None
    plan_shown: str | None
    status: str | None
    expires_at: Any

    @property
    def own(self) -> dict[str, UUID]:
        """Values of statements about what is theirs."""
        return {"user": self.user_id, "profile": self.profile_id}


@dataclass(frozen=True, slots=True)
class Cookies:
    """Writes and reads cookies. key: of this target's site."""

    key: bytes

    def begin(self, *, user: UUID | None = None, marked: bool = False) -> Session:
        """A new session."""
        return Session(os.urandom(12).hex(), clock.now_us() // clock.SECOND_US, user, marked)

    def marked(self, session: Session) -> Session:
        """The same session, which counts as synthetic from now on."""
        return replace(session, marked=True)

    def written(self, session: Session) -> str:
        """A session as a cookie."""
        said = [session.nonce, session.since_s, str(session.user) if session.user else "", int(session.marked)]
        held = base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")
        return f"{held}.{self._signed('session', held)}"

    def read(self, cookie: str) -> Session | None:
        """The session of a cookie; None for one that is not ours, or is too old."""
        held, _, signed = cookie.partition(".")
        if not cookie.isascii() or not hmac.compare_digest(signed, self._signed("session", held)):
            return None
        nonce, since_s, user, marked = json.loads(base64.urlsafe_b64decode(held + "=" * (-len(held) % 4)))
        if clock.now_us() // clock.SECOND_US - since_s > LASTS_S:
            return None
        return Session(nonce, since_s, UUID(user) if user else None, bool(marked))

    def token(self, session: Session) -> str:
        """What a form of this session carries."""
        return self._signed("form", session.nonce)

    def require_token(self, session: Session | None, given: str) -> None:
        """Raise NotAllowed for a form that is not of this session."""
        known = session is not None and given.isascii() and hmac.compare_digest(given, self.token(session))
        if not known:
            raise NotAllowed(
                "this form is out of date, or belongs to another session", where="csrf",
                todo="go back, reload the page and send it again",
            )  # fmt: skip

    def _signed(self, purpose: str, text: str) -> str:
        return hmac.digest(self.key, f"{purpose}:{text}".encode(), "sha256").hex()


def visitor(connection: Connection, session: Session, domain: str) -> Visitor | None:
    """Who it is; None for somebody who has not signed in, or whose account was removed."""
    if session.user is None:
        return None
    held = row(connection, "visitor", user=session.user, domain=domain)
    return None if held is None else Visitor(**held)


def sign_in(connection: Connection, email: str, password: str) -> UUID:
    """The user with this address and password. Raises BadInput for any other, without saying which of them is wrong."""
    held = row(connection, "account", email=email.strip().lower())
    stored = held["password"] if held else None
    # Somebody unknown takes as long as somebody known.
    right = matches(password[: MOST_BYTES * 4], stored or _nobody())
    if held is None or stored is None or not right:
        raise BadInput("no account has this e-mail address and password", where="email, password")
    found: UUID = held["id"]
    return found


def sign_up(connection: Connection, given: dict[str, str], *, domain: str, marked: bool) -> UUID:
    """A new account with a profile. marked: it gets both marks of a synthetic person; of the population's own the key
    too, when a browser plays their sign-up. An account that is there already is opened by its password. Raises BadInput
    for what is not acceptable, all faults at once by the caller's form.
    """
    import bcrypt

    name, email, password = given["name"].strip(), given["email"].strip().lower(), given["password"]
    _require(0 < len(name) <= MOST_NAME, "a name is needed", "name", f"1 to {MOST_NAME} characters")
    _require(
        len(email) <= MOST_EMAIL and bool(_EMAIL.fullmatch(email)),
        "this is not an e-mail address", "email", "such as ada@example.com",
    )  # fmt: skip
    raw = password.encode("utf-8", "replace")
    _require(
        len(password) >= LEAST_PASSWORD and len(raw) <= MOST_BYTES,
        "this password cannot be used", "password", f"{LEAST_PASSWORD} characters or more, {MOST_BYTES} bytes at most",
    )  # fmt: skip
    reserved = bool(domain) and email.rpartition("@")[2] == domain
    if marked:
        _require(reserved, "a session marked synthetic makes synthetic accounts only", "email", f"…@{domain}")
    else:
        _require(not reserved, "this domain is kept for synthetic people", "email", "an address of your own")
    about: dict[str, Any] = {"display_name": name, "is_synthetic": True} if marked else {"display_name": name}
    hashed = bcrypt.hashpw(raw, bcrypt.gensalt(COST)).decode("ascii")
    given_key = row(connection, "sign_up_key", email=email) if marked else None
    key = given_key["key"] if given_key else None
    if key is not None:
        # As everybody of the population is known to the analytics, from the first page on.
        about["distinct_id"] = email.rpartition("@")[0]
    made = row(connection, "add_user", key=key, email=email, password=hashed, about=Jsonb(about))
    if made is None:
        there = row(connection, "account", email=email)
        right = there is not None and there["password"] and matches(password, there["password"])
        _require(bool(right), "an account with this e-mail address is there already", "email", "log in instead")
        assert there is not None
        opened: UUID = there["id"]
        return opened
    user: UUID = made["id"]
    said = Jsonb({"is_synthetic": True} if marked else {})
    run(connection, "add_identity", user=user, email=email, said=said)
    run(connection, "add_profile", profile=user, user=user, name=name, email=email)
    return user


def _require(ok: bool, what: str, where: str, allowed: str) -> None:
    if not ok:
        raise BadInput(what, where=where, allowed=allowed)


@cache
def _nobody() -> str:
    """The hash of a password that nobody has."""
    import bcrypt

    return bcrypt.hashpw(hashlib.sha256(os.urandom(16)).hexdigest().encode(), bcrypt.gensalt(COST)).decode("ascii")
