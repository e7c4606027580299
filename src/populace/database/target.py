"""Where rows are written: a target, as the user writes it.

A target is text such as `embedded:`, `embedded:DIR`, `postgresql://…` or `parquet:DIR`. Parsing does no I/O; it stands
apart because the text may hold a password, and this is the only place that decides what of it may be shown.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import quote, urlencode

from populace import trust
from populace.errors import BadInput
from populace.stores import Bucket

ALLOWED = (
    "embedded:, embedded:DIR, postgresql://USER:PASSWORD@HOST:PORT/DATABASE, parquet:DIR, parquet:s3://BUCKET/PREFIX"
)

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_SECRETS = frozenset({"password", "sslpassword", "oauth_client_secret", "scram_client_key", "scram_server_key"})

Kind = Literal["embedded", "postgresql", "parquet"]


@dataclass(frozen=True)
class Target:
    """A parsed target.

    directory: the absolute folder of an `embedded` or `parquet` target, else None. url: the full URL, password
    included, of a `postgresql` target, else None; it is left out of repr. bucket: of a `parquet` target that is no
    folder, else None.
    """

    kind: Kind
    directory: Path | None = None
    url: str | None = field(default=None, repr=False)
    bucket: Bucket | None = None

    @classmethod
    def parse(cls, text: str, world: str, base: Path | None = None, where: str = "target") -> Target:
        """The target that `text` names; `world` picks the folder of a bare `embedded:`. base: what a relative folder
        starts from, else the process's own. where: what the text came from, for errors.

        Raises BadInput for an unknown scheme, a missing folder or a URL that cannot be read; no part of the error
        repeats a password.
        """
        scheme = _SCHEME.match(text)
        rest = text[scheme.end() :] if scheme else ""
        match scheme.group(1).lower() if scheme else None:
            case "embedded":
                return cls("embedded", _folder(text, rest, base, where) if rest else user_data_folder(world))
            case "parquet" if rest.startswith("s3:"):
                return cls("parquet", bucket=Bucket.parse(rest, where))
            case "parquet":
                return cls("parquet", _folder(text, rest, base, where))
            case "postgresql" | "postgres":
                return cls("postgresql", url=_checked(text, where))
            case _:
                # The form of the text is unknown, so only its scheme is shown: the rest may be a password.
                given = scheme.group(0) + "…" if scheme else (None if re.search(r"@|pass|=", text) else text)
                raise BadInput("this is not a target", where=where, given=given, allowed=ALLOWED, todo=_spelt(text))

    @staticmethod
    def is_bare(text: str) -> bool:
        """Whether a text names an embedded server without its folder: that of some world."""
        return text.lower() == "embedded:"

    def redacted(self) -> str:
        """The target as it may be printed and typed again: no password in it."""
        if self.bucket is not None:
            return self.bucket.shown
        return redact(self.url) if self.url is not None else f"{self.kind}:{self.directory}"

    def __str__(self) -> str:
        return self.redacted()

    def __repr__(self) -> str:
        return f"Target({self.redacted()!r})"


def user_data_folder(world: str) -> Path:
    """The folder of the embedded server that belongs to `world` when the user names none."""
    return trust.data_folder() / world


def has_password(target: str | None) -> bool:
    """Whether a target, as it is written, is a URL with a password in it."""
    return bool(target) and "password" in (_read(str(target)) or {})


def redact(url: str) -> str:
    """A PostgreSQL URL without its password; a URL that cannot be read is reduced to its scheme."""
    read = _read(url)
    if read is None:
        return "postgresql://…"
    parts = {name: str(value) for name, value in read.items() if name not in _SECRETS}
    user, database = parts.pop("user", ""), parts.pop("dbname", "")
    host, port = parts.pop("host", ""), parts.pop("port", "")
    if host.startswith("/"):
        parts, host = {"host": host, **parts}, ""
    hosts = [f"[{name}]" if ":" in name else name for name in host.split(",")]
    ports = port.split(",") if port else []
    if len(ports) == 1:
        ports *= len(hosts)
    at = ",".join(f"{name}:{ports[i]}" if i < len(ports) and ports[i] else name for i, name in enumerate(hosts))
    query = f"?{urlencode(parts, quote_via=quote)}" if parts else ""
    return f"postgresql://{quote(user) + '@' if user else ''}{at}/{quote(database)}{query}"


def _read(url: str) -> Mapping[str, object] | None:
    """What libpq reads from a URL; None where it cannot."""
    # Imported where there is a URL: a command that asks no server need not wait for the driver.
    import psycopg
    from psycopg.conninfo import conninfo_to_dict

    try:
        return conninfo_to_dict(url)
    except psycopg.Error:
        return None


def _spelt(text: str) -> str | None:
    """What to write for a URL in the spelling of a library, or of another database, and for a folder or an address."""
    if driver := re.match(r"(postgres(?:ql)?)\+\w+://", text, re.IGNORECASE):
        return f"write postgresql:// for {driver.group(0)}"
    if re.match(r"\w+://", text):
        return "name a PostgreSQL database; Populace fills no other"
    if re.fullmatch(r"[\w.-]+:\d+", text):
        return "write postgresql://USER:PASSWORD@HOST:PORT/DATABASE for a server"
    if re.fullmatch(r"[\w./~-]+", text) and _can_be(text):
        return f"write embedded:{text} for a database in this folder, or parquet:{text} for files in it"
    return None


def _can_be(path: str) -> bool:
    """Whether a system has names like those of a path."""
    try:
        parts = [os.fsencode(part) for part in path.split("/")]
    except UnicodeEncodeError:
        return False
    return "\0" not in path and len(path) < 4_000 and all(len(part) <= 255 for part in parts)


def _folder(text: str, rest: str, base: Path | None, where: str) -> Path:
    if not rest:
        raise BadInput("this target needs a folder", where=where, given=text, allowed=ALLOWED)
    if not _can_be(rest):
        raise BadInput("no folder can have this name", where=where, given=text)
    if rest.startswith("//"):
        raise BadInput(
            "write a folder without slashes before it",
            where=where,
            given=text,
            todo=f"write {text.partition(':')[0]}:/{rest.lstrip('/')}",
        )
    try:
        folder = Path(rest).expanduser()
    except RuntimeError:
        raise BadInput("nobody's home folder is known by this name", where=where, given=text,
                       todo="write the whole path") from None  # fmt: skip
    return (base / folder if base else folder).absolute()


def _checked(url: str, where: str) -> str:
    """The URL, when libpq reads from it what its author meant; without parameters that are none of libpq's."""
    from populace.database import parameters

    url = parameters.usable(url, where)
    read = _read(url)
    # Of an empty one (`postgresql://`) libpq reads nothing, which is no mistake: everything is its default.
    parts = {"host": "@"} if read is None else read
    ports = str(parts.get("port", ""))
    # An unquoted @, / or : in a password moves its tail into the host, the database or the port.
    if any("@" in str(parts.get(name, "")) for name in ("host", "dbname")) or not re.fullmatch(r"[\d,]*", ports):
        raise BadInput(
            "this URL cannot be read",
            where=where,
            given="postgresql://…",
            allowed="postgresql://USER:PASSWORD@HOST:PORT/DATABASE",
            todo="write the characters @ : / # ? % of a user name or password percent-encoded (@ is %40)",
        )
    return url
