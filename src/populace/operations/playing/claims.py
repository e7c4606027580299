"""Claims on visits: which ones a browser plays, from the claim to their end, with a runner at work or without.

A claim is an intervention that names visits before they begin. It counts once a window has taken it up; a visit that
had begun by then is the simulation's. Where nobody runs a population that lives by a free clock, time stands still:
then it is brought to the beginning of each visit here, and in the end past all that was done.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import psycopg

from populace import clock
from populace.database.connection import Connection, back_off, is_lost
from populace.engine.processes.pools.folding import lifecycle_of
from populace.engine.upcoming import Upcoming, takes_place, upcoming
from populace.errors import BadInput, Refused, Remedy, TargetUnavailable
from populace.event import Event, Listener, unheard
from populace.operations import login
from populace.operations.context import Context
from populace.operations.integrations import channels
from populace.operations.opening import Opened
from populace.operations.playing.pictures import Folder
from populace.operations.population import population
from populace.operations.steering.settings import require_enabled
from populace.plan import Plan
from populace.runner import delegations, lease, ledger, records
from populace.runner.delegations import Done, State
from populace.runner.loop import Pace, Runner, Tick
from populace.spec import Lifecycle, World
from populace.spec.navigation import Navigation

T = TypeVar("T")

EARLY_S = 30.0
"""Beside a runner at work a sign-up begins so much before its moment (real time), at which the runner makes the account
itself if there is none by then."""
AHEAD_S = 5.0
"""Visits that begin sooner (real time) are left to a runner at work: it may have begun their window."""
HORIZON_US = 14 * clock.DAY_US
"""So far ahead visits are looked for."""
PATIENCE_S = 60.0
"""Real time that a claim waits for a runner to take it up."""
_POLL_S = 0.1
_HERE = "bots"


@dataclass(frozen=True, slots=True)
class ClaimsRequest:
    """site: the address at which visits are played. started_by: who plays, in words. wait: each visit waits for its
    moment; else it is played as soon as it is claimed. folder: of browsers, instead of the user's own. sign_ups: those
    of newcomers are claimed too.
    """

    site: str
    started_by: str
    wait: bool = False
    world: str | None = None
    folder: Path | None = None
    sign_ups: bool = False


@dataclass(slots=True)
class Claims:
    """The claims of one run, which ends with the block that it was opened in. Not for two threads at once.

    interrupted: visits of runs that had died, which were ended here. password: of the people; None: not known here.
    stands: when visits were looked for last, time stood still: who did not come then does not come.
    """

    request: ClaimsRequest
    world: World
    flow: Lifecycle
    navigation: Navigation
    folder: Folder
    password: str | None = field(repr=False)
    interrupted: int
    run: int
    opened: Opened = field(repr=False)
    runner: Runner = field(repr=False)
    stop: threading.Event = field(repr=False)
    connection: Connection = field(repr=False)
    stands: bool = False
    _open: dict[int, Upcoming] = field(default_factory=dict)
    _signing_up: dict[int, int] = field(default_factory=dict)
    _speed: float = 1.0
    _asked: int = 0
    _over_us: int = 0

    def next(self, most: int) -> list[Upcoming]:
        """Claim the next visits that nobody plays, so many at most; those that are in effect, in order of beginning.

        None at all: nobody comes. Raises Refused while the population is paused, TargetUnavailable when no runner takes
        the claim up.
        """
        found = self._again(lambda c: self._found(c, most))
        if not found:
            # Where time stands still, what was asked for since, as the end of a pause, waits for a window.
            _, _, mark_us, _ = self._again(_time)
            soon_us = mark_us + clock.SECOND_US
            if not (self.stands and self._again(lambda c: records.pending(c, soon_us))):
                return []
            self.runner.run(Pace(0, soon_us), wait=False)
            return [] if self.stop.is_set() else self.next(most)
        number, claimed = self._again(lambda c: self._claimed(c, found))
        if not claimed:
            return self.next(most)
        at_us = self._taken_up(number, claimed)
        in_effect = [one for one in claimed if at_us <= one.begins_us]
        for one in claimed:
            self._open[one.address] = one
            if one.begins_us < at_us:
                self.end(one, "late")
        self._asked = self._again(delegations.newest)
        return in_effect

    def due(self, visit: Upcoming) -> bool:
        """Whether the moment of a visit has come. Where time stands still it is brought there; else ask again later."""
        mode, now_us, mark_us, leader = self._again(_time)
        if leader is None and mode == "free" and not self.request.wait:
            if any(at_us < visit.begins_us for at_us in self._signing_up.values()):
                # Whoever signs up now does so at this moment, and not after the simulation has done it.
                return False
            if mark_us < visit.begins_us:
                self.runner.run(Pace(0, visit.begins_us), wait=False)
                mode, now_us, mark_us, leader = self._again(_time)
            return mark_us >= visit.begins_us
        if visit.signs_up:
            return now_us >= self._soonest_us(visit)
        return now_us >= (visit.begins_us if self.request.wait else min(visit.begins_us, visit.free_from_us))

    def begin(self, visit: Upcoming) -> bool:
        """A claimed visit is played from now on. False when it is not to be: somebody has taken it away since, as a
        pause does, and it is ended."""
        newest = self._again(delegations.newest)
        if newest != self._asked:
            plan = self._again(self._plan)
            wanted = {one.address: one.begins_us for one in self._open.values()}
            there = takes_place(plan, self.flow, wanted)
            for one in [one for one in self._open.values() if one.address not in there]:
                self.end(one, "cancelled", fault="it does not take place any more: something was changed meanwhile")
            self._asked = newest
            if visit.address not in there:
                return False
        if visit.address not in self._open:
            return False

        def begun(connection: Connection) -> bool:
            with connection.transaction():
                return delegations.begin(connection, self.world, self.run, visit)

        began = self._again(begun)
        if began and visit.signs_up:
            self._signing_up[visit.address] = visit.begins_us
        return began

    def has_account(self, visit: Upcoming) -> bool:
        """Whether there is an account under the key of whoever a visit is of."""
        return self._again(lambda c: delegations.has_rows(c, self.world, visit.key))

    def end(
        self,
        visit: Upcoming,
        state: State,
        *,
        fault: str | None = None,
        steps: Sequence[Done] = (),
        pictures: str | None = None,
    ) -> int:
        """A visit is over. Its rows are registered as ours; returns how many."""

        def ended(connection: Connection) -> int:
            with connection.transaction():
                return delegations.end(
                    connection, self.world, self.run, visit.address, state, fault=fault, steps=steps, pictures=pictures
                )

        appeared = self._again(ended)
        self._open.pop(visit.address, None)
        self._signing_up.pop(visit.address, None)
        if state in ("played", "failed", "interrupted"):
            self._over_us = max(self._over_us, visit.ends_us)
        return appeared

    def close(self) -> None:
        """End what is still claimed; where nobody else does, bring time past all that was done."""
        for one in list(self._open.values()):
            self.end(one, "interrupted", fault="the run ended before it")
        mode, _, mark_us, leader = self._again(_time)
        if self._over_us >= mark_us and leader is None and mode == "free":
            Runner(
                self.world, self.runner.connect, self.runner.on_event, threading.Event(), self.runner.integrations
            ).run(Pace(0, self._over_us + clock.SECOND_US), wait=False)

    def _found(self, connection: Connection, most: int) -> list[Upcoming]:
        mode, now_us, mark_us, leader = _time(connection)
        plan = self._plan(connection)
        stands = self.stands = leader is None and mode == "free" and not self.request.wait
        clock_row = records.read_clock(connection)
        self._speed = max(1.0, clock_row.speed) if clock_row and mode == "free" else 1.0
        since_us = mark_us + 1 if stands else max(now_us, mark_us) + int(AHEAD_S * self._speed * clock.SECOND_US)
        taken = delegations.known(connection, since_us)
        # People who are in the app, or not in it yet, cannot begin another visit now; so some more are looked at.
        many = (most if stands or self.request.wait else 20 * most) + len(taken)
        # A service that makes accounts is asked by the simulation alone.
        sign_ups = self.request.sign_ups and self.runner.integrations.create is None
        visits = upcoming(plan, self.flow, self.navigation, since_us, since_us + HORIZON_US, many, sign_ups=sign_ups)
        free = [v for v in visits if v.address not in taken]
        if not stands and not self.request.wait:
            # Of each person the first one: nobody is in two visits at once.
            first_of: dict[str, Upcoming] = {}
            for visit in free:
                if self._soonest_us(visit) <= now_us:
                    first_of.setdefault(visit.key, visit)
            free = list(first_of.values())
        return free[:most]

    def _soonest_us(self, visit: Upcoming) -> int:
        """From when on a visit may be played beside a runner at work, at once and not at its moment."""
        return visit.begins_us - int(EARLY_S * self._speed * clock.SECOND_US) if visit.signs_up else visit.free_from_us

    def _claimed(self, connection: Connection, visits: Sequence[Upcoming]) -> tuple[int, list[Upcoming]]:
        with connection.transaction():
            mine = delegations.claim(connection, self.run, visits)
            claimed = [one for one in visits if one.address in mine]
            if not claimed:
                return 0, []
            addresses = [one.address for one in claimed]
            number = records.add_intervention(
                connection, {}, asked_at_us=clock.now_us(), asked_by=_HERE, delegated=addresses
            )
            delegations.asked(connection, addresses, number)
        return number, claimed

    def _taken_up(self, number: int, claimed: Sequence[Upcoming]) -> int:
        """When a claim took effect, µs."""
        since = clock.monotonic()
        while True:
            fate = self._again(lambda c: records.fate(c, number))
            if fate is None or fate[1] is not None:
                raise Refused("the claim on these visits was taken back", where=f"intervention {number}")
            if fate[0] is not None:
                return fate[0]
            mode, _, mark_us, leader = self._again(_time)
            if self.stop.is_set() or clock.monotonic() - since > PATIENCE_S:
                if not self._again(lambda c: records.undo(c, number)):
                    continue
                for one in claimed:
                    self._open[one.address] = one
                    self.end(one, "late", fault="no runner took the claim up")
                raise TargetUnavailable(
                    "no runner has taken up the claim on visits",
                    where="bots",
                    todo=Remedy("run", {"world": self.world.name}, "{} runs the population"),
                )
            if leader is None:
                first_us = claimed[0].begins_us
                until_us = first_us if mode == "free" else max(clock.now_us(), mark_us + clock.SECOND_US)
                self.runner.run(Pace(0, until_us), wait=False)
            else:
                clock.sleep(_POLL_S, self.stop)

    def _plan(self, connection: Connection) -> Plan:
        return records.stored_plan(connection, self.world, records.finished(connection, self.world))

    def _again(self, call: Callable[[Connection], T]) -> T:
        """What a call on the session gives; the session is opened again, with the run's lock, where it was lost."""
        waits = back_off(8)
        while True:
            try:
                if self.connection.closed or self.connection.broken:
                    self.connection = self._session()
                return call(self.connection)
            except (psycopg.Error, TargetUnavailable) as error:
                cause = error if isinstance(error, psycopg.Error) else error.__cause__
                seconds = next(waits, None)
                if seconds is None or not (isinstance(cause, psycopg.Error) and is_lost(cause)):
                    raise
                clock.sleep(seconds, self.stop)

    def _session(self) -> Connection:
        connection = self.opened.writing(_HERE)
        connection.autocommit = True
        delegations.hold(connection, self.run)
        return connection


@contextmanager
def claims(
    context: Context, request: ClaimsRequest, *, on_event: Listener = unheard, stop: threading.Event | None = None
) -> Iterator[Claims]:
    """Open a run that plays visits. What runs that have died left open is ended first, with its rows.

    Raises BadInput for a world without a navigation, Refused without a finished seed, or while it is paused.
    """
    stop = stop or threading.Event()
    with population(context, request.world, _HERE) as there:
        world, opened = there.world, there.opened
        navigation = navigation_of(world)
        require_enabled(there)
        known = login.find(there.place, context.settings) if login.has_login(world) else None
        password = None if known is None else known.password
        if known is not None and known.kind == "variable":
            password = context.settings.login_password
        folder = Folder.of(there.connection, request.folder)
        integrations = channels.integrations(there.plan, context.settings)

    def hear(event: Event) -> None:
        if not isinstance(event, Tick):
            on_event(event)

    runner = Runner(world, lambda: opened.writing(f"{_HERE} {world.name}"), hear, stop, integrations)
    connection = opened.connect(_HERE, autocommit=True)
    with closing(integrations):
        try:
            run = delegations.add_run(connection, request.site, request.started_by)
            left = _ended(connection, world, run)
            found = Claims(
                request, world, lifecycle_of(world), navigation, folder, password, left, run, opened, runner, stop,
                connection,
            )  # fmt: skip
            if left:
                on_event(Event("note", f"{left} visits of a run that had ended were still open: interrupted"))
            try:
                yield found
            finally:
                try:
                    found.close()
                finally:
                    found.connection.close()
        finally:
            connection.close()


def preview(context: Context, request: ClaimsRequest, most: int) -> list[Upcoming]:
    """The next visits that nobody plays yet, as `Claims.next` would find them; nothing is claimed."""
    with population(context, request.world, _HERE, looking=True) as there:
        navigation = navigation_of(there.world)
        taken = delegations.known(there.connection, there.watermark_us)
        since_us = there.watermark_us + 1
        found = upcoming(
            there.plan, lifecycle_of(there.world), navigation, since_us, since_us + HORIZON_US, most + len(taken),
            sign_ups=request.sign_ups,
        )  # fmt: skip
    return [one for one in found if one.address not in taken][:most]


def navigation_of(world: World) -> Navigation:
    """How people of a world go through its pages. Raises BadInput for a world that does not say."""
    if world.navigation is None:
        raise BadInput(
            "nobody can play the visits of this world in a browser: it does not say how people go through its pages",
            where=world.name,
            todo=None if world.built_in else "a world says so as `navigation`",
        )
    return world.navigation


def _ended(connection: Connection, world: World, run: int) -> int:
    with connection.transaction():
        left = delegations.taken_over(connection, run)
        for address, _, _ in left:
            delegations.end(connection, world, run, address, "interrupted", fault="the run that played it ended")
    return len(left)


def _time(connection: Connection) -> tuple[str, int, int, str | None]:
    """The kind of the clock, simulated now, the watermark, and who leads."""
    now, mark_us = records.read_clock(connection), ledger.watermark(connection)
    assert now is not None
    assert mark_us is not None
    leader = lease.leader(connection)
    now_us = max(clock.now_us(), mark_us) if now.mode == "wall" else mark_us
    return now.mode, now_us, mark_us, leader
