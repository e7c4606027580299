"""sim-users: the people a target counts as synthetic, and those of an older seed."""

from __future__ import annotations

from typing import Annotated

import typer

from populace.cli import options
from populace.cli.output import Output

app = typer.Typer(help="The people a target knows as synthetic.", no_args_is_help=True, rich_markup_mode=None)


@app.command()
def count(
    target: options.Target = None, world: options.World = options.DEFAULT_WORLD, as_json: options.Json = False
) -> None:
    """Count the people a target knows as synthetic, and those of an older seed whom it does not know.

    Example: populace sim-users count
    """
    from populace.operations import backfill as operation
    from populace.operations.opening import find_world, open_target, settings

    found = find_world(world)
    people, missing = operation.count(open_target(found.name, settings(target), must_exist=True), found)
    advice = f"\n{missing:,} of an older seed have no row; populace sim-users backfill adds it" if missing else ""
    Output(as_json).result({"count": people, "missing": missing, "ready": people > 0}, f"{people:,} people{advice}")


@app.command()
def backfill(
    cohort: Annotated[
        str, typer.Option("--cohort", metavar="LABEL", help="The cohort_label of the new rows.")
    ] = "synthetics_v1",
    target: options.Target = None,
    world: options.World = options.DEFAULT_WORLD,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say how many there are, and write nothing.")] = False,
    yes: options.Yes = False,
    as_json: options.Json = False,
) -> None:
    """Make the people of an older seed known: a row in sim_users for every profile synthetic+NNNNN@example.com.

    Examples:

      populace sim-users backfill --target postgresql://app@localhost/staging --dry-run

      populace sim-users backfill --target postgresql://app@localhost/staging --yes
    """
    from populace.operations import backfill as operation
    from populace.operations.opening import find_world, open_target, settings

    found = find_world(world)
    opened = open_target(found.name, settings(target), must_exist=True)
    if not dry_run:
        options.require_yes(opened, yes=yes)
    done = operation.backfill(opened, found, cohort=cohort, dry_run=dry_run)
    word = "would be added" if dry_run else "added"
    Output(as_json).result(done.document(), f"{done.added:,} {word}, {done.present:,} were there already")
