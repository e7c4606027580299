"""status, activity, doctor, logs: what is there, recent activity, whether it can live, what was done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from populace.cli import options, wording
from populace.cli.context import context
from populace.cli.integrations import waits
from populace.cli.output import Output
from populace.cli.tables import fields, table

if TYPE_CHECKING:
    from populace.operations.inspection.activity import Line


def status(
    target: options.Target = None,
    world: options.World = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Show the state of a target: plan, clock, settings in effect, who runs it, rows by table.

    Example: populace status --json
    """
    from populace.operations.inspection.status import StatusRequest
    from populace.operations.inspection.status import status as operation

    out = Output(as_json, quiet)
    document = operation(context(target, out, world), StatusRequest(world)).document()
    known = [(key.replace("_", " "), _said(value)) for key, value in document.items() if not isinstance(value, dict)]
    known += [
        (title, ", ".join(f"{k} {_said(v)}" for k, v in document[name].items() if not isinstance(v, list)))
        for name, title in (
            *((n, n) for n in ("clock", "settings", "report")),
            ("activity", "activity, simulated time"),
        )
        if document.get(name)
    ]
    known += [
        (f"waiting: {name}", waits(one["waiting"], one["ahead_of_real_time"]))
        for name, one in document.get("channels", {}).items()
    ]
    lines = [fields(known)]
    if "rows" in document:
        lines += ["", table(("TABLE", "ROWS"), [(n, f"{c:,}") for n, c in document["rows"].items()], right=[1])]
    out.result(document, "\n".join(lines))


def activity(
    hours: Annotated[int, typer.Option("--hours", metavar="H", min=1, max=8760, help="So many simulated hours.")] = 24,
    target: options.Target = None,
    world: options.World = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Show recent activity, by kind: so many simulated hours up to simulated now.

    Example: populace activity --hours 1
    """
    from populace.operations.inspection.activity import ActivityRequest
    from populace.operations.inspection.activity import activity as operation

    out = Output(as_json, quiet)
    document = operation(context(target, out, world), ActivityRequest(hours, world)).document()
    known = [(key.replace("_", " "), _said(v)) for key, v in document.items() if not isinstance(v, dict)]
    tables = [
        table((key.replace("_", " ").upper(), ""), [(n, _said(c)) for n, c in v.items()], right=[1])
        for key, v in document.items()
        if isinstance(v, dict) and v
    ]
    out.result(document, "\n\n".join([fields(known), *tables]))


def doctor(
    target: options.Target = None,
    world: options.World = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Examine a target, from whether it is open to whether there is activity; exit 1 when something fails.

    Each line is ok, attention or FAILED, and says what to do.

    Example: populace doctor
    """
    from populace.operations.inspection.doctor import STATES, DoctorRequest
    from populace.operations.inspection.doctor import doctor as operation

    done = operation(context(target, Output(quiet=quiet), world), DoctorRequest(world))
    findings = done.findings
    lines = [table(("", "WHAT", "FOUND"), [(f.state, f.title, f.measured) for f in findings])]
    advice = [f"- {f.title}: {wording.advice(f.todo)}" for f in findings if f.state != "ok" and f.todo]
    if advice:
        lines += ["", "to do:", *advice]
    lines += ["", ", ".join(f"{done.count(state)} {state}" for state in STATES)]
    Output(as_json, quiet).result(done.document(wording.advice), "\n".join(lines))
    if not done.ok:
        raise typer.Exit(1)


def logs(
    target: options.Target = None,
    world: options.World = None,
    tail: Annotated[int, typer.Option("--tail", "-n", metavar="N", min=1, max=10_000, help="So many last lines.")] = 50,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Continue with new lines until Ctrl-C.")] = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Show what seeds and runners did here, in real time.

    Examples:

      populace logs --tail 20

      populace logs --follow
    """
    from populace import clock
    from populace.cli.stopping import stoppable
    from populace.errors import BadInput
    from populace.operations.inspection.activity import LogsRequest
    from populace.operations.inspection.activity import logs as operation

    if follow and as_json:
        raise BadInput(
            "--json prints one document, and --follow has no end", where="logs", todo="leave out one of them"
        )
    out = Output(as_json, quiet)
    here = context(target, out, world)
    found = operation(here, LogsRequest(tail, world=world))
    out.result(found.document(), "\n".join(_line(line) for line in found.lines) or "nothing yet")
    if not follow:
        return
    last = found.lines[-1].id if found.lines else 0
    with stoppable() as stop:
        while not stop.is_set():
            clock.sleep(1.0, stop)
            new = operation(here, LogsRequest(1000, last, world))
            if new.lines:
                last = new.lines[-1].id
                out.result(new.document(), "\n".join(_line(line) for line in new.lines))


def _said(value: object) -> str:
    if value is None or isinstance(value, bool):
        return {True: "yes", False: "no", None: "none"}[value]
    if isinstance(value, Mapping):
        return " ".join(f"{k} {_said(v)}" for k, v in value.items()) or "none"
    return str(value)


def _line(line: Line) -> str:
    return f"{line.at}  {line.level:7}  {line.event:8}  {line.message}"
