"""Where files of a population are: in a folder, or under a prefix of a bucket of object storage (S3).

What is under a name is whole, or not there: files take their name when they are complete, and objects appear when
their upload has ended. Credentials, the region and the endpoint of a bucket come from the environment, as every client
of S3 reads them, and are never shown.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, Any, Protocol

from populace.errors import BadInput, Remedy, TargetUnavailable

ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
KEY, SECRET = "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"
ELSEWHERE = ("AWS_PROFILE", "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE",
             "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI")  # fmt: skip
"""Variables that say where the client finds credentials instead."""
CHECKSUMS = "AWS_REQUEST_CHECKSUM_CALCULATION"

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PREFIX = re.compile(r"[\w.=+@ -]+(/[\w.=+@ -]+)*")
_PART_BYTES = 8 << 20
_CONNECT_S, _REQUEST_S, _TRIES = 5, 60, 4


class Store(Protocol):
    """What files are read from. Paths are relative, with slashes."""

    @property
    def shown(self) -> str:
        """The target as it is named."""

    def names(self) -> Iterator[str]:
        """The paths of all files."""

    def size(self, path: str) -> int | None:
        """The bytes of a file; None where it is not there."""

    def open(self, path: str) -> IO[bytes]:
        """A file to read. Raises OSError."""


@dataclass(frozen=True, slots=True)
class Folder:
    """Files of a folder."""

    path: Path

    @property
    def shown(self) -> str:
        return f"parquet:{self.path}"

    def names(self) -> Iterator[str]:
        """Of files, and of whatever else is in the way of a reader."""
        for entry in self.path.iterdir():
            inside = [one.name for one in entry.iterdir()] if entry.is_dir() and not entry.is_symlink() else []
            yield from (f"{entry.name}/{name}" for name in inside)
            if not inside:
                yield entry.name

    def size(self, path: str) -> int | None:
        file = self.path / path
        return file.stat().st_size if file.is_file() else None

    def open(self, path: str) -> IO[bytes]:
        # Arrow's own: what it reads of one never becomes an object of Python's.
        import pyarrow as pa

        opened: IO[bytes] = pa.OSFile(str(self.path / path), "rb")
        return opened


@dataclass(frozen=True)
class Bucket:
    """Objects under a prefix. place: `BUCKET/PREFIX`."""

    place: str

    @classmethod
    def parse(cls, rest: str, where: str) -> Bucket:
        """The bucket that `s3://…` names. Raises BadInput."""
        bucket, _, prefix = rest.removeprefix("s3://").strip("/").partition("/")
        fits = _BUCKET.fullmatch(bucket) and _PREFIX.fullmatch(prefix or "x")
        if not fits or {".", ".."} & set(prefix.split("/")):
            raise BadInput(
                "this is not a bucket with a prefix",
                where=where,
                # What is before an @ may be a key.
                given=None if "@" in bucket or "?" in rest else f"parquet:{rest}",
                allowed="parquet:s3://BUCKET/PREFIX",
                todo=f"credentials and endpoint come from the environment: {KEY}, {SECRET}, {ENDPOINTS[-1]}",
            )
        return cls(f"{bucket}/{prefix}".rstrip("/"))

    @property
    def shown(self) -> str:
        """The target as it is named."""
        return f"parquet:s3://{self.place}"

    @cached_property
    def _files(self) -> Any:
        """The client. Raises BadInput where the environment has no credentials."""
        if not (os.environ.get(KEY) and os.environ.get(SECRET)) and not any(os.environ.get(n) for n in ELSEWHERE):
            raise BadInput(
                "there are no credentials for this bucket",
                where="target",
                given=self.shown,
                todo=f"set {KEY} and {SECRET} in the environment, or {ELSEWHERE[0]}",
            )
        # An option asks for it: others need not wait for it to load.
        from pyarrow import fs

        endpoint = next((found for name in ENDPOINTS if (found := os.environ.get(name))), None)
        region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
        return fs.S3FileSystem(
            **({"endpoint_override": endpoint} if endpoint else {}),
            **({"region": region} if region else {}),
            connect_timeout=_CONNECT_S,
            request_timeout=_REQUEST_S,
            retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=_TRIES),
        )

    def __reduce__(self) -> tuple[type[Bucket], tuple[str]]:
        """A worker makes a client of its own, with what its own environment says."""
        return Bucket, (self.place,)

    def require(self) -> None:
        """Raise TargetUnavailable where there is no such bucket, or no answer. None is ever made."""
        from pyarrow.fs import FileType

        bucket = self.place.partition("/")[0]
        with self.reachable():
            found = self._files.get_file_info(bucket).type
        if found == FileType.NotFound:
            raise TargetUnavailable(
                "there is no such bucket", where=self.shown, given=bucket, todo="make it, or correct its name"
            )

    def names(self) -> Iterator[str]:
        """The paths of all objects under the prefix."""
        from pyarrow.fs import FileSelector, FileType

        every = self._files.get_file_info(FileSelector(self.place, allow_not_found=True, recursive=True))
        start = len(self.place) + 1
        yield from (one.path[start:] for one in every if one.type == FileType.File)

    def size(self, path: str) -> int | None:
        """The bytes of an object; None where it is not there."""
        from pyarrow.fs import FileType

        found = self._files.get_file_info(f"{self.place}/{path}")
        return found.size if found.type == FileType.File else None

    def open(self, path: str) -> IO[bytes]:
        """An object to read. Raises OSError."""
        opened: IO[bytes] = self._files.open_input_file(f"{self.place}/{path}")
        return opened

    def read(self, path: str, most_bytes: int) -> bytes | None:
        """What an object holds; None where it is not there. Raises OSError, also for one that is too long."""
        size = self.size(path)
        if size is None:
            return None
        if size > most_bytes:
            raise OSError(f"{path} is longer than {most_bytes:,} bytes")
        with self.open(path) as held:
            return held.read()

    def put(self, path: str, held: bytes) -> None:
        """Replace an object by these bytes, whole or not at all. Raises OSError."""
        with self._files.open_output_stream(f"{self.place}/{path}") as out:
            out.write(held)
        self._require_size(path, len(held))

    def upload(self, file: Path, path: str) -> None:
        """Replace an object by a file, in parts; it appears when all parts are there. Raises OSError."""
        with file.open("rb") as held, self._files.open_output_stream(f"{self.place}/{path}") as out:
            while part := held.read(_PART_BYTES):
                out.write(part)
        self._require_size(path, file.stat().st_size)

    def _require_size(self, path: str, size: int) -> None:
        """Some servers store the checksum that newer clients append to a body as if it were content."""
        if (found := self.size(path)) != size:
            raise OSError(
                f"{path} has {found} bytes after an upload of {size}: where the server does not know checksums behind"
                f" a body, set {CHECKSUMS}=when_required"
            )

    @contextmanager
    def reachable(self) -> Iterator[None]:
        """What the storage refuses as our error."""
        try:
            yield
        except OSError as error:
            raise TargetUnavailable(
                f"the bucket cannot be used: {_said(error)}",
                where=self.shown,
                todo=Remedy(text="check its name, the rights of the key and the endpoint, then run {} again"),
            ) from error


def _said(error: OSError) -> str:
    """An error of the client's in one line, without anything that the environment keeps secret."""
    text = " ".join(str(error).split())
    for name in (KEY, SECRET, "AWS_SESSION_TOKEN"):
        if (hidden := os.environ.get(name)) and len(hidden) > 3:
            text = text.replace(hidden, "…")
    return re.sub(r" \(Request ID: [^)]*\)", "", text)[:300]
