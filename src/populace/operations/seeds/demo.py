"""demo: makes a database, fills it and keeps it active; the second time, the same people continue."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from populace import clock
from populace.database.target import Target
from populace.event import Event, Listener, unheard
from populace.operations import inhabitants
from populace.operations.context import Context
from populace.operations.declared import site_of
from populace.operations.integrations import channels
from populace.operations.integrations.deliver import beside
from populace.operations.opening import Opened, reach
from populace.operations.plans.making import PlanRequest
from populace.operations.population import Population, place
from populace.operations.runs.run import Course, RunResult
from populace.operations.seeds.database import world_report
from populace.operations.seeds.prepared import Prepared, SeedResult
from populace.operations.seeds.seed import fill, prepare
from populace.operations.steering import clocks
from populace.runner import records
from populace.runner.loop import Pace
from populace.settings import DEFAULT_WORLD
from populace.sinks.sink import Tallies
from populace.spec import World

SCENARIO = "demo"
"""The scenario that is taken where a world has one of this name."""


@dataclass(frozen=True, slots=True)
class DemoRequest:
    """speed: simulated seconds a second; None: as the clock of the target has it. seconds: of real time, after which it
    ends by itself. site: the world is to have one.
    """

    world: str | None = None
    speed: float | None = None
    seconds: float | None = None
    site: bool = False


@dataclass(frozen=True, slots=True)
class Home:
    """Where a demo takes place. there: the population that is there already; else prepared: the one to seed."""

    world: World
    opened: Opened
    there: SeedResult | None
    prepared: Prepared | None

    @property
    def is_elsewhere(self) -> bool:
        """Whether somebody should have agreed before people move in."""
        return self.prepared is not None and self.prepared.is_elsewhere

    @property
    def shown(self) -> str:
        """The target as it was named, without a password."""
        return self.opened.shown


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedIn(Event):
    """People are there, and are about to live. result: of their seed. people: how many."""

    stage: str = "moved in"
    result: SeedResult
    people: int


@dataclass(frozen=True, slots=True)
class DemoResult:
    """What a demo left. url: without a password."""

    url: str
    people: int
    lived: RunResult

    def document(self) -> dict[str, Any]:
        """As `demo --json` prints it."""
        return {"url": self.url, "people": self.people, **self.lived.document()}


def find_home(context: Context, request: DemoRequest) -> Home:
    """The target, with who lives there or what it takes to seed them; an embedded server is started if need be.

    Raises Refused when the target holds another world, and before anything is started for a world without the site that
    is asked for.
    """
    called = DEFAULT_WORLD if request.world is None else request.world
    open_to_others = request.world is None and not Target.is_bare(context.settings.target)
    if request.site and not open_to_others:
        site_of(context.registry.find(called), called)
    opened = reach(context, context.registry.find(called))
    # Whoever lives in a target that is named decides what its world is; a bare one is that of the demo.
    if open_to_others:
        with place(context, None, "status", looking=True) as here:
            called = here.called
    world = context.registry.find(called)
    if request.site:
        site_of(world, called)
    there = _lived_in(context, called)
    if there is not None:
        return Home(world, opened, there, None)
    scenario = next((s.name for s in world.scenarios if s.name == SCENARIO), world.default_scenario)
    return Home(world, opened, None, prepare(context, PlanRequest(called, scenario)))


def _lived_in(context: Context, called: str) -> SeedResult | None:
    """The population that is here already and finished, whatever its plan; None when a seed has work to do."""
    with place(context, called, "status", looking=True, or_copy=False) as there:
        if there.record is None or there.record.state != "ready":
            return None
        found, report = there.population(), world_report(there.connection, there.world)
        return SeedResult(found.plan, found.watermark_us, True, report, Tallies(), 0.0)


def demo(
    context: Context,
    request: DemoRequest,
    home: Home | None = None,
    *,
    on_event: Listener = unheard,
    stop: threading.Event | None = None,
    runs: Callable[[threading.Event], RunResult] | None = None,
) -> DemoResult:
    """Fill a database with people and their history, and continue it until `stop` is set or the time is over.

    home: found before, by whoever asked somebody in between. runs: continues it until `stop` is set in place of this
    operation, as a server with a runner of its own does; it says what is to be said of that run.
    """
    stop, home = stop or threading.Event(), home or find_home(context, request)
    done = home.there
    if done is None:
        assert home.prepared is not None
        done = fill(home.prepared, on_event=on_event, stop=stop)
    with place(context, context.registry.called(done.plan.world), "status", looking=True) as there:
        people = inhabitants.count(there.connection, done.plan).here
    on_event(MovedIn(result=done, people=people))
    if request.seconds is not None:
        clock.after(request.seconds, stop)
    with place(context, context.registry.called(done.plan.world), "status", looking=True) as there:
        # A server's runner says by itself how far a wall clock is ahead.
        wall = _say_the_time(there.population(), on_event, silent=request.speed is not None or runs is not None)
    if runs is not None:
        return DemoResult(home.opened.shown_url, people, runs(stop))
    for remark in channels.remarks(done.plan, context.settings, done.watermark_us):
        on_event(Event("note", remark.text))
    course = Course(context, done.plan, home.opened, on_event, stop)
    meanwhile = beside(course.setup, course.on_event)
    lived = course.live(Pace(request.speed), beside=meanwhile)
    if wall:
        lived.ahead_us = clocks.say_ahead(lived.watermark_us or done.watermark_us, on_event)
    return DemoResult(home.opened.shown_url, people, lived)


def _say_the_time(there: Population, on_event: Listener, *, silent: bool) -> bool:
    """Say when simulated time is not real time; whether it is meant to be."""
    now = records.read_clock(there.connection)
    assert now is not None
    if now.mode == "wall" and not silent:
        clocks.say_ahead(there.watermark_us, on_event)
    if now.mode == "free":
        at = clock.iso(there.watermark_us // clock.SECOND_US * clock.SECOND_US)
        on_event(Event("note", f"time here is not real time: a free clock continues from {at} at speed {now.speed:g}"))
    return now.mode == "wall"
