"""doctor: one look at everything that keeps a population from living, each with what to do about it.

What any world can be asked stands here; what only one world knows, it asks itself in its `doctor.sql`: one SELECT with
the columns title, measured, ok and todo, where ok is null for what wants attention and is no failure, and todo may name
an operation (`{run}, for some hours`). It may use every
setting in force as a bound parameter (`%(path)s`), its default (`%(path.default)s`), `watermark`, and `now`:
simulated now, as `populace.now()` in its `status.sql` has it, so that both count the same minutes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from psycopg.types.numeric import Int8

from populace import clock
from populace.database import guard
from populace.database.connection import Connection
from populace.database.filled import filled
from populace.database.named import named
from populace.errors import PopulaceError, Remedy
from populace.operations import inhabitants
from populace.operations.context import Context
from populace.operations.integrations import channels
from populace.operations.integrations.outbox import status_of
from populace.operations.opening import world_sql
from populace.operations.population import Place, place
from populace.operations.steering import clocks
from populace.operations.steering.settings import in_force
from populace.plan import Plan, resolve
from populace.runner import lease, records
from populace.spec import World

PROGRAM = "populace"
SQL = named("populace.operations.inspection", "doctor.sql")
LATE_US = clock.MINUTE_US
"""A runner under a wall clock is not late before this: it writes a window a second."""

RUNNER = f"{PROGRAM} run"
"""How a resident runner is called among the sessions of a server."""
_ACTION = re.compile(r"\{(\w+)\}")
_OF_A_WORLD = ("run", "seed", "validate")

State = Literal["ok", "attention", "FAILED"]
STATES: Sequence[State] = ("ok", "attention", "FAILED")


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of an examination. todo: what to do when it is not ok."""

    title: str
    state: State
    measured: str
    todo: str | Remedy = ""

    def document(self, word: Callable[[str | Remedy], str] = str) -> dict[str, Any]:
        """As `doctor --json` prints it; word: words what to do."""
        return {"title": self.title, "state": self.state, "measured": self.measured, "todo": word(self.todo)}


@dataclass(frozen=True, slots=True)
class DoctorRequest:
    """world: None for the world of the target."""

    world: str | None = None


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found, in the order in which one thing needs the other."""

    target: str
    findings: Sequence[Finding]

    def count(self, state: State) -> int:
        """How many findings are in a state."""
        return sum(f.state == state for f in self.findings)

    @property
    def ok(self) -> bool:
        """Whether nothing failed."""
        return not self.count("FAILED")

    def document(self, word: Callable[[str | Remedy], str] = str) -> dict[str, Any]:
        """As `doctor --json` prints it; word: words what to do."""
        return {
            "ok": self.ok,
            "target": self.target,
            "attention": self.count("attention"),
            "failed": self.count("FAILED"),
            "findings": [f.document(word) for f in self.findings],
        }


def doctor(context: Context, request: DoctorRequest | None = None) -> Examined:
    """Everything that can be asked of a target.

    Raises TargetUnavailable when the target cannot be reached.
    """
    request = request or DoctorRequest()
    with place(context, request.world, "doctor", looking=True, or_closed=True) as there:
        return Examined(there.shown, list(_findings(there)))


def _findings(there: Place) -> Iterator[Finding]:
    connection = there.connection
    if not there.is_open:
        yield Finding(
            "the target",
            "FAILED",
            "reached, not opened for synthetic data",
            Remedy("init", {"target": there.shown}, "if it is the right one: {}"),
        )
        return
    if there.difference:
        refused = guard.not_the_same(there.difference, there.shown)
        yield Finding("the target", "FAILED", f"not the database that was opened: {there.difference}", _todo(refused))
    else:
        yield Finding("the target", "ok", f"reached, and open for synthetic data ({there.shown})")
    if there.left:
        # While one is under way it is no fault.
        todo = Remedy("restore", {"file": there.left, "target": there.shown}, "unless one is under way: {}")
        said = f"has begun and not ended; the old data is in {there.left}"
        yield Finding("the nightly refresh", "attention", said, todo)
    try:
        there.finished()
    except PopulaceError as error:
        yield Finding("the plan", "FAILED", error.what, _todo(error))
        return
    try:
        found = there.population()
    except PopulaceError as error:
        yield Finding("the plan", "FAILED", str(error), _todo(error))
        return
    plan, world, mark_us = found.plan, found.world, found.watermark_us
    yield Finding("the plan", "ok", f"{world.name}, scenario {plan.scenario}, {plan.digest}; its seed is finished")
    if not world.lifecycles:
        # Where the number is not in a plan, the world's own doctor.sql counts.
        yield _people(connection, plan, there.called)
    current = {p.path: plan.eras[-1].values[p.path] for p in world.parameters} | in_force(connection, plan)
    yield _enabled(world, current)
    leader = connection.execute(records.SQL["leader"], {"key": lease.KEY}).fetchone()
    runs = bool(leader and str(leader[1]).startswith(RUNNER))
    yield _runner(there.called, leader, runs=runs)
    now = records.read_clock(connection)
    assert now is not None
    yield _clock(there.called, now, mark_us, runs=runs)
    yield _trouble(connection)
    yield from _asked(connection, there.called, runs=runs)
    yield _kept(connection)
    yield from _filled(connection, world)
    yield from _channels(there, plan)
    yield from _of_the_world(there, current)


def _todo(error: PopulaceError) -> str | Remedy:
    return error.remedies[0] if error.remedies else ""


def _people(connection: Connection, plan: Plan, called: str) -> Finding:
    """People there, against the plan, with the number of the documents, or by default, beside it."""
    world = plan.world
    found, root = inhabitants.count(connection, plan), world.root(world.people_root)
    usual, own = (
        resolve(world, scenario, seed=plan.seed, epoch_us=plan.epoch_us, given=plan.given).sizes[root.name]
        for scenario in (world.default_scenario, plan.scenario)
    )
    # A world that is named by its path has no documents that we know.
    of = "" if own != usual else f" ({'by default' if world.source else 'documented'}: {usual:,})"
    measured = f"{found.here:,} of {found.joined:,}{of}"
    if found.later:
        measured += f"; {found.later:,} more " + ("are to join, or came and left" if root.removed else "join later")
    what = world.inhabitants
    if found.joined == 0 and found.later:
        return Finding(what, "ok", measured)
    if found.here == 0:
        return Finding(what, "FAILED", measured, Remedy("seed", {"world": called}, "{}, on an empty database"))
    if found.here < found.joined:
        return Finding(
            what,
            "attention",
            measured,
            Remedy("validate", {"world": called}, "the others were removed; {} shows more"),
        )
    return Finding(what, "ok", measured)


def _enabled(world: World, current: Mapping[str, Any]) -> Finding:
    if not all(current[path] for path in world.switches):
        return Finding("enabled", "attention", "no: paused; no session begins", Remedy("resume"))
    return Finding("enabled", "ok", "yes: visits may begin")


def _runner(called: str, leader: tuple[Any, ...] | None, *, runs: bool) -> Finding:
    if leader is None:
        todo = Remedy("run", {"world": called}, "{}: without a runner no activity is written")
        return Finding("a runner", "attention", "none is running", todo)
    _, name, began = leader
    since = f", since {clock.iso(clock.from_datetime(began) // clock.SECOND_US * clock.SECOND_US)}" if began else ""
    if not runs:
        return Finding("a runner", "attention", f"{name} is at work{since}", "wait until it has ended")
    return Finding("a runner", "ok", f"{name}{since}")


def _clock(called: str, now: records.ClockRecord, mark_us: int, *, runs: bool) -> Finding:
    at = clock.iso(mark_us // clock.SECOND_US * clock.SECOND_US)
    if now.mode == "free":
        how = f"a free clock at speed {now.speed:g}; it is {at}"
        return Finding("the clock", "ok", how + ("" if runs else " until a runner continues"))
    if clocks.ahead_us(mark_us):
        ahead = clock.length(clocks.ahead_us(mark_us))
        return Finding(
            "the clock",
            "attention",
            f"a wall clock; written up to {at}, {ahead} ahead of real time: nobody lives until then",
            Remedy("set_clock", {"mode": "free"}, "wait; or {} lets it continue at once, on a clock of its own"),
        )
    behind_us = max(0, now.now_us(clock.now_us()) - mark_us)
    how = f"a wall clock; written up to {at}, {behind_us / clock.SECOND_US:,.0f} s behind"
    if behind_us <= LATE_US:
        return Finding("the clock", "ok", how)
    if runs:
        return Finding("the clock", "attention", how, "the runner is catching up; check again in a moment")
    return Finding("the clock", "attention", how, Remedy("run", {"world": called}, "{} makes up for it"))


def _trouble(connection: Connection) -> Finding:
    for name, state in (("trouble", "attention"), ("earlier_trouble", "ok")):
        row = connection.execute(SQL[name]).fetchone()
        if row:
            at, level, event, message = row
            said = f"{level} at {clock.iso(clock.from_datetime(at))}: {event}: {message}"
            if state == "ok":
                return Finding("the journal", "ok", f"nothing since the last start; before it, {said}")
            return Finding("the journal", "attention", said, Remedy("logs", text="{} shows what came before it"))
    return Finding("the journal", "ok", "no warning and no error")


def _asked(connection: Connection, called: str, *, runs: bool) -> Iterator[Finding]:
    row = connection.execute(SQL["asked"]).fetchone()
    assert row is not None
    waiting, refused, why = row
    if waiting and not runs:
        todo = Remedy("run", {"world": called}, "{}: they take effect with a window, or at their own time")
        yield Finding("changes requested", "attention", f"{waiting} wait for a runner", todo)
    elif not refused:
        yield Finding("changes requested", "ok", f"{waiting} wait" if waiting else "none waits, none was refused")
    if refused:
        yield Finding("changes refused", "attention", f"{refused}, the last: {why}", "ask again within the bounds")


def _kept(connection: Connection) -> Finding:
    """What should have gone and stays, since rows of others need it."""
    kept = records.kept(connection)
    if not kept:
        return Finding("kept for others", "ok", "nothing: what was to be removed was removed")
    said = "; ".join(f"{many:,} of {kind}, since {because}" for kind, many, because in kept)
    todo = "delete or change the rows that refer to them: the next removal tries them again"
    return Finding("kept for others", "attention", said, todo)


def _filled(connection: Connection, world: World) -> Iterator[Finding]:
    """Tables outside the world that the app fills about its people: a clean-up leaves their rows, or stops at them."""
    for one in filled(connection, world):
        yield Finding("filled by triggers", "attention" if one.rows else "ok", str(one), one.todo if one.rows else "")


def _channels(there: Place, plan: Plan) -> Iterator[Finding]:
    """What waits in each channel that the plan has a use for, and whether anybody is named who takes it."""
    for channel in plan.world.channels:
        if not channels.used(plan, channel):
            continue
        title, found = f"channel {channel.name}", status_of(there.connection, channel)
        lacks = channels.missing(channel, there.context.settings)
        waiting, rejected = sum(found.waiting.values()), sum(one.rows for one in found.rejected)
        measured = f"{waiting:,} wait, {sum(s.rows for s in found.sent):,} delivered, {rejected:,} rejected"
        if found.ahead:
            measured += f"; {found.ahead:,} lie ahead of real time and wait for it"
        if lacks:
            measured += f"; nobody is named ({' and '.join(lacks)})"
        fault = channels.fault(there.opened, there.context.settings, plan, channel)
        if rejected:
            yield Finding(
                title, "attention", measured, Remedy("outbox_status", {"channel": channel.name}, "{} shows why")
            )
        elif fault:
            yield Finding(title, "attention", f"{measured}; nothing can be sent: {fault.what}", str(fault))
        elif lacks and (waiting or not channel.has_events):
            yield Finding(title, "attention", measured, f"set {' and '.join(lacks)}")
        else:
            yield Finding(title, "ok", measured)


def _of_the_world(there: Place, current: Mapping[str, Any]) -> Iterator[Finding]:
    world = there.world
    query = world_sql(world, "doctor.sql")
    if query is None:
        return
    row = there.connection.execute(SQL["now"]).fetchone()
    assert row is not None
    bound: dict[str, object] = {"now": row[0], "watermark": row[1]}
    for parameter in world.parameters:
        bound[parameter.path] = _bound(current[parameter.path])
        bound[f"{parameter.path}.default"] = _bound(parameter.default)
    for title, measured, ok, todo in there.connection.execute(query, bound):
        state: State = "ok" if ok else "attention" if ok is None else "FAILED"
        yield Finding(title, state, str(measured), "" if state == "ok" else _advice(str(todo or ""), there.called))


def _advice(text: str, called: str) -> str | Remedy:
    """What a world's own file says to do: `{run}, for some hours` names an operation."""
    found = _ACTION.search(text)
    if found is None:
        return text
    arguments = {"world": called} if found[1] in _OF_A_WORLD else {}
    return Remedy(found[1], arguments, text.replace(found[0], "{}"))


def _bound(value: object) -> object:
    """A whole number as bigint: the driver would send a small one as smallint, and products overflow."""
    return Int8(value) if type(value) is int else value
