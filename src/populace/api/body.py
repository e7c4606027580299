"""The body of a request: JSON whatever its type is said to be, read within bounds of size and time, and checked.

Those who call by `curl -d` send no content type for JSON, and the documented calls do not either.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import ClientDisconnect

from populace import files
from populace.api.answers import TooLarge, TooSlow, of_fields
from populace.errors import BadInput

MOST_BYTES = 256 << 10
LIMIT_S = 10.0
"""A body that is not there after so long is not waited for."""


class Body(BaseModel):
    """A body of fixed fields, of their very types: `"5"` is no number."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Open(BaseModel):
    """A body whose fields are names of parameters: the operation that takes them checks them."""

    model_config = ConfigDict(extra="allow", strict=True)

    @property
    def fields(self) -> dict[str, Any]:
        """What it holds."""
        return dict(self.model_extra or {})


def shown(**example: Any) -> ConfigDict:
    """The configuration of a body with what OpenAPI shows of it."""
    return ConfigDict(json_schema_extra={"example": example})


B = TypeVar("B", bound=BaseModel)


def of(model: type[B]) -> Callable[[Request], Coroutine[Any, Any, B]]:
    """A dependency that gives a request's body; an empty one is an empty object."""

    async def read(request: Request) -> B:
        held = await content(request)
        try:
            found = files.json_of(held) if held.strip() else {}
        except files.Unreadable as error:
            raise BadInput(f"the body is not JSON: {error}", where="body") from None
        if not isinstance(found, dict):
            raise BadInput("the body is one JSON object", where="body", given=type(found).__name__)
        try:
            return model.model_validate(found)
        except ValidationError as error:
            raise of_fields([{**fault, "loc": ("body", *fault["loc"])} for fault in error.errors()]) from None

    return read


async def content(request: Request) -> bytes:
    """All of a body. Raises TooLarge and TooSlow beyond the bounds, BadInput for one that was cut off."""
    said = request.headers.get("content-length", "")
    if said.isdecimal() and int(said) > MOST_BYTES:
        raise _too_large()
    held = bytearray()
    try:
        async with asyncio.timeout(LIMIT_S):
            async for part in request.stream():
                held += part
                if len(held) > MOST_BYTES:
                    raise _too_large()
    except TimeoutError:
        raise TooSlow(f"the body did not come within {LIMIT_S:g} s", where="body") from None
    except ClientDisconnect:
        raise BadInput("the body was cut off", where="body") from None
    return bytes(held)


def described(model: type[BaseModel], *, required: bool = False) -> dict[str, Any]:
    """What OpenAPI shows of a body that `of` reads."""
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    schema.pop("$defs", None)
    shown = {"schema": schema, "example": schema.pop("example")}
    return {"requestBody": {"required": required, "content": {"application/json": shown}}}


def _too_large() -> TooLarge:
    return TooLarge("the body is too large", where="body", allowed=f"up to {MOST_BYTES:,} bytes")
