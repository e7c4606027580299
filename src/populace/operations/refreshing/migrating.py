"""The app's own command that makes its tables: run without a shell, without anybody to answer its questions, and for a
limited time."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import IO

from psycopg.conninfo import conninfo_to_dict

from populace.errors import BadInput, CheckFailed
from populace.settings import Settings

LIMIT_S = 600.0
_MOST_SAID = 600


def words(command: str, where: str, chosen: Settings) -> list[str]:
    """A command as its words, the program by its path. Raises BadInput for one that there is not."""
    try:
        split = shlex.split(command)
    except ValueError as error:
        raise BadInput(f"this command cannot be read: {error}", where=where, given=command) from None
    if not split:
        raise BadInput("this is no command", where=where, given=command)
    path = chosen.environment.get("PATH", os.defpath)
    found = shutil.which(str(_folder(chosen) / split[0]) if "/" in split[0] else split[0], path=path)
    if found is None:
        raise BadInput("there is no such program", where=where, given=split[0],
                       todo="install it, or write its whole path")  # fmt: skip
    return [found, *split[1:]]


def run(command: list[str], url: str, chosen: Settings, limit_s: float) -> None:
    """Run a command to its end, in the folder of the settings. It finds the target in DATABASE_URL, and gets end of
    file for an answer.

    Raises CheckFailed when it fails or takes longer, with the end of what it said.
    """
    shown = Path(command[0]).name
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            cwd=_folder(chosen),
            env={name: value for name, value in chosen.environment.items() if not name.startswith("POPULACE_")}
            | {"DATABASE_URL": url},
            start_new_session=True,  # without a terminal to ask at, and to be ended with all that it has begun
        )
        try:
            code = process.wait(limit_s)
        except subprocess.TimeoutExpired:
            raise CheckFailed(
                f"it took longer than {limit_s:g} s and was ended{_end(said, url)}", where=shown
            ) from None
        finally:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if code:
            how = f"exit code {code}" if code > 0 else f"signal {-code}"
            raise CheckFailed(f"it failed with {how}{_end(said, url)}", where=shown)


def _folder(chosen: Settings) -> Path:
    return chosen.folder or Path()


def _end(said: IO[bytes], url: str) -> str:
    """The last of what a command said, without the password."""
    said.seek(max(0, said.seek(0, os.SEEK_END) - _MOST_SAID))
    text = " ".join(said.read().decode("utf-8", errors="replace").split())
    secret = str(conninfo_to_dict(url).get("password") or "")
    text = text.replace(secret, "***") if secret else text
    return f"; it said: {text}" if text else ""
