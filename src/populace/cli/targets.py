"""init, and db: a target itself, and the embedded PostgreSQL server, which keeps running afterwards."""

from __future__ import annotations

from typing import Annotated

import typer

from populace.cli import options
from populace.cli.context import context
from populace.cli.output import Output

app = typer.Typer(help="The embedded PostgreSQL server.", no_args_is_help=True, rich_markup_mode=None)


def init(
    target: options.Target = None,
    world: options.World = None,
    as_json: options.Json = False,
) -> None:
    """Open a target for synthetic data: make Populace's own tables, in the schema populace, and record that it is open.

    Nothing is ever written to a target that was not opened. An embedded target is open from the start.

    Example: populace init --target postgresql://app@localhost/staging
    """
    from populace.operations.targets import TargetRequest
    from populace.operations.targets import init as operation

    done = operation(context(target), TargetRequest(world))
    Output(as_json).result(done.document(), f"{done.target} is open for synthetic data")


@app.command()
def url(target: options.Target = None, world: options.World = None, as_json: options.Json = False) -> None:
    """Print a plain URL of the target, password included; an embedded server is started if needed.

    Nothing else that Populace prints holds the password. An argument of a command is seen by every user of the machine:
    hand the URL on in the environment or by a pipe. For psql there is populace db psql.

    Example: DATABASE_URL="$(populace db url)" npm run dev
    """
    from populace.operations import targets

    done = targets.url(context(target, alias=False), targets.TargetRequest(world))
    Output(as_json).result(done.document(), done.url)


@app.command()
def start(target: options.Target = None, world: options.World = None, as_json: options.Json = False) -> None:
    """Start the embedded server; it runs until populace db stop.

    Example: populace db start
    """
    from populace.operations import targets

    done = targets.start_server(context(target, alias=False), targets.TargetRequest(world))
    word = "started" if done.started else "is running already"
    Output(as_json).result(done.document(), f"{word} on port {done.port}, process {done.pid}")


@app.command()
def stop(target: options.Target = None, world: options.World = None, as_json: options.Json = False) -> None:
    """Stop the embedded server; its data stays.

    Example: populace db stop
    """
    from populace.operations import targets

    done = targets.stop_server(context(target, alias=False), targets.TargetRequest(world))
    Output(as_json).result(done.document(), "stopped" if done.stopped else "it was not running")


@app.command()
def password(target: options.Target = None, world: options.World = None, as_json: options.Json = False) -> None:
    """Print the password that all seeded people share, where it is known.

    Example: populace db password
    """
    from populace.operations import login, targets

    done = targets.password(context(target), targets.TargetRequest(world))
    answer = done.login
    said = {
        "derived": answer.password or "",
        "variable": f"the one in {login.VARIABLE}",
        "none": "none: the people here have no password",
        "unknown": f"not the one in {login.VARIABLE}; it was set when seeding, and is not stored"
        if done.asked_for
        else "it was set when seeding, and is not stored",
    }
    Output(as_json).result(done.document(), said[answer.kind])


@app.command()
def psql(
    target: options.Target = None,
    world: options.World = None,
    command: Annotated[
        list[str] | None,
        typer.Option("--command", "-c", metavar="SQL", help="Run this and leave; several run in their order."),
    ] = None,
) -> None:
    """Open psql on the target.

    Examples:

      populace db psql

      populace db psql -c 'SELECT count(*) FROM sim_users'
    """
    import os
    import subprocess

    from populace.operations import targets

    found = targets.psql(context(target), targets.TargetRequest(world))
    environment = {**os.environ, **({"PGPASSWORD": found.password} if found.password else {})}
    arguments = [found.program, found.url, *(word for text in command or () for word in ("-c", text))]
    raise typer.Exit(subprocess.run(arguments, env=environment, check=False).returncode)
