"""charts: what a world draws of its people's whole history, read from a target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from populace.checks import chart, conformance
from populace.checks.chart import Chart
from populace.operations.context import Context
from populace.operations.population import Population, population
from populace.runner import records


@dataclass(frozen=True, slots=True)
class ChartsRequest:
    """world: None for the world of the target."""

    world: str | None = None


def charts(context: Context, request: ChartsRequest | None = None) -> list[Chart]:
    """The charts of a target's world, with their numbers. They read whole tables.

    Raises Refused when there is no finished seed.
    """
    request = request or ChartsRequest()
    with population(context, request.world, "charts", looking=True) as there:
        there.connection.execute("SET LOCAL work_mem = '128MB'")
        return list(chart.read(there.connection, there.world.package, bound(there)))


def bound(there: Population) -> Mapping[str, object]:
    """What a world's own SQL may use, as `checks/*.sql` does."""
    tallies = records.read_tallies(there.connection).tables
    facts = conformance.Facts(
        seconds=there.record.seconds,
        watermark_us=there.watermark_us,
        statistics=records.read_draw_statistics(there.connection).document(),
        removed={name: tally.removed for name, tally in tallies.items() if tally.removed},
    )
    return conformance.values(there.plan, facts)
