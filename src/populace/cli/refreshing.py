"""refresh: a staging database as good as new, now or each night."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from populace.cli import options, wording
from populace.cli.context import context
from populace.cli.output import Output
from populace.cli.stopping import stoppable
from populace.cli.tables import folded

if TYPE_CHECKING:
    from populace.operations.context import Context
    from populace.operations.refreshing import RefreshRequest
    from populace.operations.refreshing.report import Refreshed


def refresh(
    world: options.WorldName,
    reset_schemas: Annotated[
        list[str] | None,
        typer.Option(
            "--reset-schema",
            metavar="NAME",
            help="Empty this schema of the app, whoever made what is in it; may be repeated. Default: synthetic rows "
            "go, and tables that Populace made.",
        ),
    ] = None,
    migrate: Annotated[
        str | None,
        typer.Option(
            "--migrate", metavar="COMMAND", help="The app's own command that makes its tables; POPULACE_MIGRATE."
        ),
    ] = None,
    migrate_limit_s: Annotated[
        float, typer.Option("--migrate-within", metavar="SECONDS", callback=options.finite, help="It may take so long.")
    ] = 600.0,
    images: Annotated[
        str | None,
        typer.Option(
            "--images",
            metavar="PLACE",
            help="Write placeholder images there: a folder, supabase:BUCKET/FOLDER or s3://BUCKET/FOLDER; "
            "POPULACE_IMAGES.",
        ),
    ] = None,
    functions: Annotated[
        str | None, typer.Option("--functions", metavar="URL", help="As populace health has it.")
    ] = None,
    runs: Annotated[
        int, typer.Option("--runs", metavar="N", min=1, max=100_000, help="Of each query, for its health.")
    ] = 300,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="The folder for backups, as populace db backup has it.")
    ] = None,
    keep_days: Annotated[
        int, typer.Option("--keep-days", metavar="D", help="Delete backups that are D days old or older.")
    ] = 7,
    at: Annotated[
        str | None, typer.Option("--at", metavar="HH:MM", help="Stay, and refresh each day at this time (UTC).")
    ] = None,
    scenario: options.Scenario = None,
    seed: options.Seed = None,
    now: options.Now = None,
    epoch: options.Epoch = None,
    changes: options.Set = None,
    plan_file: options.PlanFile = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what each step would do, and change nothing.")
    ] = False,
    target: options.Target = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    log_json: options.LogJson = False,
) -> None:
    """Make a staging database as good as new: backup, reset, the app's migrations, seed, placeholder images, health
    checks, and a message to Slack (POPULACE_SLACK_WEBHOOK).

    Only for a database that is marked as staging (populace init --staging). A step that fails puts the old data
    back, with exit code 1; so does Ctrl-C, with 130.

    Examples:

      populace refresh worldchef --dry-run

      populace refresh worldchef --migrate 'supabase db push' --images supabase:recipe-images/placeholder

      populace refresh worldchef --at 03:00 --target postgresql://app@localhost/staging
    """
    from populace.operations.refreshing import RefreshRequest
    from populace.operations.refreshing import refresh as operation

    printer = Output(as_json, quiet, verbose, log_json)
    here = context(target, printer, world)
    set_here = options.pairs(changes or [], "plan.changes")
    request = RefreshRequest(
        world, scenario, seed, now, epoch, set_here, plan_file,
        reset_schemas=tuple(reset_schemas or ()), migrate=migrate, migrate_limit_s=migrate_limit_s, images=images,
        functions=functions, runs=runs, out=out, keep_days=keep_days, dry_run=dry_run,
    )  # fmt: skip
    if at is not None:
        last = _nightly(here, request, at, printer)
        if last is not None and as_json:
            printer.result(last.document(), "")
        return
    done = operation(here, request, on_event=printer.hear)
    printer.result(done.document(), _shown(done))
    if not done.ok:
        if quiet:
            printer.say(f"populace: {_failed(done)}", asked=True)
        raise typer.Exit(1)


def _nightly(here: Context, request: RefreshRequest, at: str, printer: Output) -> Refreshed | None:
    """Refresh each day at a time until somebody stops it; the last report, None when there was none."""
    from populace.errors import PopulaceError
    from populace.operations.refreshing.nightly import each_day

    last: Refreshed | None = None
    for done in each_day(here, request, at, stoppable, on_event=printer.hear):
        if isinstance(done, PopulaceError):
            printer.say(f"no refresh: {wording.said(done)}", asked=True)
        else:
            last = done
            printer.say(_failed(done) if printer.quiet else _shown(done), asked=not done.ok)
    return last


def _shown(done: Refreshed) -> str:
    """The steps, and what came of it all."""
    rows = [(s.name, s.state, "" if s.state in ("planned", "skipped", "not reached") else f"{s.seconds:.1f} s", s.said)
            for s in done.steps]  # fmt: skip
    parts = [folded(("STEP", "STATE", "TIME", "WHAT"), rows, most=(0, 0, 0, 90))]
    parts += [f"warning: {text}" for text in done.warnings]
    if done.dry_run:
        parts.append("nothing was changed")
    elif done.fault is not None:
        parts.append(_failed(done))
    else:
        parts.append(f"{done.target} is as good as new, after {done.seconds:.1f} s")
    return "\n\n".join(parts)


def _failed(done: Refreshed) -> str:
    """Why it failed, and what has become of the old data; "" where it did not."""
    if done.fault is None:
        return ""
    old = "the old data is back" if done.restored else "" if done.warnings else "nothing was changed"
    return f"failed: {wording.said(done.fault)}" + (f"\n{old}" if old else "")
