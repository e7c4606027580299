"""mcp: the operations as tools for coding agents."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from populace.cli import options
from populace.cli.context import context
from populace.cli.output import Output
from populace.errors import BadInput


def mcp(
    writes: Annotated[
        bool,
        typer.Option("--allow-writes", help="Also the tools that change the target: seed, run, settings, clean-up."),
    ] = False,
    target: options.Target = None,
) -> None:
    """Serve the operations as tools for coding agents (Model Context Protocol), over standard input and output.

    An agent's program starts this command. It needs the extra: pip install 'populace[mcp]'.

    Example: populace mcp --target embedded:./data
    """
    try:
        from populace.mcp.server import create
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "mcp":
            raise
        raise BadInput("the package mcp is not installed", where="mcp", todo="pip install 'populace[mcp]'") from None
    here = context(target, Output(quiet=True))
    if sys.stdin.isatty():
        Output().say("this command is for an agent's program, which talks to it; Ctrl-C ends it")
    create(here, writes=writes).run("stdio")
