"""doctor: one look at everything that keeps a population from living, each with what to do about it.

What any world can be asked stands here; what only one world knows, it asks itself in its `doctor.sql`: one SELECT with
the columns title, measured, ok and todo, where ok is null for what wants attention and is no failure. It may use every
setting in force as a bound parameter (`%(sessions_per_min)s`), its default (`%(sessions_per_min.default)s`), and
`watermark`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from psycopg.types.numeric import Int8

from populace import clock
from populace.checks import integrity
from populace.database import guard
from populace.database.named import named
from populace.errors import PopulaceError, Remedy
from populace.operations.control import in_force
from populace.operations.opening import Connection, Opened, resident, session, world_sql
from populace.operations.seeding import world_report
from populace.plan import Plan
from populace.runner import lease, ledger, records
from populace.spec import World

SQL = named("populace.operations", "doctor.sql")
LATE_US = clock.MINUTE_US
"""A runner under a wall clock is not late before this: it writes a window a second."""

State = Literal["ok", "attention", "FAILED"]


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


def examine(opened: Opened, world: World) -> list[Finding]:
    """Everything that can be asked of a target, in the order in which one thing needs the other.

    Raises TargetUnavailable when the target cannot be reached.
    """
    with session(opened, "doctor", looking=True) as connection:
        return list(_findings(connection, opened, world))


def _findings(connection: Connection, opened: Opened, world: World) -> Iterator[Finding]:
    if not guard.is_open(connection):
        yield Finding(
            "the target",
            "FAILED",
            "reached, not opened for synthetic data",
            Remedy("init", {"target": opened.shown}, "if it is the right one: {}"),
        )
        return
    yield Finding("the target", "ok", f"reached, and open for synthetic data ({opened.shown})")
    record = records.read_plan(connection)
    world = resident(world, record) if record else world
    if record is None or record.state != "ready" or record.world != world.name:
        error = records.unfinished(world, record)
        yield Finding("the plan", "FAILED", error.what, _todo(error))
        return
    try:
        plan = records.stored_plan(connection, world, record)
    except PopulaceError as error:
        yield Finding("the plan", "FAILED", str(error), _todo(error))
        return
    yield Finding("the plan", "ok", f"{world.name}, scenario {plan.scenario}, {plan.digest}; its seed is finished")
    if not world.lifecycles:
        # Whose number is no number of a plan, the world's own doctor.sql counts.
        yield _people(connection, plan)
    current = {p.path: plan.eras[-1].values[p.path] for p in world.parameters} | in_force(connection, plan)
    yield _enabled(world, current)
    leader = connection.execute(records.SQL["leader"], {"key": lease.KEY}).fetchone()
    runs = bool(leader and str(leader[1]).startswith("populace run"))
    yield _runner(world, leader, runs=runs)
    mark_us = ledger.watermark(connection)
    now = records.read_clock(connection)
    assert mark_us is not None
    assert now is not None
    yield _clock(world, now, mark_us, runs=runs)
    yield _trouble(connection)
    yield from _asked(connection, world, runs=runs)
    yield from _of_the_world(connection, world, current, mark_us)


def _todo(error: PopulaceError) -> str | Remedy:
    return error.remedies[0] if error.remedies else ""


def _people(connection: Connection, plan: Plan) -> Finding:
    """People there, against the plan, with the document's number beside it."""
    world = plan.world
    size, root = plan.sizes[world.people_root], world.root(world.people_root)
    counted = world_report(connection, world)[world.counted] if world.counted else None
    if counted is None:
        tables = [f.tables[0] for f in world.flows if f.each_member and f.root == root.name]
        counted = integrity.count_marked(connection, world.table(tables[0])) if tables else size
    documented = next((p.default for p in world.parameters if p.path == root.size), size)
    settled = root.size in world.scenario(plan.scenario).values
    measured = f"{counted:,} of {size:,}" + ("" if settled else f" (documented: {documented:,})")
    what = world.inhabitants
    if counted == 0:
        return Finding(what, "FAILED", measured, Remedy("seed", {"world": world.name}, "{}, on an empty database"))
    if counted < size:
        return Finding(
            what,
            "attention",
            measured,
            Remedy("validate", {"world": world.name}, "somebody removed the others; {} shows more"),
        )
    return Finding(what, "ok", measured)


def _enabled(world: World, current: Mapping[str, Any]) -> Finding:
    if not all(current[path] for path in world.switches):
        return Finding("enabled", "attention", "no: paused; no session begins", Remedy("resume"))
    return Finding("enabled", "ok", "yes: visits may begin")


def _runner(world: World, leader: tuple[Any, ...] | None, *, runs: bool) -> Finding:
    if leader is None:
        todo = Remedy("run", {"world": world.name}, "{}: a database does not move by itself")
        return Finding("a runner", "attention", "none is alive", todo)
    _, name, began = leader
    since = f", since {clock.iso(clock.from_datetime(began) // clock.SECOND_US * clock.SECOND_US)}" if began else ""
    if not runs:
        return Finding("a runner", "attention", f"{name} is at work{since}", "wait until it has ended")
    return Finding("a runner", "ok", f"{name}{since}")


def _clock(world: World, now: records.ClockRecord, mark_us: int, *, runs: bool) -> Finding:
    at = clock.iso(mark_us // clock.SECOND_US * clock.SECOND_US)
    if now.mode == "free":
        how = f"a free clock at speed {now.speed:g}; it is {at}"
        return Finding("the clock", "ok", how + ("" if runs else " until somebody runs it"))
    behind_us = max(0, now.now_us(clock.now_us()) - mark_us)
    how = f"a wall clock; written up to {at}, {behind_us / clock.SECOND_US:,.0f} s behind"
    if behind_us <= LATE_US:
        return Finding("the clock", "ok", how)
    if runs:
        return Finding("the clock", "attention", how, "the runner is catching up; look again in a moment")
    return Finding("the clock", "attention", how, Remedy("run", {"world": world.name}, "{} makes up for it"))


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


def _asked(connection: Connection, world: World, *, runs: bool) -> Iterator[Finding]:
    row = connection.execute(SQL["asked"]).fetchone()
    assert row is not None
    waiting, refused, why = row
    if waiting and not runs:
        todo = Remedy("run", {"world": world.name}, "{}: they take force with a window, or when they say")
        yield Finding("changes asked for", "attention", f"{waiting} wait for a runner", todo)
    elif not refused:
        yield Finding("changes asked for", "ok", f"{waiting} wait" if waiting else "none waits, none was refused")
    if refused:
        yield Finding("changes refused", "attention", f"{refused}, the last: {why}", "ask again within the bounds")


def _of_the_world(connection: Connection, world: World, current: Mapping[str, Any], mark_us: int) -> Iterator[Finding]:
    query = world_sql(world, "doctor.sql")
    if query is None:
        return
    bound: dict[str, object] = {"watermark": clock.to_datetime(mark_us)}
    for parameter in world.parameters:
        bound[parameter.path] = _bound(current[parameter.path])
        bound[f"{parameter.path}.default"] = _bound(parameter.default)
    for title, measured, ok, todo in connection.execute(query, bound):
        state: State = "ok" if ok else "attention" if ok is None else "FAILED"
        yield Finding(title, state, str(measured), "" if state == "ok" else str(todo or ""))


def _bound(value: object) -> object:
    """A whole number as bigint: the driver would send a small one as smallint, and products overflow."""
    return Int8(value) if type(value) is int else value
