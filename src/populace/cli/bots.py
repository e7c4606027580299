"""bots: visits of people, played in a real browser on a real site."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from populace.cli import options
from populace.cli.context import context
from populace.cli.output import Output
from populace.cli.stopping import stoppable

if TYPE_CHECKING:
    from populace.bots.request import PlayResult, Preview

SPEED_MAX = "max"


def bots(
    world: options.WorldOfTarget = None,
    site: Annotated[
        str, typer.Option("--site", metavar="URL", help="Where the app is, such as what populace site prints.")
    ] = "http://127.0.0.1:7080",
    sessions: Annotated[
        int | None, typer.Option("--sessions", metavar="N", help="So many visits, the next ones. Default: 10.")
    ] = None,
    real_time: Annotated[
        bool,
        typer.Option("--real-time", help="Each visit waits for its moment; without --sessions until Ctrl-C."),
    ] = False,
    concurrency: Annotated[int, typer.Option("--concurrency", metavar="K", help="Browsers at once.")] = 1,
    rate: Annotated[
        float | None, typer.Option("--rate", metavar="N", help="At most N visits begin in a minute.")
    ] = None,
    speed: Annotated[
        str | None,
        typer.Option(
            "--speed", metavar="X", help="So many times as fast as people, or max. Default: 60, or 1 with --real-time."
        ),
    ] = None,
    pages: Annotated[
        Path | None, typer.Option("--pages", metavar="FILE", help="A page map, for a site that is not the world's own.")
    ] = None,
    chromium: Annotated[
        Path | None,
        typer.Option("--chromium", metavar="PATH", help="The browser. Default: what is on PATH."),
    ] = None,
    patience: Annotated[float, typer.Option("--patience", metavar="SECONDS", help="For each thing on a page.")] = 15.0,
    headed: Annotated[bool, typer.Option("--headed", help="Show the browser.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say who would come and what they would do.")] = False,
    target: options.Target = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    log_json: options.LogJson = False,
) -> None:
    """Play visits of people in a real browser: the visits that the simulation has drawn, each once.

    A visit is claimed before it begins; the simulation then writes none of its rows, and the site does. Browsers go
    where the site is and nowhere else. They use a Chromium that is there; none is downloaded.

    Examples:

      populace bots hogflix --site http://127.0.0.1:7080 --sessions 5

      populace bots hogflix --sessions 100 --concurrency 2 --speed max

      populace bots hogflix --site http://127.0.0.1:3000 --pages app.toml --real-time

      populace bots hogflix --dry-run --json
    """
    from populace.bots.playing import dry_run as looked_ahead
    from populace.bots.playing import play
    from populace.bots.request import PlayRequest

    out = Output(as_json, quiet, verbose, log_json)
    many = sessions if sessions is not None or real_time else 10
    request = PlayRequest(
        site, many, real_time, concurrency, rate, _speed(speed), headed, pages, chromium, patience, world
    )  # fmt: skip
    here = context(target, out, world)
    if dry_run:
        found = looked_ahead(here, request)
        out.result(found.document(), _ahead(found))
        return
    with stoppable() as stop:
        done = play(here, request, on_event=out.hear, stop=stop)
    out.result(done.document(), _summary(done))
    if fault := done.fault():
        raise fault


def _speed(given: str | None) -> float | None:
    from populace.errors import BadInput

    if given is None or given == SPEED_MAX:
        return None if given is None else 0.0
    try:
        speed = float(given)
    except ValueError:
        speed = -1.0
    if not speed > 0:
        raise BadInput("this is not a speed", where="bots.speed", given=given, allowed="max, or a number above 0")
    return speed


def _ahead(found: Preview) -> str:
    lines = [f"{one['person']}  {one['begins']}  {' → '.join(one['steps'][:6])}" for one in found.document()]
    return "\n".join(lines) or "nobody comes"


def _summary(done: PlayResult) -> str:
    visits = ", ".join(f"{many:,} {state}" for state, many in sorted(done.states.items())) or "nobody came"
    lines = [f"visits      {visits}", f"rows        {done.rows:,}, made by the site and registered as synthetic"]
    if done.states["cancelled"]:
        lines.append("cancelled   these do not take place any more: something was changed meanwhile, as by a pause")
    if done.interrupted_before:
        lines.append(f"before      {done.interrupted_before} visits of a run that had ended: interrupted")
    if done.elsewhere:
        lines.append(f"elsewhere   the site wanted {', '.join(sorted(done.elsewhere))}: not followed")
    return "\n".join(lines)
