"""What stands before every route: which host was named, from which page, how often, and what a browser may do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from populace import clock
from populace.api.answers import NotAllowed, TooMany, answer
from populace.errors import PopulaceError

LOOPBACK = ("localhost", "127.0.0.1", "::1")
HEALTH = "/healthz"
"""Asked by machines that know no name of the server."""
SAFE = ("GET", "HEAD", "OPTIONS")
MOST_CALLERS = 10_000


def policy(*connect: str) -> str:
    """What a browser may load for a page, all of it from here. connect: other hosts that its scripts may send to."""
    return "; ".join((
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'",
        " ".join(("connect-src 'self'", *connect)), "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
    ))  # fmt: skip


SECURITY = {
    "content-security-policy": policy(),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}


@dataclass(slots=True)
class Bucket:
    """Requests that a caller may still make: `most` at once, and `a_second` more each second."""

    most: float
    a_second: float
    _held: dict[str, tuple[float, float]] = field(default_factory=dict)

    def take(self, by: str) -> None:
        """Count one request. Raises TooMany, with how long to wait, when there is none left."""
        now = clock.monotonic()
        left, since = self._held.pop(by, (self.most, now))
        left = min(self.most, left + (now - since) * self.a_second)
        if left < 1:
            self._held[by] = (left, now)
            raise TooMany("too many requests", (1 - left) / self.a_second)
        while len(self._held) >= MOST_CALLERS:
            self._held.pop(next(iter(self._held)))
        self._held[by] = (left - 1, now)


@dataclass(slots=True)
class Guard:
    """Refuses requests to another host than this server's, changes from somebody else's page, and too many of them;
    adds the headers that keep a browser safe.

    hosts: names by which the server may be called; () for any. origins: pages elsewhere that may call the API.
    security: the headers. refused: makes the response of a refusal.
    """

    app: ASGIApp
    hosts: Sequence[str]
    origins: Sequence[str]
    bucket: Bucket
    security: Mapping[str, str] = field(default_factory=lambda: SECURITY)
    refused: Callable[[PopulaceError], ASGIApp] = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI has it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        own = headers.get("origin", "") in self.origins and headers["origin"]

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                out = MutableHeaders(scope=message)
                for name, value in self.security.items():
                    out.setdefault(name, value)
                out.setdefault("cache-control", "no-store")
                if own:
                    out["access-control-allow-origin"], out["vary"] = own, "origin"
                    out["cross-origin-resource-policy"] = "cross-origin"
            await send(message)

        try:
            self._check(scope, headers)
        except PopulaceError as error:
            await self.refused(error)(scope, receive, guarded)
            return
        if own and scope["method"] == "OPTIONS":
            await _preflight(guarded)
            return
        await self.app(scope, receive, guarded)

    def _check(self, scope: Scope, headers: Headers) -> None:
        host = _name(headers.get("host", ""))
        if self.hosts and host not in self.hosts and scope["path"] != HEALTH:
            raise NotAllowed(
                "this server is not called so", where="host", given=host, allowed=", ".join(self.hosts),
                todo="name the host that the server was started with",
            )  # fmt: skip
        origin = headers.get("origin")
        known = not origin or origin in self.origins or urlsplit(origin).netloc == headers.get("host")
        if scope["method"] not in SAFE and not known:
            raise NotAllowed("a page of another site may change nothing here", where="origin", given=origin)
        self.bucket.take((scope.get("client") or ("unknown", 0))[0])


async def _preflight(send: Send) -> None:
    await send({
        "type": "http.response.start",
        "status": 204,
        "headers": [
            (b"access-control-allow-methods", b"GET, POST, PUT, DELETE"),
            (b"access-control-allow-headers", b"authorization, content-type, apikey, last-event-id"),
            (b"access-control-max-age", b"600"),
        ],
    })  # fmt: skip
    await send({"type": "http.response.body", "body": b""})


def _name(host: str) -> str:
    """A host header without its port; "" for what is no host."""
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""
