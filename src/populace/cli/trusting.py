"""trust: allow a settings file in a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from populace.cli import options
from populace.cli.output import Output
from populace.settings import FILE


def trust(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The settings file.")] = Path(FILE),
    revoke: Annotated[bool, typer.Option("--revoke", help="Trust it no longer.")] = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Allow a populace.toml to name a target, programs and addresses that receive keys, until it changes.

    Without this it may set parameters of worlds only. It must be yours, and nobody else may write to it or its folder.

    Examples:

      populace trust

      populace trust ./app/populace.toml
    """
    from populace.operations.trusting import TrustRequest
    from populace.operations.trusting import trust as operation

    done = operation(TrustRequest(file, revoke))
    lines = [f"{done.file} is {'trusted as it stands now' if done.allowed else 'not trusted'}"]
    lines += [f"  {name} = {value}" for name, value in done.names.items()]
    out = Output(as_json, quiet)
    out.result(done.document(), "\n".join(lines))
