"""validate: every check on a target, in a database or in files, and the report of it all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from populace import clock
from populace.checks import accounting, chart, conformance, integrity, timing
from populace.checks.judgement import Judgement
from populace.checks.shipped import shipped
from populace.checks.verdict import Status, Verdict
from populace.database.connection import Connection
from populace.event import Listener, Stage, unheard
from populace.operations import files
from populace.operations.context import Context
from populace.operations.inspection import report
from populace.operations.integrations import channels
from populace.operations.population import Population, population
from populace.operations.targets import folder_of
from populace.plan import Plan
from populace.runner import delegations, records

STATES: Mapping[Status, str] = {"ok": "ok", "failed": "FAILED", "open": "open", "info": "info"}


@dataclass(frozen=True, slots=True)
class ValidateRequest:
    """html: a file for a report with charts; None: no report."""

    world: str | None = None
    html: Path | None = None


@dataclass(frozen=True, slots=True)
class Validated:
    """A judgement, and its report on disk where one was asked for."""

    judgement: Judgement
    report: report.Written | None = None

    @property
    def verdicts(self) -> list[Verdict]:
        """All lines: of every check, and figures for information."""
        return list(self.judgement.verdicts)

    @property
    def failed(self) -> list[Verdict]:
        """Those that do not hold."""
        return [v for v in self.verdicts if v.status == "failed"]

    @property
    def ok(self) -> bool:
        """Whether none failed. A check that life has not brought enough for yet is open, which is no failure."""
        return not self.failed

    @property
    def info(self) -> int:
        """How many lines show a figure of which nothing is asked."""
        return sum(v.status == "info" for v in self.verdicts)

    @property
    def checks(self) -> int:
        """How many lines are checks."""
        return len(self.verdicts) - self.info

    @property
    def open(self) -> int:
        """How many cannot be measured yet."""
        return sum(v.status == "open" for v in self.verdicts)

    def document(self) -> dict[str, Any]:
        """As `validate --json` prints it."""
        out: dict[str, Any] = {
            "ok": self.ok,
            "checks": self.checks,
            "failed": len(self.failed),
            "open": self.open,
            "info": self.info,
            "groups": {g.name: {s: g.count(s) for s in STATES} for g in self.judgement.groups()},
            "verdicts": [v.document() for v in self.verdicts],
        }
        if self.report:
            out["report"] = {"file": str(self.report.file), "bytes": self.report.bytes}
        return out


def validate(context: Context, request: ValidateRequest | None = None, *, on_event: Listener = unheard) -> Validated:
    """Check a target: conformance to the documents, integrity, the statistics of every decision, query timings.

    Raises Refused when there is no finished seed, BadInput for a report that cannot be written.
    """
    request = request or ValidateRequest()
    folder = folder_of(context, request.world)
    if request.html is not None:
        report.require_writable(request.html)
    if folder is not None:
        judgement = files.validate(context, folder, request.world)
    else:
        with population(context, request.world, "validate", looking=True) as there:
            judgement = judge(there, charts=request.html is not None, on_event=on_event)
    return Validated(judgement, None if request.html is None else report.write(judgement, request.html))


def judge(there: Population, *, charts: bool = False, on_event: Listener = unheard) -> Judgement:
    """Every check on a database. charts: with what a report draws."""
    connection, plan, world = there.connection, there.plan, there.world
    counted = expected(connection, plan)
    known = facts(there)
    values = conformance.values(plan, known)
    steps = [*shipped(world.package, "timings"), *shipped(world.package, "checks"), *world.tables]
    stage, number = Stage(on_event, "checks", "steps", len(steps)), count()

    def begin(name: str) -> None:
        stage.at(next(number), name.replace("_", " "))

    # Before the planner's settings change.
    timings = list(timing.check(connection, world.package, values, begin))
    # Checks read whole tables; how many rows pass a condition on JSON is guessed so low that a join of all with
    # all would look cheap.
    connection.execute("SET LOCAL enable_nestloop = off")
    # So that millions of keys are joined in memory.
    connection.execute("SET LOCAL work_mem = '128MB'")
    conforming = list(conformance.check(connection, plan, known, begin))
    by_peers = channels.stored_by_peers(plan)
    whole = list(integrity.check(connection, world, counted, begin, by_peers=by_peers))
    stage.over(len(steps))
    return Judgement(
        world=world.title,
        package=world.package,
        target=there.opened.shown,
        about=_about(plan, known.watermark_us),
        parts={
            "conformance": conforming,
            "integrity": whole,
            "accounting": list(accounting.check(plan, known.statistics)),
            "timings": timings,
        },
        charts=list(chart.read(connection, world.package, values)) if charts else [],
    )


def facts(there: Population) -> conformance.Facts:
    """What the records of a target say."""
    tallies = records.read_tallies(there.connection).tables
    return conformance.Facts(
        seconds=there.record.seconds,
        watermark_us=there.watermark_us,
        statistics=records.read_draw_statistics(there.connection).document(),
        removed={name: tally.removed for name, tally in tallies.items() if tally.removed},
    )


def _about(plan: Plan, watermark_us: int) -> dict[str, str]:
    """What was judged, for a reader."""
    return {
        "scenario": plan.scenario,
        "seed": str(plan.seed),
        "epoch": clock.iso(plan.epoch_us),
        "written up to": clock.iso(watermark_us),
        "plan": plan.digest,
    }


def expected(connection: Connection, plan: Plan) -> dict[str, int]:
    """How many rows with its mark each append table must hold: ours as recorded, and what an endpoint stored itself, or
    a site for visits that were played there."""
    tallies = records.read_tallies(connection).tables
    apart, played = channels.stored_by_peers(plan), bool(delegations.counted(connection))
    return {
        t.name: (tallies[t.name].written - tallies[t.name].removed if t.name in tallies else 0)
        + (integrity.count_others(connection, t) if t.name in apart else 0)
        + (integrity.count_played(connection, t) if played and t.name not in apart else 0)
        + (integrity.count_ahead(connection, plan.world, t) if played else 0)
        for t in plan.world.tables
        if t.mode == "append" and not t.made_by
    }
