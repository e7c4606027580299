"""The commands, in the order in which a new user needs them."""

from __future__ import annotations

from typing import Annotated

import typer

from populace import __version__
from populace.cli import (
    authoring,
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
    runs,
    seeds,
    serve,
    steering,
    targets,
    trusting,
    wizard,
)

app = typer.Typer(
    name="populace",
    help="Give an app a population: synthetic people with a history and new activity, in its Postgres database.",
    epilog="Start with: populace demo",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"populace {__version__}")
        raise typer.Exit


@app.callback()
def populace(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Give an app a population: synthetic people with a history and new activity, in its Postgres database."""


for command in (
    demo.demo,
    wizard.wizard,
    plans.worlds,
    plans.describe,
    plans.plan,
    authoring.new_world,
    authoring.check_world,
    targets.init,
    trusting.trust,
    seeds.seed,
    runs.run,
    runs.tick,
    serve.serve,
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
    inspection.validate,
    reconcile.reconcile,
    inspection.logs,
    exports.export,
    cleanups.cleanup,
    targets.uninstall,
):
    app.command()(command)
app.add_typer(listed_people.app, name="sim-users")
app.add_typer(integrations.outbox, name="outbox")
app.add_typer(integrations.posthog, name="posthog")
app.add_typer(targets.app, name="db")
