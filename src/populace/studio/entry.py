"""The door: a link that a server printed opens one session of a browser, once."""

from __future__ import annotations

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from populace.api.access import COOKIE
from populace.api.keys import SESSION_S
from populace.studio.frame import Frame


def router(frame: Frame) -> APIRouter:
    """`/enter/{word}`: sets the cookie and leads to the first page."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/enter/{word}")
    def enter(word: str) -> Response:
        cookie = frame.service.sessions.enter(word)
        if cookie is None:
            return frame.door(used=True)
        answer = RedirectResponse("/", status_code=303)
        answer.set_cookie(COOKIE, cookie, max_age=round(SESSION_S), path="/", httponly=True, samesite="strict")
        return answer

    return routes
