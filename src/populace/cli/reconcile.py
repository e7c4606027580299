"""reconcile: whether what was emitted, written and queued agrees."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from populace.cli import options, wording
from populace.cli.context import context
from populace.cli.output import Output
from populace.cli.tables import table

if TYPE_CHECKING:
    from populace.operations.integrations.reconcile import Reconciled

SHOWN = 20
"""Differences that are shown one by one."""


def reconcile(
    world: options.WorldOfTarget = None,
    target: options.Target = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Compare what was emitted, written and queued for others, day by day; exit 1 when anything differs.

    Example: populace reconcile hogflix
    """
    from populace.operations.integrations.reconcile import ReconcileRequest
    from populace.operations.integrations.reconcile import reconcile as compare

    out = Output(as_json, quiet)
    done = compare(context(target, out, world), ReconcileRequest(world=world))
    out.result(done.document(), _said(done))
    if done.differing:
        raise typer.Exit(1)


_SAYS = {
    "events": "rows emitted and events queued, on days queued as a whole",
    "rows": "rows inserted less removed, and rows there",
    "written": "rows emitted less withheld, and rows inserted",
}


def _said(done: Reconciled) -> str:
    """Totals by comparison and table; then what differs."""
    parts = []
    for check, title in _SAYS.items():
        groups: dict[str, list[int]] = {}
        for line in done.lines:
            if line.check == check:
                sums = groups.setdefault(f"{line.table} {line.kind}".strip(), [0, 0, 0, 0])
                for place, value in enumerate((1, line.expected, line.found, line.difference != 0)):
                    sums[place] += value
        rows = [(name, *(f"{value:,}" for value in sums)) for name, sums in sorted(groups.items())]
        head = ("TABLE", "GROUPS", "EXPECTED", "FOUND", "DIFFERENT")
        parts.append(f"{title}\n{table(head, rows, right=[1, 2, 3, 4])}" if rows else f"{title}: nothing to compare")
    if done.differing:
        differing = [
            (d.check, f"{d.table} {d.kind}".strip(), d.day, f"{d.expected:,}", f"{d.found:,}", f"{d.difference:+,}")
            for d in done.differing[:SHOWN]
        ]
        columns = ("COMPARISON", "TABLE", "DAY", "EXPECTED", "FOUND", "DIFFERENCE")
        parts.append(table(columns, differing, right=[3, 4, 5]))
    if done.left_out:
        days = f"{done.left_out[0]} to {done.left_out[-1]}" if len(done.left_out) > 1 else done.left_out[0]
        parts.append(
            f"left out of the first: {len(done.left_out):,} days whose events were not queued, or not all ({days}); "
            f"{wording.again('posthog', 'backfill', '--since', f'{done.left_out[0]}T00:00:00Z')} queues them"
        )
    verdict = f"{len(done.differing):,} differ" if done.differing else "none differs"
    parts.append(f"{len(done.lines):,} groups compared, {verdict}")
    return "\n\n".join(parts)
