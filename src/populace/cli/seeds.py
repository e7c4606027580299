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
    from populace.operations.seeds.repair import Repaired


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
    workers: options.Workers = None,
    cluster: options.Cluster = None,
    repair: Annotated[
        bool, typer.Option("--repair", help="Insert the rows of the target's plan that are missing, and nothing else.")
    ] = False,
    mend_changed: Annotated[
        bool, typer.Option("--mend-changed", help="With --repair: also mend rows of ours that were changed.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="With --repair: count what differs by table, and change nothing.")
    ] = False,
    yes: options.Yes = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    log_json: options.LogJson = False,
) -> None:
    """Fill a target with a world's people and their history, exactly once.

    The same seed again changes nothing and says so; an interrupted one continues where it stopped. With --repair the
    target's plan is compared with its rows, up to where it has lived: what is missing is inserted again.

    Examples:

      populace seed recoverlution

      populace seed recoverlution --seed 7 --now 2026-01-09T18:30:00Z --target embedded:./data --yes --json

      populace seed recoverlution --set count_users=100000 --set coverage_per_mindblock=500

      populace seed hogflix --target parquet:./hogflix

      populace seed hogflix --scenario large --target postgresql://app@db/staging --cluster tcp://127.0.0.1:8786

      populace seed recoverlution --repair --mend-changed --dry-run
    """
    from populace import clock
    from populace.errors import BadInput, Remedy
    from populace.operations.seeds.preview import preview
    from populace.operations.seeds.seed import SeedRequest, fill, prepare

    out = Output(as_json, quiet, verbose, log_json)
    plan_options = {
        "scenario": scenario,
        "seed": seed,
        "now": now,
        "epoch": epoch,
        "changes": changes,
        "plan_file": plan_file,
    }
    if repair:
        given = [name for name, value in plan_options.items() if value not in (None, [])]
        if given:
            raise BadInput(
                "a repair takes the plan that the target has",
                where=f"seed.{given[0]}",
                todo=Remedy("", dict.fromkeys(given), "leave out {}"),
            )
        _repair(out, world, target, mend_changed=mend_changed, dry_run=dry_run, yes=yes)
        return
    if mend_changed or dry_run:
        raise BadInput(
            "this is for repairing a population",
            where=f"seed.{'mend_changed' if mend_changed else 'dry_run'}",
            todo=[
                Remedy("", {"repair": True}, "add {}"),
                Remedy("plan", {"world": world}, "or see what a seed would write with {}"),
            ],
        )
    set_here = options.pairs(changes or [], "plan.changes")
    prepared = prepare(
        context(target, out, world),
        SeedRequest(world, scenario, seed, now, epoch, set_here, plan_file, allow_effects, workers, cluster),
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


def _repair(out: Output, world: str, target: str | None, *, mend_changed: bool, dry_run: bool, yes: bool) -> None:
    """Repair a population, and say what was found and done."""
    from populace.operations.opening import parse_target, whose
    from populace.operations.seeds.repair import RepairRequest, repair

    here = context(target, out, world)
    there = parse_target(whose(here, world), here.settings)
    if there.kind == "postgresql" and not (yes or dry_run):
        text = "add {}, or look first with --dry-run"
        options.confirm(
            there.redacted(), f"Write rows that are missing to {there.redacted()}?", "nothing was written", text
        )
    with stoppable() as stop:
        done = repair(here, RepairRequest(world, mend_changed, dry_run), on_event=out.hear, stop=stop)
    out.result(done.document(), _said(done))


def _said(done: Repaired) -> str:
    """The end of a repair in words."""
    from populace import clock
    from populace.errors import Remedy

    until = clock.iso(done.watermark_us)
    if not done.tables:
        return f"nothing is missing and nothing was changed: all rows of plan {done.plan} up to {until} are here"
    rows = [
        (name, *(f"{n:,}" for n in (one.missing, one.inserted, one.changed, one.mended)))
        for name, one in done.tables.items()
    ]
    said = [
        table(("TABLE", "MISSING", "INSERTED", "CHANGED", "MENDED"), rows, right=[1, 2, 3, 4]),
        "",
        f"of plan {done.plan} up to {until}: {done.total('missing'):,} rows were missing, "
        f"{done.total('inserted'):,} are inserted; {done.total('changed'):,} were changed, "
        f"{done.total('mended'):,} are mended; {done.seconds:.1f} s",
    ]
    for name, one in done.tables.items():
        said += [f"{name}: {o.rows:,} rows stay as they are, such as {o.example}: {o.because}" for o in one.obstacles]
    if done.total("old"):
        said += [f"{done.total('old'):,} rows are older than what is kept, and count as gone"]
    if done.dry_run:
        said += ["nothing was written"]
    left = done.total("changed") and not done.mend_changed
    if done.dry_run or left:
        arguments = {"world": done.called, "repair": True, **({"mend_changed": True} if done.total("changed") else {})}
        said += [
            f"to mend {'them' if done.dry_run else 'what was changed'}: {wording.command(Remedy('seed', arguments))}"
        ]
    return "\n".join(said)


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
