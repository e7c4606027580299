"""pause, resume, settings, run-now, undo: changes to a population while it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from populace.cli import options
from populace.cli.context import context
from populace.cli.output import Output
from populace.cli.stopping import stoppable
from populace.cli.tables import table
from populace.clock import length

if TYPE_CHECKING:
    from populace.operations.steering.clocks import ClockState
    from populace.operations.steering.run_now import RunNow
    from populace.operations.steering.settings import Enabled, Listed

At = Annotated[
    str | None,
    typer.Option("--at", metavar="T", help="From this simulated time on, ISO with a zone. Default: the next window."),
]


def pause(
    at: At = None,
    target: options.Target = None,
    world: options.World = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Start no new sessions; those under way end normally.

    Examples:

      populace pause

      populace pause --at 2026-12-24T00:00:00Z
    """
    from populace.operations.steering.settings import EnableRequest, pause

    out = Output(as_json, quiet)
    _enabled(pause(context(target, out, world), EnableRequest(at, world)), at, out)


def resume(
    at: At = None,
    target: options.Target = None,
    world: options.World = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Start new sessions again, at the rate of the settings. Sessions that did not happen meanwhile are not made up
    for.

    Example: populace resume
    """
    from populace.operations.steering.settings import EnableRequest, resume

    out = Output(as_json, quiet)
    _enabled(resume(context(target, out, world), EnableRequest(at, world)), at, out)


def settings(
    changes: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PATH=VALUE]...", help="New values; without any, show those in effect."),
    ] = None,
    preset: Annotated[
        str | None, typer.Option("--preset", metavar="P", help="A named set of values (see populace describe W).")
    ] = None,
    at: At = None,
    target: options.Target = None,
    world: options.World = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Show the settings in effect and the last interventions, or change settings from the next window on.

    Examples:

      populace settings

      populace settings sessions_per_min=5 max_per_run=8

      populace settings --preset heavy
    """
    from populace.errors import BadInput
    from populace.operations.steering import settings as operation

    asked, out = options.pairs(changes or [], "settings.changes"), Output(as_json, quiet)
    if asked or preset is not None:
        done = operation.change(context(target, out, world), operation.ChangeRequest(asked, preset, at, world))
        when = "the next window" if at is None else at
        out.result(done.document(), f"requested (intervention {done.number}): in effect from {when} on")
        return
    if at is not None:
        raise BadInput("no new value is given", where="settings.at", given=at, todo="name some PATH=VALUE")
    found = operation.settings(context(target, out, world), operation.SettingsRequest(world))
    lines = [table(("SETTING", "FROM THE NEXT WINDOW ON"), list(found.settings.items()))]
    if found.interventions:
        head = ("NUMBER", "REQUESTED BY", "CHANGES", "IN EFFECT FROM")
        lines += ["", table(head, [_row(one) for one in found.interventions])]
    out.result(found.document(), "\n".join(lines))


def clock(
    mode: Annotated[
        str | None,
        typer.Argument(
            metavar="[wall|free]", help="Follow real time, or continue from what is written. Default: look."
        ),
    ] = None,
    speed: Annotated[
        float | None,
        typer.Option(
            "--speed", metavar="X", callback=options.finite, help="Of a free clock: simulated seconds a second."
        ),
    ] = None,
    target: options.Target = None,
    world: options.World = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Show by which clock a population lives, or let it live by another one.

    Under a wall clock simulated time is real time: the next run makes up for what was missed, and a population that is
    ahead waits until real time has caught up. A free clock continues from what is written, while a runner works.

    Examples:

      populace clock

      populace clock free --speed 60

      populace clock wall
    """
    from populace.operations.steering.clocks import ClockRequest, set_clock

    out = Output(as_json, quiet)
    done = set_clock(context(target, out, world), ClockRequest(mode, speed, world))
    out.result(done.document(), _clock_said(done))


def undo(
    number: Annotated[
        int, typer.Argument(metavar="NUMBER", help="Of the intervention, as populace settings shows it.")
    ],
    target: options.Target = None,
    world: options.World = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Undo an intervention that is not in effect yet.

    Example: populace undo 12
    """
    from populace.operations.steering import settings as operation

    out = Output(as_json, quiet)
    done = operation.undo(context(target, out, world), operation.UndoRequest(number, world))
    out.result(done.document(), f"intervention {done.number} is undone")


def run_now(
    sessions: Annotated[int, typer.Argument(metavar="N", min=1, max=1000, help="Sessions to begin at once.")] = 5,
    force: Annotated[bool, typer.Option("--force", help="Also while the population is paused.")] = False,
    target: options.Target = None,
    world: options.World = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Start N sessions now, in addition to those that come by themselves; say what they will write and when they end.
    In campaigns: N campaigns, which are drafted now.

    A runner starts them with its next window. Without a runner this command first writes the time since the last
    window, and exits with 4 where what began goes on only while somebody runs: populace run does, or populace tick.

    Examples:

      populace run-now 10

      populace run-now 3 --json
    """
    from populace.operations.steering.run_now import RunNowRequest, bring

    out = Output(as_json, quiet)
    with stoppable() as stop:
        done = bring(context(target, out, world), RunNowRequest(sessions, force, world), on_event=out.hear, stop=stop)
    out.result(done.document(), _brought(done))
    fault = done.fault()
    if fault:
        raise fault


def _clock_said(done: ClockState) -> str:
    """By which clock a population lives, and what follows from it."""
    at = done.document()["watermark"]
    if done.mode == "free":
        return f"a free clock: it continues from {at} at speed {done.speed:g}, and stands still without a runner"
    if done.ahead_us:
        ahead = length(done.ahead_us)
        return f"a wall clock: written up to {at}, and nothing more until real time has caught up, in {ahead}"
    return f"a wall clock: written up to {at}; the next run makes up for the {length(done.behind_us)} since then"


def _enabled(done: Enabled, at: str | None, out: Output) -> None:
    word = "resumed" if done.enabled else "paused"
    when = f"at {at}" if at else "with the next window"
    out.result(done.document(), f"{done.title} will be {word} {when}")


def _row(one: Listed) -> tuple[str, ...]:
    changes = ", ".join(f"{path}={value}" for path, value in one.changes.items())
    if one.sessions:
        changes = ", ".join([*([changes] if changes else []), f"{one.sessions} on request"])
    when = one.applies_at or f"waits for {one.not_before or 'the next window'}"
    if one.refused is not None:
        when = "undone" if one.undone else "refused"
    return (str(one.number), one.asked_by, changes, when)


def _brought(done: RunNow) -> str:
    """What a request for sessions brings, for a reader."""
    known, document = done.forecast, done.document()
    if done.at_us is None or known is None:
        return f"requested (intervention {done.number}); no runner has started it yet"
    missing = done.asked - known.sessions
    short = f"\n{missing:,} of {done.asked:,} do not come: nobody else may come now, or has the time"
    if known.sessions == 0:
        return f"requested (intervention {done.number}), and no session begins" + short
    begin = f"{known.sessions:,} {done.what} begin within a minute from {document['begins']}; "
    if known.goes_on:
        return f"{begin}what comes of them goes on until {document['ends']}"
    rows = [(n, f"{count:,}", f"{known.written[n]:,}") for n, count in known.will_write.items()]
    changing = [(n, f"{count:,}") for n, count in known.will_change.items()]
    changed = f"\n\n{table(('TABLE', 'WILL ADD OR CHANGE'), changing, right=[1])}" if changing else ""
    return (
        f"{begin}busy people begin when they are free, and the last ends at {document['ends']}"
        f"{short if missing else ''}\n\n"
        f"{table(('TABLE', 'WILL WRITE', 'SO FAR'), rows, right=[1, 2])}{changed}"
    )
