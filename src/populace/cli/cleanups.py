"""cleanup, count: delete synthetic rows from a target, and count them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from populace.cli import options, wording
from populace.cli.context import context
from populace.cli.output import Output
from populace.cli.tables import fields, table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from populace.operations.cleanups import Retained


def cleanup(
    everything: Annotated[bool, typer.Option("--all", help="Every synthetic row, and the plan.")] = False,
    retain_days: Annotated[
        int | None,
        typer.Option("--retain-days", metavar="D", help="What is older than D days, as the world defines it."),
    ] = None,
    batch: Annotated[
        str | None,
        typer.Option("--batch", metavar="ID", help="The rows of one simulation batch, in worlds with batches."),
    ] = None,
    keep_referenced: Annotated[
        bool, typer.Option("--keep-referenced", help="Keep synthetic rows that rows of others refer to.")
    ] = False,
    allow_effects: Annotated[
        bool,
        typer.Option("--allow-effects", help="Let the app's own triggers and rules on these tables change other rows."),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be deleted, and change nothing.")] = False,
    yes: options.Yes = False,
    target: options.Target = None,
    world: options.World = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Delete synthetic rows: all of them and the plan, one batch, or the old ones. Rows of others are never changed.

    With --all the app's tables stay, and a new seed may follow. When rows of others refer to synthetic ones, nothing
    is deleted and they are listed, unless --keep-referenced is given. The same holds when triggers or rules of the app
    change or delete other rows, unless --allow-effects is given.

    Examples:

      populace cleanup --all --dry-run

      populace cleanup --all --yes --target postgresql://app@localhost/staging

      populace cleanup --retain-days 45

      populace cleanup --batch 5f0c2c1e-9d0a-8b61-b1d6-3f3a2f7c9e10 --world campaigns --dry-run
    """
    from populace.errors import BadInput, Remedy
    from populace.operations import cleanups
    from populace.operations.targets import TargetRequest, resident

    if [everything, retain_days is not None, batch is not None].count(True) != 1:
        raise BadInput("say what to delete", where="cleanup", allowed="one of --all, --batch ID and --retain-days D")
    if keep_referenced and retain_days is not None:
        todo = Remedy("", {"everything": None, "batch": None}, "leave it out; it belongs to {}")
        raise BadInput("nothing is kept of what is old", where="cleanup.keep_referenced", todo=todo)
    out = Output(as_json, quiet)
    here = context(target, out, world)
    if retain_days is not None:
        retained = cleanups.retain(here, cleanups.RetainRequest(retain_days, dry_run, world, allow_effects))
        out.result(retained.document(), _retained(retained))
        return
    there = resident(here, TargetRequest(world))
    if not (yes or dry_run or there.title is None):
        what = f"every synthetic row of {there.title}" if batch is None else f"the rows of batch {batch}"
        text = "add {}, or look first with --dry-run"
        options.confirm(there.shown, f"Delete {what} in {there.shown}?", "nothing was deleted", text)
    request = cleanups.CleanupRequest(batch, keep_referenced, dry_run, world, allow_effects)
    done = cleanups.clean(here, request, on_event=out.hear)
    report = done.report
    names = [name for name in report.deleted if report.deleted[name] or report.kept.get(name)]
    rows = [(name, f"{report.deleted[name]:,}", f"{report.kept.get(name, 0):,}") for name in names]
    parts = [table(("TABLE", "DELETED", "KEPT"), rows, right=[1, 2])] if rows else []
    if report.references:
        parts.append("kept, because rows of others refer to them:\n  " + "\n  ".join(map(str, report.references)))
    if report.effects:
        parts.append("the app's triggers and rules changed other tables:\n  " + "\n  ".join(map(str, report.effects)))
    parts += [*_skipped(report.skipped), *_others(report.others)]
    gone = f"{sum(report.deleted.values()):,} synthetic rows"
    again = wording.again("seed", done.called or "WORLD")
    if report.references and not dry_run:
        again = "remove what refers to the kept rows and clean up again before you seed here: their keys are taken"
    went = f"{gone} deleted, and the plan; next: {again}" if done.plan_too else f"{gone} deleted, of this batch only"
    if done.world is None:
        went = f"{gone} deleted: no population is on record here, so nothing is known to be Populace's; next: {again}"
    parts.append(f"{gone} would be deleted; nothing was changed" if dry_run else went)
    out.result(done.document(), "\n\n".join(parts))


def count(
    target: options.Target = None,
    world: options.World = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Count the synthetic rows of every table: those that carry its mark and whose keys the plan gives again.

    Example: populace count --json
    """
    from populace.operations import cleanups

    out = Output(as_json, quiet)
    counted = cleanups.count(context(target, out, world), cleanups.CountRequest(world), on_event=out.hear)
    rows = [*((name, f"{n:,}") for name, n in counted.rows.items()), ("", f"{sum(counted.rows.values()):,}")]
    parts = [table(("TABLE", "ROWS"), rows, right=[1]), *_skipped(counted.skipped), *_others(counted.others)]
    parts += [f"{one}; {one.todo}" for one in counted.filled]
    if counted.partly:
        parts.append(
            "row level security hides rows of these tables from this user, so there may be more: "
            f"{', '.join(counted.partly)}\nto see all of them, count as a user who bypasses it (BYPASSRLS)"
        )
    out.result(counted.document(), "\n\n".join(parts))


def _retained(done: Retained) -> str:
    """What the world's own retention says."""
    document = done.document()
    tables = document.pop("tables", {})
    old = [(name, f"{count:,}") for name, count in tables.items() if count]
    said = fields([(key.replace("_", " "), _said(value)) for key, value in document.items()])
    shown = [said, *([table(("TABLE", "DELETED"), old, right=[1])] if old else [])]
    shown += ["nothing was changed: this was a dry run"] if done.dry_run else []
    return "\n\n".join(shown)


def _said(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _skipped(skipped: Mapping[str, str]) -> list[str]:
    """A paragraph about tables that were left out; none when all are there."""
    if not skipped:
        return []
    return ["left out:\n" + "\n".join(f"  {name}: {why}" for name, why in skipped.items())]


def _others(others: Mapping[str, int]) -> list[str]:
    """A paragraph about rows that look like ours; none when there are none."""
    if not others:
        return []
    said = "\n".join(f"  {name}: {many:,} rows" for name, many in others.items())
    return [f"not Populace's, although they carry its mark; they stay:\n{said}"]
