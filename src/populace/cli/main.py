"""The command line: parse, call an operation, print. Errors come out as one line and the right exit code."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any


def main() -> None:
    """The `populace` command."""
    # The first line: nothing is under way yet, and as process 1 of a container SIGTERM would do nothing by itself.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _leave)
    from populace.cli import stopping, streams, wording

    streams.prepare()
    code = _command()
    wording.typed(None, None)
    stopping.end()
    sys.exit(code)


def _leave(_signal: int, _frame: object) -> None:
    os.write(2, b"populace: stopped\n")
    os._exit(130)


def _command() -> int:
    """Run the command that was typed; its exit code."""
    import logging

    import typer

    from populace import cycles
    from populace.cli import stopping
    from populace.cli.app import tree
    from populace.cli.output import fail
    from populace.errors import Interrupted, PopulaceError

    cycles.collect_seldom()

    # The driver's warnings repeat what our errors say.
    logging.getLogger("psycopg").addHandler(logging.NullHandler())
    stopping.begin()
    try:
        code = tree()(standalone_mode=False)
    except PopulaceError as error:
        _traced(error)
        return fail(error)
    except (KeyboardInterrupt, EOFError, typer.Abort):
        return fail(Interrupted("stopped"))
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except Exception as error:
        return _usage(error) or _unforeseen(error)
    if stopping.was_stopped():
        return fail(Interrupted("stopped"))
    return code if isinstance(code, int) else 0


def _usage(error: Exception) -> int | None:
    """What the parser found wrong, as one error; None when it is something else. A bare command gets its help."""
    import typer

    from populace.cli import wording
    from populace.cli.output import fail
    from populace.errors import BadInput

    _, _, kind, *_ = typer.BadParameter.__mro__
    if not isinstance(error, kind):
        return None
    context: Any = getattr(error, "ctx", None)
    if context is not None and type(error).__name__ == "NoArgsIsHelpError":
        typer.echo(context.get_help(), err=True)
        return BadInput.exit_code
    path = wording.program()
    if context is not None:
        path += context.command_path.removeprefix(context.find_root().command_path)
    said = " ".join(str(getattr(error, "format_message", error.__str__)()).split())
    for words, plain in _PLAIN.items():
        said = said.replace(words, plain)
    return fail(BadInput(said.rstrip("."), todo=[*_advice(error, said), f"see {path} --help"]))


_PLAIN = {
    "Input should be a valid number, unable to parse string as a number": "this is not a number (without a unit)",
    "Input should be a valid integer, unable to parse string as an integer": "this is not a whole number",
}
"""What the parser says of a value, and what is said instead."""


def _advice(error: Exception, said: str) -> list[str]:
    """What to do about a mistake that many make."""
    from populace.cli import wording
    from populace.worlds import registry

    if "Missing argument 'WORLD'" in said:
        return [f"name a world: {', '.join(registry.names())}, or the path of your own"]
    option, context = getattr(error, "option_name", None), getattr(error, "ctx", None)
    if option and context is not None and context.parent is None and option in wording.flags():
        return [f"write it after the command: {wording.program()} COMMAND {option} …"]
    return []


def _unforeseen(error: Exception) -> int:
    """A defect of ours, or of a world of the user's, printed without a traceback."""
    from populace.cli.output import fail
    from populace.spec.authors import blamed

    _traced(error)
    if theirs := blamed(error):
        return fail(theirs)
    sys.stderr.write(
        f"populace: this is a fault of Populace: {type(error).__name__}: {error}\n"
        "to do: report it, with what POPULACE_DEBUG=1 prints for the same command\n"
    )
    return 1


def _traced(error: Exception) -> None:
    """The whole way to an error, for whoever asks for it: where another one caused it, or it is none of ours."""
    from populace import settings
    from populace.errors import PopulaceError

    if settings.debug() and (error.__cause__ or not isinstance(error, PopulaceError)):
        import traceback

        traceback.print_exception(error)
