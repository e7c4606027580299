"""A data folder and the two programs run on it: initdb once, postgres at every start.

Everything a start needs is an argument of the command, so a newer Populace changes settings without editing files in
the folder. The account that runs the programs may not be able to reach the folder by its path (root's home is closed to
`nobody`): it is then passed on as an open descriptor, and no folder of the user changes its permissions.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from populace.database import access
from populace.database.account import Account, require_entry
from populace.database.binaries import Binaries
from populace.database.port import LOOPBACK
from populace.errors import BadInput, TargetUnavailable

SUPERUSER = "postgres"

# A development database that must survive a killed client or server. fsync and full_page_writes stay on: a folder
# that a power cut has made unreadable costs more than they do (bulk loading waits for neither). With
# synchronous_commit off a killed server may forget the last 0.6 s of commits, always a consistent tail, which the
# ledger then writes again. wal_level minimal lets an index be built without logging it; nothing replicates from here.
# A vacuum each minute would come into a seed, which waits a second for a table to be let go before it builds an index.
SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "maintenance_work_mem": "512MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "wal_buffers": "16MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "30min",
    "log_checkpoints": "off",
    "synchronous_commit": "off",
    "fsync": "on",
    "full_page_writes": "on",
    "jit": "off",
    "autovacuum": "on",
    "autovacuum_naptime": "5min",
    "TimeZone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
}
_SHARED_MEMORY = Path("/dev/shm")
_SHARED_MEMORY_BYTES = 1 << 30
RULES_FILE = "pg_hba.conf"
PORT_FILE, LOCK_FILE, START_LOCK_FILE, LOG_FILE = "server.port", "server.lock", "start.lock", "server.log"
_DRAFT = "data.init-"
_DRAFTS = (_DRAFT, f"{access.FILE}.", f"{PORT_FILE}.")
_MARKS = (PORT_FILE, LOCK_FILE, access.FILE)
"""Beside the data: each of them says that Populace made it."""

# A new volume of a disk comes with lost+found.
_BESIDES = (*_MARKS, START_LOCK_FILE, LOG_FILE, "data", "lost+found")


def name_of(directory: Path) -> str:
    """The name a server carries in its command line, so that it is recognised from outside."""
    return f"populace-{hashlib.sha256(str(directory).encode()).hexdigest()[:16]}"


def is_made(directory: Path) -> bool:
    """Whether the folder holds a database of ours. Nothing is changed.

    Raises BadInput when it holds something else, TargetUnavailable when it cannot be looked into.
    """
    try:
        if not directory.is_dir():
            return False
        if (directory / "data" / "PG_VERSION").is_file():
            if any((directory / mark).is_file() for mark in _MARKS):
                return True
            raise BadInput(
                "this folder holds a database that Populace did not make",
                where=str(directory),
                todo="name another folder; to fill that database start its server and name it by its URL, postgresql://…",
            )
        held = [entry.name for entry in directory.iterdir()]
        held += [f"data/{entry.name}" for entry in directory.glob("data/*")]
    except PermissionError as error:
        raise TargetUnavailable(
            "this folder belongs to another user",
            where=str(directory),
            todo="run as that user, or name another folder with embedded:DIR",
        ) from error
    others = [name for name in sorted(held) if name not in _BESIDES and not name.startswith((*_DRAFTS, LOG_FILE))]
    if others:
        raise BadInput(
            "this folder holds something other than a database",
            where=str(directory),
            given=", ".join(others[:3]) + (", …" if others[3:] else ""),
            todo="name another one, which is empty or not there yet",
        )
    return False


def initialise(data: Path, binaries: Binaries, account: Account, verifier: str) -> bool:
    """Make the data folder, unless it is there: whether it was made now. It appears complete or not at all: an
    interrupted attempt leaves only a draft beside it, which the next one deletes.

    verifier: of the superuser's password. Raises TargetUnavailable when the folder belongs to another major version of
    PostgreSQL or cannot be made.
    """
    if (data / "PG_VERSION").is_file():
        made_by = (data / "PG_VERSION").read_text(encoding="ascii").strip()
        if made_by != str(binaries.major):
            raise TargetUnavailable(
                f"the data was written by PostgreSQL {made_by}, and these programs are {binaries.version}",
                where=str(data),
                given=str(binaries.folder),
                todo=f"set POPULACE_PG_BIN to the bin folder of a PostgreSQL {made_by}, or name another folder",
            )
        return False
    for prefix in _DRAFTS:
        for draft in data.parent.glob(f"{prefix}*"):
            shutil.rmtree(draft, ignore_errors=True)
    draft = Path(tempfile.mkdtemp(prefix=_DRAFT, dir=data.parent))
    try:
        account.own(draft)
        _initdb(draft, binaries, account, verifier)
        draft.rename(data)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return True


def set_verifier(data: Path, binaries: Binaries, account: Account, verifier: str) -> None:
    """Give the superuser another password, while no server runs on the data. Raises TargetUnavailable."""
    done = _run(
        [binaries.program("postgres"), "--single", *_options(SETTINGS), "-c", "log_min_error_statement=panic"],
        data,
        account,
        last=["postgres"],
        said=f"ALTER ROLE {SUPERUSER} LOGIN PASSWORD '{verifier}' VALID UNTIL 'infinity';\n",
    )
    if done.returncode != 0 or "ERROR:" in done.stdout:
        raise failure("the server's password could not be set", data.parent, done.stdout)


def write_rules(data: Path, account: Account) -> None:
    """Have the next start ask everybody for a password, whatever stood in `pg_hba.conf`."""
    file = data / RULES_FILE
    if file.is_file() and file.read_text(encoding="utf-8", errors="replace") == access.RULES:
        return
    descriptor, draft = tempfile.mkstemp(prefix=RULES_FILE, dir=data)
    with os.fdopen(descriptor, "w", encoding="ascii") as out:
        out.write(access.RULES)
    account.own(Path(draft))
    os.replace(draft, file)


def _initdb(draft: Path, binaries: Binaries, account: Account, verifier: str) -> None:
    require_entry(account)
    common = ["--no-sync", "--no-instructions", "-A", "scram-sha-256", "-U", SUPERUSER, "-E", "UTF8"]
    # From 17 on PostgreSQL has its own C.UTF-8; before, it is the system's, which some systems lack.
    locales = (
        [["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]]
        if binaries.major >= 17
        else [["--locale=C.UTF-8"], ["--locale=C"]]
    )
    said = ""
    for locale in locales:
        # A file without a name, which the account can open by its descriptor.
        with tempfile.TemporaryFile("w+", dir=draft.parent) as secret:
            secret.write(f"{verifier}\n")
            secret.flush()
            if account.drop:
                os.fchown(secret.fileno(), account.uid, account.gid)
            made = _run(
                [binaries.program("initdb"), f"--pwfile=/dev/fd/{secret.fileno()}", *common, *locale],
                draft,
                account,
                inherited=[secret.fileno()],
            )
        if made.returncode == 0:
            return
        said = made.stdout
        if "invalid locale" not in said:
            break
    raise failure("the database could not be made", draft.parent, said)


def _run(
    command: Sequence[str],
    data: Path,
    account: Account,
    *,
    last: Sequence[str] = (),
    said: str = "",
    inherited: Sequence[int] = (),
) -> subprocess.CompletedProcess[str]:
    """Run a program on a data folder to its end; its stdout holds all that it printed."""
    with _reachable(data, account) as (path, descriptors):
        return subprocess.run(
            [*command, "-D", path, *last],
            env=_environment(),
            cwd="/",
            input=said,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
            pass_fds=(*descriptors, *inherited),
            user=account.uid if account.drop else None,
            group=account.gid if account.drop else None,
            extra_groups=[] if account.drop else None,
        )


def launch(
    data: Path, port: int, cluster: str, binaries: Binaries, account: Account, log: IO[bytes], held: int
) -> subprocess.Popen[bytes]:
    """Start the server and return at once. It belongs to no terminal and to no parent, and writes to `log`.

    held: a descriptor that the server and all its processes keep open for as long as one of them lives.
    """
    settings = {**SETTINGS, "port": str(port), "cluster_name": cluster}
    if _SHARED_MEMORY.is_dir() and shutil.disk_usage(_SHARED_MEMORY).total < _SHARED_MEMORY_BYTES:
        # Containers give 64 MB, which a parallel index build fills.
        settings["dynamic_shared_memory_type"] = "mmap"
    with _reachable(data, account) as (path, descriptors):
        return subprocess.Popen(
            [
                binaries.program("postgres"), "-D", path,
                # Named here, so that no setting in the folder leads to other rules.
                *_options({**settings, "hba_file": f"{path}/{RULES_FILE}"}),
            ],
            env=_environment(),
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            pass_fds=(*descriptors, held),
            user=account.uid if account.drop else None,
            group=account.gid if account.drop else None,
            extra_groups=[] if account.drop else None,
        )  # fmt: skip


def _options(settings: dict[str, str]) -> list[str]:
    return [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]


def failure(what: str, directory: Path, said: str) -> TargetUnavailable:
    """The error for a program that failed; `said`: what it printed, of which the last lines are shown."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    full = [line for line in lines if "No space left on device" in line or "Disk quota exceeded" in line]
    if full:
        return TargetUnavailable(
            f"{what}: no space left on the disk ({full[-1]})",
            where=str(directory),
            todo="free some space, or name a folder on another disk with embedded:DIR",
        )
    tail = "\n".join(lines[-8:])
    return TargetUnavailable(
        f"{what}; PostgreSQL said:\n{tail or '(nothing)'}",
        where=str(directory),
        todo="correct what it names, set POPULACE_PG_BIN to another PostgreSQL, or name a server of your own as "
        "the target, postgresql://…",
    )


@contextmanager
def _reachable(folder: Path, account: Account) -> Iterator[tuple[str, Sequence[int]]]:
    """A path under which a program run by `account` finds `folder`, and the descriptors it must inherit for that."""
    if not account.drop:
        yield str(folder), ()
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        path = f"/proc/self/fd/{descriptor}"
        if not os.path.exists(path):
            raise TargetUnavailable(
                "root can run the embedded server only on a system with /proc",
                where=str(folder),
                todo="run Populace as an ordinary user, or name a server of your own as the target, postgresql://…",
            )
        yield path, (descriptor,)
    finally:
        os.close(descriptor)


def _environment() -> dict[str, str]:
    """The environment of the programs: no PG* variable of ours, and English messages, because they are read here."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "TMPDIR") if name in os.environ}
    return {"PATH": "/usr/bin:/bin", **kept, "LC_ALL": "C"}
