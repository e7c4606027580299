"""How every error of the API looks: one JSON shape, with the text that the command line prints.

`error` is the whole of it in one line; `what`, `where`, `given`, `allowed` and `remedy` are its parts. `remedy` lists
what to do, each as a text, and as an action with arguments where it is one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from populace.errors import BadInput, PopulaceError, Remedy, TargetUnavailable, several

RETRY_AFTER_S = 5
"""After so long a target that was away may be asked again."""


class Action(BaseModel):
    """Something to do about an error. action, arguments: of an operation, where it is one."""

    text: str
    action: str | None = None
    arguments: dict[str, Any] | None = None


class Said(BaseModel):
    """An error, as every status but that of success has it; as `document` makes it. faults: several at once."""

    error: str = Field(examples=["nothing is to change; body; allowed: settings, preset or enabled"])
    what: str = Field(examples=["nothing is to change"])
    where: str | None = Field(None, examples=["body"])
    given: str | None = None
    allowed: str | None = Field(None, examples=["settings, preset or enabled"])
    remedy: list[Action] = []
    faults: list[Said] | None = None


class NotAllowed(PopulaceError):
    """A request that this caller may not make: who they are is not known, or may not do this."""

    http_status = HTTPStatus.FORBIDDEN


class NotKnown(NotAllowed):
    """A request without a key, or with one that is none."""

    http_status = HTTPStatus.UNAUTHORIZED


class TooLarge(BadInput):
    """A body beyond its limit."""

    http_status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class TooMany(BadInput):
    """More requests than a caller may make in a while."""

    http_status = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self, what: str, seconds: float) -> None:
        super().__init__(what, todo=f"wait {seconds:.0f} s")
        self.seconds = seconds


class TooSlow(BadInput):
    """A body that did not come in time."""

    http_status = HTTPStatus.REQUEST_TIMEOUT


class Absent(BadInput):
    """A thing that a path names, and that there is not."""

    http_status = HTTPStatus.NOT_FOUND


class Fault(PopulaceError):
    """A defect of ours."""


DEFECT = Fault("this is a fault of Populace", todo="please report it; the server's log says more")


def document(error: PopulaceError) -> dict[str, Any]:
    """An error as JSON."""
    out: dict[str, Any] = {
        "error": str(error),
        "what": error.what,
        "where": error.where,
        "given": None if error.given is None else str(error.given)[:400],
        "allowed": error.allowed,
        "remedy": [_remedy(one) for one in error.remedies],
    }
    if error.faults:
        out["faults"] = [document(fault) for fault in error.faults]
    return out


def _remedy(one: str | Remedy) -> dict[str, Any]:
    if isinstance(one, str):
        return {"text": one}
    return {"text": str(one), "action": one.action or None, "arguments": jsonable_encoder(dict(one.arguments))}


def answer(error: PopulaceError) -> JSONResponse:
    """The response of an error. An error that only reports a verdict is none for HTTP; it never comes here."""
    return JSONResponse(document(error), status_code=int(error.http_status), headers=headers(error))


def headers(error: PopulaceError) -> dict[str, str]:
    """What else a client needs to know, as headers."""
    match error:
        case NotKnown():
            return {"www-authenticate": "Bearer"}
        case TooMany():
            return {"retry-after": f"{max(1, round(error.seconds))}"}
        case TargetUnavailable():
            return {"retry-after": str(RETRY_AFTER_S)}
        case _:
            return {}


def install(app: FastAPI) -> None:
    """Let every error of the application come out in this shape."""

    async def ours(_request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, PopulaceError)
        return answer(error)

    async def invalid(_request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        return answer(of_fields(error.errors()))

    async def http(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        return JSONResponse(
            document(_known(request, error)), status_code=error.status_code, headers=dict(error.headers or {})
        )

    async def defect(_request: Request, _error: Exception) -> JSONResponse:
        return answer(DEFECT)

    app.add_exception_handler(PopulaceError, ours)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(Exception, defect)


def of_fields(faults: Any) -> PopulaceError:
    """Pydantic's list of faults as errors of ours, each with the path of its field."""
    return several(BadInput(_lowered(one["msg"]), where=_path(one["loc"]), given=_given(one)) for one in faults)


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]


def _path(loc: Any) -> str:
    return ".".join(map(str, loc)) or "body"


def _given(fault: Mapping[str, Any]) -> object:
    given = fault.get("input")
    return None if fault.get("type") == "missing" or isinstance(given, dict | list) else given


def _known(request: Request, error: HTTPException) -> PopulaceError:
    """What a status of the framework's own means."""
    path = f"{request.method} {request.url.path}"
    if error.status_code == HTTPStatus.NOT_FOUND:
        return Absent("there is no such path", where=path, todo="see /openapi.json for those that there are")
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = (error.headers or {}).get("Allow") or (error.headers or {}).get("allow")
        return BadInput("this path does not take this method", where=path, allowed=allowed)
    return BadInput(_lowered(str(error.detail)), where=path)


@contextmanager
def nothing() -> Iterator[None]:
    """Around work that nothing has to make room for."""
    yield
