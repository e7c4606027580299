"""tick, reconcile: life for those who have a scheduler of their own, and whether everything agrees afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from populace.cli import options
from populace.cli.output import Output, stoppable, table

if TYPE_CHECKING:
    from populace.operations.integrations.reconcile import Reconciled

SHOWN = 20
"""Differences that are shown one by one."""


def tick(
    world: options.WorldName,
    until: Annotated[
        str | None,
        typer.Option("--until", metavar="T", help="Live up to this simulated time. Default: now, by a wall clock."),
    ] = None,
    target: options.Target = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    log_json: options.LogJson = False,
) -> None:
    """Live the time since the last runner or tick, send what waits for a few seconds, and end: for cron.

    It writes what a resident runner would have written. While one is at work it does nothing and exits with 3.

    Examples:

      populace tick hogflix

      populace tick hogflix --until 2026-02-01T00:00:00Z --target embedded:./data
    """
    from populace import clock
    from populace.cli.ticker import Ticker, sessions
    from populace.operations import ticking
    from populace.operations.opening import find_world, open_target, settings

    out = Output(as_json, quiet, verbose, log_json)
    found, chosen = find_world(world), settings(target)
    until_us = clock.parse(until, "--until") if until is not None else None
    opened = open_target(found.name, chosen, must_exist=True)
    ticker = Ticker(out)
    with stoppable() as stop:
        done = ticking.tick(
            opened, found, chosen, until_us=until_us, on_tick=ticker.tick, say=out.say, stop=stop
        )  # fmt: skip
    document = {**ticker.document(), **done.document()}
    sent = f"; {document['delivered']:,} delivered, {document['waiting']:,} wait" if done.delivered.channels else ""
    out.result(
        document,
        f"{document['since']} to {document['watermark']}: {ticker.windows:,} windows, {sessions(ticker.arrivals)}"
        f"{ticker.rows:,} rows{sent}",
    )


def reconcile(
    world: options.WorldName,
    target: options.Target = None,
    as_json: options.Json = False,
) -> None:
    """Compare what was emitted, written and queued for others, day by day; exit 1 when anything differs.

    Example: populace reconcile hogflix
    """
    from pathlib import Path

    from populace.operations.context import Context
    from populace.operations.integrations.reconcile import Reconcile
    from populace.operations.integrations.reconcile import reconcile as compare
    from populace.settings import load

    done = compare(Context(load(Path.cwd(), target=target)), Reconcile(world=world))
    Output(as_json).result(done.document(), _said(done))
    if done.differing:
        raise typer.Exit(1)


_SAYS = {
    "events": "rows emitted against events queued, on days queued as a whole",
    "rows": "rows inserted less removed against rows there",
    "written": "rows emitted less withheld against rows inserted",
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
            "populace posthog backfill queues them"
        )
    verdict = f"{len(done.differing):,} differ" if done.differing else "none differs"
    parts.append(f"{len(done.lines):,} groups compared, {verdict}")
    return "\n\n".join(parts)
