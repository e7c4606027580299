"""What all pages have in common: who may see them, the state of the population around them, and how they fail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment

from populace import clock
from populace.api.access import COOKIE
from populace.api.wiring import Service
from populace.errors import BadInput, PopulaceError
from populace.operations.inspection.overview import Overview, OverviewRequest, overview
from populace.spec import World
from populace.studio import wording
from populace.studio.assets import Assets, environment

PLACES = (
    ("overview", "/", "Overview"),
    ("people", "/people", "People"),
    ("behaviour", "/behaviour", "Behaviour"),
    ("settings", "/settings", "Settings"),
    ("seed", "/seed", "Seed"),
    ("checks", "/checks", "Checks"),
    ("cleanup", "/cleanup", "Cleanup"),
    ("runs", "/runs", "Runs"),
)
"""The pages that the navigation shows: name, path, title."""

NOBODY = ("empty", "not opened")
"""States of a target in which nobody lives there, and nobody is on the way."""

STATE = OverviewRequest(activity=False)

Fill = Callable[[Overview], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Frame:
    """Renders the pages of a service."""

    service: Service
    assets: Assets
    templates: Environment = field(init=False)

    def __post_init__(self) -> None:
        made = environment("populace.studio")
        for filter_ in (
            wording.number, wording.figure, wording.pace, wording.size, wording.seconds, wording.moment, wording.day,
            wording.clock_time, wording.words, wording.capital, wording.titled,
        ):  # fmt: skip
            made.filters[filter_.__name__] = filter_
        object.__setattr__(self, "templates", made)

    def session(self, request: Request) -> str | None:
        """The cookie of whoever looks at a page; None for somebody without a session."""
        cookie = request.cookies.get(COOKIE, "")
        return None if self.service.sessions.caller(cookie) is None else cookie

    def page(
        self, request: Request, name: str, fill: Fill | None = None, *, anybody: bool = True, empty: str | None = None
    ) -> Response:
        """A page of this name. fill: what its template needs. anybody: whether it needs somebody to live there; empty:
        the page to go to where nobody does, and nobody is on the way."""
        cookie = self.session(request)
        if cookie is None:
            return self.door(used=False)
        common: dict[str, Any] = {
            "csrf": self.service.sessions.csrf(cookie),
            "here": name,
            "now": clock.iso(clock.now_us()),
        }
        try:
            state = overview(self.service.context, STATE)
        except PopulaceError as error:
            return self._failed(error, {**common, "state": None, "world": None})
        if empty and state.state in NOBODY:
            return RedirectResponse(empty, status_code=303)
        common |= {"state": state, "world": self.world(state)}
        if anybody and state.state != "ready":
            return self._html("nobody.html", common)
        try:
            return self._html(f"{name}.html", {**common, **(fill(state) if fill else {})})
        except PopulaceError as error:
            return self._failed(error, common)

    def part(self, request: Request, name: str, fill: Callable[[], Mapping[str, Any]]) -> Response:
        """A part of a page that a script puts in its place, since it takes longer than the rest."""
        if self.session(request) is None:
            return self.door(used=False)
        try:
            return self._html(f"{name}.html", fill())
        except PopulaceError as error:
            return self._html("fault.html", _fault(error), int(error.http_status))

    def file(self, request: Request, fill: Callable[[], bytes], media_type: str) -> Response:
        """A file that a page shows, for whoever may see the page."""
        if self.session(request) is None:
            return self.door(used=False)
        try:
            return Response(fill(), media_type=media_type)
        except PopulaceError as error:
            return self._html("fault.html", _fault(error), int(error.http_status))

    def door(self, *, used: bool) -> Response:
        """For whoever has no session. used: they came by a link that opens none (any more)."""
        return self._html("door.html", {"used": used}, 401)

    def world(self, state: Overview) -> World | None:
        """The world of whoever lives there, as far as it is at hand; where nobody does, the server's."""
        registry = self.service.context.registry
        called = self.service.world if state.world is None else registry.called(state.world)
        try:
            return registry.find(called)
        except BadInput:
            return None

    def _failed(self, error: PopulaceError, common: Mapping[str, Any]) -> Response:
        return self._html("failed.html", {**common, **_fault(error)}, int(error.http_status))

    def _html(self, template: str, values: Mapping[str, Any], status: int = 200) -> Response:
        text = self.templates.get_template(template).render(
            {
                "places": PLACES,
                "assets": self.assets.prefix,
                "served": self.service.serving,
                "site": self.service.site,
                **values,
            }
        )
        return HTMLResponse(text, status)


def _fault(error: PopulaceError) -> dict[str, Any]:
    return {"error": error, "remedies": wording.remedies(error)}
