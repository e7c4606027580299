"""FlixBuddy as a function over HTTP, in the shape that the app's own has: the simulation may ask it too.

Set POPULACE_CHAT_URL to its address. It stores question and answer where the plan says that the endpoint does, and
nothing otherwise.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse

from populace.api.answers import Absent, NotKnown
from populace.api.body import content
from populace.errors import BadInput
from populace.sites.hogflix import flixbuddy
from populace.sites.hogflix.catalogue import row, rows
from populace.sites.hogflix.frame import Frame

BELOW = "/functions/v1/"
NAME = "flixbuddy-chat"
MOST_CHARACTERS = 4000
SHAPES = "{message, conversationId, userId, profileId}, or {messages, conversationId}"


async def _called(request: Request) -> Mapping[str, Any]:
    """The body of a call. Raises NotKnown without the key that callers must carry, where there is one."""
    key = request.app.state.frame.place.function_key
    given = request.headers.get("authorization", "").encode()
    if key is not None and not hmac.compare_digest(given, f"Bearer {key}".encode()):
        raise NotKnown("missing or wrong authorization")
    try:
        body = json.loads(await content(request))
    except (ValueError, RecursionError):
        raise BadInput("the body is not JSON", where="body", allowed=SHAPES) from None
    if not isinstance(body, dict):
        raise BadInput("the body is one JSON object", where="body", allowed=SHAPES)
    return body


def router(frame: Frame) -> APIRouter:
    """The function."""
    routes = APIRouter(include_in_schema=False)
    stores = frame.place.settings.get("flixbuddy_stored_by") == "endpoint"

    @routes.post(BELOW + NAME)
    def chat(body: Annotated[Mapping[str, Any], Depends(_called)]) -> Response:
        conversation = _id(body, "conversationId")
        user = _id(body, "userId") if "messages" not in body else None
        with frame.place.session() as connection:
            if "messages" in body:
                *said, last = _messages(body["messages"])
                message = last["content"]
            else:
                message = _text(body.get("message"), "message")
                _id(body, "profileId")
                said = rows(connection, "said", conversation=conversation, user=user)
                # Whoever asks may have stored the question before.
                if said and said[-1] == {"role": "user", "content": message}:
                    said.pop()
            reply = flixbuddy.reply(connection, frame.kept.get(connection), message, said)
            if stores:
                if not row(connection, "is_conversation", conversation=conversation, user=user):
                    raise Absent("there is no such conversation", where="conversationId", given=str(conversation))
                flixbuddy.store(connection, conversation, message, reply)
        return JSONResponse(reply.document(body["conversationId"]))

    return routes


def _messages(given: object) -> list[dict[str, str]]:
    """What was said, the question last. Raises BadInput for anything else."""
    fit = isinstance(given, list) and bool(given) and all(
        isinstance(one, dict) and one.get("role") in ("user", "assistant") and isinstance(one.get("content"), str)
        for one in given
    )  # fmt: skip
    if not fit or not isinstance(given, list) or given[-1]["role"] != "user":
        raise BadInput("messages end with a question of the user", where="messages", allowed=SHAPES)
    return [*given[:-1], {"role": "user", "content": _text(given[-1]["content"], "messages")}]


def _text(given: object, where: str) -> str:
    if not isinstance(given, str) or not given.strip():
        raise BadInput("a question is needed", where=where, allowed=SHAPES)
    if len(given) > MOST_CHARACTERS:
        raise BadInput("the question is too long", where=where, given=f"{len(given):,} characters",
                       allowed=f"up to {MOST_CHARACTERS:,}")  # fmt: skip
    return given.replace("\x00", "").encode("utf-8", "replace").decode()


def _id(body: Mapping[str, Any], name: str) -> UUID:
    try:
        return UUID(body[name])
    except (KeyError, TypeError, ValueError, AttributeError):
        raise BadInput("an id is needed", where=name, given=body.get(name), allowed=SHAPES) from None
