"""The command line: parse, call an operation, print. Errors come out as one line and the right exit code."""

from __future__ import annotations

import sys

from populace.errors import PopulaceError


def main() -> None:
    """The `populace` command."""
    from populace.cli.app import app
    from populace.cli.output import fail

    try:
        # Outside click's own mode the exit code of `typer.Exit` is what the app returns.
        code = app(standalone_mode=False)
    except PopulaceError as error:
        sys.exit(fail(error))
    except BrokenPipeError:
        # Whoever read our output has gone; there is nobody to tell.
        sys.stderr.close()
        sys.exit(0)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        sys.exit(_unforeseen(error))
    sys.exit(code if isinstance(code, int) else 0)


def _unforeseen(error: Exception) -> int:
    """Click's own refusals are bad usage; anything else is a defect of ours, said without a traceback."""
    import click

    if isinstance(error, click.exceptions.Abort):
        return 130
    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    if isinstance(error, click.ClickException):
        error.show()
        return 2
    import os
    import traceback

    if os.environ.get("POPULACE_DEBUG"):
        traceback.print_exc()
    sys.stderr.write(
        f"populace: this is a fault of Populace: {type(error).__name__}: {error}\n"
        "to do: report it, with what POPULACE_DEBUG=1 prints for the same command\n"
    )
    return 1
