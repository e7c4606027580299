"""The application: routes, what stands before them, and how errors come out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlencode, urlsplit

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from populace.api import answers
from populace.api.guards import LOOPBACK, SECURITY, Bucket, Guard, policy
from populace.errors import BadInput, PopulaceError
from populace.sites.hogflix import changes, endpoint, pages
from populace.sites.hogflix.frame import Frame, SignInFirst
from populace.sites.hogflix.visitors import Cookies
from populace.sites.opening import Place
from populace.studio.assets import Assets


def create(place: Place) -> FastAPI:
    """The site on a target."""
    frame = Frame(place, Assets.read("populace.sites.hogflix", "/assets"), Cookies(place.key))

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        place.pool.shut()

    app = FastAPI(
        title="HogFlix", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False
    )
    app.state.frame = frame
    app.state.chat = endpoint.BELOW + endpoint.NAME
    app.include_router(frame.assets.router())
    app.include_router(pages.router(frame))
    app.include_router(changes.router(frame))
    app.include_router(endpoint.router(frame))
    _install(app, frame)
    host = (_origin(place.analytics.host),) if place.analytics else ()
    # A form without a referrer would say that it comes from nowhere, and the guard refuses those.
    security = {**SECURITY, "content-security-policy": policy(*host), "referrer-policy": "same-origin"}

    def refused(error: PopulaceError) -> ASGIApp:
        async def respond(scope: Scope, receive: Receive, send: Send) -> None:
            await frame.failed(Request(scope), error)(scope, receive, send)

        return respond

    bucket = Bucket(500.0, 100.0)
    app.add_middleware(Guard, hosts=LOOPBACK, origins=(), bucket=bucket, security=security, refused=refused)
    return app


def _install(app: FastAPI, frame: Frame) -> None:
    """Let every error come out as one clear page."""

    async def ours(request: Request, error: Exception) -> Response:
        assert isinstance(error, PopulaceError)
        if request.url.path.startswith(endpoint.BELOW):
            return JSONResponse({"error": str(error)}, int(error.http_status), answers.headers(error))
        return frame.failed(request, error)

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return await ours(request, answers.of_fields(error.errors()))

    async def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        path = f"{request.method} {request.url.path}"
        if error.status_code == 404:
            return await ours(request, answers.Absent("there is no such page", where=path))
        return await ours(request, BadInput("this address does not take this method", where=path))

    async def first(request: Request, _error: Exception) -> Response:
        if "application/json" in request.headers.get("accept", ""):
            return answers.answer(answers.NotKnown("sign in first"))
        back = request.url.path if request.method == "GET" else "/browse"
        return RedirectResponse("/login?" + urlencode({"next": back}), status_code=303)

    async def defect(request: Request, _error: Exception) -> Response:
        return await ours(request, answers.DEFECT)

    app.add_exception_handler(PopulaceError, ours)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(SignInFirst, first)
    app.add_exception_handler(Exception, defect)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
