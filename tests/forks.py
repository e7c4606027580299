"""Commands in processes of their own that do not load Python and its modules again: forked off one that has them all.

A process by itself, with its own memory, sessions and threads, as a command has; what it saves is half a second each.
Python's own fork server keeps the first process free of threads.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import pkgutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from multiprocessing import forkserver
from pathlib import Path
from unittest.mock import patch

import populace
from command import ENVIRONMENT, TESTS
from populace.cli.main import main

_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload([__name__])


class Fork:
    """A command that runs; what it says is kept in a file."""

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
        descriptor, self._said = tempfile.mkstemp(prefix="populace-said-")
        os.close(descriptor)
        # Python's fork server looks for modules where a new Python does.
        with patch.dict(os.environ, {"PYTHONPATH": ENVIRONMENT["PYTHONPATH"]}):
            forkserver.ensure_running()
        self.process = _SERVER.Process(target=_command, args=(list(arguments), dict(environment), self._said))
        self.process.start()

    @property
    def ended(self) -> int | None:
        """The exit code of a command that has ended; None while it runs."""
        return self.process.exitcode

    def kill(self) -> str:
        """End it with SIGKILL, wherever it is; what it had said."""
        self.process.kill()
        self.process.join()
        said = Path(self._said)
        try:
            return said.read_text()
        finally:
            said.unlink()


def _command(arguments: list[str], environment: dict[str, str], said: str) -> None:
    """In the new process: a command from its first line to its last."""
    descriptor = os.open(said, os.O_WRONLY | os.O_APPEND)
    for standard in (1, 2):
        os.dup2(descriptor, standard)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(TESTS)
    sys.argv = ["populace", *arguments]
    main()


def _load() -> None:
    """All modules of Populace."""
    for module in pkgutil.walk_packages(populace.__path__, "populace."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


if multiprocessing.current_process().name == "MainProcess" and "multiprocessing.forkserver" in sys.orig_argv[-1]:
    _load()
