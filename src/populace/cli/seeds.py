"""seed: people and their history into a target."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from populace.cli import options, wording
from populace.cli.context import context
from populace.cli.output import Output
from populace.cli.stopping import stoppable
from populace.cli.tables import fields, table

if TYPE_CHECKING:
    from populace.database.rehearsal import Rehearsed


def seed(
    world: options.WorldName,
    scenario: options.Scenario = None,
    seed: options.Seed = None,
    now: options.Now = None,
    epoch: options.Epoch = None,
    changes: options.Set = None,
    plan_file: options.PlanFile = None,
    target: options.Target = None,
    allow_effects: Annotated[
        bool,
        typer.Option("--allow-effects", help="Removals may change the tables that the app's triggers on ours change."),
    ] = False,
    yes: options.Yes = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    log_json: options.LogJson = False,
) -> None:
    """Fill a target with a world's people and their history, exactly once.

    The same seed again changes nothing and says so; an interrupted one continues where it stopped.

    Examples:

      populace seed recoverlution

      populace seed recoverlution --seed 7 --now 2026-01-09T18:30:00Z --target embedded:./data --yes --json

      populace seed recoverlution --set count_users=100000 --set coverage_per_mindblock=500

      populace seed hogflix --target parquet:./hogflix
    """
    from populace import clock
    from populace.operations.seeds.preview import preview
    from populace.operations.seeds.seed import SeedRequest, fill, prepare

    out = Output(as_json, quiet, verbose, log_json)
    set_here = options.pairs(changes or [], "plan.changes")
    prepared = prepare(
        context(target, out, world), SeedRequest(world, scenario, seed, now, epoch, set_here, plan_file, allow_effects)
    )
    if prepared.is_elsewhere and (makings := preview(prepared)):
        out.say(options.shown_makings(makings), asked=options.asks(yes=yes))
    options.require_yes(prepared, yes=yes)
    for remark in prepared.remarks:
        out.say(wording.advice(remark.text))
    with stoppable() as stop:
        done = fill(prepared, on_event=out.hear, stop=stop)
    in_files, found = prepared.opened is None, done.plan.world
    doing, after = ("validate", "checks it") if in_files else ("run", "continues")
    carry_on = wording.again(doing, world)
    if done.unchanged:
        text = (
            f"unchanged: {found.title} (plan {done.plan.digest}) is here already, written up to "
            f"{clock.iso(done.watermark_us)}; {carry_on} {after}"
        )
    else:
        rows = [(name, f"{t.written:,}", f"{t.rejected:,}") for name, t in sorted(done.wrote.tables.items())]
        report = fields([(key.replace("_", " "), f"{value:,}") for key, value in done.report.items()])
        report += "\n\n" if report else ""
        text = (
            f"{table(('TABLE', 'WRITTEN', 'REJECTED'), rows, right=[1, 2])}\n\n{report}"
            f"{done.wrote.written:,} rows in {done.seconds:.1f} s; plan {done.plan.digest}, epoch "
            f"{clock.iso(done.plan.epoch_us)}\nnext: {carry_on}"
        )
    out.result(done.document(), text + _attached(done.rehearsed))


def _attached(rehearsed: Rehearsed) -> str:
    """A paragraph about what the app has put on the tables, and what that does when rows go; "" when there is none."""
    if not rehearsed.attached:
        return ""
    said = ["", "", "triggers and rules of the app on these tables; they run as they like:"]
    said += [f"  {one}" for one in rehearsed.attached]
    said += [f"{one}; {one.todo}" for one in rehearsed.filled]
    if rehearsed.effects:
        said += ["when synthetic rows are removed, they change also:", *(f"  {one}" for one in rehearsed.effects)]
    if rehearsed.touched:
        said += ["which keeps people from leaving, unless it is allowed with --allow-effects"]
    if rehearsed.fault:
        said += [f"what they change when synthetic rows are removed could not be tried: {rehearsed.fault}"]
    return "\n".join(said)
