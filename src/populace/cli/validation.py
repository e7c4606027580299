"""validate, health: whether a population is what was asked for, and whether the app is well on it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from populace.cli import options, wording
from populace.cli.context import context
from populace.cli.output import Output
from populace.cli.tables import folded, size, table

if TYPE_CHECKING:
    from populace.checks.judgement import Group
    from populace.checks.realism.finding import Finding
    from populace.checks.verdict import Verdict
    from populace.operations.context import Context


MOST_DRIVERS = 3
"""Parameters that a line of realism names; the JSON document and the report have all of them."""


def validate(
    world: options.WorldOfTarget = None,
    target: options.Target = None,
    as_json: options.Json = False,
    everything: Annotated[bool, typer.Option("--all", help="Show every check, not only the groups.")] = False,
    failed: Annotated[bool, typer.Option("--failed", help="Show the checks that fail only.")] = False,
    realism: Annotated[
        bool,
        typer.Option("--realism", help="Compare the people with those of real products instead, metric by metric."),
    ] = False,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Also write a report with charts, as one file.")
    ] = None,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    log_json: options.LogJson = False,
) -> None:
    """Check a target: requirements of the world, integrity, statistics of every decision; exit 1 when a check fails.

    Checks are counted in groups, and those that fail are shown whole. A check that cannot be measured yet is open,
    which is not a failure. A line marked info shows a figure for information, and is not counted as a check.

    Whether people look real is another question, with another score: with --realism each metric is compared with what
    real products of the kind show, those outside it are red, and the parameters that move them are named. A documented
    scenario may be red by its documents: exit 1 only where the scenario claims to look real.

    Examples:

      populace validate recoverlution

      populace validate recoverlution --all

      populace validate hogflix --html report.html

      populace validate hogflix --realism
    """
    from populace.errors import BadInput, Remedy
    from populace.operations.inspection.validate import ValidateRequest
    from populace.operations.inspection.validate import validate as operation

    if everything and failed:
        todo = Remedy("", {"everything": None, "failed": None}, "leave out one of {}")
        raise BadInput("all checks and only those that fail cannot be shown at once", where="validate", todo=todo)
    out = Output(as_json, quiet, verbose, log_json)
    if realism:
        _realism(out, context(target, out, world), world, everything, html)
        return
    done = operation(context(target, out, world), ValidateRequest(world, html), on_event=out.hear)
    wrong, written = done.failed, done.report
    # One line for each decision point would hide the rest: those that hold are summed up in one line.
    lines = [v for v in done.verdicts if v.status != "ok" or not v.point] if everything else wrong
    counts = f"{done.checks:,} checks, {len(wrong):,} failed, {done.open:,} not measurable yet"
    counts += f"; {done.info:,} figures for information" if done.info else ""
    parts = [] if everything or failed else [_groups(done.judgement.groups())]
    parts += [_table(lines)] if lines else []
    parts += [f"{v.title}:\n{v.detail}" for v in wrong if v.detail]
    parts += [f"report: {written.file} ({size(written.bytes)})"] if written else []
    parts.append(counts)
    if not (everything or failed):
        parts[-1] += f"\nevery check: {wording.again('validate', *([world] if world else []), '--all')}"
    out.result(done.document(), "\n\n".join(parts))
    if wrong:
        raise typer.Exit(1)


def _realism(out: Output, where: Context, world: str | None, everything: bool, html: Path | None) -> None:
    """Compare people with those of real products. everything: show every metric, not only the red ones."""
    from populace.operations.inspection.realism import RealismRequest
    from populace.operations.inspection.realism import realism as operation

    done = operation(where, RealismRequest(world, html), on_event=out.hear)
    found = done.comparison
    lines = found.findings if everything else found.red
    parts = [
        f"{found.measured - len(found.red)} of {found.measured} metrics as in real products ({found.domain}), "
        f"{len(found.red)} red, {len(found.standing('open'))} open, {len(found.standing('left out'))} left out"
    ]
    if lines:
        rows = [(f.standing, f.metric.title, f.measured, f.expected, _driven(f)) for f in lines]
        parts.append(folded(("", "METRIC", "VALUE", "REAL PRODUCTS", "MOVED BY"), rows, most=(0, 50, 0, 0, 70)))
    causes: dict[str, list[str]] = {}
    for f in found.red:
        for why in f.because:
            causes.setdefault(why, []).append(f.metric.id)
    if causes:
        parts.append("\n".join(["why, by the documents:", *(f"- {w} ({', '.join(ids)})" for w, ids in causes.items())]))
    parts += [found.survivorship] if found.survivorship else []
    if found.red and not found.claimed:
        parts.append(f"{found.scenario} does not claim to look real: nothing of this is a failure")
    parts += [f"report: {done.report.file} ({size(done.report.bytes)})"] if done.report else []
    if not everything:
        again = wording.again("validate", *([world] if world else []), "--realism", "--all")
        parts.append(f"every metric: {again}")
    out.result(done.document(), "\n\n".join(parts))
    if not done.ok:
        raise typer.Exit(1)


def _driven(finding: Finding) -> str:
    """What moves a metric, or why it has no verdict; and what stands beside its value."""
    more = len(finding.drivers) - MOST_DRIVERS
    driven = ", ".join(finding.drivers[:MOST_DRIVERS]) + (f" and {more} more" if more > 0 else "")
    return "; ".join(part for part in (finding.why or driven, finding.note) if part)


def health(
    world: options.WorldOfTarget = None,
    target: options.Target = None,
    functions: Annotated[
        str | None,
        typer.Option(
            "--functions",
            metavar="URL",
            help="Below which the app's functions answer; else those of SUPABASE_URL, or Populace's own for so long.",
        ),
    ] = None,
    runs: Annotated[int, typer.Option("--runs", metavar="N", min=1, max=100_000, help="Of each query.")] = 300,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    log_json: options.LogJson = False,
) -> None:
    """Look whether the app is well on these rows: they are all there, its queries are quick for sure, and its functions
    answer and remember; exit 1 when something is not. Nothing is changed.

    Examples:

      populace health worldchef

      populace health --functions https://abc.supabase.co/functions/v1 --json
    """
    from populace.operations.inspection.health import HealthRequest
    from populace.operations.inspection.health import health as operation

    out = Output(as_json, quiet, verbose, log_json)
    done = operation(context(target, out, world), HealthRequest(world, functions, runs), on_event=out.hear)
    document = done.document()
    counts = f"{document['checks']} checks, {document['failed']} failed, in {document['seconds']} s"
    parts = [_table(done.verdicts), *(f"{v.title}:\n{v.detail}" for v in done.failed if v.detail), counts]
    out.result(document, "\n\n".join(parts))
    if not done.ok:
        raise typer.Exit(1)


def _groups(groups: Sequence[Group]) -> str:
    """How many checks of each group hold; a cell without any stays empty."""
    from populace.operations.inspection.validate import STATES

    rows = [(group.name, *(f"{n:,}" if (n := group.count(state)) else "" for state in STATES)) for group in groups]
    return table(("CHECKS OF", "OK", "FAILED", "OPEN", "INFO"), rows, right=range(1, 5))


def _table(verdicts: Sequence[Verdict]) -> str:
    from populace.operations.inspection.validate import STATES

    rows = [(STATES[v.status], v.id, v.title, v.target or "", v.measured, v.remark) for v in verdicts]
    return folded(("", "ID", "CHECK", "TARGET", "MEASURED", "NOTE"), rows, most=(0, 0, 60, 28, 28, 56))
