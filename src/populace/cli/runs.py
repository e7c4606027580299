"""run, tick: continue a population."""

from __future__ import annotations

from typing import Annotated

import typer

from populace.cli import options
from populace.cli.context import context
from populace.cli.output import Output
from populace.cli.stopping import stoppable


def run(
    world: options.WorldOfTarget = None,
    speed: Annotated[
        str | None,
        typer.Option("--speed", metavar="X", help="Simulated seconds a second, or max. Default: the clock's."),
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="T", help="Stop at this simulated time, ISO with a zone.")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Write one simulated minute and stop.")] = False,
    sessions: Annotated[
        int,
        typer.Option(
            "--sessions",
            metavar="N",
            min=0,
            max=1000,
            help="With --once: N more sessions, and continue until they have ended.",
        ),
    ] = 0,
    every: Annotated[
        str | None,
        typer.Option(
            "--every", metavar="D", help="Write only at multiples of D (such as 30m), and when people's days begin."
        ),
    ] = None,
    target: options.Target = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    log_json: options.LogJson = False,
) -> None:
    """Continue the population from its watermark, until Ctrl-C or a given time.

    There is one runner for each target: a second one waits and takes over. A database that is not reachable is waited
    for.

    Examples:

      populace run recoverlution

      populace run recoverlution --speed 60

      populace run recoverlution --speed max --until 2026-02-01T00:00:00Z

      populace run recoverlution --once --sessions 5

      populace run hogflix --every 30m
    """
    from populace.cli.ticker import Ticker, summary
    from populace.operations.runs.run import RunRequest
    from populace.operations.runs.run import run as operation

    out = Output(as_json, quiet, verbose, log_json)
    ticker = Ticker(out)
    with stoppable() as stop:
        request = RunRequest(world, speed, until, once, sessions, every)
        done = operation(context(target, out, world), request, on_event=ticker.hear, stop=stop)
    document = done.document()
    text = f"nothing to do: written up to {document['watermark']} already" if done.idle else summary(done)
    out.result(document, text)


def tick(
    world: options.WorldOfTarget = None,
    until: Annotated[
        str | None,
        typer.Option("--until", metavar="T", help="Write up to this simulated time. Default: now, under a wall clock."),
    ] = None,
    target: options.Target = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    log_json: options.LogJson = False,
) -> None:
    """Write the time since the last runner or tick, send what waits for a few seconds, and end: for cron.

    It writes what a resident runner would have written. While one is at work it does nothing and exits with 3.

    Examples:

      populace tick hogflix

      populace tick hogflix --until 2026-02-01T00:00:00Z --target embedded:./data
    """
    from populace.cli.ticker import Ticker, sessions
    from populace.operations.runs.tick import TickRequest
    from populace.operations.runs.tick import tick as operation

    out = Output(as_json, quiet, verbose, log_json)
    ticker = Ticker(out)
    with stoppable() as stop:
        done = operation(context(target, out, world), TickRequest(world, until), on_event=ticker.hear, stop=stop)
    document, lived = done.document(), done.lived
    sent = f"; {document['delivered']:,} delivered, {document['waiting']:,} wait" if done.delivered.channels else ""
    out.result(
        document,
        f"{document['since']} to {document['watermark']}: {lived.windows:,} windows, {sessions(lived.arrivals)}"
        f"{lived.rows_written:,} rows{sent}",
    )
