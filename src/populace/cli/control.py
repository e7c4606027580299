"""pause, resume, settings, run-now, undo: what may be asked of a population while it lives."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from populace.cli import options
from populace.cli.output import Output, stoppable, table

At = Annotated[
    str | None,
    typer.Option("--at", metavar="T", help="From this simulated time on, ISO with a zone. Default: the next window."),
]


def pause(
    at: At = None,
    target: options.Target = None,
    world: options.World = options.DEFAULT_WORLD,
    as_json: options.Json = False,
) -> None:
    """Let no new session begin; those under way end as they would.

    Examples:

      populace pause

      populace pause --at 2026-12-24T00:00:00Z
    """
    _enable(at, target, world, as_json, enabled=False)


def resume(
    at: At = None,
    target: options.Target = None,
    world: options.World = options.DEFAULT_WORLD,
    as_json: options.Json = False,
) -> None:
    """Let sessions begin again, at the rate of the settings: what did not begin in between is not made up for.

    Example: populace resume
    """
    _enable(at, target, world, as_json, enabled=True)


def settings(
    changes: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PATH=VALUE]...", help="New values; without any, show what is in force."),
    ] = None,
    preset: Annotated[
        str | None, typer.Option("--preset", metavar="P", help="A named set of values (see populace describe W).")
    ] = None,
    at: At = None,
    target: options.Target = None,
    world: options.World = options.DEFAULT_WORLD,
    as_json: options.Json = False,
) -> None:
    """Show the settings in force and the last interventions, or change settings from the next window on.

    Examples:

      populace settings

      populace settings sessions_per_min=5 max_per_run=8

      populace settings --preset heavy
    """
    from populace.errors import BadInput
    from populace.operations import control, opening, planning

    opened, found = opening.enter(world, opening.settings(target), options.DEFAULT_WORLD)
    asked: dict[str, Any] = {
        **(found.preset(preset).values if preset else {}),
        **planning.pairs(changes or [], "settings"),
    }
    out = Output(as_json)
    if not asked:
        if at:
            raise BadInput("there is nothing to change", where="--at", given=at, todo="name some PATH=VALUE")
        document = control.settings(opened, found)
        rows = [(path, value) for path, value in document["settings"].items()]
        lines = [table(("SETTING", "FROM THE NEXT WINDOW ON"), rows)]
        if document["interventions"]:
            lines += [
                "",
                table(("NUMBER", "ASKED BY", "CHANGES", "IN FORCE FROM"), [_row(i) for i in document["interventions"]]),
            ]
        out.result(document, "\n".join(lines))
        return
    number, checked = control.change(opened, found, asked, "settings", at_us=_moment(at))
    out.result(
        {"intervention": number, "changes": dict(checked)},
        f"asked for (intervention {number}): in force from {at or 'the next window'} on",
    )


def undo(
    number: Annotated[
        int, typer.Argument(metavar="NUMBER", help="Of the intervention, as populace settings shows it.")
    ],
    target: options.Target = None,
    world: options.World = options.DEFAULT_WORLD,
    as_json: options.Json = False,
) -> None:
    """Take back an intervention that is not in force yet.

    Example: populace undo 12
    """
    from populace.operations import control
    from populace.operations.opening import enter, settings

    control.undo(*enter(world, settings(target), options.DEFAULT_WORLD), number)
    Output(as_json).result({"undone": number}, f"intervention {number} is taken back")


def run_now(
    sessions: Annotated[int, typer.Argument(metavar="N", min=1, max=1000, help="Sessions to begin at once.")] = 5,
    force: Annotated[bool, typer.Option("--force", help="Also while the population is paused.")] = False,
    target: options.Target = None,
    world: options.World = options.DEFAULT_WORLD,
    as_json: options.Json = False,
) -> None:
    """Begin N sessions now, beside those of the rate and above its cap; say what they will write and when they end.

    A runner takes them up with its next window. Without one this command first lives the time since the last: called
    every minute by cron, it is the runner.

    Examples:

      populace run-now 10

      populace run-now 3 --json
    """
    from populace.operations import control
    from populace.operations.integrations import channels
    from populace.operations.opening import enter, settings

    chosen, out = settings(target), Output(as_json)
    opened, found = enter(world, chosen, options.DEFAULT_WORLD)
    outside = channels.integrations(channels.lives(opened, found), chosen)
    with stoppable() as stop:
        done = control.run_now(opened, found, sessions, force=force, on_wait=out.say, stop=stop, outside=outside)
    document = done.document()
    if done.forecast is None:
        text = f"asked for (intervention {done.number}); no runner has taken it up yet"
    else:
        rows = [(n, f"{count:,}", f"{done.forecast.written[n]:,}") for n, count in done.forecast.will_write.items()]
        text = (
            f"{done.forecast.sessions:,} sessions arrive within a minute from {document['begins']}; who is busy begins "
            f"when free, and the last ends at {document['ends']}\n\n"
            f"{table(('TABLE', 'WILL WRITE', 'SO FAR'), rows, right=[1, 2])}"
        )
    out.result(document, text)


def _enable(at: str | None, target: str | None, world: str, as_json: bool, *, enabled: bool) -> None:
    from populace.operations import control
    from populace.operations.opening import enter, settings

    opened, found = enter(world, settings(target), options.DEFAULT_WORLD)
    number = control.enable(opened, found, enabled=enabled, at_us=_moment(at))
    word = "resumed" if enabled else "paused"
    Output(as_json).result(
        {"enabled": enabled, "intervention": number},
        f"{found.title} will be {word} {f'at {at}' if at else 'with the next window'}",
    )


def _moment(at: str | None) -> int | None:
    from populace import clock

    return None if at is None else clock.parse(at, "--at")


def _row(intervention: dict[str, Any]) -> tuple[str, ...]:
    changes = ", ".join(f"{path}={value}" for path, value in intervention["changes"].items())
    if intervention["sessions"]:
        changes = f"{intervention['sessions']} sessions"
    when = "refused" if intervention["refused"] else intervention["applies_at"]
    when = when or f"waits for {intervention['not_before'] or 'the next window'}"
    return (str(intervention["number"]), intervention["asked_by"], changes, when)
