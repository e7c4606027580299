"""Standard input, output and error as whoever started us left them: closed, or in an encoding of few characters."""

from __future__ import annotations

import io
import os
import sys

from populace.errors import BadInput


def prepare() -> None:
    """See that something stands at each of the three, and that every text can be printed in some form.

    Ends the process when there is no standard output: an answer that nobody gets is not worth the work.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is not None:
            continue
        _fill(number)
        setattr(sys, name, open(number, "r" if number == 0 else "w", encoding="utf-8", closefd=False))  # noqa: SIM115
        if name == "stdout":
            _no_output()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _fill(number: int) -> None:
    """Let a closed descriptor lead nowhere, so that no file or connection of ours gets its number."""
    try:
        os.fstat(number)
    except OSError:
        handle = os.open(os.devnull, os.O_RDWR)
        if handle != number:
            os.dup2(handle, number)
            os.close(handle)


def _no_output() -> None:
    from populace.cli.output import fail

    if sys.stderr is None:
        sys.exit(BadInput.exit_code)
    code = fail(BadInput("standard output is closed", todo="leave it open, or send it to /dev/null"))
    sys.exit(code)
