"""check-world: whether a world keeps the promises that everything rests on, before anybody is seeded with it.

Most of it runs in memory: cuttings at random, work that is left half way, the same files loaded by another process.
Then a database of its own is seeded, interrupted and continued, lived in, judged and cleaned up, and thrown away.
"""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np

from populace import clock
from populace.batch import Batch
from populace.engine import DrawStatistics, Snapshots, Window, cuts, generate, whole
from populace.engine.estimate import estimate
from populace.errors import BadInput, Interrupted, PopulaceError, Remedy
from populace.event import Event, Listener, unheard
from populace.operations.cleanups import CleanupRequest, CountRequest, clean, count
from populace.operations.context import Context
from populace.operations.inspection.validate import ValidateRequest, validate
from populace.operations.plans.making import PlanRequest, make_plan
from populace.operations.runs.run import RunRequest, run
from populace.operations.seeds.seed import SeedRequest, seed
from populace.operations.targets import stop_server
from populace.plan import Plan
from populace.runner.cutting import Outcome, windows
from populace.runner.cutting import run as cut
from populace.sinks.memory import MemorySink
from populace.spec import Flow, Ints
from populace.spec.authors import declared_at

MOST_ROWS = 400_000
"""A world is checked small: all its rows are held in memory, several times."""
MOST_CUTTINGS = 1_000
LIFE_US = 26 * clock.HOUR_US
"""So much life after the epoch is checked: every hour of the day, and the seam between two days."""
SECONDS = 20
"""Windows of a second, as a runner takes them, whose cost is measured."""
SLOW_MS = 50.0
"""A tick that costs more than this wants a look: a runner writes one a second."""

State = Literal["ok", "attention", "FAILED"]
STATES: Sequence[State] = ("ok", "attention", "FAILED")


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckWorldRequest(PlanRequest):
    """A world and a plan of it. cuttings: how many at random. without_database: only what memory can show."""

    cuttings: int = 6
    without_database: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of a check. where: the author's file and line, where something is wrong; todo: what to do about it."""

    title: str
    state: State
    measured: str
    where: str = ""
    todo: str = ""


@dataclass(frozen=True, slots=True)
class CheckedWorld:
    """What was found. digests: of every table over the whole span, a hash of its rows."""

    world: str
    plan: str
    findings: Sequence[Finding]
    digests: Mapping[str, str]
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether nothing failed."""
        return all(finding.state != "FAILED" for finding in self.findings)

    def count(self, state: State) -> int:
        """How many findings are in a state."""
        return sum(finding.state == state for finding in self.findings)

    def document(self) -> dict[str, Any]:
        """As `check-world --json` prints it."""
        return {
            "ok": self.ok,
            "world": self.world,
            "plan": self.plan,
            "attention": self.count("attention"),
            "failed": self.count("FAILED"),
            "findings": [asdict(finding) for finding in self.findings],
            "digests": dict(self.digests),
            "seconds": round(self.seconds, 3),
        }


def check_world(
    context: Context,
    request: CheckWorldRequest,
    *,
    on_event: Listener = unheard,
    stop: threading.Event | None = None,
) -> CheckedWorld:
    """Check a world by a plan of it, small enough for memory. The first thing that fails does not hide the others,
    unless nothing can be generated at all.

    Raises BadInput for a world that cannot be loaded, a plan that cannot be, or one with too many rows.
    """
    began, stop = clock.monotonic(), stop or threading.Event()
    if not 1 <= request.cuttings <= MOST_CUTTINGS:
        raise BadInput(
            "this number of cuttings is out of bounds",
            where="check_world.cuttings",
            given=request.cuttings,
            allowed=f"a whole number from 1 to {MOST_CUTTINGS:,}",
        )
    now_us = request.now_us()
    plan = make_plan(context, request, now_us)
    checks = _Checks(context, request, plan, plan.epoch_us + LIFE_US)
    findings: list[Finding] = []
    steps = [*checks.in_memory(), *([] if request.without_database else checks.in_a_database())]
    for done, (title, look) in enumerate(steps):
        if stop.is_set():
            raise Interrupted("stopped; nothing was kept")
        on_event(Event("check", title, done, len(steps), "checks"))
        try:
            found = look()
        except Interrupted:
            raise
        except PopulaceError as error:
            found = _of(error)
        except ValueError as error:
            found = Finding("", "FAILED", str(error))
        findings.append(replace(found, title=title))
        if title == checks.FIRST and found.state == "FAILED":
            break
    digests = checks.undivided.digests if checks.known else {}
    return CheckedWorld(plan.world.name, plan.digest, findings, digests, clock.monotonic() - began)


def _of(error: PopulaceError) -> Finding:
    """An error as a finding."""
    said = error.what if error.given is None else f"{error.what}: {error.given!r}"
    said += f" (allowed: {error.allowed})" if error.allowed else ""
    said += "".join(f"; {fault}" for fault in error.faults)
    return Finding("", "FAILED", said, error.where or "", "; ".join(map(str, error.remedies)))


class _Checks:
    """The checks of one plan. until_us: the end of the span, which begins with history."""

    FIRST = "rows"

    def __init__(self, context: Context, request: CheckWorldRequest, plan: Plan, until_us: int) -> None:
        self.context, self.request, self.plan, self.until_us = context, request, plan, until_us
        self.known: Outcome | None = None

    @property
    def undivided(self) -> Outcome:
        """The whole span in one piece: what every cutting is compared with."""
        if self.known is None:
            self.known = cut(self.plan, self.edges)
        return self.known

    @property
    def edges(self) -> list[int]:
        """Where the span begins and ends."""
        return [self.plan.origin_us, self.until_us]

    def in_memory(self) -> Iterator[tuple[str, Callable[[], Finding]]]:
        """What can be seen without a database, by title."""
        yield self.FIRST, self.rows
        yield "units", self.units
        yield "another process", self.elsewhere
        yield "cut in shards", partial(self.cutting, "its rows depend on which others are computed with them", parts=7)
        yield "cut in windows", partial(self.cutting, "its rows depend on the window they are computed for", cuts=6)
        yield "cut at random", self.at_random
        yield "kill and resume", self.half_way
        yield "seconds", self.seconds

    def in_a_database(self) -> Iterator[tuple[str, Callable[[], Finding]]]:
        """What only a database shows."""
        yield "database", self.database

    def rows(self) -> Finding:
        """How many rows there are, and where there is none."""
        self._require_few()
        many = {name: int(digest.partition(":")[0]) for name, digest in self.undivided.digests.items()}
        # No flow writes what the app's triggers make.
        echoes = {table.name for table in self.plan.world.tables if table.made_by}
        empty = [name for name, rows in many.items() if not rows and name not in echoes]
        said = f"{sum(many.values()):,} in {len(many)} tables, over {clock.length(self.until_us - self.plan.origin_us)}"
        if empty:
            where = self._writing(empty)
            said, todo = f"{said}; none in {', '.join(empty)}", "let a flow write them, or take more people or days"
            return Finding("", "attention", said, where, todo)
        return Finding("", "ok", f"{said}; contacts are reserved, moments within what is declared")

    def _require_few(self) -> None:
        """Raise BadInput for a plan of more rows than can be checked in every cutting, as soon as that is seen."""
        found = 0

        def count(batch: Batch) -> None:
            nonlocal found
            found += batch.rows.num_rows
            require(found, "more than")

        def require(rows: int, about: str) -> None:
            if rows > MOST_ROWS:
                raise BadInput(
                    f"this plan has {about} {rows:,} rows, and a world is checked small",
                    where="check_world.changes",
                    allowed=f"at most {MOST_ROWS:,} rows",
                    todo=Remedy("", {"changes": None, "scenario": None}, "take fewer people or days with {}"),
                )

        require(estimate(self.plan, Window(*self.edges), timed=False, hear=count).total, "about")

    def units(self) -> Finding:
        """Numbers without a unit."""
        bare = [
            p.path
            for p in self.plan.world.parameters
            if isinstance(p.default, int | float) and not isinstance(p.default, bool) and not p.unit
        ]
        if bare:
            return Finding("", "attention", f"no unit: {', '.join(bare)}", todo="say `unit=` of each number, in words")
        return Finding("", "ok", "every number has one")

    def elsewhere(self) -> Finding:
        """The same rows from another process, which loads the files again and orders sets in another way."""
        asked = {
            "folder": str(self.context.settings.folder or Path()),
            "world": str(self.context.registry.path_of(self.plan.world) or self.request.world),
            "document": self.plan.document(),
            "edges": self.edges,
        }
        done = subprocess.run(
            [sys.executable, "-m", __name__.rpartition(".")[0] + ".digests"],
            input=json.dumps(asked),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            return Finding("", "FAILED", f"it ended with {done.returncode}: {done.stderr.strip()[-300:]}")
        why = "its rows differ from process to process: a set, a clock or chance of its own"
        return self._same(json.loads(done.stdout), why)

    def cutting(self, why: str, *, parts: int = 1, cuts: int = 0) -> Finding:
        """One kind of cutting."""
        outcome = cut(self.plan, [*self.edges, *self._moments(cuts, 0)], parts)
        pieces = parts if parts > 1 else cuts + 1
        return self._compared(outcome, why, f"{pieces} pieces give the same rows and draws")

    def at_random(self) -> Finding:
        """Shards, windows, order and snapshots, all at random."""
        for number in range(1, self.request.cuttings + 1):
            parts = (1, 2, 3, 7)[number % 4]
            shuffled, snapshots = (number, None) if number % 2 else (None, Snapshots())
            edges = [*self.edges, *self._moments(5, number)]
            outcome = cut(self.plan, edges, parts, snapshots=snapshots, shuffled=shuffled)
            how = "out of order" if snapshots is None else "with snapshots"
            found = self._compared(outcome, f"cut {parts} by {len(edges) - 1} {how}, its rows are others", "")
            if found.state == "FAILED":
                return found
        return Finding("", "ok", f"{self.request.cuttings} cuttings give the same rows and draws")

    def half_way(self) -> Finding:
        """Work that ends anywhere, and is begun again with what was remembered."""
        middle = self.plan.epoch_us + LIFE_US // 2
        snapshots, sink, statistics = Snapshots(), MemorySink(self.plan.world), DrawStatistics()
        edges = [self.plan.origin_us, self.plan.epoch_us, middle, self.until_us]
        for number, window in enumerate(windows(edges)):
            begun = generate(self.plan, whole(self.plan), window, DrawStatistics(), snapshots)
            for _ in itertools.islice(begun, int(self._numbers(np.array([number]), np.array([7]))[0])):
                pass
            del begun
            for batch in generate(self.plan, whole(self.plan), window, statistics, snapshots):
                sink.write(batch)
        outcome = Outcome(sink.digests(), statistics.document(), sink)
        same = "3 windows, each left half way and begun again, give the same rows and draws"
        return self._compared(outcome, "work that is begun again gives other rows", same)

    def seconds(self) -> Finding:
        """Windows of a second, and what one costs."""
        plan, snapshots = self.plan, Snapshots()
        start = plan.epoch_us + LIFE_US // 2
        edges = [start + second * clock.SECOND_US for second in range(SECONDS + 1)]
        sink = MemorySink(plan.world)
        for batch in generate(plan, whole(plan), Window(plan.origin_us, start), None, snapshots):
            sink.write(batch)
        costs = []
        for a, b in itertools.pairwise(edges):
            began = clock.monotonic()
            for batch in generate(plan, whole(plan), Window(a, b), None, snapshots):
                sink.write(batch)
            costs.append(clock.monotonic() - began)
        for batch in generate(plan, whole(plan), Window(edges[-1], self.until_us), None, snapshots):
            sink.write(batch)
        found = self._same(sink.digests(), "windows of a second give other rows")
        if found.state == "FAILED":
            return found
        each_ms = float(np.median(costs)) * 1000
        said = f"{SECONDS} windows of a second give the same rows; one costs {each_ms:.1f} ms"
        if each_ms > SLOW_MS:
            return Finding(
                "", "attention", said, todo="a tick should cost what happens in it, not how many people there are"
            )
        return Finding("", "ok", said)

    def database(self) -> Finding:
        """A seed that is interrupted and continued, life, all of `validate`, and a clean-up that leaves nothing."""
        with tempfile.TemporaryDirectory(prefix="populace-check-") as folder:
            here = self.context.at(f"embedded:{folder}/data")
            try:
                return self._lived(here)
            finally:
                with suppress(PopulaceError):
                    stop_server(here)

    def _lived(self, here: Context) -> Finding:
        called, epoch = self.context.registry.called(self.plan.world), clock.iso(self.plan.epoch_us)
        asked = SeedRequest(called, self.plan.scenario, self.plan.seed, epoch, epoch, dict(self.plan.settings))
        killed = threading.Event()

        def hear(event: Event) -> None:
            if (event.done or 0) > 0:
                killed.set()

        with suppress(Interrupted):
            seed(here, asked, on_event=hear, stop=killed)
        seed(here, asked)
        later = clock.iso(self.plan.epoch_us + clock.HOUR_US)
        run(here, RunRequest(called, "max", later))
        wrong = [one for one in validate(here, ValidateRequest(called)).judgement.verdicts if one.ok is False]
        counted = count(here, CountRequest(called))
        total, others = sum(counted.rows.values()), sum(counted.others.values())
        gone = clean(here, CleanupRequest(world=called)).report
        left = total - sum(gone.deleted.values())
        if wrong:
            said = "; ".join(f"{one.id} {one.title}: {one.measured} instead of {one.target}" for one in wrong[:3])
            return Finding("", "FAILED", f"`validate` finds {len(wrong)}: {said}")
        if others or left:
            said = f"{others:,} rows carry a mark that is not ours, {left:,} stay after a clean-up"
            return Finding("", "FAILED", said, todo="a mark knows every row of its table and no other")
        said = f"seeded, stopped and continued, lived an hour, validated; {total:,} rows marked, all cleaned up"
        return Finding("", "ok", said)

    def _numbers(self, entity: Ints, wide: Ints) -> Ints:
        return cuts.numbers(self.plan.seed, "check-world", entity, wide)

    def _moments(self, many: int, number: int) -> list[int]:
        """Moments to cut at: anywhere in the span, in whole milliseconds, half of them in life."""
        start, end = self.edges
        spans = [(start, end), (self.plan.epoch_us - clock.HOUR_US, end)]
        entity = np.arange(many) + number * 1_000
        low = np.array([spans[k % 2][0] for k in range(many)], dtype=np.int64)
        wide = np.array([(spans[k % 2][1] - spans[k % 2][0]) // 1000 for k in range(many)], dtype=np.int64)
        return [int(at) for at in low + self._numbers(entity, wide) * 1000] if many else []

    def _compared(self, outcome: Outcome, why: str, same: str) -> Finding:
        found = self._same(outcome.digests, why, same)
        if found.state == "ok" and outcome.statistics != self.undivided.statistics:
            said = "the rows are the same, and draws are counted otherwise"
            return Finding("", "FAILED", said, todo="give each draw the moment (`at`) at which it is decided")
        return found

    def _same(self, digests: Mapping[str, str], why: str, same: str = "the same rows") -> Finding:
        other = [name for name, digest in self.undivided.digests.items() if digests.get(name) != digest]
        if not other:
            return Finding("", "ok", same)
        todo = "let a row follow from its own address, its parents' and the plan, and from nothing else"
        return Finding("", "FAILED", f"{', '.join(other)}: {why}", self._writing(other), todo)

    def _writing(self, tables: Sequence[str]) -> str:
        """Where the functions stand that write some tables: file and line."""
        flows: list[Flow] = [f for f in self.plan.world.flows if not {*f.tables}.isdisjoint(tables)]
        found = [declared_at(flow.emit) for flow in flows if hasattr(flow, "emit")]
        return ", ".join(dict.fromkeys(place for place in found if place))
