"""The commands, in the order in which a new user needs them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Annotated, Any

import typer

from populace import __version__
from populace.cli import (
    authoring,
    bots,
    calibrating,
    cleanups,
    demo,
    deploying,
    exports,
    inspection,
    integrations,
    listed_people,
    mcp,
    people,
    plans,
    reconcile,
    refreshing,
    runs,
    seeds,
    serve,
    sites,
    steering,
    targets,
    trusting,
    validation,
    wizard,
)

app = typer.Typer(
    name="populace",
    help="Give an app a population: synthetic people with a history and new activity, in its Postgres database.",
    epilog="Start with: populace demo",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"populace {__version__}")
        raise typer.Exit


def help_(
    context: typer.Context,
    words: Annotated[
        list[str] | None, typer.Argument(metavar="[COMMAND]...", help="The words of a command; without any, all.")
    ] = None,
) -> None:
    """Show what a command does, with its options and examples: the same as its --help.

    Example: populace help db url
    """
    from populace.errors import BadInput, nearest

    command, about = context.parent.command if context.parent else context.command, context.parent or context
    for word in words or ():
        below = getattr(command, "commands", {})
        if word not in below:
            raise BadInput("there is no such command", where="help", given=word, allowed=nearest(word, below))
        command = below[word]
        about = type(about)(command, info_name=word, parent=about)
    typer.echo(command.get_help(about))


@app.callback()
def populace(
    version: Annotated[
        bool, typer.Option("--version", "-V", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Give an app a population: synthetic people with a history and new activity, in its Postgres database."""


app.command("help")(help_)
for command in (
    demo.demo,
    wizard.wizard,
    plans.worlds,
    plans.describe,
    plans.plan,
    calibrating.calibrate,
    authoring.new_world,
    authoring.adopt,
    authoring.check_world,
    targets.init,
    trusting.trust,
    seeds.seed,
    runs.run,
    runs.tick,
    serve.serve,
    sites.site,
    bots.bots,
    deploying.deploy,
    mcp.mcp,
    steering.pause,
    steering.resume,
    steering.settings,
    steering.run_now,
    steering.undo,
    steering.clock,
    integrations.deliver,
    inspection.status,
    inspection.activity,
    cleanups.count,
    people.explain,
    people.personas,
    people.metrics,
    inspection.doctor,
    validation.validate,
    validation.health,
    reconcile.reconcile,
    inspection.logs,
    exports.export,
    refreshing.refresh,
    cleanups.cleanup,
    targets.uninstall,
):
    app.command()(command)
app.add_typer(listed_people.app, name="sim-users")
app.add_typer(integrations.outbox, name="outbox")
app.add_typer(integrations.posthog, name="posthog")
app.add_typer(targets.app, name="db")


@cache
def tree() -> Callable[..., Any]:
    """All commands as click sees them; built once, since that takes longer than most of them."""
    return typer.main.get_command(app)
