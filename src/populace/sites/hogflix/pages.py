"""The pages: each reads what it shows in one session on the database, and a template writes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import RedirectResponse

from populace.api.answers import Absent
from populace.database.connection import Connection
from populace.errors import BadInput
from populace.sites.hogflix import catalogue, posters
from populace.sites.hogflix.catalogue import ROW, Catalogue, Title, row, rows
from populace.sites.hogflix.flixbuddy import OPENERS
from populace.sites.hogflix.frame import Asked, Frame, counted
from populace.sites.hogflix.talk import spoken_of
from populace.sites.hogflix.visitors import Visitor

MOST_FOUND = 60
ISSUES = (
    ("playback_issues", "Playback"), ("account_billing", "Account and billing"),
    ("content_request", "A title I miss"), ("technical_support", "Technical support"), ("other", "Something else"),
)  # fmt: skip
"""What a ticket may be about, as the column has it and as the form says it."""
TEST_CARD = "4242 4242 4242 4242"

Key = Annotated[str, Path(max_length=200)]


def router(frame: Frame) -> APIRouter:
    """All of them."""
    routes = APIRouter(include_in_schema=False)
    for add in (_doors, _shelves, _titles, _own, _plans, _help):
        add(routes, frame)
    return routes


def asked_of(frame: Frame, request: Request) -> Asked:
    """A request for a page."""
    return Asked(request, frame.session(request))


def title_of(held: Catalogue, key: str) -> Title:
    """The title with a key. Raises Absent where there is none."""
    if key not in held.by_key:
        raise Absent("there is no such title", where="title", given=key)
    return held.by_key[key]


def _doors(routes: APIRouter, frame: Frame) -> None:
    @routes.get("/")
    def landing(request: Request) -> Response:
        asked = asked_of(frame, request)
        with frame.place.session() as connection:
            who, held = frame.visitor(connection, asked.session), frame.kept.get(connection)
            plans = rows(connection, "plans")
        return frame.page(asked, "landing", who, titles=held.trending()[:ROW], count=len(held.titles), plans=plans)

    @routes.get("/login")
    def login(request: Request, next: Annotated[str, Query(max_length=300)] = "") -> Response:
        return frame.page(asked_of(frame, request), "login", None, error=None, email="", next=next)

    @routes.get("/signup")
    def signup(request: Request, plan: Annotated[str, Query(max_length=40)] = "") -> Response:
        given = {"name": "", "email": "", "plan": plan.lower()}
        return frame.page(asked_of(frame, request), "signup", None, **signup_values(frame, given))

    @routes.get("/poster/{seed}/{hue}.svg")
    def picture(
        seed: Annotated[str, Path(pattern="^[0-9a-f]{8}$")], hue: Annotated[int, Path(ge=0, lt=360)]
    ) -> Response:
        drawn = posters.poster(int(seed, 16), hue)
        return Response(drawn, media_type="image/svg+xml", headers={"cache-control": "public, max-age=86400"})


def _progress(connection: Connection, who: Visitor) -> dict[Any, dict[str, Any]]:
    """How far somebody has come, by title, the latest first."""
    return {one["video_id"]: one for one in rows(connection, "progress", **who.own)}


def _shelves(routes: APIRouter, frame: Frame) -> None:
    @routes.get("/browse")
    def browse(request: Request) -> Response:
        asked = asked_of(frame, request)
        with frame.place.session() as connection:
            who, held = frame.signed_in(connection, asked.session), frame.kept.get(connection)
            progress = _progress(connection, who)
            listed = held.of([one["video_id"] for one in rows(connection, "my_list", **who.own)])
        watching = held.of([one for one, far in progress.items() if not far["completed"]])
        trending = held.trending()
        shelves = [
            ("continue", "Continue watching", watching[:ROW], None),
            ("trending", "Trending now", trending[:ROW], None),
            ("list", "My list", listed[:ROW], "/my-list"),
            *((f"category-{k}", name, held.on(name)[:ROW], f"/category/{name}")
              for k, name in enumerate(held.categories)),
        ]  # fmt: skip
        shown = [shelf for shelf in shelves if shelf[2]]
        lead = next(iter([*watching, *trending]), None)
        return frame.page(asked, "browse", who, shelves=shown, progress=progress, lead=lead, resumes=bool(watching))

    @routes.get("/category/{name:path}")
    def category(request: Request, name: Key) -> Response:
        asked = asked_of(frame, request)
        with frame.place.session() as connection:
            who, held = frame.signed_in(connection, asked.session), frame.kept.get(connection)
            progress = _progress(connection, who)
        if name not in held.categories:
            raise Absent("there is no such category", where="category", given=name, allowed=", ".join(held.categories))
        return frame.page(asked, "shelf", who, heading=name, note=None, titles=held.on(name), progress=progress,
                          categories=held.categories, empty="")  # fmt: skip

    @routes.get("/search")
    def search(request: Request, q: Annotated[str, Query(max_length=200)] = "") -> Response:
        asked, words = asked_of(frame, request), q.replace("\x00", "").strip()
        with frame.place.session() as connection:
            who, held = frame.signed_in(connection, asked.session), frame.kept.get(connection)
            progress = _progress(connection, who)
            ids = catalogue.found(connection, words, part=words) if words else []
        titles = held.of(ids)[:MOST_FOUND] if words else held.trending()[:ROW]
        return frame.page(asked, "search", who, titles=titles, progress=progress, search=words,
                          categories=held.categories)  # fmt: skip


def _titles(routes: APIRouter, frame: Frame) -> None:
    def shown(request: Request, name: str, key: str) -> Response:
        asked = asked_of(frame, request)
        with frame.place.session() as connection:
            who, held = frame.signed_in(connection, asked.session), frame.kept.get(connection)
            title, progress = title_of(held, key), _progress(connection, who)
            kept = any(one["video_id"] == title.id for one in rows(connection, "my_list", **who.own))
            mine = next(
                (one["rating"] for one in rows(connection, "my_ratings", **who.own) if one["video_id"] == title.id), 0
            )
        far = progress.get(title.id)
        starts = far["seconds"] if far and not far["completed"] and far["seconds"] < title.duration else 0
        return frame.page(asked, name, who, title=title, kept=kept, mine=mine, far=far, starts=starts,
                          alike=held.like(title)[:ROW], progress=progress)  # fmt: skip

    @routes.get("/title/{key}")
    def title(request: Request, key: Key) -> Response:
        return shown(request, "title", key)

    @routes.get("/watch/{key}")
    def watch(request: Request, key: Key) -> Response:
        return shown(request, "watch", key)


def _own(routes: APIRouter, frame: Frame) -> None:
    @routes.get("/my-list")
    def my_list(request: Request) -> Response:
        asked = asked_of(frame, request)
        with frame.place.session() as connection:
            who, held = frame.signed_in(connection, asked.session), frame.kept.get(connection)
            titles = held.of([one["video_id"] for one in rows(connection, "my_list", **who.own)])
            progress = _progress(connection, who)
        return frame.page(asked, "shelf", who, here="my-list", heading="My list", titles=titles, progress=progress,
                          categories=(), note=f"{counted(len(titles), 'title')}, the latest first" if titles else None,
                          empty="Nothing here yet. Open a title and add it to your list.")  # fmt: skip

    @routes.get("/ratings")
    def ratings(request: Request, all: Annotated[str, Query(max_length=4)] = "") -> Response:
        asked = asked_of(frame, request)
        with frame.place.session() as connection:
            who, held = frame.signed_in(connection, asked.session), frame.kept.get(connection)
            given = {one["video_id"]: one["rating"] for one in rows(connection, "my_ratings", **who.own)}
        titles = held.of(list(given))
        shown = titles if all else titles[:MOST_FOUND]
        return frame.page(asked, "ratings", who, titles=shown, given=given, count=len(titles))


def _plans(routes: APIRouter, frame: Frame) -> None:
    @routes.get("/pricing")
    def pricing(request: Request) -> Response:
        asked = asked_of(frame, request)
        with frame.place.session() as connection:
            who, plans = frame.visitor(connection, asked.session), rows(connection, "plans")
        return frame.page(asked, "pricing", who, plans=plans)

    @routes.get("/checkout")
    def checkout(request: Request, plan: Annotated[str, Query(max_length=40)] = "") -> Response:
        asked = asked_of(frame, request)
        with frame.place.session() as connection:
            who, plans = frame.signed_in(connection, asked.session), rows(connection, "plans")
        if not plan:
            return RedirectResponse("/pricing", status_code=303)
        return frame.page(asked, "checkout", who, plan=plan_of(plans, plan.lower()), error=None, test_card=TEST_CARD)

    @routes.get("/checkout/success")
    def success(request: Request) -> Response:
        asked = asked_of(frame, request)
        with frame.place.session() as connection:
            who = frame.signed_in(connection, asked.session)
        return frame.page(asked, "success", who)


def signup_values(frame: Frame, given: Mapping[str, str], error: BadInput | None = None) -> dict[str, Any]:
    """What the page to sign up needs. given: what somebody has filled in, and the plan that they come for."""
    with frame.place.session() as connection:
        chosen = next((plan for plan in rows(connection, "plans") if plan["name"] == given["plan"]), None)
    return {"given": given, "chosen": chosen, "domain": frame.place.domain, "error": error}


def plan_of(plans: list[dict[str, Any]], name: str) -> dict[str, Any]:
    """The plan of a name. Raises Absent where there is none."""
    for plan in plans:
        if plan["name"] == name:
            return plan
    raise Absent("there is no such plan", where="plan", given=name, allowed=", ".join(p["name"] for p in plans))


def ticket_values(
    tickets: list[dict[str, Any]], given: Mapping[str, str] | None = None, *, sent: bool = False
) -> dict[str, Any]:
    """What the page for help needs. given: what somebody has filled in."""
    filled = given or {"category": "", "description": ""}
    return {"issues": ISSUES, "names": dict(ISSUES), "tickets": tickets, "given": filled, "sent": sent}


def _help(routes: APIRouter, frame: Frame) -> None:
    @routes.get("/support")
    def support(request: Request, sent: Annotated[str, Query(max_length=4)] = "") -> Response:
        asked = asked_of(frame, request)
        with frame.place.session() as connection:
            who = frame.signed_in(connection, asked.session)
            tickets = rows(connection, "tickets", user=who.user_id)
        return frame.page(asked, "support", who, **ticket_values(tickets, sent=bool(sent)), error=None)

    @routes.get("/flixbuddy")
    def flixbuddy(request: Request, new: Annotated[str, Query(max_length=4)] = "") -> Response:
        asked = asked_of(frame, request)
        with frame.place.session() as connection:
            who, held = frame.signed_in(connection, asked.session), frame.kept.get(connection)
            last = None if new else row(connection, "conversation", **who.own)
            said = rows(connection, "said", conversation=last["id"], user=who.user_id) if last else []
        lines = [
            (one["role"], one["content"], spoken_of(one["content"], held.titles) if one["role"] == "assistant" else [])
            for one in said
        ]
        return frame.page(asked, "flixbuddy", who, lines=lines, conversation=str(last["id"]) if last else "",
                          openers=OPENERS)  # fmt: skip
