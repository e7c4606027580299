"""realism: whether the people of a target look like those of real products, which is another question than whether they
are as their world's documents say."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from populace.checks import conformance
from populace.checks.realism import judging, reading
from populace.checks.realism.finding import Comparison, Finding
from populace.checks.realism.logs import Logs
from populace.clock import DAY_US
from populace.errors import BadInput
from populace.event import Listener, Stage, unheard
from populace.operations.context import Context
from populace.operations.inspection import report
from populace.operations.inspection.validate import facts
from populace.operations.population import Population, population
from populace.operations.targets import folder_of


@dataclass(frozen=True, slots=True)
class RealismRequest:
    """world: None for the world of the target. html: a file for a report with charts; None: no report. charts: with
    what
    each metric draws, in the document too."""

    world: str | None = None
    html: Path | None = None
    charts: bool = False


@dataclass(frozen=True, slots=True)
class Compared:
    """How real a population looks, and the report on disk where one was asked for."""

    comparison: Comparison
    report: report.Written | None = None

    @property
    def ok(self) -> bool:
        """Whether a scenario that claims to look real has no red metric; any other makes no claim."""
        return self.comparison.ok

    @property
    def findings(self) -> list[Finding]:
        """Every metric, in order."""
        return list(self.comparison.findings)

    def document(self) -> dict[str, Any]:
        """As `validate --realism --json` prints it."""
        out = dict(self.comparison.document())
        if self.report:
            out["report"] = {"file": str(self.report.file), "bytes": self.report.bytes}
        return out


def realism(context: Context, request: RealismRequest | None = None, *, on_event: Listener = unheard) -> Compared:
    """Compare the people of a target with those of real products, metric by metric. Nothing is changed.

    Raises Refused when there is no finished seed; BadInput for a world that does not say with what to compare its
    people,
    for files, which SQL cannot read, and for a report that cannot be written.
    """
    request = request or RealismRequest()
    if folder_of(context, request.world) is not None:
        todo = "seed a database with the same plan, and it holds the same rows"
        raise BadInput("realism is measured by SQL, and a folder of files has none", where="target", todo=todo)
    if request.html is not None:
        report.require_writable(request.html)
    with population(context, request.world, "realism", looking=True) as there:
        found = compare(there, charts=request.charts or request.html is not None, on_event=on_event)
    return Compared(found, None if request.html is None else report.write_realism(found, request.html))


def compare(there: Population, *, charts: bool = False, on_event: Listener = unheard) -> Comparison:
    """Every metric of a population. charts: with what each of them draws."""
    declared = there.world.realism
    if declared is None:
        raise BadInput(
            "this world does not say with what to compare its people",
            where=f"{there.world.name}.realism",
            todo="declare a populace.spec.Realism and its SQL, as docs/concepts/realism.md has it",
        )
    judging.require(declared, f"{there.world.name}.realism")
    plan = there.plan
    stage, number = Stage(on_event, "realism", "metrics", len(judging.METRICS) + 1), count()
    stage.at(next(number), "reading")
    logs = logs_of(there)
    findings = list(
        judging.judge(
            logs, declared, plan.scenario, charts=charts, begin=lambda title: stage.at(next(number), title.lower())
        )
    )
    stage.over(len(judging.METRICS) + 1)
    return Comparison(
        world=there.world.title,
        scenario=plan.scenario,
        domain=declared.domain,
        target=there.opened.shown,
        claimed=plan.scenario in declared.realistic,
        sampled=logs.sampled,
        findings=findings,
        removed=removed(logs),
    )


def logs_of(there: Population) -> Logs:
    """What is read of a population, in the session's transaction."""
    there.connection.execute("SET LOCAL work_mem = '128MB'")
    return reading.read(there.connection, there.plan, conformance.values(there.plan, facts(there)))


def removed(logs: Logs) -> tuple[int, int] | None:
    """How many of the people who signed up are no longer in the tables, and of how many, by daily statistics."""
    if logs.sign_ups is None or logs.people is None or not len(logs.sign_ups):
        return None
    since = int(logs.sign_ups.day.min())
    everybody = int(logs.sign_ups.people.sum())
    here = int((logs.people.joined // DAY_US >= since).sum()) * logs.sampled
    return max(0, everybody - here), everybody
