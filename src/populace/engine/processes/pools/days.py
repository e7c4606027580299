"""Days: what people of pools do in a window, emitted day by day as the days are decided.

A day is decided at its start and lies within itself: a window needs the days that it touches, and the one before its
first moment, whose end may be that moment. Decided days are kept in memory, so that a tick costs what happens in it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from populace.clock import DAY_US
from populace.engine import removal
from populace.engine.delegation import delegated, sign_up_address
from populace.engine.draw_statistics import DrawStatistics
from populace.engine.draws import EngineDraw, Window
from populace.engine.process import Brought, Emission, Leavers, Removed, Said
from populace.engine.processes.pools.daily_update import begin
from populace.engine.processes.pools.fold import (
    Day,
    Decided,
    Past,
    PoolFold,
    changing_at_once,
    day_of,
    joined,
    joined_moves,
    start_of,
)
from populace.engine.processes.pools.follow_ups import Later, applies, followed, on_day, rows_of, wait, waits
from populace.engine.processes.pools.habits import Habits, kind_of
from populace.engine.processes.pools.requests import requested, requests_of, wanted
from populace.engine.processes.pools.signups import date_sign_ups
from populace.engine.processes.pools.visits import VISITS_AT_ONCE, Attendance, count, joined_visits
from populace.engine.processes.pools.walks import kept_away, lets_all_come, walked
from populace.engine.snapshots import Snapshots, depends
from populace.plan import Intervention, Plan
from populace.spec import Cohort, DailyStatistics, Ints, Lifecycle, TableRows, Visits, Walk

EVENTS_OF_AT_ONCE = 2_048
"""Visits whose events are emitted together."""
FEW_DAYS = 3
"""A window of so many days or fewer, with snapshots, is a tick."""


def first_day(plan: Plan, flow: Lifecycle) -> int:
    """The day (since 1970) before which no pool has anybody."""
    return plan.origin_us // DAY_US - plan.eras[0].values.whole(flow.pool.unseen_days)


@dataclass(slots=True)
class Pools:
    """One block of pools and one window."""

    plan: Plan
    flow: Lifecycle
    members: tuple[int, int]
    window: Window
    statistics: DrawStatistics
    snapshots: Snapshots | None
    events: bool
    habits: dict[tuple[object, ...], Habits]
    _left: list[Cohort] = field(default_factory=list)

    def emitted(self) -> Iterator[Emission]:
        """What they leave in the window."""
        plan, flow, window = self.plan, self.flow, self.window
        first = plan.origin_us // DAY_US
        if window.end_us <= plan.origin_us:
            return
        since, until = max(first, day_of(flow, window.start_us - 1)), day_of(flow, window.end_us - 1)
        # Who is there when the first day begins is emitted before it: some of them signed up in the night.
        begins = window.start_us < start_of(flow, first)
        if until - since < FEW_DAYS and self.snapshots is not None and not begins:
            yield from self._tick(since, until)
        else:
            yield from self._span(first, since, until, begins=begins)

    # One long window: everything is folded first, so that nothing is emitted of those who have left by its end.

    def _span(self, first: int, since: int, until: int, *, begins: bool) -> Iterator[Emission]:
        fold = self.fold_before(since, begins=begins)
        here = self._here(fold) if begins else None
        before = fold.waiting
        days: list[Day] = []
        while fold.day <= until:
            if fold.day == until:
                self._keep(fold)
            days.append(self.begun(fold, self._draw(fold.day), waiting=waits(self.plan, self.flow, fold.day, until)))
        removed = self._removed(days)
        if before is not None:
            for later in Later.after(self.flow, self._draw, before):
                yield from later.within(self.window, removed)
        yield from self._lived(first, here, days, removed)

    def of_people(self, person: Ints) -> Iterator[Emission]:
        """What some people leave in a window that begins with history."""
        first, until = self.plan.origin_us // DAY_US, day_of(self.flow, self.window.end_us - 1)
        if until < first:
            return
        here, days = self._past(first, until)
        some = here.of(np.isin(here.person, person))
        yield from self._lived(first, some, [day.only(person) for day in days], self._removed(days))

    def _past(self, first: int, until: int) -> tuple[Cohort, list[Day]]:
        """Who was there when history began, and all days up to one; those before it are remembered."""
        flow, end_us = self.flow, start_of(self.flow, until)
        past = self._remembered(until)
        if past is None:
            fold = self.fold_before(first)
            past = Past(fold.state(start_of(flow, first)), self._here(fold))
        known = PoolFold.from_state(flow, *self.members, past.state)
        assert known is not None
        while known.day < until:
            past.days.append(self.begun(known, self._draw(known.day)))
        past.state = known.state(end_us)
        if self.snapshots is not None:
            self.snapshots.pasts[flow.name, self.members] = (depends(self.plan, end_us), past)
        return past.here, [*past.days, self.begun(known, self._draw(until))]

    def _remembered(self, until: int) -> Past | None:
        """History as it was last decided, unless it is another one now, or goes too far."""
        known, past = ("", None) if self.snapshots is None else self.snapshots.pasts.get(
            (self.flow.name, self.members), ("", None))  # fmt: skip
        if not isinstance(past, Past) or past.state.as_of_us > start_of(self.flow, until):
            return None
        return past if known == depends(self.plan, past.state.as_of_us) else None

    def _here(self, fold: PoolFold) -> Cohort:
        """Who is there when history begins, with the moments at which their rows do."""
        here = fold.cohort(np.arange(fold.size), self.plan.origin_us)
        return replace(here, at=np.maximum(here.joined_at, here.at))

    def _lived(self, first: int, here: Cohort | None, days: list[Day], removed: Removed | None) -> Iterator[Emission]:
        """What is left on days, by those in them; here: who was there before the first one."""
        changing: set[str] = set()
        if here is not None:
            some = here.of(self.window.holds(here.at))
            for emitted in self._newcomers(self._draw(first), some, removed):
                changing.update(emitted.rows)
                yield emitted
        for emitted in self._changes(days, removed):
            changing.update(emitted.rows)
            yield emitted
        if days:
            # From the beginning of history, and under one era, a pool's visits are emitted together: what only they
            # emit is final.
            whole = self.window.start_us <= self.plan.origin_us and len(list(self._by_era(days))) == 1
            for emitted in self._visits(days, removed):
                if whole and not isinstance(emitted.rows, Said):
                    emitted = replace(emitted, final=frozenset(emitted.rows) - changing)
                yield emitted
            self._left += [day.removed for day in days]

    def _visits(self, days: list[Day], removed: Removed | None) -> Iterator[Emission]:
        """Visits of whole pools over all days, era by era; then what the days were."""
        low, many = self.members[0], self.members[1] - self.members[0]
        sizes = sum(np.bincount(d.came.who.pool - low, minlength=many) for d in days)
        edges, held = [0], 0
        for pool, size in enumerate(np.asarray(sizes).tolist()):
            if held and held + size > VISITS_AT_ONCE:
                edges.append(pool)
                held = 0
            held += size
        edges.append(many)
        eras = [(draw, Attendance.to(some)) for draw, some in self._by_era(days)]
        for day in days:
            _let_go(day)
        for a, b in itertools.pairwise(edges):
            for draw, attendance in eras:
                visits, walk, counts = walked(draw, self.flow, attendance.of_pools(low + a, low + b))
                yield from self._emitted_visits(draw, visits, walk, removed, follow_ups=applies(self.plan, self.flow))
                count(days, self.members, visits, counts)
        yield from self._daily(days)

    # A short one: the days that it touches are kept in memory.

    def _tick(self, since: int, until: int) -> Iterator[Emission]:
        assert self.snapshots is not None
        for old in [p for p in self.snapshots.days if p[:2] == (self.flow.name, self.members) and p[2] < since]:
            del self.snapshots.days[old]
        days = [self._decided(day) for day in range(since, until + 1)]
        removed = self._removed([d.day for d in days])
        for decided in days:
            yield from self._changes([decided.day], removed)
            visits = decided.visits
            under_way = (visits.started_at < self.window.end_us) & (decided.ends_at >= self.window.start_us)
            if under_way.any():
                some = visits.of(np.flatnonzero(under_way))
                draw = self._draw(decided.day.day).unrecorded
                walk = self.flow.walk(draw, some)
                yield from self._emitted_visits(replace(draw, window=self.window), some, walk, removed)
            for later in decided.later:
                yield from later.within(on_day(self.flow, decided.day.day, self.window), removed)
            yield from self._daily([decided.day])
        self._left += [decided.day.removed for decided in days]

    def _decided(self, day: int) -> Decided:
        assert self.snapshots is not None
        place = (self.flow.name, self.members, day)
        ends_us = start_of(self.flow, day + 1)
        held = depends(self.plan, ends_us)
        known, decided = self.snapshots.days.get(place, ("", None))
        # What is drawn at these moments is counted by the window that holds them.
        moments = [start_of(self.flow, day), *(at_us for _, at_us in requests_of(self.plan, self.flow, day))]
        if known == held and not self.window.holds(np.array(moments)).any():
            assert isinstance(decided, Decided)
            return decided
        fold = self.fold_before(day)
        self._keep(fold)
        waiting = [] if fold.waiting is None else [fold.waiting]
        draw = self._draw(day)
        begun = self.begun(fold, draw)
        parts: list[Visits] = []
        ends: list[Ints] = []
        counted: dict[str, list[Ints]] = {}
        for attendance in Attendance.on(begun).chunks():
            visits, walk, counts = walked(draw, self.flow, attendance)
            parts.append(visits)
            ends.append(visits.started_at + walk.lasts_us)
            for name, values in counts.items():
                counted.setdefault(name, []).append(values)
        _let_go(begun)
        decided = Decided(begun, joined_visits(parts), np.concatenate(ends))
        counts = {name: np.concatenate(values) for name, values in counted.items()}
        count([begun], self.members, decided.visits, counts)
        if applies(self.plan, self.flow):
            waiting.append(followed(draw, self.flow, decided.visits))
            decided.later = list(Later.after(self.flow, self._draw, joined_visits(waiting)))
        self.snapshots.days[place] = (held, decided)
        return decided

    def brought(self, intervention: Intervention, from_us: int) -> Iterator[Brought]:
        """The visits that an intervention brings to these pools, and the rows that they will leave."""
        day = day_of(self.flow, from_us)
        draw = self._draw(day).unrecorded
        if not wanted(draw, self.flow, intervention, self.members).any():
            return
        visits = self.begun(self.fold_before(day), draw, counted=False).requested.get(intervention.number)
        if visits is not None and len(visits.k):
            ended_at = visits.started_at + self.flow.walk(draw, visits).lasts_us
            ours = visits.of(~delegated(self.plan, visits.address, visits.started_at))
            yield Brought(from_us, ended_at, self.flow.emit(draw, ours, self.flow.walk(draw, ours)))

    # The fold.

    def fold_before(self, day: int, *, begins: bool = False) -> PoolFold:
        """The pools before a day: from a snapshot, or from before anybody signed up. begins: history does, and what
        was before it is kept for whoever looks at it again."""
        at_us = start_of(self.flow, day)
        state = self.snapshots.look(self.plan, self.flow, self.members, at_us) if self.snapshots else None
        fold = PoolFold.from_state(self.flow, *self.members, state) if state else None
        if fold is None:
            fold = self._nobody()
        while fold.day < day:
            # What these days decide is counted by the windows that hold their beginnings.
            waiting = waits(self.plan, self.flow, fold.day, day)
            self.begun(fold, self._draw(fold.day).unrecorded, counted=False, waiting=waiting)
        if begins and self.snapshots is not None:
            self.snapshots.begin(self.plan, self.flow, self.members, fold.state(at_us))
        date_sign_ups(self._draw(day).unrecorded, fold)
        return fold

    def fold(self, snapshots: Snapshots) -> None:
        """Keep what a window that begins with this one begins with."""
        since = max(self.plan.origin_us // DAY_US, day_of(self.flow, self.window.start_us - 1))
        snapshots.keep(self.plan, self.flow, self.members, self.fold_before(since).state(start_of(self.flow, since)))

    def _nobody(self) -> PoolFold:
        """The pools before anybody signed up."""
        return PoolFold.nobody(self.flow, *self.members, first_day(self.plan, self.flow))

    def _keep(self, fold: PoolFold) -> None:
        if self.snapshots is not None:
            self.snapshots.keep(self.plan, self.flow, self.members, fold.state(start_of(self.flow, fold.day)))

    def begun(self, fold: PoolFold, draw: EngineDraw, *, counted: bool = True, waiting: bool = False) -> Day:
        """The fold's next day, decided; it stands before the one after it then. waiting: with those of its visits that
        wait for what comes after them."""
        kind = (draw.era.begins_us, *kind_of(self.flow, fold.day))
        if kind not in self.habits:
            self.habits[kind] = Habits.of(self.flow, draw.era, fold.day)
        habits = replace(self.habits[kind], day=fold.day)
        requests = requests_of(self.plan, self.flow, fold.day)
        # Whether an intervention keeps somebody away, or brings them, may depend on when they signed up; so do visits.
        if waiting:
            date_sign_ups(draw.unrecorded, fold)
        dated = counted or waiting or bool(requests) or not lets_all_come(self.flow, self.plan.eras)
        day = begin(draw, habits, fold, counted=counted, dated=dated)
        stays = kept_away(draw, self.flow, day)
        if stays is not None:
            fold.of("came")[day.came.index[stays]] = False
        if requests:
            date_sign_ups(draw.unrecorded, fold)
            day.requested = requested(draw, self.flow, fold, day, habits)
            for visits in day.requested.values():
                fold.of("came")[np.isin(fold.of("person"), visits.who.person)] = True
        if waiting:
            wait(draw, self.flow, fold, day)
        fold.day += 1
        return day

    def _draw(self, day: int) -> EngineDraw:
        era = self.plan.era_at(start_of(self.flow, day))
        return EngineDraw(self.plan, era, self.window, self.statistics)

    def _by_era(self, days: list[Day]) -> Iterator[tuple[EngineDraw, list[Day]]]:
        """Days that follow each other and begin in one era."""
        for _, some in itertools.groupby(days, lambda day: self.plan.era_at(start_of(self.flow, day.day)).begins_us):
            together = list(some)
            yield self._draw(together[0].day), together

    # What is emitted.

    def _emitted_visits(
        self, draw: EngineDraw, visits: Visits, walk: Walk, removed: Removed | None, *, follow_ups: bool = False
    ) -> Iterator[Emission]:
        """The rows of visits, and their events. follow_ups: with all that comes after them."""
        quiet = draw.quiet
        began = int(np.count_nonzero(self.window.holds(visits.started_at)))
        theirs = delegated(self.plan, visits.address, visits.started_at)
        if theirs.any():
            visits = visits.of(~theirs)
            walk = self.flow.walk(quiet, visits)
        yield Emission(quiet, self.flow.emit(quiet, visits, walk), removed, began=began)
        if follow_ups:
            yield Emission(quiet, rows_of(quiet, self.flow, visits, walk), removed)
        if self.events and self.flow.events:
            # Events are many a visit: emitted a few visits at a time, so that they never stand in memory together.
            for first in range(0, len(visits.k), EVENTS_OF_AT_ONCE):
                some = visits.of(np.arange(first, min(first + EVENTS_OF_AT_ONCE, len(visits.k))))
                again = walk if len(some.k) == len(visits.k) else None
                yield Emission(quiet, Said(len(some.k), partial(self._said, quiet, some, again)))

    def _said(self, draw: EngineDraw, visits: Visits, walk: Walk | None) -> TableRows:
        """The events of visits. walk: theirs, where it is known."""
        assert self.flow.events is not None
        return self.flow.events(draw, visits, walk or self.flow.walk(draw, visits))

    def _newcomers(self, draw: EngineDraw, who: Cohort, removed: Removed | None) -> Iterator[Emission]:
        yield Emission(draw, self.flow.people(draw, who), removed)
        if self.events and self.flow.people_events:
            quiet = draw.quiet
            ours = who.of(~delegated(self.plan, sign_up_address(who.person), who.joined_at))
            if len(ours.person):
                yield Emission(quiet, self.flow.people_events(quiet, ours))

    def _changes(self, days: list[Day], removed: Removed | None) -> Iterator[Emission]:
        """Sign-ups and moves of days whose moments lie in the window; of many days together, some at a time."""
        for draw, some in self._by_era(days):
            quiet = draw.quiet
            for part in changing_at_once(some):
                new = joined([day.joined for day in part])
                inside = self.window.holds(new.at)
                if inside.any():
                    yield from self._newcomers(draw, new.of(inside), removed)
                moves = [one for day in part for one in day.moves]
                if moves and (inside := self.window.holds((moved := joined_moves(moves)).who.at)).any():
                    moved = moved.of(inside)
                    yield Emission(quiet, self.flow.moved(quiet, moved), removed)
                    if self.events and self.flow.move_events:
                        yield Emission(quiet, self.flow.move_events(quiet, moved))

    def _daily(self, days: list[Day]) -> Iterator[Emission]:
        """The statistics of days that are over, each once."""
        pools = np.arange(*self.members)
        for draw, some in self._by_era(days):
            ends = {day.day: start_of(self.flow, day.day + 1) for day in some}
            over = [day for day in some if self.window.start_us <= ends[day.day] < self.window.end_us]
            if not over:
                continue
            number = np.repeat([day.day for day in over], len(pools))
            ended_at = np.repeat([ends[day.day] for day in over], len(pools))
            counts = {name: np.concatenate([day.counts[name] for day in over]) for name in over[0].counts}
            daily = DailyStatistics(np.tile(pools, len(over)), number, ended_at, counts)
            yield Emission(draw.quiet, self.flow.emit_days(draw.quiet, daily))

    # Who leaves.

    def _removed(self, days: list[Day]) -> Removed | None:
        """Those whose rows go by the window's end, of these days."""
        return removal.listed(np.sort(np.concatenate([_NO_PEOPLE, *(d.removed.person for d in days)])))

    def leaving(self) -> Iterator[Leavers]:
        """Those whose rows go in the window, once all is emitted."""
        some = [who for who in self._left if self.window.holds(who.at).any()]
        if some:
            who = joined(some)
            draw = self._draw(day_of(self.flow, int(some[0].at[0]))).unrecorded
            yield Leavers(self.flow.key(draw, who), who.person, who.pool)


def _let_go(day: Day) -> None:
    """Forget who came on a day: they are in the visits, and only these are needed again."""
    day.came, day.requested = day.came.of(slice(0)), {}


_NO_PEOPLE = np.zeros(0, dtype=np.int64)
