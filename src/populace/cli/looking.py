"""status, validate, logs: what is there, whether it is right, what was done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from populace.cli import options
from populace.cli.output import Output, table

if TYPE_CHECKING:
    from populace.operations.looking import Line


def status(
    target: options.Target = None,
    world: options.World = options.DEFAULT_WORLD,
    as_json: options.Json = False,
) -> None:
    """Show the state of a target: plan, clock, settings in force, who runs it, rows by table.

    Example: populace status --json
    """
    from populace.operations import looking
    from populace.operations.opening import find_world, open_target, settings

    found = find_world(world)
    document = looking.status(open_target(found.name, settings(target)), found)
    lines = [
        f"{key.replace('_', ' ')}: {_said(value)}" for key, value in document.items() if not isinstance(value, dict)
    ]
    lines += [
        f"{name}: " + ", ".join(f"{k} {_said(v)}" for k, v in document[name].items())
        for name in ("clock", "settings", "report")
        if document.get(name)
    ]
    if "rows" in document:
        lines += ["", table(("TABLE", "ROWS"), [(n, f"{c:,}") for n, c in document["rows"].items()], right=[1])]
    Output(as_json).result(document, "\n".join(lines))


def validate(
    world: options.WorldName,
    target: options.Target = None,
    as_json: options.Json = False,
    failed: Annotated[bool, typer.Option("--failed", help="Show the checks that fail only.")] = False,
) -> None:
    """Check a target against the documents and for integrity; exit 1 when any check fails.

    Example: populace validate recoverlution
    """
    from populace.operations import looking
    from populace.operations.opening import find_world, open_target, settings

    found = find_world(world)
    verdicts = looking.validate(open_target(found.name, settings(target)), found)
    wrong = [v for v in verdicts if not v.ok]
    document = {
        "ok": not wrong,
        "checks": len(verdicts),
        "failed": len(wrong),
        "verdicts": [v.document() for v in verdicts],
    }
    shown = wrong if failed else verdicts
    rows = [
        (
            "ok" if v.ok else "FAILED",
            v.id,
            v.title,
            v.target,
            v.measured,
            f"overridden (document: {v.documented})" if v.overridden else "",
        )
        for v in shown
    ]
    text = table(("", "ID", "CHECK", "TARGET", "MEASURED", ""), rows) if rows else ""
    Output(as_json).result(document, f"{text}\n\n{len(verdicts)} checks, {len(wrong)} failed".strip())
    if wrong:
        raise typer.Exit(1)


def logs(
    target: options.Target = None,
    world: options.World = options.DEFAULT_WORLD,
    tail: Annotated[int, typer.Option("--tail", "-n", metavar="N", min=1, max=10_000, help="So many last lines.")] = 50,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with new lines until Ctrl-C.")] = False,
    as_json: options.Json = False,
) -> None:
    """Show what seeds and runners did here, in real time.

    Examples:

      populace logs --tail 20

      populace logs --follow
    """
    from populace import clock
    from populace.cli.output import stoppable
    from populace.errors import BadInput
    from populace.operations import looking
    from populace.operations.opening import find_world, open_target, settings

    if follow and as_json:
        raise BadInput(
            "--json prints one document, and --follow has no end", where="logs", todo="leave out one of them"
        )
    opened = open_target(find_world(world).name, settings(target))
    found = looking.logs(opened, most=tail)
    out = Output(as_json)
    out.result(looking.lines(found), "\n".join(_line(line) for line in found) or "nothing yet")
    if not follow:
        return
    last = found[-1].id if found else 0
    with stoppable() as stop:
        while not stop.is_set():
            clock.sleep(1.0, stop)
            new = looking.logs(opened, most=1000, after=last)
            if new:
                last = new[-1].id
                out.result(looking.lines(new), "\n".join(_line(line) for line in new))


def _said(value: object) -> str:
    if value is None or isinstance(value, bool):
        return {True: "yes", False: "no", None: "none"}[value]
    return str(value)


def _line(line: Line) -> str:
    return f"{line.at}  {line.level:7}  {line.event:8}  {line.message}"
