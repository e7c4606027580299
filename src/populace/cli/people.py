"""explain, personas, metrics: people of a world with lifecycles, one by one and by the day."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from populace.cli import options, wording
from populace.cli.context import context
from populace.cli.output import Output
from populace.cli.tables import size, table

if TYPE_CHECKING:
    from populace.operations.people.documents import Compared
    from populace.operations.people.explain import Explained
    from populace.operations.people.row import ExplainedRow

_SHOWN_PEOPLE, _SHOWN_DIFFERENCES = 20, 50
_SHOWN_CHARACTERS = 40

Export = Annotated[Path | None, typer.Option("--export", metavar="FILE", help="Write them to a file, as --json says.")]
Import = Annotated[
    Path | None,
    typer.Option("--import", metavar="FILE", help="Compare such a file with the population; exit 1 when they differ."),
]


def explain(
    world: options.WorldOfTarget = None,
    persona: Annotated[
        str | None,
        typer.Argument(
            metavar="PERSONA",
            help="A person's distinct id, number, account's uuid or e-mail address; or a row, table:key, of an adopted "
            "world.",
        ),
    ] = None,
    on: Annotated[
        str | None, typer.Option("--on", metavar="DATE", help="The day that begins on this date, at 07:15 UTC.")
    ] = None,
    target: options.Target = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Explain why a person came on a day, or did not: their state, their chance step by step, the draw, their visits.

    A day runs from 07:15 UTC to 07:15 UTC of the next date. What is shown is computed again from the plan, in
    the same way as the rows.

    Of an adopted world, explain a row: when it came, by what rule and from which rows each column was made, and of a
    person what they did.

    Examples:

      populace explain hogflix 12 --on 2026-01-08

      populace explain ./myapp orders:1000000012
    """
    from populace.errors import BadInput
    from populace.operations.people.explain import ExplainRequest
    from populace.operations.people.explain import explain as operation
    from populace.operations.people.row import ExplainRowRequest, explain_row

    if persona is None:
        world, persona = None, world  # the only word is whoever is asked about
    if persona is None:
        raise BadInput("say whom to explain", where="explain.persona",
                       allowed="a distinct id, number, uuid or address; or a row, as orders:12")  # fmt: skip
    out = Output(as_json, quiet)
    if on is None:
        row = explain_row(context(target, out, world), ExplainRowRequest(persona, world))
        out.result(row.document(), _row(row))
        return
    done = operation(context(target, out, world), ExplainRequest(persona, on, world))
    out.result(done.document(), _story(done))


def personas(
    world: options.WorldOfTarget = None,
    limit: Annotated[
        int | None, typer.Option("--limit", metavar="N", min=1, help="So many. Default: 20, with --json all.")
    ] = None,
    pool: Annotated[int | None, typer.Option("--pool", metavar="P", min=0, help="Of this pool only.")] = None,
    state: Annotated[str | None, typer.Option("--state", metavar="S", help="In this state only, such as NEW.")] = None,
    at: Annotated[
        str | None, typer.Option("--at", metavar="T", help="As of this moment. Default: the watermark.")
    ] = None,
    export: Export = None,
    imported: Import = None,
    target: options.Target = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """List all people: who they are, their state and what they have done since history began.

    Personas are computed from the plan, for one moment. They are not stored and never restored: a file is
    for other programs; --import computes everybody again and lists the differences, as of the moment of its --export.

    Examples:

      populace personas hogflix --state DORMANT

      populace personas hogflix --export personas.json
    """
    from populace import clock
    from populace.errors import BadInput, Remedy
    from populace.operations.people import documents
    from populace.operations.people import personas as operation

    narrowed = limit is not None or pool is not None or state is not None
    if (export and imported) or (narrowed and imported):
        raise BadInput(
            "a file is compared with all people",
            where="personas.imported",
            todo=Remedy("", dict.fromkeys(("export", "limit", "pool", "state")), "leave out {}"),
        )
    most = limit if limit is not None or as_json or export or imported else _SHOWN_PEOPLE
    out = Output(as_json, quiet)
    people = operation.personas(context(target, out, world), operation.PersonasRequest(world, most, pool, state, at))
    described, moment = people.personas, clock.iso(people.at_us)
    if imported:
        _compared(out, operation.differences(people, imported))
        return
    if export:
        written = documents.write(export, people.documents, "personas.export")
        document = {"file": str(export), "personas": len(people.documents), "at": moment, "bytes": written}
        again = wording.again("personas", *([world] if world else []), "--import", str(export), "--at", moment)
        text = f"{len(people.documents):,} personas as of {moment} in {export} ({size(written)})\nto check it: {again}"
        out.result(document, text)
        return
    header = [name.replace("_", " ").upper() for name in described.shown]
    rows = [[_cell(one[name]) for name in described.shown] for one in people.documents]
    numbers = [at for at, name in enumerate(described.shown) if people.documents and _number(people.documents[0][name])]
    shown = table(header, rows, right=numbers)
    left = people.total - len(people.documents)
    more = f", {left:,} more with --limit or --json" if left else ""
    out.result(people.document(), f"{shown}\n\n{people.total:,} people as of {moment}{more}")


def metrics(
    world: options.WorldOfTarget = None,
    days: Annotated[
        int | None, typer.Option("--days", metavar="N", min=1, help="So many last days. Default: the world's, else 90.")
    ] = None,
    kpis: Annotated[bool, typer.Option("--kpis", help="Rates computed from them.")] = False,
    export: Export = None,
    imported: Import = None,
    target: options.Target = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Show the numbers of each finished day, newest first; with --kpis rates computed from them.

    Like personas, days are computed from the plan: --import lists the differences from a file, and restores nothing.

    Examples:

      populace metrics hogflix --days 14

      populace metrics hogflix --kpis --json
    """
    from populace.errors import BadInput
    from populace.operations.people import documents
    from populace.operations.people import metrics as operation

    if sum(map(bool, (kpis, export, imported))) > 1 or (imported and days):
        raise BadInput(
            "these options exclude each other",
            where="metrics",
            allowed="one of --kpis, --export FILE and --import FILE alone",
        )
    out = Output(as_json, quiet)
    done = operation.metrics(context(target, out, world), operation.MetricsRequest(world, days, imported is not None))
    if imported:
        _compared(out, operation.differences(done, imported))
        return
    if export:
        written = documents.write(export, done.days, "metrics.export")
        document = {"file": str(export), "days": len(done.days), "bytes": written}
        out.result(document, f"{len(done.days):,} days in {export} ({size(written)})")
        return
    if kpis:
        flat = [(name.replace("_", " "), _cell(value)) for name, value in _flat(done.kpis)]
        out.result(dict(done.kpis), table(("", f"LAST {len(done.days)} DAYS"), flat, right=[1]))
        return
    names = list(dict.fromkeys(name for one in done.days for name, _ in _flat(one)))
    rows = [[_cell(dict(_flat(one)).get(name)) for name in names] for one in done.days]
    header = [name.rpartition(".")[2].replace("_", " ").upper() for name in names]
    text = table(header, rows, right=range(1, len(names))) if rows else "no day is finished yet"
    out.result(done.document(), text)


def _compared(out: Output, done: Compared) -> None:
    differences, checked = done.differences, done.checked
    lines = list(differences[:_SHOWN_DIFFERENCES])
    if len(differences) > len(lines):
        lines.append(f"… {len(differences) - len(lines):,} more with --json")
    lines.append(f"{checked:,} checked, {len(differences):,} differences" if differences else f"{checked:,}: the same")
    out.result(done.document(), "\n".join(lines))
    if differences:
        raise typer.Exit(1)


def _row(done: ExplainedRow) -> str:
    """A row for a reader."""
    lines = [f"{done.table}:{done.key}, number {done.number:,}", f"came {done.came}: {done.why}", ""]
    shown = [(c.name, "NULL" if c.value is None else _short(c.value), c.rule + (f" ({c.parent})" if c.parent else ""),
              c.where.partition(": ")[0]) for c in done.columns]  # fmt: skip
    lines.append(table(("COLUMN", "VALUE", "RULE", "WHERE"), shown))
    if done.acts:
        lines += ["", "acts: " + ", ".join(f"{name} {many:,}" for name, many in done.acts.items())]
        lines += [f"  {at}  {row}" for at, row in done.last]
    return "\n".join(lines)


def _short(value: str) -> str:
    return value if len(value) <= _SHOWN_CHARACTERS else value[: _SHOWN_CHARACTERS - 1] + "…"


def _story(done: Explained) -> str:
    """A person's day for a reader."""
    document = done.document()
    person, today = document["person"], document["today"]
    lines = [
        f"{person['called']}: number {person['number']:,}, pool {person['pool']}, signed up {person['signed_up']}",
        f"the day {document['day']}: from {document['from']} to {document['to']}"
        + ("" if done.over else ", which is not over"),
        "",
    ]
    if document["left"]:
        kept = "are kept" if document["left"]["rows_kept"] else "are removed"
        return "\n".join([*lines, f"they had left: at {document['left']['at']}; their rows {kept}"])
    if today is None:
        return "\n".join([*lines, "they had not signed up by the end of that day"])
    event = f"{today['life_event']} until {today['life_event_ends']}" if today["life_event"] else "none"
    said: list[tuple[str, Any]] = [
        ("state", today["state"]),
        ("pattern", today["pattern"]),
        ("segment", today["segment"]),
        ("life event", event),
        ("days since sign-up", today["days_since_signup"]),
        ("days in a row before", today["streak"]),
        ("days since the last visit", today["idle_days"]),
        ("score", today["score"]),
    ]
    if today["spell_turns"]:
        said.append(("in a spell until" if today["binging"] else "next spell", today["spell_turns"]))
    if today["dropped_out"]:
        said.append(("dropped out", "silently, after their last visit"))
    lines += [table(("STATE", "ON THAT DAY"), said), ""]
    lines += [
        table(
            ("STEP", "FACTOR", "CHANCE"),
            [(s["what"], s["value"], f"{s['chance']:.4f}") for s in today["steps"]],
            right=[2],
        ),
        "",
    ]
    below = today["drawn"] < today["chance"]
    sign = "<" if below else "≥"
    cancelled = "they would have come, but their visits were cancelled"
    word = {
        "came": "they came",
        "kept away": cancelled,
        "came on request": f"{cancelled if below else 'they did not come by habit'}; they came on request",
    }
    lines.append(
        f"drawn {today['drawn']:.6f} {sign} {today['chance']:.6f}: {word.get(done.outcome, 'they did not come')}"
    )
    if today["visits"]:
        rows = [
            (v["begins"] or "-", v["ends"] or "-", f"{v['happens']}{', on request' if v['requested'] else ''}")
            for v in today["visits"]
        ]
        lines += ["", table(("VISIT BEGINS", "ENDS", ""), rows)]
    return "\n".join(lines)


def _flat(document: Any, prefix: str = "") -> list[tuple[str, Any]]:
    out: list[tuple[str, Any]] = []
    for key, value in document.items():
        out += _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else [(f"{prefix}{key}", value)]
    return out


def _number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
