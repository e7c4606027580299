"""A PostgreSQL server of our own in a folder, for users who have none: made, started, found again and stopped here.

The folder holds `data/`, `server.log`, `server.port` (kept, so that the URL stays the same), `server.password`, and two
locks: a process holds `start.lock` while it starts or stops the server, the server's own processes hold `server.lock`
as long as one of them runs. The server keeps running after the process that started it. It listens on 127.0.0.1 only,
and nobody connects without the password. Folder and files are closed to other users.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from populace import clock
from populace.database import access, binaries, cluster, port, postmaster, private
from populace.database.account import Account, account_for
from populace.database.libpq import OwnUrl
from populace.errors import Remedy, TargetUnavailable

# Recovery after a crash replays up to max_wal_size; the others wait for a process to end.
START_LIMIT_S = 600.0
ORPHANS_LIMIT_S = 30.0
FAST_STOP_LIMIT_S = 120.0
IMMEDIATE_STOP_LIMIT_S = 20.0
_POLL_S = 0.02
_LOG_BYTES = 16 << 20


@dataclass(frozen=True)
class ServerInfo:
    """A server that accepts connections. url: its maintenance database, password included. started: by this call."""

    url: str = field(repr=False)
    port: int
    pid: int
    started: bool
    data_directory: Path


class EmbeddedServer:
    """The server of one folder. Several objects, in several processes, may use the same folder.

    pg_bin: a folder with PostgreSQL's programs, in place of the wheel's.
    """

    def __init__(self, directory: Path, pg_bin: Path | None = None) -> None:
        self.directory = directory.expanduser().resolve()
        self.data = self.directory / "data"
        self.log = self.directory / cluster.LOG_FILE
        self._pg_bin = pg_bin
        self._port_file = self.directory / cluster.PORT_FILE
        self._cluster = cluster.name_of(self.directory)

    def is_made(self) -> bool:
        """Whether the folder holds a database of ours, running or not; nothing is changed.

        Raises BadInput when it holds something else, TargetUnavailable when it is closed to us.
        """
        return cluster.is_made(self.directory)

    def start(self) -> ServerInfo:
        """The running server; made first, and started, if need be.

        Raises TargetUnavailable with the last lines of the log and what to do, BadInput for unusable programs or a
        folder that holds something else.
        """
        self.is_made()
        with self._starting():
            running = self._wait_for_running()
            if running is not None:
                return running
            account = account_for(self.data)
            programs = binaries.find(self._pg_bin, account)
            try:
                # Before there is data: whoever finds it without one takes it for somebody else's.
                os.close(private.open_file(self.directory / cluster.LOCK_FILE, os.O_RDWR))
                password = access.new_password()
                if cluster.initialise(self.data, programs, account, access.verifier(password)):
                    access.keep(self.directory, password)
                return self._launch(programs, account)
            except OSError as error:
                raise cluster.failure("the server could not be started", self.directory, str(error)) from error

    def stop(self) -> bool:
        """Stop the server: a fast shutdown, and an immediate one if that takes over two minutes.

        False when none was running. Raises TargetUnavailable when it cannot be stopped.
        """
        if not self.is_made():
            return False
        with self._starting():
            found = self._process()
            if found is None:
                return False
            for how, limit_s in ((signal.SIGINT, FAST_STOP_LIMIT_S), (signal.SIGQUIT, IMMEDIATE_STOP_LIMIT_S)):
                try:
                    os.kill(found.pid, how)
                except ProcessLookupError:
                    return True
                except PermissionError:
                    raise TargetUnavailable(
                        "the server belongs to another user",
                        where=str(self.directory),
                        given=f"process {found.pid}",
                        todo="stop it as the user who started it, or as root",
                    ) from None
                if _until(lambda: not postmaster.is_alive(found.pid), limit_s):
                    return True
        raise TargetUnavailable(
            f"the server does not stop (process {found.pid})", where=str(self.directory), todo=f"see {self.log}"
        )

    def status(self) -> ServerInfo | None:
        """The server if it runs and answers now, else None; changes nothing and waits for nothing."""
        found = self._process()
        return (
            self._info(found.port, found.pid, started=False)
            if found and found.ready and port.answers(found.port)
            else None
        )

    def has_crashed(self) -> bool:
        """Whether the server has ended without being stopped: it has left its mark, and nobody runs."""
        found = postmaster.read(self.data)
        if found is None:
            return False
        # Its process id may belong to something else by now.
        return not postmaster.is_alive(found.pid) or postmaster.identify(found.pid, self.data, self._cluster) == "other"

    def url(self, database: str) -> str:
        """The URL of a database of the running server. Raises TargetUnavailable when it does not run."""
        found = self.status()
        if found is None:
            raise TargetUnavailable(
                "the embedded server is not running", where=str(self.directory), todo=Remedy("start_server")
            )
        return self._url(found.port, database)

    def _process(self) -> postmaster.Postmaster | None:
        """The living process of this folder, ready or not."""
        try:
            found = postmaster.read(self.data)
        except PermissionError as error:
            raise TargetUnavailable(
                "this folder belongs to another user",
                where=str(self.directory),
                todo="run as that user, or name another folder with embedded:DIR",
            ) from error
        if found is None or not postmaster.is_alive(found.pid):
            return None
        return found if postmaster.identify(found.pid, self.data, self._cluster) == "ours" else None

    def _wait_for_running(self) -> ServerInfo | None:
        """The server that runs already. One that is still recovering is waited for, one that is leaving let go."""
        deadline = clock.monotonic() + START_LIMIT_S
        while (found := self._process()) is not None:
            if found.ready and port.answers(found.port):
                return self._info(found.port, found.pid, started=False)
            if clock.monotonic() > deadline:
                raise self._failure(f"the server (process {found.pid}) runs and does not answer", 0)
            clock.sleep(_POLL_S)
        return None

    def _launch(self, programs: binaries.Binaries, account: Account) -> ServerInfo:
        with self._server_lock() as held:
            self._forget_stale_pid()
            self._close(programs, account)
            if self.log.exists() and self.log.stat().st_size > _LOG_BYTES:
                self.log.replace(self.log.with_suffix(".log.1"))
            for candidate in port.candidates(self.directory, self._kept_port()):
                with private.append(self.log) as log:
                    said_from = log.tell()
                    process = cluster.launch(self.data, candidate, self._cluster, programs, account, log, held)
                try:
                    if self._until_ready(process):
                        private.write(self._port_file, f"{candidate}\n")
                        return self._info(candidate, process.pid, started=True)
                finally:
                    _let_go(process)
                said = self._said(said_from)
                if "could not bind" not in said:
                    raise self._failure("the server did not start", said_from)
        raise AssertionError("candidates() ends with an error")

    def _close(self, programs: binaries.Binaries, account: Account) -> None:
        """Have the server ask for the password. One that has none, of an older version or because the file is lost,
        gets one; the file is written last, so that whatever interrupts this is made good by the next start."""
        if access.password_of(self.directory) is None:
            password = access.new_password()
            cluster.set_verifier(self.data, programs, account, access.verifier(password))
            access.keep(self.directory, password)
        cluster.write_rules(self.data, account)

    def _until_ready(self, process: subprocess.Popen[bytes]) -> bool:
        """Wait until the server accepts connections; False when it has ended instead."""
        deadline = clock.monotonic() + START_LIMIT_S
        while process.poll() is None:
            found = postmaster.read(self.data)
            if found and found.pid == process.pid and found.ready and port.answers(found.port):
                return True
            if clock.monotonic() > deadline:
                raise self._failure(f"the server (process {process.pid}) is still not ready", 0)
            clock.sleep(_POLL_S)
        return False

    def _forget_stale_pid(self) -> None:
        """Remove a `postmaster.pid` whose process id now belongs to something else; PostgreSQL would believe it.

        A file that names a dead process is handled by PostgreSQL itself, and so is one that is unclear.
        """
        found = postmaster.read(self.data)
        if found is None:
            return
        alive = postmaster.is_alive(found.pid)
        # A dead child that nobody collects still looks alive to PostgreSQL.
        if not alive or postmaster.identify(found.pid, self.data, self._cluster) == "other":
            (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _kept_port(self) -> int | None:
        try:
            kept = int(self._port_file.read_text(encoding="ascii"))
        except (FileNotFoundError, ValueError):
            return None
        return kept if 1024 <= kept <= 65535 else None

    def _info(self, port_number: int, pid: int, *, started: bool) -> ServerInfo:
        return ServerInfo(self._url(port_number, "postgres"), port_number, pid, started, self.data)

    def _url(self, port_number: int, database: str) -> str:
        password = access.password_of(self.directory)
        if password is None:
            raise TargetUnavailable(
                "this server runs without a password of ours: an older version of Populace started it, or the file was "
                "deleted",
                where=str(self.directory / access.FILE),
                todo=Remedy("stop_server", text="{}; at its next start it gets a new password"),
            )
        return OwnUrl(f"postgresql://{cluster.SUPERUSER}:{password}@{port.LOOPBACK}:{port_number}/{database}")

    @contextmanager
    def _starting(self) -> Iterator[None]:
        """Only one process at a time starts or stops the server of a folder; the others wait."""
        try:
            private.make_folder(self.directory)
            lock = private.open_file(self.directory / cluster.START_LOCK_FILE, os.O_RDWR)
        except OSError as error:
            raise TargetUnavailable(
                f"this folder cannot be written to ({error.strerror})",
                where=str(self.directory),
                todo="name another folder with embedded:DIR, or correct the permissions of this one",
            ) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    @contextmanager
    def _server_lock(self) -> Iterator[int]:
        """The descriptor that a new server holds. A killed server's children are waited for; while one of them lives,
        or a server in another container, a second server on the same data would destroy it."""
        lock = private.open_file(self.directory / cluster.LOCK_FILE, os.O_RDWR)

        def taken() -> bool:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
            return False

        try:
            if not _until(taken, ORPHANS_LIMIT_S):
                raise TargetUnavailable(
                    "the data is in use by processes that cannot be reached from here",
                    where=str(self.directory),
                    todo="stop the server where it runs (another container?), or end the processes a killed server "
                    "left behind",
                )
            yield lock
        finally:
            os.close(lock)

    def _said(self, offset: int) -> str:
        try:
            with self.log.open("rb") as log:
                log.seek(0, os.SEEK_END)
                log.seek(max(offset, log.tell() - 20_000))
                return log.read().decode(errors="replace")
        except FileNotFoundError:
            return ""

    def _failure(self, what: str, offset: int) -> TargetUnavailable:
        return cluster.failure(f"{what} (see {self.log})", self.directory, self._said(offset))


def _until(holds: Callable[[], bool], limit_s: float) -> bool:
    """Wait until `holds()`; False when that takes longer than the limit."""
    deadline = clock.monotonic() + limit_s
    while not holds():
        if clock.monotonic() > deadline:
            return False
        clock.sleep(_POLL_S)
    return True


def _let_go(process: subprocess.Popen[bytes]) -> None:
    """Have Python forget the child, which is meant to outlive it and would be warned about otherwise."""
    if process.poll() is None:
        process.returncode = 0
