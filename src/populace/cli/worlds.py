"""worlds, describe, plan: what exists, and what a run would write before it runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from populace.cli import options
from populace.cli.output import Output, size, table

if TYPE_CHECKING:
    from populace.spec import Cost


def worlds(as_json: options.Json = False) -> None:
    """List the worlds that are installed.

    Example: populace worlds
    """
    from populace.worlds import registry

    found = [registry.find(name) for name in registry.names()]
    document = [
        {
            "name": w.name,
            "title": w.title,
            "about": w.about,
            "default_scenario": w.default_scenario,
            "scenarios": [s.name for s in w.scenarios],
        }
        for w in found
    ]
    rows = [(w.name, ", ".join(s.name for s in w.scenarios), w.about) for w in found]
    Output(as_json).result(document, table(("WORLD", "SCENARIOS", "WHAT IT IS"), rows))


def describe(world: options.WorldName, as_json: options.Json = False) -> None:
    """Show a world: its scenarios, every parameter with its bounds, and its tables with their marks.

    Example: populace describe recoverlution
    """
    from populace.operations.opening import find_world

    found = find_world(world)
    document = {
        "name": found.name,
        "title": found.title,
        "about": found.about,
        "version": found.version,
        "scenarios": [{"name": s.name, "about": s.about, "values": dict(s.values)} for s in found.scenarios],
        "presets": [{"name": p.name, "about": p.about, "values": dict(p.values)} for p in found.presets],
        "parameters": [
            {
                "path": p.path,
                "default": p.default,
                "allowed": p.allowed,
                "unit": p.unit,
                "means": p.means,
                "source": p.source,
                "live": p.live,
            }
            for p in found.parameters
        ],
        "tables": [
            {"name": t.full_name, "columns": [c.name for c in t.columns], "mark": t.mark.explains} for t in found.tables
        ],
    }
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
    text = "\n\n".join([f"{found.title}: {found.about}", scenarios, *presets, parameters, tables])
    Output(as_json).result(document, text)


def plan(
    world: options.WorldName,
    scenario: options.Scenario = None,
    seed: options.Seed = None,
    now: options.Now = None,
    epoch: options.Epoch = None,
    changes: options.Set = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write the plan to a file.")] = None,
    as_json: options.Json = False,
) -> None:
    """Show what a seed would write (rows, bytes, time) without writing any of it.

    Examples:

      populace plan recoverlution --scenario demo

      populace plan recoverlution --set count_users=100000 --out big.json
    """
    from populace import clock
    from populace.operations import planning
    from populace.operations.opening import find_world, settings

    found = find_world(world)
    now_us = clock.parse(now, "--now") if now is not None else clock.now_us()
    made = planning.make_plan(
        found,
        settings(),
        scenario=scenario,
        seed=seed,
        now_us=now_us,
        epoch=epoch,
        changes=planning.pairs(changes or []),
    )
    guess = planning.estimated(made, now_us)
    if out:
        planning.write_plan_file(made, out)
    document: dict[str, Any] = {
        "plan": made.digest,
        "document": made.document(),
        "until": clock.iso(now_us),
        "estimate": {
            "rows": dict(guess.rows),
            "total_rows": guess.total,
            "bytes": guess.bytes_on_disk,
            "generate_seconds": round(guess.generate_s, 2),
        },
    }
    costs = planning.costs(made, guess, now_us)
    if costs:
        document["costs"] = [{**asdict(c), "amount": round(c.amount, 1), "share": c.share} for c in costs]
    rows = [(found.table(name).full_name, f"{count:,}") for name, count in guess.rows.items()]
    text = (
        f"{found.title}, scenario {made.scenario}, seed {made.seed}, plan {made.digest}\n"
        f"history {clock.iso(made.origin_us)} to {clock.iso(made.epoch_us)}, then life to {clock.iso(now_us)}\n\n"
        f"{table(('TABLE', 'ROWS, ABOUT'), rows, right=[1])}\n\n"
        f"about {guess.total:,} rows, {size(guess.bytes_on_disk)} with indexes; "
        f"{guess.generate_s:.1f} s to generate on this machine, and about twice that to load"
        + (f"\n\n{_costs(costs)}" if costs else "")
        + (f"\nwritten to {out}" if out else "")
    )
    Output(as_json).result(document, text)


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
