"""A stand-in for an app's file storage: the part of Supabase Storage and of S3 that lists, writes and deletes files.

Keys and signatures are checked as strictly as the real services check them; the two share their buckets.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, unquote, urlsplit
from xml.sax.saxutils import escape

from populace.standins.loopback import HOST, Answer, Loopback, Request

ROOT = "/storage/v1/object"


@dataclass(slots=True)
class StorageServer:
    """The storage on a loopback port, to be used in a `with`.

    key: Supabase's service role key. s3: the id and the secret of a key of S3. buckets: files by bucket and path.
    takes: files that are still taken before it refuses; None: any number. before: called with the name of each file
    before it is written.
    """

    key: str
    s3: tuple[str, str] = field(repr=False)
    buckets: dict[str, dict[str, bytes]] = field(default_factory=dict)
    takes: int | None = None
    before: Callable[[str], None] = lambda _name: None
    _server: Loopback | None = None

    @property
    def url(self) -> str:
        """The root of both APIs."""
        assert self._server is not None
        return f"http://{HOST}:{self._server.port}"

    def __enter__(self) -> StorageServer:
        self._server = Loopback(self._asked, ["GET", "POST", "PUT", "DELETE"])
        return self

    def __exit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()

    def _asked(self, asked: Request) -> Answer:
        return Answer(*self.answer(asked.method, asked.target, asked.headers, asked.body), {})

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        """Status and body for one request."""
        path = urlsplit(target).path
        if path.startswith(f"{ROOT}/"):
            return self._supabase(method, unquote(path.removeprefix(f"{ROOT}/")), headers, body)
        return self._s3(method, target, headers, body)

    def _supabase(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        if headers.get("authorization") != f"Bearer {self.key}" or headers.get("apikey") != self.key:
            return 403, b'{"statusCode":"403","error":"Unauthorized","message":"Invalid Compact JWS"}'
        bucket, _, name = path.removeprefix("list/" if path.startswith("list/") else "").partition("/")
        held = self.buckets.get(bucket)
        if held is None:
            return 400, b'{"statusCode":"404","error":"Bucket not found","message":"Bucket not found"}'
        if method == "POST" and path.startswith("list/"):
            asked = json.loads(body)
            below = f"{asked['prefix']}/"
            found = sorted(one.removeprefix(below) for one in held if one.startswith(below))
            page = found[asked.get("offset", 0) :][: asked.get("limit", 100)]
            return 200, json.dumps([{"name": one, "id": f"{bucket}/{one}"} for one in page]).encode()
        if method == "POST":
            if name in held and headers.get("x-upsert") != "true":
                return 400, b'{"statusCode":"409","error":"Duplicate","message":"The resource already exists"}'
            return self._written(held, name, body)
        if method == "DELETE" and not name:
            for one in json.loads(body)["prefixes"]:
                held.pop(one, None)
            return 200, b"[]"
        return 404, b"{}"

    def _s3(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        parts = urlsplit(target)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        if not _is_signed(self.s3, method, parts.path, query, headers, body):
            return 403, b"<Error><Code>SignatureDoesNotMatch</Code></Error>"
        bucket, _, name = unquote(parts.path).lstrip("/").partition("/")
        held = self.buckets.get(bucket)
        if held is None:
            return 404, b"<Error><Code>NoSuchBucket</Code></Error>"
        if method == "GET" and not name:
            found = sorted(one for one in held if one.startswith(query.get("prefix", "")))
            keys = "".join(f"<Contents><Key>{escape(one)}</Key></Contents>" for one in found)
            return 200, f"<ListBucketResult>{keys}</ListBucketResult>".encode()
        if method == "PUT" and name:
            return self._written(held, name, body)
        if method == "DELETE" and name:
            held.pop(name, None)
            return 204, b""
        return 405, b"<Error><Code>MethodNotAllowed</Code></Error>"

    def _written(self, held: dict[str, bytes], name: str, body: bytes) -> tuple[int, bytes]:
        self.before(name)
        if self.takes is not None:
            if self.takes <= 0:
                return 413, b'{"statusCode":"413","error":"Payload too large","message":"no room"}'
            self.takes -= 1
        held[name] = body
        return 200, b"{}"


def _is_signed(
    key: tuple[str, str], method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes
) -> bool:
    """Whether the signature of a request (version 4) is of this key and this request."""
    form = (
        r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8}/[^/]+/s3/aws4_request), "
        r"SignedHeaders=([\w;-]+), Signature=(\w+)"
    )
    found = re.fullmatch(form, headers.get("authorization", ""))
    hashed = hashlib.sha256(body).hexdigest()
    if found is None or found[1] != key[0] or headers.get("x-amz-content-sha256") != hashed:
        return False
    scope, names = found[2], found[3].split(";")
    if not {"host", "x-amz-content-sha256", "x-amz-date"} <= set(names):
        return False
    asked = "&".join(f"{quote(n, safe='-_.~')}={quote(v, safe='-_.~')}" for n, v in sorted(query.items()))
    lines = "".join(f"{name}:{headers.get(name, '').strip()}\n" for name in names)
    request = f"{method}\n{path}\n{asked}\n{lines}\n{found[3]}\n{hashed}"
    digest = hashlib.sha256(request.encode()).hexdigest()
    text = f"AWS4-HMAC-SHA256\n{headers['x-amz-date']}\n{scope}\n{digest}"
    secret = b"AWS4" + key[1].encode()
    for part in scope.split("/"):
        secret = hmac.new(secret, part.encode(), hashlib.sha256).digest()
    return hmac.compare_digest(hmac.new(secret, text.encode(), hashlib.sha256).hexdigest(), found[4])
