"""db: the embedded PostgreSQL server, which outlives the command that started it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from populace.cli import options
from populace.cli.output import Output

if TYPE_CHECKING:
    from populace.database.embedded import EmbeddedServer

app = typer.Typer(help="The embedded PostgreSQL server.", no_args_is_help=True, rich_markup_mode=None)


@app.command()
def url(
    target: options.Target = None, world: options.World = options.DEFAULT_WORLD, as_json: options.Json = False
) -> None:
    """Print a plain URL of the target, without a password; an embedded server is started if needed.

    Example: psql "$(populace db url)"
    """
    from populace.operations.opening import open_target, settings

    opened = open_target(world, settings(target))
    Output(as_json).result({"url": opened.shown_url}, opened.shown_url)


@app.command()
def start(
    target: options.Target = None, world: options.World = options.DEFAULT_WORLD, as_json: options.Json = False
) -> None:
    """Start the embedded server; it runs until populace db stop.

    Example: populace db start
    """
    from populace.operations.opening import open_target, settings

    info = _server(target, world).start()
    url = open_target(world, settings(target)).shown_url
    word = "started" if info.started else "runs already"
    Output(as_json).result(
        {"url": url, "port": info.port, "pid": info.pid, "started": info.started},
        f"{word} on port {info.port}, process {info.pid}",
    )


@app.command()
def stop(
    target: options.Target = None, world: options.World = options.DEFAULT_WORLD, as_json: options.Json = False
) -> None:
    """Stop the embedded server; its data stays.

    Example: populace db stop
    """
    stopped = _server(target, world).stop()
    Output(as_json).result({"stopped": stopped}, "stopped" if stopped else "it was not running")


@app.command()
def password(
    target: options.Target = None, world: options.World = options.DEFAULT_WORLD, as_json: options.Json = False
) -> None:
    """Print the one password with which every seeded person logs in, where it is known.

    Example: populace db password
    """
    from populace.operations import login
    from populace.operations.opening import find_world, open_target, settings

    found, chosen = find_world(world), settings(target)
    opened = open_target(found.name, chosen, must_exist=True)
    answer = login.find(opened, found, chosen)
    said = {
        "derived": answer.password or "",
        "variable": f"the one in {login.VARIABLE}",
        "none": "none: nobody here has a password",
        "unknown": f"not the one in {login.VARIABLE}; it was set at seeding, and is not kept"
        if chosen.login_password is not None
        else "it was set at seeding, and is not kept",
    }
    Output(as_json).result({"login": answer.kind, "password": answer.password}, said[answer.kind])


@app.command()
def psql(
    target: options.Target = None,
    world: options.World = options.DEFAULT_WORLD,
    command: Annotated[str | None, typer.Option("--command", "-c", metavar="SQL", help="Run this and leave.")] = None,
) -> None:
    """Open psql on the target.

    Examples:

      populace db psql

      populace db psql -c 'SELECT count(*) FROM sim_users'
    """
    import os
    import subprocess

    from psycopg.conninfo import conninfo_to_dict

    from populace.database.binaries import psql_program
    from populace.operations.opening import open_target, settings

    chosen = settings(target)
    opened = open_target(world, chosen)
    program = psql_program(chosen.pg_bin)
    # The password goes by the environment: arguments are seen by everybody on the machine.
    password = conninfo_to_dict(opened.url).get("password")
    environment = {**os.environ, **({"PGPASSWORD": str(password)} if password else {})}
    arguments = [program, opened.shown_url, *(["-c", command] if command else [])]
    raise typer.Exit(subprocess.run(arguments, env=environment, check=False).returncode)


def _server(target: str | None, world: str) -> EmbeddedServer:
    from populace.database.embedded import EmbeddedServer
    from populace.errors import BadInput
    from populace.operations.opening import parse_target, settings

    chosen = settings(target)
    parsed = parse_target(world, chosen)
    if parsed.directory is None:
        raise BadInput(
            "this database is not ours to start or stop",
            where="target",
            given=parsed.redacted(),
            allowed="embedded:, embedded:DIR",
        )
    return EmbeddedServer(parsed.directory, chosen.pg_bin)
