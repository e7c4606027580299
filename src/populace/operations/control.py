"""pause, resume, settings, run-now, undo: what may be asked of a population while it lives.

Each is an intervention. It stands in the target until a runner takes it up with the first window that it applies to.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from populace import clock
from populace.database import guard
from populace.engine.processes.visits.requested import Forecast, forecast
from populace.errors import BadInput, Refused
from populace.operations.opening import Connection, Opened, session
from populace.plan import Intervention, Plan, check_changes, check_sessions
from populace.runner import lease, ledger, records, snapshot_store
from populace.runner.integrations import Integrations
from populace.runner.loop import Pace, Runner
from populace.runner.records import SQL
from populace.spec import Value, World

PATIENCE_S = 30.0
"""Real time that `run_now` waits for a runner to take up what it asks for."""
_POLL_S = 0.1
_HERE = "run-now"
"""A leader of this name is another call like this one, and soon gone."""


@dataclass(frozen=True, slots=True)
class RunNow:
    """Sessions that were asked for. at_us: when they begin; None: no runner has taken them up yet."""

    number: int
    asked: int
    at_us: int | None
    watermark_us: int
    forecast: Forecast | None
    settings: Mapping[str, Value]

    def document(self) -> dict[str, Any]:
        """As `run-now --json` prints it."""
        known = self.forecast
        return {
            "intervention": self.number,
            "target": self.asked,
            "taken_up": self.at_us is not None,
            "begins": None if self.at_us is None else clock.iso(self.at_us),
            "sessions_created": known.sessions if known else None,
            "ends": clock.iso(known.ends_us) if known and known.ends_us else None,
            "will_write": known.will_write if known else None,
            "written_so_far": known.written if known else None,
            "watermark": clock.iso(self.watermark_us),
            "settings": dict(self.settings),
        }


def in_force(connection: Connection, plan: Plan) -> dict[str, Value]:
    """The live parameters as the next window will have them: in force, with what waits for it."""
    current = plan.latest()
    for asked in records.pending(connection):
        if asked.not_before_us is None:
            current |= asked.changes
    return {p.path: current[p.path] for p in plan.world.parameters if p.live}


def require_enabled(connection: Connection, plan: Plan, shown: str, *, todo: str) -> None:
    """Raise Refused while the population is paused, or will be with the next window."""
    current = in_force(connection, plan)
    if not all(current[path] for path in plan.world.switches):
        raise Refused("paused: no session begins", where=shown, todo=todo)


def require_arrivals(world: World) -> None:
    """Raise BadInput for a world in which nobody comes by arriving: visits cannot be asked for there."""
    if not world.sessions:
        live = ", ".join(p.path for p in world.parameters if p.live) or "none"
        raise BadInput(
            "visits cannot be asked for in this world: people come by their habits",
            where=world.name,
            todo=f"populace settings changes how often they come ({live})",
        )


def settings(opened: Opened, world: World) -> Mapping[str, Any]:
    """The live parameters in force, and the last interventions."""
    with session(opened, "settings", looking=True) as connection:
        plan = _plan(connection, opened, world)
        rows = connection.execute(SQL["listed"], {"most": 20}).fetchall()
        return {
            "settings": in_force(connection, plan),
            "interventions": [
                {
                    "number": number,
                    "changes": changes,
                    "sessions": sessions,
                    "asked_at": clock.iso(clock.from_datetime(asked_at)),
                    "asked_by": asked_by,
                    "not_before": None if not_before is None else clock.iso(clock.from_datetime(not_before)),
                    "applies_at": None if applies_at is None else clock.iso(clock.from_datetime(applies_at)),
                    "refused": refused,
                }
                for number, changes, sessions, asked_at, asked_by, not_before, applies_at, refused in rows
            ],
        }


def change(
    opened: Opened, world: World, changes: Mapping[str, object], asked_by: str, *, at_us: int | None = None
) -> tuple[int, Mapping[str, Value]]:
    """Ask for new values of live parameters, for the next window or from a later moment on.

    Returns the intervention's number, and the values with their types.

    Raises BadInput for values that are out of bounds or do not go together, Refused for a moment that is past.
    """
    checked = check_changes(world, changes, world.name)
    with session(opened, asked_by) as connection:
        plan = _plan(connection, opened, world)
        plan.check_values(checked)
        _not_past(connection, at_us)
        asked_at_us = clock.now_us()
        number = records.add_intervention(
            connection, checked, asked_at_us=asked_at_us, asked_by=asked_by, not_before_us=at_us
        )
        return number, checked


def enable(opened: Opened, world: World, *, enabled: bool, at_us: int | None = None) -> int:
    """Pause (no visit begins; those under way end) or resume. Returns the intervention's number."""
    changes = dict.fromkeys(world.switches, enabled)
    return change(opened, world, changes, "resume" if enabled else "pause", at_us=at_us)[0]


def undo(opened: Opened, world: World, number: int) -> None:
    """Take back an intervention that is not in force yet. Raises Refused when it is, BadInput when there is none."""
    with session(opened, "undo") as connection:
        _plan(connection, opened, world)
        if records.undo(connection, number):
            return
        fate = records.fate(connection, number)
        if fate is None:
            raise BadInput(
                "there is no such intervention",
                where="undo",
                given=number,
                todo="see populace settings for their numbers",
            )
        at_us, why = fate
        raise Refused(
            "it was refused and never took force" if why else "it is in force already; the past does not change",
            where=f"intervention {number}",
            given=why or clock.iso(at_us or 0),
            todo="ask for other settings instead",
        )


def run_now(
    opened: Opened,
    world: World,
    sessions: int,
    *,
    force: bool,
    on_wait: Callable[[str], None],
    stop: threading.Event,
    outside: Integrations | None = None,
) -> RunNow:
    """Bring so many visits, beside those of the rate and above its cap. on_wait: told why, when it has to wait.

    A resident runner takes them up with its next window. Without one this call leads: under a wall clock it first lives
    the time since the watermark; under a free one, whose time stands still without a runner, it lives on until these
    visits have ended. Raises Refused while the population is paused, unless `force` is set.
    """
    check_sessions(sessions, "sessions")
    require_arrivals(world)
    with session(opened, _HERE) as connection:
        plan = _plan(connection, opened, world)
        now = records.read_clock(connection)
        assert now is not None
        if not force:
            require_enabled(connection, plan, opened.shown, todo="populace resume, or add --force")
    life = Runner(
        world,
        lambda: opened.connect(f"{_HERE} {world.name}"),
        lambda _tick: None,
        on_wait,
        stop,
        outside or Integrations(),
    )
    with closing(life.outside):
        return _brought(opened, life, sessions, wall=now.mode == "wall")


def _brought(opened: Opened, life: Runner, sessions: int, *, wall: bool) -> RunNow:
    """The visits that `run_now` was asked for, once they have begun."""
    if wall:
        life.run(Pace(until_us=clock.now_us()), wait=False)
    with session(opened, _HERE) as connection:
        number = records.add_intervention(connection, {}, asked_at_us=clock.now_us(), asked_by=_HERE, sessions=sessions)
    _lead(opened, life, number, wall=wall)
    done = found(opened, life.world, number, sessions)
    if not wall and done.forecast and done.forecast.ends_us:
        _lead(opened, life, number, wall=False, until_us=done.forecast.ends_us + 1)
        done = found(opened, life.world, number, sessions)
    return done


def _lead(opened: Opened, life: Runner, number: int, *, wall: bool, until_us: int | None = None) -> None:
    """Wait until an intervention is in force (or all is written up to a moment), leading where nobody does.

    A resident runner is waited for until it has taken the intervention up, and no longer.
    """
    since = clock.monotonic()
    while not life.stop.is_set() and clock.monotonic() - since < PATIENCE_S:
        with session(opened, _HERE) as connection:
            fate = records.fate(connection, number)
            mark_us = ledger.watermark(connection)
            leader = lease.leader(connection)
        assert mark_us is not None
        if fate is None or fate[1] is not None:
            raise Refused(fate[1] if fate and fate[1] else "it was taken back", where=f"intervention {number}")
        resident = leader is not None and not leader.startswith(f"populace {_HERE}")
        if fate[0] is not None and (until_us is None or mark_us >= until_us or resident):
            return
        if leader is None:
            if until_us is None:
                # A wall clock's watermark may be a little ahead, after run --once.
                now_us = max(clock.now_us(), mark_us + clock.SECOND_US) if wall else mark_us + clock.MINUTE_US
            life.run(Pace(0, until_us or now_us, keep_clock=True), wait=False)
        else:
            clock.sleep(_POLL_S, life.stop)


def found(opened: Opened, world: World, number: int, sessions: int) -> RunNow:
    """What has become of visits that were asked for."""
    with session(opened, "run-now", looking=True) as connection:
        plan = _plan(connection, opened, world)
        fate = records.fate(connection, number)
        mark_us = ledger.watermark(connection)
        assert mark_us is not None
        current = in_force(connection, plan)
        at_us = fate[0] if fate else None
        known = None
        if at_us is not None and not (fate and fate[1]):
            known = forecast(plan, Intervention(number, at_us, {}, sessions), mark_us, snapshot_store.load(connection))
    return RunNow(number, sessions, at_us, mark_us, known, current)


def _plan(connection: Connection, opened: Opened, world: World) -> Plan:
    """The plan of a finished seed, with the interventions in force."""
    guard.require_open(connection, opened.shown)
    return records.stored_plan(connection, world, records.finished(connection, world))


def _not_past(connection: Connection, at_us: int | None) -> None:
    mark_us = ledger.watermark(connection)
    if at_us is not None and mark_us is not None and at_us < mark_us:
        raise Refused(
            "the past does not change",
            where="--at",
            given=clock.iso(at_us),
            allowed=f"{clock.iso(mark_us)} or later",
        )
