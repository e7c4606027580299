"""calibrate: a scenario whose people come as aggregates of a real product say.

Simulate and compare, without a database: the aggregates of a few thousand people are measured as `validate --realism`
measures them, parameters are moved, and the best values are written as a scenario. Which parameters may move an
aggregate is what the world declares for its metrics. What is judged in the end are other populations than those that
were fitted: with other seeds, so that nobody's luck counts as a fit.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from populace import clock, files
from populace.errors import BadInput
from populace.event import Listener, Stage, unheard
from populace.operations.calibrating import aggregates_file
from populace.operations.calibrating.fit import Fit, Limits
from populace.operations.calibrating.outcome import Calibrated, is_ours
from populace.operations.calibrating.worlds import declared_of
from populace.operations.context import Context
from populace.operations.plans.making import PlanRequest, make_plan, settled

PEOPLE = 6_000
EVALUATIONS, FEWEST_EVALUATIONS, MOST_EVALUATIONS = 60, 8, 10_000
MINUTES = 10.0
EPOCH = "2026-03-01T00:00:00Z"
"""Simulations end here unless something else is asked for, so that the same file is found on any day."""
WHERE = "calibrate"


@dataclass(frozen=True, slots=True)
class CalibrateRequest(PlanRequest):
    """aggregates: the file of what is known, or a document of the same form. out: the file of the scenario; None: none
    is written. evaluations: simulations, at most. minutes: of real time, at most: a search that it ends depends on the
    machine. people: so many are simulated. What `changes` sets is never moved; the default scenario is the world's
    realistic one."""

    aggregates: Path | Mapping[str, Any] = field(default_factory=dict)
    out: Path | None = None
    evaluations: int = EVALUATIONS
    minutes: float = MINUTES
    people: int = PEOPLE


def calibrate(
    context: Context,
    request: CalibrateRequest,
    *,
    on_event: Listener = unheard,
    stop: threading.Event | None = None,
) -> Calibrated:
    """Fit a world's parameters to aggregates. Nothing is written but the scenario's file, at the end.

    Raises BadInput for a world that cannot be fitted, for aggregates that are none, for bounds of the search, and for a
    file that cannot be written; Interrupted when `stop` is set: then nothing is written.
    """
    world = context.registry.find(request.world)
    declared = declared_of(world)
    _check(request)
    if request.out is not None:
        files.require_writable(request.out, f"{WHERE}.out", "the scenario", is_ours)
    given = request.aggregates
    wanted = aggregates_file.read(given) if isinstance(given, Path) else aggregates_file.of_document(given)
    scenario = request.scenario or next(iter(declared.realistic), world.default_scenario)
    asked = replace(request, scenario=scenario, epoch=request.epoch or EPOCH)
    plan = make_plan(context, asked, clock.parse(EPOCH, WHERE))
    limits = Limits(request.evaluations, request.minutes, request.people)
    fit = Fit(world, plan, wanted, frozenset(settled(context, asked)), limits, stop or threading.Event())
    fit.stage = Stage(on_event, WHERE, "simulations", request.evaluations)
    done = fit.run()
    if request.out is not None:
        done = replace(done, file=str(request.out))
        files.write(request.out, done.scenario().encode(), f"{WHERE}.out", "the scenario", is_ours)
    return done


def _check(request: CalibrateRequest) -> None:
    for name, value, low, high in (
        ("evaluations", request.evaluations, FEWEST_EVALUATIONS, MOST_EVALUATIONS),
        ("minutes", request.minutes, 0.05, 1_440),
        ("people", request.people, 200, 100_000),
    ):
        if not low <= value <= high:
            raise BadInput("this is out of bounds", where=f"{WHERE}.{name}", given=value,
                           allowed=f"from {low:,g} to {high:,g}")  # fmt: skip
    if request.plan_file is not None:
        raise BadInput("a plan settles everything already", where=f"{WHERE}.plan_file", given=str(request.plan_file))
