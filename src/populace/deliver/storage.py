"""Where files of an app go: a folder, a bucket of Supabase Storage, or one that speaks S3; each through its own API.

A place is text: `./images`, `supabase:BUCKET/FOLDER` or `s3://BUCKET/FOLDER`. What is below the folder of a bucket is
Populace's to replace; in a folder on this machine only files whose names it is given to know are its own.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote, urlsplit

import httpx

from populace import clock, files
from populace.deliver import sigv4
from populace.deliver.address import checked, checked_key, client
from populace.errors import BadInput, PopulaceError, TargetUnavailable
from populace.settings import Settings

ALLOWED = "a folder, supabase:BUCKET/FOLDER or s3://BUCKET/FOLDER"
LIMIT_S = 30.0
"""For each request."""
_PAGE = 1000
_MOST_PAGES = 1000
_MOST_SAID = 200
_PART = r"[A-Za-z0-9][A-Za-z0-9._-]*"
_PLACE = re.compile(rf"({_PART})/({_PART}(?:/{_PART})*)/?")


class Store(Protocol):
    """A place for files. shown: it as it may be printed."""

    @property
    def shown(self) -> str: ...

    def check(self) -> None:
        """Raise what `put` would raise for a place that is not there or closed to us."""

    def names(self) -> list[str]:
        """What is there and may be replaced, by name."""

    def put(self, name: str, content: bytes, kind: str) -> None:
        """Write a file, or replace it. kind: such as `image/png`."""

    def remove(self, names: Iterable[str]) -> None:
        """Delete files."""


def store(text: str, where: str, chosen: Settings, ours: re.Pattern[str]) -> Store:
    """The place that a text names. where: what it came from. ours: which names in a folder of this machine may be
    replaced.

    Raises BadInput for a text that names none, a folder that is not there, and keys that are missing; Refused for an
    address to which a key would go in plain text.
    """
    scheme, colon, rest = text.partition(":")
    if colon and scheme == "supabase":
        return _supabase(*_place(text, rest, where), chosen)
    if colon and scheme == "s3":
        return _s3(*_place(text, rest.removeprefix("//"), where), chosen)
    if re.match(r"[a-z0-9+]{2,}:", text) or not text.strip() or "\0" in text:
        raise BadInput("this is no place for files", where=where, given=text, allowed=ALLOWED)
    try:
        folder = (chosen.folder or Path()) / Path(text).expanduser()
        why = "" if folder.is_dir() else "this is not a folder" if folder.exists() else "there is no such folder"
    except (OSError, RuntimeError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or str(error)
    if why:
        raise BadInput(why, where=where, given=text, allowed=ALLOWED, todo="make it, or name one that is there")
    return Folder(folder, ours)


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder on this machine; it is there."""

    path: Path
    ours: re.Pattern[str]

    @property
    def shown(self) -> str:
        """Its path."""
        return str(self.path)

    def check(self) -> None:
        """See `Store`."""
        files.require_writable(self.path / ".populace-check", "refresh.images", "a placeholder image", lambda _: False)

    def names(self) -> list[str]:
        """See `Store`."""
        return sorted(file.name for file in self.path.iterdir() if self.ours.fullmatch(file.name) and file.is_file())

    def put(self, name: str, content: bytes, kind: str) -> None:
        """See `Store`."""
        self._do(lambda: files.put(self.path / name, content))

    def remove(self, names: Iterable[str]) -> None:
        """See `Store`."""
        for name in names:
            self._do(lambda name=name: (self.path / name).unlink(missing_ok=True))  # type: ignore[misc]

    def _do(self, act: Callable[[], None]) -> None:
        try:
            act()
        except OSError as error:
            raise TargetUnavailable(f"the folder does not take files: {error.strerror}", where=self.shown) from None


@dataclass(frozen=True, slots=True)
class Supabase:
    """A folder in a bucket of Supabase Storage."""

    url: str
    bucket: str
    folder: str
    key: str = field(repr=False)

    @property
    def shown(self) -> str:
        """As it is written."""
        return f"supabase:{self.bucket}/{self.folder}"

    def check(self) -> None:
        """See `Store`."""
        self.names()

    def names(self) -> list[str]:
        """See `Store`."""
        found: list[str] = []
        for page in range(_MOST_PAGES):
            asked = {"prefix": self.folder, "limit": _PAGE, "offset": page * _PAGE}
            listed = self._ask("POST", f"object/list/{self.bucket}", json=asked).json()
            if not isinstance(listed, list):
                raise _refusal(self.shown, "its list cannot be read")
            # What has no id is a folder.
            found += [str(one["name"]) for one in listed if isinstance(one, dict) and one.get("id") is not None]
            if len(listed) < _PAGE:
                break
        return found

    def put(self, name: str, content: bytes, kind: str) -> None:
        """See `Store`."""
        path = f"object/{self.bucket}/{self.folder}/{quote(name)}"
        self._ask("POST", path, content=content, headers={"Content-Type": kind, "x-upsert": "true"})

    def remove(self, names: Iterable[str]) -> None:
        """See `Store`."""
        paths = [f"{self.folder}/{name}" for name in names]
        for at in range(0, len(paths), _PAGE):
            self._ask("DELETE", f"object/{self.bucket}", json={"prefixes": paths[at : at + _PAGE]})

    def _ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.key}", "apikey": self.key, **more.pop("headers", {})}
        return _asked(self.shown, method, f"{self.url}/storage/v1/{path}", headers, **more)


@dataclass(frozen=True, slots=True)
class S3:
    """A folder in a bucket of a storage that speaks S3; addressed by path. url: of the service."""

    url: str
    bucket: str
    folder: str
    key: sigv4.Key

    @property
    def shown(self) -> str:
        """As it is written."""
        return f"s3://{self.bucket}/{self.folder}"

    def check(self) -> None:
        """See `Store`."""
        self.names()

    def names(self) -> list[str]:
        """See `Store`."""
        found: list[str] = []
        query = {"list-type": "2", "prefix": f"{self.folder}/"}
        for _ in range(_MOST_PAGES):
            text = self._ask("GET", "", query=query).text
            found += [html.unescape(key) for key in re.findall(r"<Key>([^<]*)</Key>", text)]
            more = re.search(r"<NextContinuationToken>([^<]*)</NextContinuationToken>", text)
            if more is None:
                break
            query["continuation-token"] = html.unescape(more[1])
        return [key.removeprefix(f"{self.folder}/") for key in found]

    def put(self, name: str, content: bytes, kind: str) -> None:
        """See `Store`."""
        self._ask("PUT", f"/{self.folder}/{name}", body=content, headers={"content-type": kind})

    def remove(self, names: Iterable[str]) -> None:
        """See `Store`."""
        for name in names:
            self._ask("DELETE", f"/{self.folder}/{name}")

    def _ask(
        self,
        method: str,
        key: str,
        *,
        body: bytes = b"",
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        root, query = urlsplit(self.url), query or {}
        path = f"{root.path}/{self.bucket}{quote(key)}"
        signed = sigv4.headers(self.key, method, root.netloc, path, query, body, clock.now_us())
        url = f"{root.scheme}://{root.netloc}{path}" + (f"?{sigv4.canonical_query(query)}" if query else "")
        return _asked(self.shown, method, url, {**signed, **(headers or {})}, content=body)


def _asked(shown: str, method: str, url: str, headers: Mapping[str, str], **more: Any) -> httpx.Response:
    """An answer that is a yes. Raises TargetUnavailable for any other."""
    try:
        with client(url, LIMIT_S) as http:
            answer = http.request(method, url, headers=dict(headers), **more)
    except httpx.TimeoutException:
        raise _refusal(shown, f"it did not answer within {LIMIT_S:g} s") from None
    except httpx.HTTPError as error:
        raise _refusal(shown, f"it cannot be reached ({type(error).__name__})") from None
    if not answer.is_success:
        raise _refusal(shown, f"it answered {answer.status_code}: {' '.join(answer.text.split())[:_MOST_SAID]}")
    return answer


def _refusal(shown: str, why: str) -> PopulaceError:
    return TargetUnavailable(f"the storage does not take files: {why}", where=shown,
                             todo="see whether the bucket is there, and whether the key may write to it")  # fmt: skip


def _place(text: str, rest: str, where: str) -> tuple[str, str]:
    found = _PLACE.fullmatch(rest)
    if found is None or ".." in rest:
        raise BadInput(
            "this is no place for files: a bucket and a folder in it are needed, and what is in the folder is replaced",
            where=where,
            given=text,
            allowed=ALLOWED,
        )
    return found[1], found[2]


def _supabase(bucket: str, folder: str, chosen: Settings) -> Supabase:
    if not chosen.supabase_url:
        raise _missing("SUPABASE_URL", "the root of the project's API")
    if not chosen.service_role_key:
        raise _missing("SUPABASE_SERVICE_ROLE_KEY", "the project's service role key")
    url = checked(chosen.supabase_url, chosen.source("supabase_url"), secret=True, bare=True)
    key = checked_key(chosen.service_role_key, chosen.source("service_role_key"), "a key of a Supabase project")
    return Supabase(url, bucket, folder, key)


def _s3(bucket: str, folder: str, chosen: Settings) -> S3:
    given = chosen.environment
    for variable, what in (("AWS_ACCESS_KEY_ID", "the id of a key"), ("AWS_SECRET_ACCESS_KEY", "its secret")):
        if not given.get(variable):
            raise _missing(variable, what)
    region = given.get("AWS_REGION") or given.get("AWS_DEFAULT_REGION") or "us-east-1"
    name = "AWS_ENDPOINT_URL_S3" if given.get("AWS_ENDPOINT_URL_S3") else "AWS_ENDPOINT_URL"
    url = checked(given.get(name) or f"https://s3.{region}.amazonaws.com", name, secret=True, bare=True)
    key = sigv4.Key(
        checked_key(given["AWS_ACCESS_KEY_ID"], "AWS_ACCESS_KEY_ID", "the id of a key"),
        given["AWS_SECRET_ACCESS_KEY"],
        given.get("AWS_SESSION_TOKEN"),
        region,
    )
    return S3(url, bucket, folder, key)


def _missing(variable: str, what: str) -> BadInput:
    return BadInput(f"this storage needs {what}", where=variable, todo=f"set {variable}")
