"""worlds, describe, plan: what exists, and what a run would write before it runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from populace.cli import options
from populace.cli.context import context
from populace.cli.output import Output
from populace.cli.tables import size, table

if TYPE_CHECKING:
    from populace.spec import Cost


def worlds(as_json: options.Json = False, quiet: options.Quiet = False) -> None:
    """List the worlds that are installed.

    Example: populace worlds
    """
    from populace.operations.plans.worlds import worlds as operation

    out = Output(as_json, quiet)
    found = operation(context(out=out, uses_target=False))
    rows = [(w.name, ", ".join(s.name for s in w.scenarios), w.about) for w in found.worlds]
    out.result(found.document(), table(("WORLD", "SCENARIOS", "WHAT IT IS"), rows))


def describe(world: options.WorldName, as_json: options.Json = False, quiet: options.Quiet = False) -> None:
    """Show a world: its scenarios, parameters with their bounds, tables with their marks, and channels.

    Example: populace describe recoverlution
    """
    from populace.operations.plans.worlds import DescribeRequest
    from populace.operations.plans.worlds import describe as operation

    out = Output(as_json, quiet)
    done = operation(context(out=out, uses_target=False), DescribeRequest(world))
    found = done.world
    scenarios = table(("SCENARIO", "WHAT IT IS"), [(s.name, s.about) for s in found.scenarios])
    parameters = table(
        ("PARAMETER", "DEFAULT", "ALLOWED", "WHAT IT IS", "SOURCE"),
        [
            (p.path + (" *" if p.live else ""), _shown(p.default), p.allowed, p.means, p.source)
            for p in found.parameters
        ],
    )
    tables = table(("TABLE", "HOW A ROW IS KNOWN AS SYNTHETIC"), [(t.full_name, t.mark.explains) for t in found.tables])
    parameters += "\n* may change while the population lives"
    presets = [table(("PRESET", "WHAT IT IS"), [(p.name, p.about) for p in found.presets])] if found.presets else []
    document = done.document()
    channels = [
        (
            c["name"],
            c["title"],
            " and ".join(c["needs"]),
            ", ".join(f"{p}={v}" for p, v in c["when"].items()) or "always",
        )
        for c in document["channels"]
    ]
    leaving = [table(("CHANNEL", "WHO TAKES ITS ROWS", "SETTINGS", "USED WHEN"), channels)] if channels else []
    text = "\n\n".join([f"{found.title}: {found.about}", scenarios, *presets, parameters, tables, *leaving])
    out.result(document, text)


def plan(
    world: options.WorldName,
    scenario: options.Scenario = None,
    seed: options.Seed = None,
    now: options.Now = None,
    epoch: options.Epoch = None,
    changes: options.Set = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write the plan to a file.")] = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Show what a seed would write (rows, bytes, time) without writing any of it.

    Examples:

      populace plan recoverlution --scenario demo

      populace plan recoverlution --set count_users=100000 --out big.json
    """
    from populace import clock
    from populace.operations.plans.making import PlanRequest
    from populace.operations.plans.making import plan as operation

    asked = PlanRequest(world, scenario, seed, now, epoch, options.pairs(changes or [], "plan.changes"))
    answer = Output(as_json, quiet)
    done = operation(context(out=answer, uses_target=False), asked, out=out)
    made, guess, found = done.plan, done.guess, done.plan.world
    rows = [(found.table(name).full_name, f"{count:,}") for name, count in guess.rows.items()]
    text = (
        f"{found.title}, scenario {made.scenario}, seed {made.seed}, plan {made.digest}\n"
        f"history {clock.iso(made.origin_us)} to {clock.iso(made.epoch_us)}, then life to {clock.iso(done.now_us)}\n\n"
        f"{table(('TABLE', 'ROWS, ABOUT'), rows, right=[1])}\n\n"
        f"about {guess.total:,} rows, {size(guess.bytes_on_disk)} with indexes; "
        f"{guess.generate_s:.1f} s to generate on this machine, and about twice that to load"
        + (f"\n\n{_costs(done.costs)}" if done.costs else "")
        + (f"\nwritten to {out}" if out else "")
    )
    answer.result(done.document(), text)


def _costs(costs: Sequence[Cost]) -> str:
    """What is limited or paid for, as a table."""

    def said(cost: Cost, amount: float) -> str:
        return size(amount) if cost.unit == "B" else f"{amount:,.0f}"

    rows = [
        (
            cost.what,
            said(cost, cost.amount),
            "" if cost.limit is None else said(cost, cost.limit),
            "" if cost.share is None else f"{cost.share:.1%}",
            cost.whose,
        )
        for cost in costs
    ]
    return table(("LIMITED OR PAID FOR", "ABOUT", "LIMIT", "SHARE", "WHOSE LIMIT"), rows, right=[1, 2, 3])


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)
