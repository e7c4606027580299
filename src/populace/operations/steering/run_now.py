"""run_now, wait_for, bring: sessions beside those that come by themselves.

`run_now` asks for them and is back at once. `wait_for` waits until a runner has taken an intervention up. `bring` does
all that is needed until they have begun: where nobody leads, it leads.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

from populace import clock
from populace.database.connection import Connection
from populace.engine.forecast import Forecast, forecast
from populace.errors import BadInput, Refused, Remedy, TargetUnavailable
from populace.event import Event, Listener, unheard
from populace.operations.context import Context
from populace.operations.integrations import channels
from populace.operations.opening import Opened, session
from populace.operations.population import Population, population
from populace.operations.steering.settings import in_force, require_enabled
from populace.plan import Intervention, check_sessions
from populace.runner import lease, ledger, records
from populace.runner.loop import Pace, Runner
from populace.runner.records import SQL
from populace.runner.snapshot_store import SnapshotStore
from populace.spec import Value, World

PATIENCE_S = 30.0
"""Real time that `bring` waits for a runner to take up what it asks for."""
_POLL_S = 0.1
_HERE = "run-now"
"""A leader of this name is another call like this one, and ends soon."""


@dataclass(frozen=True, slots=True)
class RunNowRequest:
    """sessions: so many visits. force: also while the population is paused."""

    sessions: int = 5
    force: bool = False
    world: str | None = None


@dataclass(frozen=True, slots=True)
class WaitRequest:
    """number: of the intervention. seconds: of patience, in real time."""

    number: int
    seconds: float = PATIENCE_S
    world: str | None = None


@dataclass(frozen=True, slots=True)
class RunNow:
    """Sessions that were requested. what: what begins in this world, in the plural. at_us: from when on the request is
    in effect; None: no runner has taken it up yet, and the forecast is of what comes if one does with the next window.
    world: what it is called here. runner: who leads now; None: nobody who stays, or it was not looked at.
    """

    number: int
    asked: int
    what: str
    at_us: int | None
    watermark_us: int
    forecast: Forecast | None
    settings: Mapping[str, Value]
    world: str = ""
    runner: str | None = None

    def document(self) -> dict[str, Any]:
        """As `run-now --json` prints it."""
        known = None if self.at_us is None else self.forecast
        begins_us = known.begins_us if known and known.begins_us else self.at_us
        return {
            "intervention": self.number,
            "target": self.asked,
            "what": self.what,
            "taken_up": self.at_us is not None,
            "begins": None if begins_us is None else clock.iso(begins_us),
            "sessions_created": known.sessions if known else None,
            "goes_on": known.goes_on if known else None,
            "ends": clock.iso(known.ends_us) if known and known.ends_us else None,
            "will_write": known.will_write if known else None,
            "will_change": known.will_change if known else None,
            "written_so_far": known.written if known else None,
            "watermark": clock.iso(self.watermark_us),
            "runner": self.runner,
            "settings": dict(self.settings),
        }

    def fault(self) -> TargetUnavailable | None:
        """Why what was requested does not happen by itself: nobody runs, and it is not over."""
        over = self.at_us is not None and self.forecast and self.watermark_us >= (self.forecast.over_us or 0)
        if self.runner or over:
            return None
        tick = Remedy("tick", {"world": self.world}, "or {} again and again, such as by cron")
        return TargetUnavailable(
            f"nobody runs this population: intervention {self.number} waits until somebody does",
            todo=[Remedy("run", {"world": self.world}), tick],
        )


def run_now(context: Context, request: RunNowRequest | None = None) -> RunNow:
    """Ask for sessions beside those that come by themselves, and above any cap; a runner takes them up with its next
    window.

    Raises Refused while the population is paused, unless the request is to `force` it.
    """
    request = request or RunNowRequest()
    with population(context, request.world, _HERE) as there:
        _require_askable(there, request)
        number = _ask(there.connection, request)
        there.connection.commit()
        return found(there, number)


def wait_for(
    context: Context, request: WaitRequest, *, on_event: Listener = unheard, stop: threading.Event | None = None
) -> RunNow:
    """Wait until a runner has taken up an intervention, the patience has ended, or `stop` is set; what is known then.

    Raises Refused when it was refused or undone, BadInput when there is none of that number.
    """
    stop, since = stop or threading.Event(), clock.monotonic()
    with population(context, request.world, _HERE, looking=True) as there:
        opened = there.opened
    while True:
        with session(opened, _HERE, looking=True) as connection:
            taken_up = _taken_up_us(connection, request.number) is not None
        left_s = request.seconds - (clock.monotonic() - since)
        if taken_up or left_s <= 0 or stop.is_set():
            break
        on_event(Event("wait", f"intervention {request.number} waits for a runner", seconds_left=left_s))
        clock.sleep(min(_POLL_S, left_s), stop)
    with population(context, request.world, _HERE, looking=True) as there:
        return found(there, request.number)


def bring(
    context: Context,
    request: RunNowRequest,
    *,
    on_event: Listener = unheard,
    stop: threading.Event | None = None,
) -> RunNow:
    """Ask for visits, and see to it that they begin.

    A resident runner starts them with its next window. Without one this call leads: under a wall clock it first writes
    the time since the watermark; under a free one, whose time stands still without a runner, it writes until these
    sessions have ended; where what begins goes on for weeks, only the minute in which it begins. Raises Refused while
    the population is paused, unless the request is to `force` it.
    """
    stop = stop or threading.Event()
    with population(context, request.world, _HERE) as there:
        _require_askable(there, request)
        now = records.read_clock(there.connection)
        assert now is not None
        world, opened = there.world, there.opened
        integrations = channels.integrations(there.plan, context.settings)
    runner = Runner(world, lambda: opened.writing(f"{_HERE} {world.name}"), on_event, stop, integrations)
    with closing(runner.integrations):
        return _brought(context, request, opened, runner, wall=now.mode == "wall")


def found(there: Population, number: int) -> RunNow:
    """What has become of visits that were asked for."""
    at_us = _taken_up_us(there.connection, number)
    (sessions,) = (row[2] for row in there.connection.execute(SQL["intervention"], {"number": number}))
    intervention, plan = Intervention(number, there.watermark_us if at_us is None else at_us, {}, sessions), there.plan
    if at_us is None:
        plan = plan.with_interventions([*plan.interventions, intervention])
    known = None
    if sessions:
        snapshots = SnapshotStore(there.connection).load(there.plan, there.watermark_us, looking=True)
        known = forecast(plan, intervention, there.watermark_us, snapshots)
    what = plan.world.answering.requested if plan.world.answering else "sessions"
    return RunNow(number, sessions, what, at_us, there.watermark_us, known, in_force(there.connection, there.plan))


def require_answer(world: World) -> None:
    """Raise BadInput for a world of which no flow answers a request for sessions."""
    if world.answering is None:
        live = ", ".join(p.path for p in world.parameters if p.live)
        more = Remedy("settings", text=f"{{}} changes how often it happens ({live})") if live else Remedy("status")
        raise BadInput("no flow of this world answers a request for sessions", where=world.name, todo=more)


def _require_askable(there: Population, request: RunNowRequest) -> None:
    check_sessions(request.sessions, "run_now.sessions")
    require_answer(there.world)
    if not request.force:
        require_enabled(there, or_else=Remedy("", {"force": True}, "or add {}"))


def _ask(connection: Connection, request: RunNowRequest) -> int:
    return records.add_intervention(
        connection, {}, asked_at_us=clock.now_us(), asked_by=_HERE, sessions=request.sessions
    )


def _brought(context: Context, request: RunNowRequest, opened: Opened, runner: Runner, *, wall: bool) -> RunNow:
    """The visits that `bring` was asked for, once they have begun."""
    if wall:
        runner.run(Pace(until_us=clock.now_us()), wait=False)
    with session(opened, _HERE) as connection:
        number = _ask(connection, request)
    _lead(opened, runner, number, wall=wall)
    done = _known(context, runner.world, number)
    if not wall and done.at_us is not None and done.forecast and done.forecast.over_us:
        _lead(opened, runner, number, wall=False, until_us=done.forecast.over_us + 1)
        done = _known(context, runner.world, number)
    return done


def _known(context: Context, world: World, number: int) -> RunNow:
    with population(context, context.registry.called(world), _HERE, looking=True) as there:
        leader = lease.leader(there.connection)
        return replace(found(there, number), world=there.called, runner=leader if _stays(leader) else None)


def _stays(leader: str | None) -> bool:
    """Whether who leads is a runner that stays, and not another call like this one."""
    return leader is not None and not leader.startswith(f"populace {_HERE}")


def _lead(opened: Opened, runner: Runner, number: int, *, wall: bool, until_us: int | None = None) -> None:
    """Wait until an intervention is in effect (or all is written up to a moment), leading where nobody does.

    A resident runner is waited for until it has taken the intervention up, and no longer.
    """
    since = clock.monotonic()
    while not runner.stop.is_set() and clock.monotonic() - since < PATIENCE_S:
        with session(opened, _HERE) as connection:
            at_us = _taken_up_us(connection, number)
            mark_us = ledger.watermark(connection)
            leader = lease.leader(connection)
        assert mark_us is not None
        if at_us is not None and (until_us is None or mark_us >= until_us or _stays(leader)):
            return
        if leader is None:
            if until_us is None:
                # A wall clock's watermark may be a little ahead, after run --once.
                now_us = max(clock.now_us(), mark_us + clock.SECOND_US) if wall else mark_us + clock.MINUTE_US
            runner.run(Pace(0, until_us or now_us), wait=False)
        else:
            clock.sleep(_POLL_S, runner.stop)


def _taken_up_us(connection: Connection, number: int) -> int | None:
    """When an intervention took force, µs; None while it waits. Raises Refused for one that never will."""
    fate = records.fate(connection, number)
    if fate is None:
        raise BadInput("there is no such intervention", where="intervention", given=number)
    at_us, refused = fate
    if refused is not None:
        what = "it was undone" if refused == records.UNDONE else refused
        raise Refused(what, where=f"intervention {number}")
    return at_us
