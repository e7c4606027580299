"""sim-users: the synthetic people of a target, and those of an older seed."""

from __future__ import annotations

from typing import Annotated

import typer

from populace.cli import options, wording
from populace.cli.context import context
from populace.cli.output import Output

app = typer.Typer(
    help="The synthetic people of a target, as their app lists them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command()
def count(
    target: options.Target = None,
    world: options.World = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Count the people whom the app lists, and those of an older seed who are missing there.

    Example: populace sim-users count
    """
    from populace.operations.people.known import KnownRequest, count_people

    out = Output(as_json, quiet)
    done = count_people(context(target, out, world), KnownRequest(world))
    advice = f"of an older seed have no row; {wording.again('sim-users', 'backfill')} adds them"
    text = f"{done.people:,} people" + (f"\n{done.missing:,} {advice}" if done.missing else "")
    out.result(done.document(), text)


@app.command()
def backfill(
    cohort: Annotated[
        str, typer.Option("--cohort", metavar="LABEL", help="The label of the new rows.")
    ] = "synthetics_v1",
    target: options.Target = None,
    world: options.World = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say how many there are, and write nothing.")] = False,
    yes: options.Yes = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Add the missing rows of that list, one for every profile synthetic+NNNNN@example.com of an older seed.

    Examples:

      populace sim-users backfill --target postgresql://app@localhost/staging --dry-run

      populace sim-users backfill --target postgresql://app@localhost/staging --yes
    """
    from populace.operations.people.known import BackfillRequest, backfill_people
    from populace.operations.targets import TargetRequest, resident

    out = Output(as_json, quiet)
    here = context(target, out, world)
    if not dry_run:
        options.require_yes(resident(here, TargetRequest(world)), yes=yes)
    done = backfill_people(here, BackfillRequest(cohort, dry_run, world))
    word = "would be added" if dry_run else "added"
    out.result(done.document(), f"{done.added:,} {word}, {done.present:,} were there already")
