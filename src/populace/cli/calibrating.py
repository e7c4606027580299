"""calibrate: a scenario fitted to aggregates of a real product, a file of them to fill in, and those of a target."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from populace.cli import options
from populace.cli.context import context
from populace.cli.output import Output
from populace.cli.stopping import stoppable
from populace.cli.tables import folded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from populace.operations.calibrating.outcome import Calibrated

OUT = Path("calibrated.toml")
Optionally = Annotated[
    str | None,
    typer.Argument(
        metavar="WORLD",
        help="A world's name or its path. With --measure: default, that of the target.",
        autocompletion=options.worlds_begun,
    ),
]


def calibrate(
    world: Optionally = None,
    aggregates: Annotated[
        Path | None, typer.Option("--from", metavar="FILE", help="What is known of the real product, as TOML.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help=f"The scenario, or what is measured. Default: {OUT}; stdout."),
    ] = None,
    scenario: options.Scenario = None,
    seed: options.Seed = None,
    epoch: options.Epoch = None,
    changes: options.Set = None,
    evaluations: Annotated[
        int | None, typer.Option("--evaluations", metavar="N", min=8, max=10_000, help="Simulations, at most; 60.")
    ] = None,
    minutes: Annotated[
        float | None,
        typer.Option(
            "--minutes",
            metavar="M",
            min=0.05,
            max=1_440.0,
            callback=options.finite,
            help="Of real time, at most; 10. What it cuts short depends on the machine.",
        ),
    ] = None,
    people: Annotated[
        int | None, typer.Option("--people", metavar="N", min=200, max=100_000, help="In a simulation; 6,000.")
    ] = None,
    example: Annotated[bool, typer.Option("--example", help="Print a file of aggregates to fill in.")] = False,
    measure: Annotated[bool, typer.Option("--measure", help="Print the aggregates of a target's people.")] = False,
    days: Annotated[
        int | None,
        typer.Option("--days", metavar="N", min=1, max=366, help="Of visits and choices; with --measure. Default: 28."),
    ] = None,
    target: options.Target = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    log_json: options.LogJson = False,
) -> None:
    """Fit a scenario to what is known of a real product in sum: retention, people a day, a week of hours, popularity.

    No row of a person is needed, and none is taken. People are simulated without a database, compared, and parameters
    moved; the same input gives the same file. What cannot be met is said, with the reason. Every command that takes
    --scenario takes the file. What --set says is never moved. Stopped before its end, it writes nothing.

    Examples:

      populace calibrate hogflix --example > aggregates.toml

      populace calibrate hogflix --from aggregates.toml --out ours.toml

      populace demo --world hogflix --scenario ours.toml

      populace calibrate --measure --target postgresql://localhost/staging
    """  # fmt: skip
    from populace.errors import BadInput, Remedy
    from populace.operations.calibrating import aggregates_file

    if sum((example, measure, aggregates is not None)) != 1:
        raise BadInput(
            "one thing is done at a time",
            where="calibrate",
            given=None,
            todo=Remedy("", {"aggregates": None, "example": None, "measure": None}, "give one of {}"),
        )
    answer = Output(as_json, quiet, verbose, log_json)
    if example:
        answer.result({"file": aggregates_file.EXAMPLE}, aggregates_file.EXAMPLE.rstrip())
        return
    if measure:
        _measure(answer, world, target, days, out)
        return
    if world is None:
        raise BadInput("which world is fitted is not said", where="calibrate.world", todo="name one")
    from populace.operations.calibrating import calibrate as home

    request = home.CalibrateRequest(
        world, scenario, seed, epoch=epoch, changes=options.pairs(changes or [], "calibrate.changes"),
        aggregates=aggregates or Path(), out=out or OUT, evaluations=evaluations or home.EVALUATIONS,
        minutes=minutes or home.MINUTES, people=people or home.PEOPLE,
    )  # fmt: skip
    with stoppable() as stop:
        done = home.calibrate(
            context(out=answer, world=world, uses_target=False), request, on_event=answer.hear, stop=stop
        )
    answer.result(done.document(), _shown(done))


def _measure(answer: Output, world: str | None, target: str | None, days: int | None, out: Path | None) -> None:
    from populace.operations.calibrating.aggregates import DAYS
    from populace.operations.calibrating.measuring import MeasureRequest
    from populace.operations.calibrating.measuring import measure as operation

    done = operation(context(target, answer, world), MeasureRequest(world, days or DAYS, out))
    answer.result(done.document(), f"written to {out}" if out else done.text.rstrip())


def _shown(done: Calibrated) -> str:
    rows = [
        (one.standing, one.title, _few(one.wanted), _few(one.before), _few(one.after),
         f"{one.error:.2g}" if one.after else "", one.why)
        for one in done.aggregates
    ]  # fmt: skip
    parts = [
        folded(("", "AGGREGATE", "TARGET", "BEFORE", "AFTER", "±", "WHY NOT"), rows, most=(0, 34, 20, 20, 20, 0, 60))
    ]
    many = sum(one.standing == "met" for one in done.aggregates)
    parts.append(
        f"{many} of {len(done.aggregates)} aggregates met, after {done.evaluations} simulations of "
        f"{done.people:,} people"
    )
    if done.cut_short:
        parts.append("the time was over before the search was: with more of it, another scenario may be found")
    parts.append(f"written to {done.file}: --scenario {done.file}")
    return "\n\n".join(parts)


def _few(values: Sequence[float]) -> str:
    return " ".join(f"{v:.3g}" for v in values)
