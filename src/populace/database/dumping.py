"""PostgreSQL's own pg_dump and pg_restore: which ones fit a server, and how they are called.

pg_dump connects by itself: it gets the password in its environment, and of libpq's variables nothing else. pg_restore
never connects: it only turns an archive into statements, which a session of ours runs.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from psycopg.conninfo import make_conninfo

from populace import clock
from populace.database import binaries, libpq
from populace.database.connection import Connection
from populace.errors import BadInput, PopulaceError, TargetUnavailable

_POLL_S, _SAY_S = 0.02, 0.2
_ERROR_BYTES = 1 << 16
_NO_ROOM = re.compile(r"No space left on device|File too large|Disk quota exceeded", re.IGNORECASE)
_WHERE_TO = (
    "host", "hostaddr", "port", "user", "dbname", "options", "sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl",
    "channel_binding", "gssencmode", "target_session_attrs", "connect_timeout", "keepalives", "keepalives_idle",
    "keepalives_interval", "keepalives_count",
)  # fmt: skip
"""What of a session's parameters says which server it is on and how it is reached; none of them is a secret."""


@dataclass(frozen=True, slots=True)
class Programs:
    """A folder with pg_dump and pg_restore. version: of pg_dump, such as `18.6`; major: 18."""

    folder: Path
    version: str
    major: int

    def program(self, name: str) -> str:
        """The full path of one program."""
        return str(self.folder / name)


def for_server(conn: Connection, pg_bin: Path | None, *, own: bool) -> Programs:
    """The programs that can dump the server of a session: of those that are not older the nearest in version.

    own: the server is one of ours, whose programs are in `pg_bin` or in the wheel. Raises TargetUnavailable when all
    are older, or there are none.
    """
    major, server = conn.info.server_version // 10_000, _server_version(conn)
    return _nearest(major, pg_bin, "pg_dump", f"the server: pg_dump {{}}, server {server}", own=own)


def for_archive(major: int, pg_bin: Path | None, *, own: bool) -> Programs:
    """The programs that can read what a pg_dump of this major version wrote. Raises as `for_server` does."""
    older = f"the pg_dump that wrote the file: pg_restore {{}}, pg_dump {major}"
    return _nearest(major, pg_bin, "pg_restore", older, own=own)


def _nearest(major: int, pg_bin: Path | None, program: str, older: str, *, own: bool) -> Programs:
    """older: than what all are, with a place for the version of the newest."""
    found = _found(pg_bin, own=own)
    fitting = [one for one in found if one.major >= major]
    if fitting:
        return min(fitting, key=lambda one: one.major)
    if not found:
        raise _none(pg_bin)
    newest = max(found, key=lambda one: one.major)
    raise TargetUnavailable(
        f"{program} is older than {older.format(newest.version)}",
        where=newest.program(program),
        todo=f"set POPULACE_PG_BIN to the bin folder of a PostgreSQL {major} or newer",
    )


def dump(
    conn: Connection,
    programs: Programs,
    schemas: Sequence[str],
    file: Path,
    *,
    own: bool,
    hear: Callable[[int], None],
    rows: bool = True,
) -> None:
    """Write these schemas, as the session's own snapshot sees them, to a file that is there.

    own: the server is one of ours. rows: with those of the tables. hear: hears how many bytes are written. The session
    is in a transaction that repeats its reads. Raises TargetUnavailable when pg_dump does not come to its end.
    """
    row = conn.execute("SELECT pg_catalog.pg_export_snapshot()").fetchone()
    assert row is not None
    command = [
        programs.program("pg_dump"), "--format=custom", "--no-password", f"--snapshot={row[0]}", f"--file={file}",
        *(() if rows else ("--schema-only",)), *(f"--schema={_quoted(schema)}" for schema in schemas), _address(conn),
    ]  # fmt: skip
    password = conn.info.password
    environment = (libpq.without if own else libpq.none_of)(os.environ)
    if password:
        environment["PGPASSWORD"] = password
    with _running(command, environment) as (process, said):
        said_s = clock.monotonic()
        while process.poll() is None:
            clock.sleep(_POLL_S)
            if clock.monotonic() - said_s >= _SAY_S:
                said_s = clock.monotonic()
                with suppress(OSError):
                    hear(file.stat().st_size)
        if process.returncode:
            text = _read(said)
            raise _dump_failed(text.replace(password, "***") if password else text, process.returncode)


def listed(programs: Programs, file: Path) -> list[str]:
    """What an archive holds, a line each as pg_restore lists it. Raises BadInput for what it cannot read."""
    command = [programs.program("pg_restore"), "--list", str(file)]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, check=False, env=libpq.none_of(os.environ)
        )
    except OSError as error:
        raise _not_run(command[0], error) from None
    if done.returncode:
        raise unreadable(file, _said(done.stderr.decode("utf-8", errors="replace")))
    lines = done.stdout.decode("utf-8", errors="replace").splitlines()
    return [line for line in lines if line and not line.startswith(";")]


@contextmanager
def statements(programs: Programs, file: Path, section: str, wanted: Sequence[str]) -> Iterator[IO[bytes]]:
    """A section of an archive (`pre-data`, `data` or `post-data`) as SQL. wanted: lines of `listed`, of which it gives
    what belongs to the section. Raises BadInput when pg_restore cannot read it to the end.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".list", encoding="utf-8") as names:
        names.write("".join(f"{line}\n" for line in wanted))
        names.flush()
        command = [
            programs.program("pg_restore"), f"--section={section}", f"--use-list={names.name}", "--file=-", str(file)
        ]  # fmt: skip
        with _running(command, libpq.none_of(os.environ), stdout=subprocess.PIPE) as (process, said):
            assert process.stdout is not None
            yield process.stdout
            process.stdout.read()
            if process.wait():
                raise unreadable(file, _said(_read(said)))


def is_full(error: OSError) -> bool:
    """Whether there was no room for what was written."""
    return error.errno in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)


def unreadable(file: Path, why: str) -> BadInput:
    """The error for a file that is no archive, or not a whole one."""
    return BadInput(f"this backup is not whole: {why}", where="restore.file", given=str(file),
                    todo="name another backup")  # fmt: skip


@contextmanager
def _running(
    command: Sequence[str], environment: dict[str, str], stdout: int = subprocess.DEVNULL
) -> Iterator[tuple[subprocess.Popen[bytes], IO[bytes]]]:
    """A program while the block lasts, and what it says on standard error; it never outlives the block."""
    with tempfile.TemporaryFile() as said:
        try:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=stdout, stderr=said, env=environment, cwd="/"
            )
        except OSError as error:
            raise _not_run(command[0], error) from None
        with process:
            try:
                yield process, said
            finally:
                if process.poll() is None:
                    process.kill()


def _found(pg_bin: Path | None, *, own: bool) -> list[Programs]:
    """The folders with both programs: `pg_bin` alone where it is given; else those of the path and of the wheel, for a
    server of ours of the wheel only."""
    if pg_bin is not None:
        folders = [pg_bin.expanduser().resolve()]
    else:
        named = None if own else shutil.which("pg_dump")
        folders = [Path(named).parent] if named else []
        with suppress(PopulaceError):
            folders.append(binaries.wheel_folder())
    found = [(folder, _version(folder)) for folder in folders if (folder / "pg_restore").is_file()]
    return [Programs(folder, version, int(version.split(".")[0])) for folder, version in found if version]


def _version(folder: Path) -> str | None:
    """The version of a folder's pg_dump; None when it does not run."""
    try:
        done = subprocess.run(
            [str(folder / "pg_dump"), "--version"], stdin=subprocess.DEVNULL, capture_output=True, text=True,
            check=False, cwd="/",
        )  # fmt: skip
    except OSError:
        return None
    version = re.search(r"\(PostgreSQL\) (\d+[\d.]*)", done.stdout)
    return version[1].rstrip(".") if version and done.returncode == 0 else None


def _none(pg_bin: Path | None) -> TargetUnavailable:
    return TargetUnavailable(
        "there is no pg_dump with its pg_restore",
        where="POPULACE_PG_BIN" if pg_bin else "PATH",
        given=str(pg_bin) if pg_bin else None,
        todo="install PostgreSQL's client programs, or set POPULACE_PG_BIN to their folder",
    )


def _not_run(program: str, error: OSError) -> TargetUnavailable:
    return TargetUnavailable(f"the program cannot be run: {error.strerror}", where=program)


def _server_version(conn: Connection) -> str:
    number = conn.info.server_version
    return f"{number // 10_000}.{number % 10_000}"


def _address(conn: Connection) -> str:
    """Where a session is, for another program to go there; no password in it."""
    given = conn.info.get_parameters()
    return make_conninfo(**{name: given[name] for name in _WHERE_TO if name in given})


def _quoted(name: str) -> str:
    """A name as a pattern of pg_dump that means this name alone."""
    return '"' + name.replace('"', '""') + '"'


def _read(said: IO[bytes]) -> str:
    said.seek(0)
    return said.read(_ERROR_BYTES).decode("utf-8", errors="replace")


def _said(text: str) -> str:
    """The first thing that a program complained of."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if "error:" in line] or lines
    return re.sub(r"^pg_\w+: (error: )?", "", errors[0]) if errors else "it ended without a word"


def _dump_failed(text: str, code: int) -> TargetUnavailable:
    if _NO_ROOM.search(text) or code == -signal.SIGXFSZ:
        return TargetUnavailable("no space left for the backup", where="pg_dump", todo="free some space, or name "
                                 "another folder")  # fmt: skip
    why = f"it was ended by signal {-code}" if code < 0 else _said(text)
    return TargetUnavailable(f"the dump failed: {why}", where="pg_dump", todo="correct that, and try again")
