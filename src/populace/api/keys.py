"""Who asks: keys by role, fixed ones or JSON web tokens, and the sessions of a browser.

`anon` reads, and may control where the server allows it; `service_role` may do everything. A key is compared by its
hash, in a time that does not depend on it. Keys that nobody has chosen are made with the first start and shown then;
the target keeps their hashes only, so that several servers on one database take the same.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import jwt

from populace import clock
from populace.api.answers import NotKnown
from populace.database.connection import Connection
from populace.database.named import named

Role = Literal["anon", "service_role"]
ROLES: tuple[Role, ...] = ("anon", "service_role")

LEEWAY_S = 30
"""So far the clock of whoever issued a token may be off."""
SESSION_S = 12 * 3600.0
LINK_S = 3600.0
_TOKEN_ROLES: Mapping[str, Role] = {"anon": "anon", "authenticated": "anon", "service_role": "service_role"}

SQL = named("populace.api", "keys.sql")


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever makes a request."""

    role: Role


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys that a server takes: hashes by role, and the secret of tokens; None: no tokens."""

    hashes: Mapping[Role, bytes]
    jwt_secret: str | None = field(default=None, repr=False)

    def caller(self, key: str) -> Caller:
        """Who has this key. Raises NotKnown for one that is none."""
        hashed, found = digest(key), None
        for role, known in self.hashes.items():
            if hmac.compare_digest(hashed, known):
                found = role
        if found is not None:
            return Caller(found)
        if self.jwt_secret is not None and key.count(".") == 2:
            return self._by_token(key)
        raise NotKnown("this key is not known", where="authorization", todo="use a key of this server")

    def _by_token(self, token: str) -> Caller:
        assert self.jwt_secret is not None
        try:
            claims = jwt.decode(
                token,
                self.jwt_secret,
                algorithms=["HS256"],
                leeway=LEEWAY_S,
                options={"require": ["exp"], "verify_aud": False},
            )
        except jwt.ExpiredSignatureError:
            raise NotKnown("this token has expired", where="authorization", todo="use a new one") from None
        except jwt.InvalidTokenError:
            raise NotKnown(
                "this token is not valid", where="authorization", allowed="HS256, with exp and role"
            ) from None
        role = _TOKEN_ROLES.get(str(claims.get("role")))
        if role is None:
            allowed = ", ".join(_TOKEN_ROLES)
            raise NotKnown("this token has no role of ours", where="authorization", allowed=allowed)
        return Caller(role)


def digest(key: str) -> bytes:
    """The hash of a key. Keys that are made here have 192 bits of chance: no slow hash is needed."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()


def new(role: str) -> str:
    """A new key, which says whose it is."""
    return f"populace_{role}_{os.urandom(24).hex()}"


def settle(
    connection: Connection, fixed: Mapping[Role, str | None], jwt_secret: str | None, *, again: bool = False
) -> tuple[Keys, dict[Role, str]]:
    """The keys of a target, and those of them that were made now, which nobody can show again.

    fixed: keys that the operator has chosen, which count alone for their role. again: make new ones.
    """
    made: dict[Role, str] = {}
    for role in ROLES:
        if not fixed.get(role):
            key = new(role)
            if connection.execute(SQL["replace" if again else "add"], {"role": role, "hash": digest(key)}).rowcount:
                made[role] = key
    stored: dict[Role, bytes] = {role: bytes(hashed) for role, hashed in connection.execute(SQL["made"]).fetchall()}
    chosen = {role: digest(key) for role, key in fixed.items() if key}
    return Keys({**stored, **chosen}, jwt_secret), made


@dataclass(slots=True)
class Sessions:
    """Browsers that came by a link of a server: each has a cookie, and a token that every change has to repeat.

    A cookie is signed, and stands nowhere: it outlives a restart, and every server on the same database takes it.
    """

    _secret: bytes = field(default_factory=lambda: os.urandom(32), repr=False)
    _links: dict[bytes, float] = field(default_factory=dict, repr=False)

    def settle(self, keys: Keys, secret: bytes | None) -> None:
        """Sign with what follows from a secret of the target and the key of service_role: new keys end all sessions.

        secret: None where it may not be read; sessions end with the server then.
        """
        self._secret = hmac.digest(secret or self._secret, keys.hashes["service_role"], "sha256")

    def link(self) -> str:
        """A word that opens one session, once, within an hour."""
        word = os.urandom(24).hex()
        self._links[digest(word)] = clock.monotonic() + LINK_S
        return word

    def enter(self, word: str) -> str | None:
        """The cookie of a new session; None for a word that opens none (any more)."""
        until = self._links.pop(digest(word), 0.0)
        if until < clock.monotonic():
            return None
        unsigned = f"{clock.now_us() + round(SESSION_S * clock.SECOND_US)}.{os.urandom(16).hex()}"
        return f"{unsigned}.{self._signed(unsigned)}"

    def caller(self, cookie: str) -> Caller | None:
        """Who has this cookie; None for one that is none (any more)."""
        unsigned, _, signature = cookie.rpartition(".")
        if not hmac.compare_digest(self._signed(unsigned).encode(), signature.encode("utf-8", "replace")):
            return None
        if int(unsigned.partition(".")[0]) < clock.now_us():
            return None
        return Caller("service_role")

    def csrf(self, cookie: str) -> str:
        """What a page of this session knows, and a page of somebody else does not."""
        return self._signed(f"change by {cookie}")

    def confirms(self, cookie: str, token: str) -> bool:
        """Whether a change comes from a page of this session."""
        return hmac.compare_digest(self.csrf(cookie).encode(), token.encode("utf-8", "replace"))

    def _signed(self, text: str) -> str:
        return hmac.new(self._secret, text.encode("utf-8", "replace"), "sha256").hexdigest()
