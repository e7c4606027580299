"""What a route asks of its caller, as dependencies: to read, to control, or to do everything."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from populace.api.answers import NotAllowed, NotKnown
from populace.api.guards import SAFE
from populace.api.keys import Caller
from populace.api.wiring import Service

COOKIE = "populace_session"
CSRF = "x-csrf-token"


def service_of(request: Request) -> Service:
    """The service of an application."""
    found = request.app.state.service
    assert isinstance(found, Service)
    return found


The = Annotated[Service, Depends(service_of)]


def caller(request: Request, service: The) -> Caller:
    """Who asks: by a key, as `Authorization: Bearer` or `apikey`, or by a browser's session.

    Raises NotKnown for nobody we know, NotAllowed for a change that a browser did not confirm.
    """
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    key = key.strip() if scheme.lower() == "bearer" else request.headers.get("apikey", "")
    if key:
        return service.keys.caller(key)
    cookie = request.cookies.get(COOKIE)
    found = service.sessions.caller(cookie) if cookie else None
    if found is None or cookie is None:
        raise NotKnown(
            "a key is needed", where="authorization", allowed="Authorization: Bearer KEY",
            todo="use a key of this server, or open the link that it printed",
        )  # fmt: skip
    if request.method not in SAFE and not service.sessions.confirms(cookie, request.headers.get(CSRF, "")):
        raise NotAllowed(
            "this change was not confirmed by a page of this server", where=CSRF, todo="load the page again"
        )
    return found


Reader = Annotated[Caller, Depends(caller)]


def _controller(who: Reader, service: The) -> Caller:
    if who.role == "anon" and not service.serving.anon_may_control:
        raise _needs_more("this server lets anon only read")
    return who


def _owner(who: Reader) -> Caller:
    if who.role != "service_role":
        raise _needs_more("anon may not do this")
    return who


def _needs_more(what: str) -> NotAllowed:
    return NotAllowed(what, where="authorization", allowed="service_role", todo="use the key of service_role")


Controller = Annotated[Caller, Depends(_controller)]
Owner = Annotated[Caller, Depends(_owner)]
