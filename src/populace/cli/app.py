"""The commands, in the order in which a newcomer meets them."""

from __future__ import annotations

from typing import Annotated

import typer

from populace import __version__
from populace.cli import (
    cleaning,
    control,
    db,
    delivery,
    demo,
    exporting,
    looking,
    people,
    personas,
    sim_users,
    ticking,
    wizard,
    worlds,
)

app = typer.Typer(
    name="populace",
    help="Give an app a population: synthetic people with a past, who go on living in its Postgres database.",
    epilog="Begin with: populace demo",
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
    """Give an app a population: synthetic people with a past, who go on living in its Postgres database."""


for command in (
    demo.demo,
    wizard.wizard,
    worlds.worlds,
    worlds.describe,
    worlds.plan,
    people.init,
    people.seed,
    people.run,
    ticking.tick,
    control.pause,
    control.resume,
    control.settings,
    control.run_now,
    control.undo,
    delivery.deliver,
    looking.status,
    looking.activity,
    cleaning.count,
    personas.explain,
    personas.personas,
    personas.metrics,
    looking.doctor,
    looking.validate,
    ticking.reconcile,
    looking.logs,
    exporting.export,
    cleaning.cleanup,
):
    app.command()(command)
app.add_typer(sim_users.app, name="sim-users")
app.add_typer(delivery.outbox, name="outbox")
app.add_typer(delivery.posthog, name="posthog")
app.add_typer(db.app, name="db")
