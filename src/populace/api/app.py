"""The application: routes, what guards them, and how it begins and ends."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI

import populace
from populace.api import answers, documented, versioned
from populace.api.guards import HEALTH, LOOPBACK, Bucket, Guard
from populace.api.wiring import Service

TITLE = "Populace"
ABOUT = "Control of a synthetic population: what it does, what it should do, and whether it is right."
CALLS: dict[int | str, dict[str, Any]] = {status: {"description": text, "model": answers.Said} for status, text in (
    (401, "no key, or one that is not known"), (403, "this key may not do that"), (404, "there is no such thing"),
    (408, "the body came too slowly"), (409, "refused as the target is now"), (413, "the body is too large"),
    (422, "the request is wrong, and how"), (429, "too many requests"), (503, "the target is away; try again"),
)}  # fmt: skip


Mount = Callable[[FastAPI, Service], None]
"""Adds pages to an application."""


def create(service: Service, mount: Mount | None = None) -> FastAPI:
    """The application of a service. It lives from the server's start to its end. mount: adds what else is there."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        with service.living():
            yield

    app = FastAPI(
        title=TITLE, summary=ABOUT, version=populace.__version__, lifespan=lifespan, responses={**CALLS},
        docs_url=None, redoc_url=None, openapi_url="/openapi.json", redirect_slashes=False,
    )  # fmt: skip
    app.state.service = service
    answers.install(app)
    for prefix in documented.PREFIXES:
        app.include_router(documented.control(), prefix=prefix)
    app.include_router(documented.functions())
    app.include_router(versioned.router())

    @app.get(HEALTH, include_in_schema=False)
    def healthy() -> dict[str, bool]:
        """Whether the server answers; whoever asks needs no key, and learns nothing else."""
        return {"ok": True}

    if mount is not None:
        mount(app, service)
    serving = service.serving
    hosts = (*LOOPBACK, *serving.hosts) if serving.is_local else serving.hosts
    app.add_middleware(Guard, hosts=hosts, origins=serving.origins, bucket=Bucket(serving.at_once, serving.a_second))
    return app
