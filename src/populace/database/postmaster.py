"""The server process of a data folder, as its `postmaster.pid` says, and whether that is true.

After a crash or a reboot the file stays behind and its process id may belong to something else by now, even to another
PostgreSQL; so a process counts as ours only when it works in this very folder.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True)
class Postmaster:
    """What the file says. port: 0 as long as the server has not got that far. ready: accepts connections."""

    pid: int
    port: int
    ready: bool


def read(data: Path) -> Postmaster | None:
    """The content of `postmaster.pid`; None when there is none, or none that can be read as one."""
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()
        # A standalone backend writes its id negated; nobody can connect to that one.
        pid = abs(int(lines[0]))
        port = int(lines[3]) if len(lines) > 3 else 0
    except (FileNotFoundError, NotADirectoryError, ValueError, IndexError):
        return None
    return Postmaster(pid, port, len(lines) > 7 and lines[7].strip() == "ready")


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that has ended and waits to be collected does not."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return True
    return state not in {"Z", "X"}


def identify(pid: int, data: Path, cluster: str) -> Literal["ours", "other", "unknown"]:
    """Whether the living process `pid` is the server of the folder `data`, started as `cluster`.

    `unknown`: a PostgreSQL not started by Populace whose folder we are not allowed to see.
    """
    try:
        return "ours" if os.path.samefile(f"/proc/{pid}/cwd", data) and _is_postgres(_command(pid)) else "other"
    except OSError:
        # Root in a container may lack the right to see where another user's process works; its command is public.
        command = _command(pid)
        if f"cluster_name={cluster}" in command:
            return "ours"
        return "unknown" if _is_postgres(command) and "cluster_name=populace-" not in command else "other"


def _is_postgres(command: str) -> bool:
    return "postgres" in command or "postmaster" in command


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        pass
    try:
        # Systems without /proc.
        return subprocess.run(
            ["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
        ).stdout
    except OSError:
        return ""
