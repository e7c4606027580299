"""Where the Studio is found: its pages, what they load, and the door."""

from __future__ import annotations

from fastapi import FastAPI

from populace.api.wiring import Service
from populace.studio import entry, pages
from populace.studio.assets import Assets
from populace.studio.frame import Frame


def mount(app: FastAPI, service: Service) -> None:
    """Add the Studio to the application of a service."""
    assets = Assets.read()
    frame = Frame(service, assets)
    app.include_router(assets.router())
    app.include_router(entry.router(frame))
    app.include_router(pages.router(frame))
