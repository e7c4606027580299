"""The aggregates of a population that is in a target, as a file that can be fitted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from populace import files
from populace.operations.calibrating import aggregates_file
from populace.operations.calibrating.aggregates import DAYS, measured
from populace.operations.calibrating.aggregates_file import Wanted
from populace.operations.calibrating.worlds import declared_of
from populace.operations.context import Context
from populace.operations.inspection.realism import logs_of, removed
from populace.operations.population import population

WHERE = "calibrate"

_MEASURED = "Measured by Populace"
"""How a file of ours begins: such a one may be written over."""


@dataclass(frozen=True, slots=True)
class MeasureRequest:
    """world: None for that of the target. days: over which visits per person and choices are
    counted. out: a file for them."""

    world: str | None = None
    days: int = DAYS
    out: Path | None = None


@dataclass(frozen=True, slots=True)
class MeasuredAggregates:
    """The aggregates of a population, as a file's text."""

    text: str
    wanted: Wanted

    def document(self) -> dict[str, Any]:
        """As `calibrate --measure --json` prints it."""
        values = {
            name: value.tolist() if value.size > 1 else float(value[0]) for name, value in self.wanted.values.items()
        }
        return {"days": dict(self.wanted.days), "aggregates": values, "file": self.text}


def measure(context: Context, request: MeasureRequest) -> MeasuredAggregates:
    """The aggregates of the people of a target, by the world's own SQL. Nothing is changed.

    Raises Refused when there is no finished seed, BadInput for a world that says nothing of its people's realism.
    """
    if request.out is not None:
        files.require_writable(request.out, f"{WHERE}.out", "the aggregates", _is_aggregates)
    with population(context, request.world, WHERE, looking=True) as there:
        declared_of(there.world)
        logs = logs_of(there)
        about = f"{_MEASURED}: {there.world.name}, scenario {there.plan.scenario}."
        if logs.people is None:
            about += "\nNothing is read of when people signed up: there is no retention."
        gone = removed(logs)
        if gone is not None and gone[0]:
            about += f"\nThe app deleted {gone[0]:,} of {gone[1]:,} people who signed up; they count in retention only."
    days = dict.fromkeys(("visits_per_person", "popularity"), request.days)
    values = measured(logs, days)
    if "dau" in values:
        values["dau"] = values["dau"] * logs.sampled
    wanted = Wanted(values, days)
    text = aggregates_file.written(wanted, about)
    if request.out is not None:
        files.write(request.out, text.encode(), f"{WHERE}.out", "the aggregates", _is_aggregates)
    return MeasuredAggregates(text, wanted)


def _is_aggregates(head: bytes) -> bool:
    return head.startswith(f"# {_MEASURED}".encode())
