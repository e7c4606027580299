"""Signature Version 4, with which a request to an S3-compatible storage says who sends it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from populace import clock

_SERVICE = "s3"


@dataclass(frozen=True, slots=True)
class Key:
    """Who sends. token: of a session of limited time; None: a lasting key. region: where the bucket is."""

    id: str
    secret: str = field(repr=False)
    token: str | None = field(repr=False)
    region: str


def headers(
    key: Key, method: str, host: str, path: str, query: Mapping[str, str], body: bytes, at_us: int
) -> dict[str, str]:
    """The headers that sign a request. path: as it is sent, encoded; query: not encoded; at_us: real time."""
    when = clock.to_datetime(at_us).strftime("%Y%m%dT%H%M%SZ")
    hashed = hashlib.sha256(body).hexdigest()
    signed = {"host": host, "x-amz-content-sha256": hashed, "x-amz-date": when}
    if key.token:
        signed["x-amz-security-token"] = key.token
    names = ";".join(sorted(signed))
    request = "\n".join(
        [
            method,
            path,
            canonical_query(query),
            *(f"{name}:{signed[name]}" for name in sorted(signed)),
            "",
            names,
            hashed,
        ]
    )
    scope = f"{when[:8]}/{key.region}/{_SERVICE}/aws4_request"
    text = "\n".join(["AWS4-HMAC-SHA256", when, scope, hashlib.sha256(request.encode()).hexdigest()])
    made = f"AWS4{key.secret}".encode()
    for part in scope.split("/"):
        made = hmac.digest(made, part.encode(), "sha256")
    signature = hmac.new(made, text.encode(), "sha256").hexdigest()
    by = f"AWS4-HMAC-SHA256 Credential={key.id}/{scope}, SignedHeaders={names}, Signature={signature}"
    return {**{name: value for name, value in signed.items() if name != "host"}, "authorization": by}


def canonical_query(query: Mapping[str, str]) -> str:
    """A query as it is signed and sent."""
    return "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in sorted(query.items()))
