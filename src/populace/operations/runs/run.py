"""run: continue a population."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass, replace
from typing import Any

from populace import clock
from populace.database.embedded import EmbeddedServer
from populace.errors import BadInput, Refused, Remedy
from populace.event import Event, Listener, unheard
from populace.operations.context import Context
from populace.operations.integrations import channels
from populace.operations.integrations.deliver import beside
from populace.operations.opening import Opened, session
from populace.operations.population import Population, population
from populace.operations.steering import clocks
from populace.operations.steering.run_now import found, require_answer
from populace.operations.steering.settings import require_enabled
from populace.plan import Plan, check_sessions
from populace.runner import lease, records
from populace.runner.integrations import Integrations
from populace.runner.loop import Pace, Runner, Tick
from populace.spec import World

FULL_SPEED = "max"
_UNITS_US = {"s": clock.SECOND_US, "m": clock.MINUTE_US, "h": clock.HOUR_US}


@dataclass(frozen=True, slots=True)
class RunRequest:
    """world: None for the world of the target. speed: simulated seconds a second, or `max`; None: as the clock of
    the target has it. until: stop at this simulated time, ISO with a zone. once: write one simulated minute at full
    speed, and refuse where a runner is at work. sessions: with `once`, so many visits more, and on until they have
    ended. every: write only at multiples of it (`30m`), and as people's days begin.
    """

    world: str | None = None
    speed: str | float | None = None
    until: str | None = None
    once: bool = False
    sessions: int = 0
    every: str | None = None


@dataclass(slots=True)
class RunResult:
    """What was lived: windows, visits that arrived, rows, simulated time. watermark_us: all is written up to there;
    None: no window was written. idle: there was nothing to do. ahead_us: of real time, where the clock follows that.
    """

    watermark_us: int | None = None
    windows: int = 0
    arrivals: int = 0
    rows_written: int = 0
    simulated_us: int = 0
    idle: bool = False
    ahead_us: int = 0

    def add(self, tick: Tick) -> None:
        """One window more."""
        self.watermark_us = tick.window.end_us
        self.windows += 1
        self.arrivals += tick.arrivals
        self.rows_written += tick.wrote.written
        self.simulated_us += tick.window.end_us - tick.window.start_us

    def document(self) -> dict[str, Any]:
        """As `run --json` prints it."""
        watermark = None if self.watermark_us is None else clock.iso(self.watermark_us)
        if self.idle:
            return {"watermark": watermark, "windows": 0, "rows_written": 0}
        return {
            "watermark": watermark,
            "windows": self.windows,
            "arrivals": self.arrivals,
            "rows_written": self.rows_written,
            "simulated_seconds": round(self.simulated_us / clock.SECOND_US, 3),
            "ahead_seconds": round(self.ahead_us / clock.SECOND_US, 1),
        }


def run(
    context: Context,
    request: RunRequest | None = None,
    *,
    on_event: Listener = unheard,
    stop: threading.Event | None = None,
) -> RunResult:
    """Continue the population from its watermark, until the request ends or `stop` is set. A speed belongs to this run:
    the clock of the target stays what it is.

    A second runner on a target waits for the first to go. When the database goes away it is waited for. Raises BadInput
    for a request that contradicts itself, Refused where there is no finished seed.
    """
    request = request or RunRequest()
    pace = _pace(request)
    with population(context, request.world, "run") as there:
        plan, opened, mark_us = there.plan, there.opened, there.watermark_us
        until_us = mark_us + clock.MINUTE_US if request.once else pace.until_us
        wall = clocks.is_wall(there)
        pace = Pace(pace.speed, until_us, every_us=pace.every_us, marks_us=plan.world.day_starts)
        if not request.once and until_us is not None and until_us <= mark_us:
            return RunResult(mark_us, idle=True)
        number = None
        if request.once:
            require_unled(there)
            number = _ask(there, request.sessions)
    if until_us is not None and pace.speed is None and until_us > clock.now_us():
        faster = f"until {request.until} by the clock of the target; a speed of one's own, or {FULL_SPEED}, goes faster"
        on_event(Event("note", faster))
    if wall and pace.speed is None:
        clocks.say_ahead(mark_us, on_event)
    for remark in channels.remarks(plan, context.settings, mark_us):
        on_event(Event("note", remark.text))
    course = Course(context, plan, opened, on_event, stop or threading.Event())
    done = course.live(pace, wait=not request.once, asked_for=number, beside=beside(course.setup, course.on_event))
    if wall:
        done.ahead_us = clocks.say_ahead(done.watermark_us or mark_us, on_event)
    return done


@dataclass(slots=True)
class Course:
    """A population that is about to live: whose, where, who hears of it, and what ends it."""

    context: Context
    plan: Plan
    opened: Opened
    on_event: Listener
    stop: threading.Event

    @property
    def setup(self) -> channels.Setup:
        """What is known of the target's channels."""
        return channels.Setup(self.opened, self.context.settings, self.plan.world, self.plan)

    def say(self, text: str) -> None:
        """A line for whoever listens."""
        self.on_event(Event("note", text))

    def live(
        self,
        pace: Pace,
        *,
        wait: bool = True,
        asked_for: int | None = None,
        beside: AbstractContextManager[None] | None = None,
    ) -> RunResult:
        """Live until the pace says so, or `stop` is set.

        wait: for another runner to go; else its being there is a reason to refuse. asked_for: an intervention that
        brings visits, which are lived to their end. beside: entered meanwhile. Raises Refused when another one leads.
        """
        done, world = RunResult(), self.plan.world

        def hear(event: Event) -> None:
            if isinstance(event, Tick):
                done.add(event)
            self.on_event(event)

        integrations: Integrations = channels.integrations(self.plan, self.context.settings)
        runner = Runner(world, self._connect(world), hear, self.stop, integrations)
        with closing(integrations), beside or nullcontext():
            if not runner.run(pace, wait=wait):
                if asked_for is not None:
                    with session(self.opened, "undo") as connection:
                        records.undo(connection, asked_for)
                raise led(self.opened.shown, world)
            if asked_for is not None and not self.stop.is_set():
                with population(self.context, self.context.registry.called(world), "run") as there:
                    known = found(there, asked_for).forecast
                if known and known.over_us:
                    runner.run(Pace(0, known.over_us + 1))
        return done

    def _connect(self, world: World) -> Callable[[], Any]:
        """Opens a session of the runner; an embedded server that has crashed is started again first."""

        def connect() -> Any:
            folder = self.opened.target.directory
            if folder is not None and EmbeddedServer(folder).has_crashed():
                self.say("the embedded server has crashed; starting it again")
                url = self.context.connections.reach(self.opened.target, self.context.settings.pg_bin)
                self.opened = replace(self.opened, url=url)
            return self.opened.writing(f"run {world.name}")

        return connect


def require_unled(there: Population) -> None:
    """Raise Refused while a runner is at work."""
    if lease.leader(there.connection):
        raise led(there.opened.shown, there.world)


def led(shown: str, world: World) -> Refused:
    """Why no other runner may run here now."""
    more = (
        Remedy("run_now", {"sessions": None}, "{} brings sessions through it")
        if world.answering
        else Remedy("status", text="{} shows how far it is")
    )
    return Refused("another runner is at work here", where=shown, todo=["it writes these minutes anyway", more])


def _ask(there: Population, sessions: int) -> int | None:
    """Ask for the visits of `once`; the number of the intervention, None where there are none."""
    if not sessions:
        return None
    check_sessions(sessions, "run.sessions")
    require_answer(there.world)
    require_enabled(there)
    return records.add_intervention(
        there.connection, {}, asked_at_us=clock.now_us(), asked_by="run --once", sessions=sessions
    )


def _pace(request: RunRequest) -> Pace:
    """How time is to go. Raises BadInput for a request that contradicts itself."""
    every_us = _period_us(request.every)
    until_us = clock.parse(request.until, "run.until") if request.until is not None else None
    if request.once and not request.until is request.speed is request.every is None:
        contradicting = dict.fromkeys(("until", "speed", "every"))
        raise BadInput(
            "one minute is written at full speed", where="run.once", todo=Remedy("", contradicting, "leave out {}")
        )
    if request.sessions and not request.once:
        todo = [Remedy("", {"once": None}, "add {}"), Remedy("run_now", {"sessions": None}, "or use {}")]
        raise BadInput("sessions can be added to one minute only", where="run.sessions", todo=todo)
    speed = 0.0 if request.once else _speed(request.speed)
    if speed == 0 and until_us is None and not request.once:
        raise BadInput(
            "full speed needs an end time",
            where="run.speed",
            given=request.speed,
            todo=Remedy("", {"until": "T"}, "add {}"),
        )
    return Pace(speed, until_us, every_us=every_us)


def _period_us(text: str | None) -> int | None:
    """Simulated µs of a text such as 30m; None: no such thing was asked for."""
    if text is None:
        return None
    unit = _UNITS_US.get(text[-1:], 0)
    number = int(text[:-1]) if text[:-1].isdecimal() and len(text) < 9 else 0
    if not clock.MINUTE_US <= number * unit <= clock.DAY_US:
        raise BadInput(
            "this is not a length of time", where="run.every", given=text, allowed="1m to 24h, such as 30m or 6h"
        )
    return number * unit


def _speed(given: str | float | None) -> float | None:
    """None: the clock's speed; 0: as fast as possible."""
    if given is None:
        return None
    if given == FULL_SPEED:
        return 0.0
    try:
        speed = float(given)
    except ValueError:
        speed = -1.0
    if not 0.001 <= speed <= 1e6:
        raise BadInput(
            "this is not a speed",
            where="run.speed",
            given=given,
            allowed="max, or simulated seconds a real second from 0.001 to 1,000,000",
        )
    return speed
