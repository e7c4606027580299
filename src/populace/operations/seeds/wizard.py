"""What the wizard has to know, without asking anybody: what a world asks, who lives in a target, and what it takes
to do the same without asking.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from populace.database import guard
from populace.errors import BadInput, Interrupted, PopulaceError, Refused, Remedy
from populace.event import Event, Listener, unheard
from populace.operations import cleanups
from populace.operations.cleanups import Cleaned, CleanupRequest
from populace.operations.context import Context
from populace.operations.opening import Opened, session
from populace.operations.plans import matching
from populace.operations.population import recorded
from populace.operations.seeds.prepared import Prepared, SeedResult
from populace.operations.seeds.seed import fill
from populace.plan import Plan
from populace.runner import ledger, records
from populace.runner.records import PlanRecord
from populace.spec import Parameter, World
from populace.spec.parameter import Value
from populace.spec.questions import Question

State = Literal["nobody", "same", "unfinished", "other"]


@dataclass(frozen=True, slots=True)
class Standing:
    """What a target holds. state: nobody; the same plan, finished or not; or another population, of `world`.

    written_us: up to when it is written, once it is finished. differing: paths in which another plan of the same world
    differs.
    """

    state: State
    world: World
    digest: str = ""
    written_us: int | None = None
    differing: Sequence[str] = ()


def standing(prepared: Prepared) -> Standing:
    """What a target holds, compared with a plan. A target's own epoch counts as the same, as it does for a seed, and so
    does its people's password unless one was asked for.

    Raises Refused for a target that is not opened, or with a world that is not installed.
    """
    opened, plan = _opened(prepared), prepared.plan
    with session(opened, "wizard", looking=True) as connection:
        guard.require_open(connection, opened.shown)
        record = records.read_plan(connection)
        written_us = ledger.watermark(connection) if record else None
    if record is None:
        return Standing("nobody", plan.world)
    if record.world != plan.world.name:
        return Standing("other", _other(prepared.context, record, opened.shown), record.digest, written_us)
    differences = matching.differing(
        plan, record.document, record.digest, epoch_given=False, login_given=prepared.login_given
    )
    state: State = "other" if differences else "same" if record.state == "ready" else "unfinished"
    return Standing(state, plan.world, record.digest, written_us, differences)


def doomed(prepared: Prepared, there: Standing) -> Cleaned:
    """What a clean-up would delete. Raises Refused when rows of others are in its way."""
    return cleanups.clean(_context(prepared), _cleanup(prepared, there, dry_run=True))


def replace(
    prepared: Prepared, there: Standing, *, on_event: Listener = unheard, stop: threading.Event | None = None
) -> SeedResult:
    """Take out who is in the way, where somebody is, then seed."""
    if there.state == "other":
        try:
            gone = cleanups.clean(_context(prepared), _cleanup(prepared, there, dry_run=False), on_event=on_event)
        except (KeyboardInterrupt, Interrupted):
            raise _stopped(prepared) from None
        on_event(Event("note", f"{sum(gone.report.deleted.values()):,} synthetic rows deleted"))
    return fill(prepared, on_event=on_event, stop=stop)


def _cleanup(prepared: Prepared, there: Standing, *, dry_run: bool) -> CleanupRequest:
    return CleanupRequest(dry_run=dry_run, world=prepared.context.registry.called(there.world))


def _context(prepared: Prepared) -> Context:
    """For the target as it was reached: a bare `embedded:` is the folder of the world to come, whoever is in it."""
    context = prepared.context
    return context.at(prepared.shown) if prepared.target.kind == "embedded" else context


def _stopped(prepared: Prepared) -> Interrupted:
    """What a clean-up has done that was interrupted: all or nothing, and only the target knows which."""
    try:
        gone = standing(prepared).state == "nobody"
    except (PopulaceError, KeyboardInterrupt):
        return Interrupted("stopped", todo=Remedy("status", text="{} says whether the rows were deleted"))
    return Interrupted(
        "stopped; the rows were deleted, and nothing is seeded yet" if gone else "stopped; nothing was changed"
    )


def _other(context: Context, record: PlanRecord, shown: str) -> World:
    """The other world of a target. Raises Refused for one that is not at hand."""
    try:
        return recorded(context, record.world, record.world_path, shown)
    except Refused:
        todo = Remedy("cleanup", {"everything": True, "world": "PATH"}, "or clean up with that world: {}")
        raise Refused(
            "the population of this database is of a world that is not installed",
            where=shown,
            given=record.world,
            todo=["name another target", todo],
        ) from None


def _opened(prepared: Prepared) -> Opened:
    assert prepared.opened is not None
    return prepared.opened


def questions(world: World) -> Sequence[Question]:
    """What is asked for a configuration of one's own: what the world declares, else what decides how much there is,
    and the switches."""
    if world.questions:
        return world.questions
    sizes = _sizes(world)
    fixed = [p for p in world.parameters if not (p.live or p.secret)]
    counts = [p for p in fixed if type(p.default) is int and _decides(world, p, sizes)]
    switches = [p for p in fixed if isinstance(p.default, bool)]
    return [Question(path=p.path, asks=p.means[:1].upper() + p.means[1:]) for p in (*counts, *switches)]


def _sizes(world: World) -> Sequence[str]:
    """The paths of how many there are of everything, and for how long."""
    of_flows = (path for flow in world.flows for path in flow.sizes)
    return [world.history_days, *(str(root.size) for root in world.roots), *of_flows]


def _decides(world: World, parameter: Parameter, sizes: Sequence[str]) -> bool:
    """Whether a size is another one when this whole number is."""
    base = {p.path: p.default for p in world.parameters}
    number = int(parameter.default)
    other = number + 1 if parameter.high is None or number < parameter.high else number - 1
    try:
        values = [world.values(settings) for settings in (base, {**base, parameter.path: other})]
    except BadInput:
        return False
    return any(values[0].get(path) != values[1].get(path) for path in sizes)


def changed(base: Plan, answers: Mapping[str, Value]) -> dict[str, Value]:
    """The answers that a plan does not have anyway."""
    return {path: value for path, value in answers.items() if base.settings[path] != value}


def cleaning(prepared: Prepared, there: Standing) -> Remedy:
    """The operation that takes a population out, as somebody would ask for it."""
    called = prepared.context.registry.called(there.world)
    return Remedy("cleanup", {"everything": True, "yes": True, "world": called, "target": prepared.shown})


def seeding(prepared: Prepared, changes: Mapping[str, Value]) -> Remedy:
    """The operation that seeds a plan, as somebody would ask for it."""
    plan = prepared.plan
    arguments: dict[str, object] = {
        "world": prepared.context.registry.called(plan.world),
        "scenario": plan.scenario,
        "changes": dict(changes),
        "target": prepared.shown,
    }
    return Remedy("seed", arguments if prepared.target.kind == "embedded" else {**arguments, "yes": True})


def confirmation(prepared: Prepared) -> str:
    """What has to be typed before anything is deleted: `yes`, or the name of a database that is not embedded."""
    if prepared.target.kind == "embedded":
        return "yes"
    with session(_opened(prepared), "wizard", looking=True) as connection:
        return connection.info.dbname


def written(value: Value) -> str:
    """A value as somebody types it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
