"""One question to an endpoint, and what of its reply may be stored.

Apart from the peer that decides when to ask: this module knows the shapes of request and response, and distrusts both
the network and what comes over it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from populace import clock
from populace.spec import Request

MOST_BYTES = 1 << 20
"""An answer longer than this is no chat message."""
_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Whom to ask, and how. Defaults are those of the documents (002, rate limiting), or ours where they have none.

    url: the function. request: the shape of what is sent. key: sent as bearer token and never shown. stores: it writes
    the rows of question and answer itself. seconds_between: from one call to the next.
    per_run: most calls in any `run_s` seconds. per_day: most calls on a day (UTC, real time). attempts: tries of one
    question before it is rejected. timeout_s: the longest that one call may take. where, key_where: what url and key
    came from, for errors.
    """

    url: str
    request: Request
    key: str | None = field(default=None, repr=False)
    stores: bool = False
    seconds_between: float = 5.0
    per_run: int = 50
    run_s: float = 1800.0
    per_day: int = 50
    attempts: int = 8
    timeout_s: float = 60.0
    where: str = "endpoint"
    key_where: str = "key"


@dataclass(frozen=True, slots=True)
class Reply:
    """message: never blank. metadata: what the endpoint said of it, as far as it has the app's shape.
    latency_ms: how long the call took, in real time.
    """

    message: str
    metadata: Mapping[str, Any]
    latency_ms: int


class NoReply(Exception):
    """The endpoint gave no reply; the text says why and holds no key.

    reached: whether anybody was there. retry_after_s: when the endpoint wants to be asked again, if it said so.
    """

    def __init__(self, why: str, *, reached: bool = True, retry_after_s: float | None = None) -> None:
        super().__init__(why)
        self.reached, self.retry_after_s = reached, retry_after_s


def ask(client: httpx.Client, endpoint: Endpoint, payload: Mapping[str, Any], question: str) -> Reply:
    """The reply to a question, as the outbox has it. question: the member that holds its text. Raises NoReply."""
    headers = {"Authorization": f"Bearer {endpoint.key}"} if endpoint.key else {}
    began = clock.monotonic()
    try:
        with client.stream(
            "POST",
            endpoint.url,
            json=request_body(endpoint.request, payload, question),
            headers=headers,
            timeout=endpoint.timeout_s,
            follow_redirects=False,  # the key belongs to this address only
        ) as response:
            content = _content(response, began + endpoint.timeout_s)
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise NoReply(f"the endpoint cannot be reached ({type(error).__name__})", reached=False) from None
    except httpx.TimeoutException:
        raise NoReply(f"no answer within {endpoint.timeout_s:g} s") from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NoReply(f"the call failed ({type(error).__name__})") from None
    latency_ms = round((clock.monotonic() - began) * 1000)
    if response.status_code != 200:
        why = f"HTTP {response.status_code}: {_said(content, endpoint.key)}".removesuffix(": ")
        raise NoReply(why, retry_after_s=_seconds(response.headers.get("Retry-After")))
    return _reply(content, latency_ms)


def request_body(shape: Request, payload: Mapping[str, Any], question: str) -> dict[str, Any]:
    """The request for a payload; where it holds what was said so far (`messages`), the question is the last of it."""
    body = {name: payload[member] for name, member in shape.members.items()}
    if shape.history is not None:
        asked = {"role": "user", "content": payload[question]}
        messages = [{"role": m["role"], "content": m["content"]} for m in payload.get("messages") or []]
        body[shape.history] = messages if messages[-1:] == [asked] else [*messages, asked]
    return body


def storable(text: str) -> str:
    """A text without what PostgreSQL cannot hold: NUL, and halves of surrogate pairs."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def _content(response: httpx.Response, until: float) -> bytes:
    """The body. A timeout of the client's is one between two bytes; this one is for the whole."""
    content = bytearray()
    for piece in response.iter_bytes():
        content += piece
        if len(content) > MOST_BYTES:
            raise NoReply(f"an answer of more than {MOST_BYTES} bytes")
        if clock.monotonic() > until:
            raise NoReply("the answer did not end in time")
    return bytes(content)


def _reply(content: bytes, latency_ms: int) -> Reply:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        raise NoReply("the answer is not JSON") from None
    if not isinstance(document, dict):
        raise NoReply("the answer is not a JSON object")
    for name in ("message", "content"):
        message = document.get(name)
        if isinstance(message, str) and (kept := storable(message)).strip():
            return Reply(kept, _metadata(document.get("metadata")), latency_ms)
    raise NoReply("the answer holds no message")


def _metadata(given: object) -> dict[str, Any]:
    """Of the endpoint's metadata the members that the app knows, each in the shape it should have; others are left."""
    if not isinstance(given, dict):
        return {}
    kept: dict[str, Any] = {}
    if isinstance(given.get("model"), str):
        kept["model"] = storable(given["model"])
    for name in ("tokens", "cost"):
        parts = given.get(name)
        if isinstance(parts, dict):
            kept[name] = {part: parts[part] for part in ("input", "output", "total") if _number(parts.get(part))}
        elif _number(parts):
            kept[name] = parts
    if _number(given.get("latency")):
        kept["latency"] = given["latency"]
    return kept


def _number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _said(content: bytes, key: str | None) -> str:
    """The endpoint's own word for what went wrong, without the key should it repeat it."""
    try:
        document = json.loads(content)
        said = str(document["error"]) if isinstance(document, dict) else ""
    except (ValueError, KeyError, RecursionError):
        return ""
    return storable(said.replace(key, "***") if key else said)[:_SHOWN]


def _seconds(retry_after: str | None) -> float | None:
    return float(retry_after) if retry_after and retry_after.isdecimal() else None
