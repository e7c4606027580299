"""Ctrl-C and SIGTERM: one ends the command at its next safe point or where it is, and many do not disturb that end.

As the first process of a container nothing happens by itself on SIGTERM: every moment of a command has a handler.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from populace import clock

EXIT_CODE = 130
SIGNALS = (signal.SIGINT, signal.SIGTERM)
PATIENCE_S = 2.0
"""A signal that comes later than this after the one that ended the command ends the process."""


class Stop(KeyboardInterrupt):
    """What a signal raises where no safe point was asked for. No library takes it for an error of its own."""


_AGAIN_S = 0.01
_ended_at: float | None = None
_hook = sys.unraisablehook


def begin() -> None:
    """From here on a signal raises Stop, once."""
    global _ended_at, _hook
    _ended_at = None
    if sys.unraisablehook is not _unraised:
        _hook, sys.unraisablehook = sys.unraisablehook, _unraised
    for number in SIGNALS:
        signal.signal(number, _stop)


def end() -> None:
    """From here on nothing is left to be done: the process is about to end with its own exit code."""
    for number in SIGNALS:
        # No handler of ours: Python puts back the default of each while it ends.
        signal.signal(number, signal.SIG_IGN)
    sys.unraisablehook = _hook


def was_stopped() -> bool:
    """Whether a signal has ended the command."""
    return _ended_at is not None


@contextmanager
def stoppable() -> Iterator[threading.Event]:
    """An event that Ctrl-C or SIGTERM sets: the work stops at the next safe point. A second one stops it at once."""
    stop = threading.Event()

    def ask(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            _stop(number, frame)
            return
        stop.set()
        # Not by print: the signal may have come in the middle of one.
        os.write(2, b"stopping at the next safe point; press again to stop at once\n")

    before = {number: signal.signal(number, ask) for number in SIGNALS}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _unraised(found: sys.UnraisableHookArgs) -> None:
    """Where Python can raise nothing, as in a destructor, a stop would be printed and lost: it comes again soon."""
    global _ended_at
    if not isinstance(found.exc_value, Stop):
        _hook(found)
        return
    _ended_at = None
    again = threading.Timer(_AGAIN_S, os.kill, (os.getpid(), signal.SIGINT))
    again.daemon = True
    again.start()


def _stop(_signal: int, _frame: FrameType | None) -> None:
    global _ended_at
    if _ended_at is None:
        _ended_at = clock.monotonic()
        raise Stop("stopped")
    if clock.monotonic() - _ended_at > PATIENCE_S:
        os.write(2, b"populace: stopped at once, in the middle of the end\n")
        os._exit(EXIT_CODE)
