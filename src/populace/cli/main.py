"""The command line: parse, call an operation, print. Errors come out as one line and the right exit code."""

from __future__ import annotations

import logging
import signal
import sys
from types import FrameType

from populace import settings
from populace.errors import Interrupted, PopulaceError


def main() -> None:
    """The `populace` command."""
    from populace.cli.app import app
    from populace.cli.output import fail

    # Long work has its own way to stop; here Ctrl-C ends the command with the exit code that shells know.
    signal.signal(signal.SIGINT, _interrupt)
    # The driver's warnings repeat what our errors say.
    logging.getLogger("psycopg").addHandler(logging.NullHandler())
    try:
        app()
    except PopulaceError as error:
        sys.exit(fail(error))
    except Exception as error:
        sys.exit(_unforeseen(error))


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise Interrupted("stopped")


def _unforeseen(error: Exception) -> int:
    """A defect of ours, or of a world of the user's, printed without a traceback."""
    from populace.cli.output import fail
    from populace.spec.authors import blamed

    if settings.debug():
        import traceback

        traceback.print_exc()
    if theirs := blamed(error):
        return fail(theirs)
    sys.stderr.write(
        f"populace: this is a fault of Populace: {type(error).__name__}: {error}\n"
        "to do: report it, with what POPULACE_DEBUG=1 prints for the same command\n"
    )
    return 1
