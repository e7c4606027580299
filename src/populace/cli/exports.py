"""export: the tables of a world as migration files, or the rows of a plan as SQL scripts or Parquet files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from populace.cli import options
from populace.cli.context import context
from populace.cli.output import Output
from populace.cli.stopping import stoppable


def export(
    world: options.WorldName,
    kind: Annotated[
        str,
        typer.Option(
            "--format", metavar="FORMAT", help="schema: migrations; sql: a plan's rows for psql; parquet: as files."
        ),
    ],
    out: Annotated[
        str,
        typer.Option("--out", metavar="DIR", help="The folder, made if needed; for parquet also s3://BUCKET/PREFIX."),
    ],
    scenario: options.Scenario = None,
    seed: options.Seed = None,
    now: options.Now = None,
    epoch: options.Epoch = None,
    changes: options.Set = None,
    plan: options.PlanFile = None,
    workers: options.Workers = None,
    cluster: options.Cluster = None,
    force: Annotated[bool, typer.Option("--force", help="Replace files of another export.")] = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Write the tables of a world as migration files, or the rows of a plan as scripts for psql or as Parquet files.

    A database that has run the migrations is not open yet: populace init opens it, and populace seed fills its tables
    in place. The scripts fill tables that are there, of a database that Populace never sees; scenario, seed, times and
    settings are those of populace plan, and no part of a schema.

    Examples:

      populace export recoverlution --format schema --out supabase/migrations

      populace export worldchef --format sql --now 2026-01-09T00:00:00Z --out staging

      populace export hogflix --format parquet --now 2026-01-09T00:00:00Z --out s3://people/staging --cluster local:4
    """
    from populace.operations.exports import ExportRequest
    from populace.operations.exports import export as operation
    from populace.operations.plans.making import PlanRequest

    asked = PlanRequest(world, scenario, seed, now, epoch, options.pairs(changes or [], "export.changes"), plan)
    said = Output(as_json, quiet)
    place = out if kind == "parquet" else Path(out)
    request = ExportRequest(world, kind, place, force, asked, workers, cluster)
    with stoppable() as stop:
        done = operation(context(uses_target=False), request, on_event=said.hear, stop=stop)
    document = done.document()
    lines = [
        f"{done.folder}/{name}" + ("  (unchanged)" if name in done.unchanged else "") for name in document["files"]
    ]
    said.result(document, "\n".join(lines))
