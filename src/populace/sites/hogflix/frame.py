"""What all pages have in common: who looks at them, the frame around them, forms, and how they fail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from jinja2 import Environment

from populace.api import answers
from populace.api.body import content
from populace.database.connection import Connection
from populace.errors import BadInput, PopulaceError
from populace.sites.hogflix.catalogue import Kept
from populace.sites.hogflix.visitors import COOKIE, LASTS_S, Cookies, Session, Visitor, visitor
from populace.sites.opening import Place
from populace.studio.assets import Assets, environment

MARKS = ("synthetic", "syn")
"""Of an address, with the value 1: the session counts as synthetic from here on."""
MOST_FIELD = 5000


class SignInFirst(Exception):
    """A page, or a change, of those who are signed in."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request. session: of its cookie, or a new one. given: the fields of its form."""

    request: Request
    session: Session
    given: Mapping[str, str] = field(default_factory=dict)

    @property
    def wants_json(self) -> bool:
        """Whether a script asks, and no page is to follow."""
        return "application/json" in self.request.headers.get("accept", "")

    def field(self, name: str, *, most: int = MOST_FIELD) -> str:
        """A field of the form, "" where it is not there. Raises BadInput for one that is too long."""
        value = self.given.get(name, "").replace("\x00", "")
        if len(value) > most:
            raise BadInput(
                "this is too long", where=name, given=f"{len(value):,} characters", allowed=f"up to {most:,}"
            )
        return value


@dataclass(frozen=True, slots=True)
class Frame:
    """Renders pages. kept: the catalogue."""

    place: Place
    assets: Assets
    cookies: Cookies
    kept: Kept = field(default_factory=Kept)
    templates: Environment = field(init=False)

    def __post_init__(self) -> None:
        made = environment("populace.sites.hogflix")
        made.filters["length"] = length
        made.filters["money"] = money
        made.filters["counted"] = counted
        object.__setattr__(self, "templates", made)

    def session(self, request: Request) -> Session:
        """Whose request it is; a new session for somebody without one. An address may mark it as synthetic."""
        held = self.cookies.read(request.cookies.get(COOKIE, "")) or self.cookies.begin()
        if not held.marked and any(request.query_params.get(mark) == "1" for mark in MARKS):
            return self.cookies.marked(held)
        return held

    async def form(self, request: Request) -> Asked:
        """A request that changes something: its fields, once its token is known. Raises NotAllowed for another's."""
        raw = (await content(request)).decode("utf-8", "replace")
        given = {name: values[-1] for name, values in parse_qs(raw, keep_blank_values=True, max_num_fields=50).items()}
        known = self.cookies.read(request.cookies.get(COOKIE, ""))
        self.cookies.require_token(known, given.get("csrf", ""))
        assert known is not None
        return Asked(request, known, given)

    def visitor(self, connection: Connection, session: Session) -> Visitor | None:
        """Who it is, if they are signed in."""
        return visitor(connection, session, self.place.domain)

    def signed_in(self, connection: Connection, session: Session) -> Visitor:
        """Who it is. Raises SignInFirst for somebody else."""
        found = self.visitor(connection, session)
        if found is None:
            raise SignInFirst
        return found

    def page(self, asked: Asked, name: str, who: Visitor | None, status: int = 200, /, **values: object) -> Response:
        """A page of this name."""
        analytics = self.place.analytics
        common: dict[str, Any] = {
            "assets": self.assets.prefix,
            "csrf": self.cookies.token(asked.session),
            "who": who,
            "signed_in": who is not None or (asked.session.user is not None and name == "failed"),
            "marked": asked.session.marked or (who is not None and who.is_synthetic),
            "here": name,
            "path": asked.request.url.path,
            "search": "",
            "host": analytics.host if analytics else "",
            "project": analytics.key if analytics else "",
        }
        text = self.templates.get_template(f"{name}.html").render({**common, **values})
        return self.keeping(asked.session, HTMLResponse(text, status), asked.request)

    def keeping(self, session: Session, answer: Response, request: Request | None = None) -> Response:
        """The response, with the session's cookie where the browser has another one, or none."""
        cookie = self.cookies.written(session)
        if request is None or request.cookies.get(COOKIE) != cookie:
            lasts = LASTS_S if session.user else None
            answer.set_cookie(COOKIE, cookie, max_age=lasts, path="/", httponly=True, samesite="lax")
        return answer

    def done(self, asked: Asked, to: str, **said: object) -> Response:
        """The end of a change: a script gets what was said, a browser the page that follows."""
        if asked.wants_json:
            return JSONResponse({"ok": True, **said})
        return RedirectResponse(to, status_code=303)

    def failed(self, request: Request, error: PopulaceError) -> Response:
        """An error as one page, or as JSON for a script. It needs no database."""
        if "application/json" in request.headers.get("accept", ""):
            return answers.answer(error)
        status = int(error.http_status)
        asked = Asked(request, self.session(request))
        answer = self.page(asked, "failed", None, status, error=error, status=status, plain=_PLAIN.get(status, _OTHER))
        answer.headers.update(answers.headers(error))
        return answer


_PLAIN = {
    403: ("That did not work", "The request was not accepted."),
    404: ("This page has curled up", "There is nothing at this address. It may have moved, or the link is wrong."),
    413: ("That is too much", "What was sent is larger than this site takes."),
    422: ("That cannot be right", "Something in the request is not as it should be."),
    429: ("Slow down a little", "Too many requests came from here. Please wait a moment."),
    500: ("Something broke", "This is a fault of ours, not of yours."),
    503: ("Back in a moment", "The catalogue is out of reach just now. Please try again soon."),
}
_OTHER = ("That did not work", "The request could not be answered.")


def counted(many: int, what: str) -> str:
    """So many of something: `1 title`, `12 titles`."""
    return f"{many} {what}" if many == 1 else f"{many} {what}s"


def money(amount: Decimal) -> str:
    """A price as people say it: `free`, `$9.99`."""
    return f"${amount:.2f}" if amount else "free"


def length(seconds: int) -> str:
    """How long a title is: `48 s`, `3 min`, `13 min`."""
    return f"{seconds} s" if seconds < 60 else f"{round(seconds / 60)} min"
