"""Commands in processes of their own that do not load Python and its modules again: forked off one that has them all.

A process by itself, with its own memory, sessions and threads, as a command has; what it saves is half a second each.
Python's own fork server keeps the first process free of threads.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import pkgutil
import signal
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

    @property
    def said(self) -> str:
        """What it has said so far."""
        return Path(self._said).read_text()

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal, such as SIGSTOP."""
        assert self.process.pid
        os.kill(self.process.pid, number)

    def kill(self) -> str:
        """End it with SIGKILL, wherever it is; what it had said."""
        self.process.kill()
        return self.end()[1]

    def end(self, patience_s: float = 600.0) -> tuple[int, str]:
        """Wait until it has ended; its exit code and what it had said. One that does not end is killed."""
        self.process.join(patience_s)
        hangs = self.process.exitcode is None
        if hangs:
            self.process.kill()
            self.process.join()
        said, code = Path(self._said), self.process.exitcode
        try:
            text = said.read_text()
        finally:
            said.unlink()
        assert not hangs, f"it has not ended after {patience_s:g} s\n{text}"
        assert code is not None
        return code, text


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
