"""adopt, check-world, new-world: for authors of worlds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from populace.cli import options, wording
from populace.cli.context import context
from populace.cli.output import Output
from populace.cli.stopping import stoppable
from populace.cli.tables import folded


def new_world(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Lower-case letters, digits and _, such as bookshop.")],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="The folder in which it is made. Default: this one.")
    ] = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Write the skeleton of a world of your own: people, their visits, a table of events, schema and parameters.

    It runs as it stands, and says in its comments what to change.

    Examples:

      populace new-world bookshop

      populace new-world bookshop --out ./worlds
    """
    from populace.operations.authoring.new_world import NewWorldRequest
    from populace.operations.authoring.new_world import new_world as operation

    answer = Output(as_json, quiet)
    made = operation(context(out=answer, uses_target=False), NewWorldRequest(name, out))
    path = made.shown
    steps = [
        wording.again("check-world", path),
        wording.again("seed", path, target=f"embedded:./{name}-data"),
    ]
    text = "\n".join([*(f"wrote {file}" for file in made.files), f"next: {steps[0]}", f"then: {steps[1]}"])
    answer.result(made.document(), text)


def adopt(
    url: Annotated[
        str, typer.Argument(metavar="URL", help="The app's database: postgresql://… Nothing is written there.")
    ],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="The folder that is written; its name is the world's.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the statements that would be run, and run none.")
    ] = False,
    refresh: Annotated[
        bool, typer.Option("--refresh", help="Bring an adopted world up to its changed schema; what you edited stays.")
    ] = False,
    profile: Annotated[
        bool, typer.Option("--profile", help="Also count rows, NULLs and words; the queries are in profile.sql.")
    ] = False,
    create_partitions: Annotated[
        bool, typer.Option("--create-partitions", help="Have a seed make partitions that are missing for its history.")
    ] = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Make a world of your app's own tables: what is in each, as far as its database's catalogue shows.

    Only the catalogue is read, in a transaction that can change nothing, and no row unless --profile counts them. The
    folder then holds world.toml, which you change, schema.json and a README that says what was understood, guessed and
    declined.

    Examples:

      populace adopt postgresql://localhost/myapp --out ./myapp

      populace adopt postgresql://localhost/myapp --dry-run

      populace adopt postgresql://localhost/myapp --out ./myapp --refresh
    """
    from populace.database.target import Target
    from populace.operations.authoring.adopt import AdoptRequest
    from populace.operations.authoring.adopt import adopt as operation

    answer = Output(as_json, quiet)
    made = operation(
        context(out=answer, uses_target=False), AdoptRequest(url, out, dry_run, refresh, profile, create_partitions)
    )
    if dry_run:
        answer.result(made.document(), ";\n\n".join(made.statements) + ";")
        return
    path, target = made.shown, str(Target.parse(url, ""))
    lines = [
        f"{made.tables} tables read, {made.filled} filled, {len(made.declined)} declined; "
        f"{made.guessed} columns are guesses",
        *([f"rows of the app stay, and ours refer to them: {', '.join(made.shipped)}"] if made.shipped else []),
        *([*made.changes] or ["the schema is as it was"] if refresh else []),
        *(f"declined {table}: {why}" for table, why in sorted(made.declined.items())),
        *(f"wrote {path}/{file}" for file in made.files),
        f"next: {wording.again('plan', path)}",
        f"then: {wording.again('init', target=target)}",
        f"and:  {wording.again('seed', path, target=target)}",
    ]
    answer.result(made.document(), "\n".join(lines))


def check_world(
    world: options.WorldName,
    scenario: options.Scenario = None,
    seed: options.Seed = None,
    now: options.Now = None,
    epoch: options.Epoch = None,
    changes: options.Set = None,
    cuttings: Annotated[int, typer.Option("--cuttings", metavar="N", help="So many cuttings at random.")] = 6,
    without_database: Annotated[
        bool, typer.Option("--without-database", help="Only what memory can show, in some seconds.")
    ] = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    log_json: options.LogJson = False,
) -> None:
    """Check a world of your own: that its rows do not depend on how the work is cut, and that a database takes them.

    It cuts shards and windows at random and compares, leaves work half way and resumes it, loads the files in another
    process, and measures a tick. Then a database of its own, which is thrown away, is seeded, interrupted, continued,
    validated and cleaned up. What is wrong is shown with your file and line; exit 1 when something failed.

    Examples:

      populace check-world ./bookshop

      populace check-world ./bookshop --set people=50 --set days=3 --cuttings 30

      populace check-world ./bookshop --without-database --json
    """
    from populace.operations.authoring.check_world import STATES, CheckWorldRequest
    from populace.operations.authoring.check_world import check_world as operation

    out = Output(as_json, quiet, verbose, log_json)
    given = options.pairs(changes or [], "plan.changes")
    request = CheckWorldRequest(
        world, scenario, seed, now, epoch, given, cuttings=cuttings, without_database=without_database
    )
    with stoppable() as stop:
        done = operation(context(out=out, uses_target=False), request, on_event=out.hear, stop=stop)
    rows = [(f.state, f.title, f.measured) for f in done.findings]
    advice = [
        f"- {f.title}: " + "; ".join(part for part in (f.where, f.todo) if part)
        for f in done.findings
        if f.state != "ok" and (f.where or f.todo)
    ]
    sums = ", ".join(f"{done.count(state)} {state}" for state in STATES)
    parts = [folded(("", "WHAT", "FOUND"), rows, most=[9, 16, 90]), "\n".join(["to do:", *advice]) if advice else ""]
    out.result(done.document(), "\n\n".join([*(part for part in parts if part), f"{sums} in {done.seconds:.0f} s"]))
    if not done.ok:
        raise typer.Exit(1)
