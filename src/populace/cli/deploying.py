"""deploy: files that keep a population active elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from populace.cli import options
from populace.cli.context import context
from populace.cli.output import Output
from populace.settings import DEFAULT_WORLD


def deploy(
    kind: Annotated[
        str,
        typer.Argument(
            metavar="KIND", help="docker, github, kubernetes, pg-cron, railway, supabase, systemd or vercel."
        ),
    ],
    world: Annotated[str, typer.Option("--world", metavar="W", help=f"Default: {DEFAULT_WORLD}.")] = DEFAULT_WORLD,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The folder to write to; made if needed.")] = Path(),
    url: Annotated[
        str | None,
        typer.Option("--url", metavar="URL", help="Of the control API, for kinds that call it: https, or loopback."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there and differ.")] = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Write ready files that keep a population active elsewhere; each says in its first lines what to do with it.

    Examples:

      populace deploy systemd --world hogflix --out deploy

      populace deploy pg-cron --url https://people.example.com --out deploy
    """
    from populace.operations.deploying import DEFAULT_URL, DeployRequest
    from populace.operations.deploying import deploy as operation

    done = operation(context(uses_target=False), DeployRequest(kind, world, out, url or DEFAULT_URL, force))
    lines = [str(done.folder / name) for name in done.written]
    lines += [f"{done.folder / name}  (unchanged)" for name in done.unchanged]
    Output(as_json, quiet).result(done.document(), "\n".join(lines))
