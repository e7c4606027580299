"""What visitors change: each by a form with the token of their session, in one transaction.

Rows are theirs. A synthetic account makes them synthetic, as the world's marks have it; nothing else does.
"""

from __future__ import annotations

import os
import re
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

import psycopg
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from populace.api.guards import Bucket
from populace.errors import BadInput
from populace.sites.hogflix import flixbuddy
from populace.sites.hogflix.catalogue import Title, row, rows, run
from populace.sites.hogflix.frame import Asked, Frame
from populace.sites.hogflix.pages import ISSUES, TEST_CARD, Key, plan_of, signup_values, ticket_values, title_of
from populace.sites.hogflix.visitors import COOKIE, Visitor, sign_in, sign_up

COMPLETE = 90.0
"""Percent from which a title counts as watched, as the app has it."""
MOST_MESSAGE, MOST_DESCRIPTION = 1000, 4000
DECLINED = "4000 0000 0000 0002"
_EXPIRES, _CODE = re.compile(r"(0[1-9]|1[0-2])/[0-9]{2}"), re.compile(r"[0-9]{3,4}")


async def _form(request: Request) -> Asked:
    frame: Frame = request.app.state.frame
    return await frame.form(request)


Form = Annotated[Asked, Depends(_form)]


def router(frame: Frame) -> APIRouter:
    """All of them."""
    routes = APIRouter(include_in_schema=False)
    for add in (_doors, _titles, _plans, _help):
        add(routes, frame)
    return routes


def inside(to: str) -> str:
    """Where to go on: a path of this site, whatever a link says."""
    ours = to.startswith("/") and not to.startswith("//") and "\\" not in to and to.isprintable()
    return to if ours else "/browse"


def _doors(routes: APIRouter, frame: Frame) -> None:
    tries = Bucket(30.0, 1.0)

    def entered(asked: Asked, user: UUID, to: str) -> Response:
        # A session of its own: nothing that was known of the one before opens it.
        session = frame.cookies.begin(user=user, marked=asked.session.marked)
        return frame.keeping(session, RedirectResponse(to, status_code=303))

    @routes.post("/login")
    def login(asked: Form) -> Response:
        email, to = asked.field("email", most=300), inside(asked.field("next", most=300))
        tries.take((asked.request.client or ("unknown", 0))[0])
        try:
            with frame.place.session() as connection:
                user = sign_in(connection, email, asked.field("password", most=300))
        except BadInput as error:
            return frame.page(asked, "login", None, 422, error=error, email=email, next=to)
        return entered(asked, user, to)

    @routes.post("/signup")
    def signup(asked: Form) -> Response:
        given = {name: asked.field(name, most=300) for name in ("name", "email", "password", "plan")}
        domain = frame.place.domain
        tries.take((asked.request.client or ("unknown", 0))[0])
        try:
            with frame.place.session() as connection:
                user = sign_up(connection, given, domain=domain, marked=asked.session.marked)
                plans = rows(connection, "plans")
        except BadInput as error:
            return frame.page(asked, "signup", None, 422, **signup_values(frame, given, error))
        paid = next((plan["name"] for plan in plans if plan["name"] == given["plan"] and plan["price"]), None)
        return entered(asked, user, "/checkout?" + urlencode({"plan": paid}) if paid else "/browse")

    @routes.post("/logout")
    def logout(asked: Form) -> Response:
        answer = RedirectResponse("/", status_code=303)
        answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")
        if asked.session.marked:
            return frame.keeping(frame.cookies.begin(marked=True), answer)
        return answer


def _titles(routes: APIRouter, frame: Frame) -> None:

    def about(connection: Any, asked: Asked, key: str) -> tuple[Visitor, Title]:
        return frame.signed_in(connection, asked.session), title_of(frame.kept.get(connection), key)

    @routes.post("/watch/{key}/progress")
    def progress(asked: Form, key: Key) -> Response:
        seconds, visit = _whole(asked, "seconds", 0, 1 << 30), _uuid(asked, "session")
        with frame.place.session() as connection:
            who, title = about(connection, asked, key)
            at = min(seconds, title.duration)
            percentage = round(100 * at / title.duration, 2)
            run(connection, "watched", **who.own, video=title.id, seconds=at, duration=title.duration,
                percentage=percentage, completed=percentage >= COMPLETE, session=visit)  # fmt: skip
        return frame.done(asked, f"/watch/{key}", percentage=percentage, completed=percentage >= COMPLETE)

    @routes.post("/title/{key}/rating")
    def rating(asked: Form, key: Key) -> Response:
        stars = _whole(asked, "rating", 1, 5)
        with frame.place.session() as connection:
            who, title = about(connection, asked, key)
            run(connection, "rate", **who.own, video=title.id, rating=stars)
        return frame.done(asked, f"/title/{key}", rating=stars)

    @routes.post("/title/{key}/list")
    def my_list(asked: Form, key: Key) -> Response:
        keep = bool(_whole(asked, "keep", 0, 1))
        with frame.place.session() as connection:
            who, title = about(connection, asked, key)
            run(connection, "keep" if keep else "drop", **who.own, video=title.id)
        return frame.done(asked, f"/title/{key}", kept=keep)


def _plans(routes: APIRouter, frame: Frame) -> None:

    @routes.post("/checkout")
    def checkout(asked: Form) -> Response:
        with frame.place.session() as connection:
            who = frame.signed_in(connection, asked.session)
            plan = plan_of(rows(connection, "plans"), asked.field("plan", most=40))
            try:
                payment = _paid(asked) if plan["price"] > 0 else None
            except BadInput as error:
                return frame.page(asked, "checkout", who, 422, plan=plan, error=error, test_card=TEST_CARD)
            run(connection, "subscribe", user=who.user_id, plan=plan["id"], payment=payment)
        return RedirectResponse("/checkout/success", status_code=303)


def _paid(asked: Asked) -> str:
    """The number of a payment that nobody makes. Raises BadInput for any card but the test card: a real one has no
    business here, and no card is stored or shown again."""
    number = "".join(c for c in asked.field("number", most=40) if c.isdecimal())
    if number == DECLINED.replace(" ", ""):
        raise BadInput("the card was declined", where="number", todo=f"use the test card {TEST_CARD}")
    if number != TEST_CARD.replace(" ", ""):
        raise BadInput("this site takes no payment, and no real card", where="number", allowed=TEST_CARD)
    if not asked.field("holder", most=100).strip():
        raise BadInput("a name on the card is needed", where="holder", allowed="any name")
    if not _EXPIRES.fullmatch(asked.given.get("expires", "12/39")):
        raise BadInput("this is no month and year", where="expires", allowed="such as 12/39")
    if not _CODE.fullmatch(asked.given.get("code", "123")):
        raise BadInput("this is no code of a card", where="code", allowed="three or four digits")
    return f"pi_test_{os.urandom(12).hex()}"


def _help(routes: APIRouter, frame: Frame) -> None:

    @routes.post("/support")
    def support(asked: Form) -> Response:
        given = {"category": asked.field("category", most=60), "description": asked.field("description").strip()}
        with frame.place.session() as connection:
            who = frame.signed_in(connection, asked.session)
            try:
                _require_ticket(given)
                with connection.transaction():
                    run(connection, "add_ticket", user=who.user_id, **given)
            except (BadInput, psycopg.errors.CheckViolation) as error:
                fault = error if isinstance(error, BadInput) else BadInput(
                    "five tickets within an hour are enough", where="support", todo="wait a while, then send it again"
                )  # fmt: skip
                values = ticket_values(rows(connection, "tickets", user=who.user_id), given)
                return frame.page(asked, "support", who, 422, **values, error=fault)
        return RedirectResponse("/support?sent=1", status_code=303)

    @routes.post("/flixbuddy")
    def chat(asked: Form) -> Response:
        message = asked.field("message", most=MOST_MESSAGE).strip()
        conversation = _uuid(asked, "conversation")
        if not message:
            raise BadInput("a question is needed", where="message")
        return answered(asked, message, conversation)

    def answered(asked: Asked, message: str, conversation: UUID | None) -> Response:
        with frame.place.session() as connection:
            who = frame.signed_in(connection, asked.session)
            known = conversation and row(connection, "is_conversation", conversation=conversation, user=who.user_id)
            if not known:
                made = row(connection, "converse", **who.own)
                assert made is not None
                conversation = made["id"]
            said = rows(connection, "said", conversation=conversation, user=who.user_id)
            reply = flixbuddy.reply(connection, frame.kept.get(connection), message, said)
            flixbuddy.store(connection, conversation, message, reply)
        if not asked.wants_json:
            return RedirectResponse("/flixbuddy", status_code=303)
        titles = [{"title": one.title, "key": one.key, "length": one.duration} for one in reply.titles]
        return JSONResponse({**reply.document(str(conversation)), "titles": titles})


def _require_ticket(given: dict[str, str]) -> None:
    if given["category"] not in dict(ISSUES):
        raise BadInput("choose what it is about", where="category", allowed=", ".join(dict(ISSUES).values()))
    if not 10 <= len(given["description"]) <= MOST_DESCRIPTION:
        raise BadInput("describe it in a sentence or more", where="description",
                       allowed=f"10 to {MOST_DESCRIPTION:,} characters")  # fmt: skip


def _whole(asked: Asked, name: str, low: int, high: int) -> int:
    given = asked.field(name, most=20)
    if not (given.isascii() and given.isdecimal() and low <= int(given) <= high):
        raise BadInput("this is not a number that can be had here", where=name, given=given,
                       allowed=f"a whole number from {low} to {high}")  # fmt: skip
    return int(given)


def _uuid(asked: Asked, name: str) -> UUID | None:
    given = asked.field(name, most=60)
    try:
        return UUID(given) if given else None
    except ValueError:
        raise BadInput("this is not an id", where=name, given=given, allowed="a uuid, or nothing") from None
