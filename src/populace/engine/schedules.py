"""Schedules: what things that come by the calendar leave in a window.

Where things influence each other, by what their member carries, a window is told member by member: what a member
carries at the window's start is folded from all that came before, and remembered. A tick looks at an agenda of the day,
so that it costs what happens in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from populace.clock import DAY_US
from populace.engine.accounts import Accounts
from populace.engine.calendar import Hours, hours_of
from populace.engine.draws import EngineDraw, Window
from populace.engine.snapshots import Snapshots, State
from populace.plan import ENGINE_VERSION, Plan
from populace.spec import Calendar, Ints, Progress, Scene, Schedule, Span, Story, Things

PARTS_AT_ONCE = 32_768
"""Things and their parts that are told together: their arrays stay near the processor's cache."""
FIRST_THINGS = 32
"""Things that are told at first, when it is not known yet how many parts they have."""


@dataclass(frozen=True, slots=True)
class _Stretch:
    """One stretch. number: which; first: the number of its first thing."""

    number: int
    first: int
    many: int
    start_us: int
    end_us: int


class Scheduled:
    """One schedule of a plan, and a slice of its root's members."""

    def __init__(self, plan: Plan, flow: Schedule, members: tuple[int, int]) -> None:
        self.plan, self.flow, self.members = plan, flow, members
        self.calendar: Calendar = plan.world.calendar(flow.calendar)
        self.before_us = self._whole(flow.before_days) * DAY_US
        self.lasts_us = self._whole(flow.lasts_days) * DAY_US

    def told(
        self, window: Window, accounts: Accounts, snapshots: Snapshots | None
    ) -> Iterator[tuple[EngineDraw, Story]]:
        """What the slice leaves in a window: stories, with the draw that they were told with."""
        if window.end_us <= self.plan.origin_us:
            return
        if self.flow.carry is None:
            yield from self._apart(window, accounts)
        else:
            yield from self._together(window, accounts, snapshots)

    def begins(self, window: Window) -> bool:
        """Whether history begins in the window: nothing was told before."""
        return window.start_us <= self.plan.origin_us < window.end_us

    def _apart(self, window: Window, accounts: Accounts) -> Iterator[tuple[EngineDraw, Story]]:
        """Things that carry nothing: each is told for itself."""
        draw = EngineDraw(self.plan, self.plan.eras[0], window, accounts)
        span, step = Span(window.start_us, window.end_us), PARTS_AT_ONCE
        reach = (self.lasts_us, self.before_us) if self.flow.follow else (0, 0)
        for things in self.things(window.start_us - reach[0], window.end_us + reach[1]):
            for low in range(0, len(things.number), step):
                some = things.of(np.arange(low, min(low + step, len(things.number))))
                progress = self._followed(some, window, accounts)
                yield draw, self.flow.tell(draw, Scene(np.unique(some.member), some, progress, {}, span))

    def _together(
        self, window: Window, accounts: Accounts, snapshots: Snapshots | None
    ) -> Iterator[tuple[EngineDraw, Story]]:
        flow = self.flow
        assert flow.carry is not None
        draw = EngineDraw(self.plan, self.plan.eras[0], window, accounts)
        span, begins = Span(window.start_us, window.end_us), self.begins(window)
        touched = np.arange(*self.members)
        if snapshots is not None and not begins and window.end_us - window.start_us <= DAY_US:
            touched = self.touched(window, snapshots)
        state = None
        if not begins and (snapshots is not None or len(touched)):
            state = self._state(window.start_us, snapshots)
        for members, things in self._by_member(touched, window.start_us - self.lasts_us, window.end_us):
            progress = self._followed(things, window, accounts)
            scene = Scene(members, things, progress, self._carried(state, members), span)
            yield draw, flow.tell(draw, scene)
            if state is not None and snapshots is not None:
                self._write(state, members, flow.carry(draw.recalled, scene))
        if state is not None and snapshots is not None:
            state.as_of_us = window.end_us
            snapshots.keep(self.plan, flow, self.members, state)

    def _followed(self, things: Things, window: Window, accounts: Accounts) -> Progress:
        """How things go, each under the settings in force when its life may begin; what falls in the window counts."""
        follow = self.flow.follow
        if follow is None or len(things.number) == 0:
            return (
                Progress()
                if follow is None
                else follow(EngineDraw(self.plan, self.plan.eras[0], window, Accounts()), things)
            )
        eras = self._eras(things)
        parts = []
        for era in np.unique(eras).tolist():
            some = np.flatnonzero(eras == era)
            draw = EngineDraw(self.plan, self.plan.eras[era], window, accounts)
            parts.append((some, follow(draw, things.of(some))))
        return parts[0][1] if len(parts) == 1 else _joined(parts, len(things.number))

    def _eras(self, things: Things) -> Ints:
        begins = np.array([era.begins_us for era in self.plan.eras])
        return np.searchsorted(begins, things.at - self.before_us, side="right") - 1

    def touched(self, window: Window, snapshots: Snapshots) -> Ints:
        """The members to whom something happens in a window of a day at most."""
        found = [np.zeros(0, dtype=np.int64)]
        for day in range(window.start_us // DAY_US, -(-window.end_us // DAY_US)):
            at, member = self._agenda(day, snapshots)
            low, high = np.searchsorted(at, [window.start_us, window.end_us])
            found.append(member[low:high])
        return np.unique(np.concatenate(found))

    def _agenda(self, day: int, snapshots: Snapshots) -> tuple[Ints, Ints]:
        """The moments of a day at which something happens, in order, and to which member."""
        place, end_us = (self.flow.name, self.members, day), (day + 1) * DAY_US
        depends = f"{self.plan.digest} {self.plan.interventions_digest(end_us)} {ENGINE_VERSION}"
        known, agenda = snapshots.days.get(place, ("", None))
        if known == depends and agenda is not None:
            return agenda  # type: ignore[no-any-return]
        for old in [p for p in snapshots.days if p[:2] == place[:2] and p[2] < day - 1]:
            del snapshots.days[old]
        window = Window(day * DAY_US, end_us)
        moments, members = [], []
        every = np.arange(*self.members)
        for _, things in self._by_member(every, window.start_us - self.lasts_us, window.end_us):
            progress = self._followed(things, Window(0, 0), Accounts())
            columns = [(things.at, things.member)]
            columns += [(progress.things[n], things.member) for n in self.flow.moments if n in progress.things]
            of_part = things.member[progress.of]
            columns += [(progress.parts[n], of_part) for n in self.flow.moments if n in progress.parts]
            for at, member in columns:
                inside = window.holds(at)
                moments.append(at[inside])
                members.append(member[inside])
        at, member = np.concatenate([*moments, _NONE]), np.concatenate([*members, _NONE])
        order = np.argsort(at, kind="stable")
        snapshots.days[place] = (depends, (at[order], member[order]))
        return at[order], member[order]

    def _state(self, as_of_us: int, snapshots: Snapshots | None) -> State:
        """What all members of the slice carry at a moment: remembered, or folded from the beginning."""
        flow = self.flow
        assert flow.carry is not None
        size = self.members[1] - self.members[0]
        fresh = {name: np.zeros((size, self._whole(width)), dtype=np.int64) for name, width in flow.carried.items()}
        known = snapshots.take_like(self.plan, flow, self.members, as_of_us, fresh) if snapshots else None
        since_us = known.as_of_us if known else self.plan.origin_us
        state = known or State(since_us, fresh)
        if since_us < as_of_us:
            every = np.arange(*self.members)
            span = Span(since_us, as_of_us)
            nowhen, unseen = Window(0, 0), Accounts()
            draw = EngineDraw(self.plan, self.plan.eras[0], nowhen, unseen)
            for members, things in self._by_member(every, since_us - self.lasts_us, as_of_us):
                progress = self._followed(things, nowhen, unseen)
                scene = Scene(members, things, progress, self._carried(state, members), span)
                self._write(state, members, flow.carry(draw, scene))
            state.as_of_us = as_of_us
        return state

    def _carried(self, state: State | None, members: Ints) -> Mapping[str, Ints]:
        if state is None:
            return {
                name: np.zeros((len(members), self._whole(width)), dtype=np.int64)
                for name, width in self.flow.carried.items()
            }
        return {name: state.fields[name][members - self.members[0]] for name in self.flow.carried}

    def _write(self, state: State, members: Ints, carried: Mapping[str, Ints]) -> None:
        for name, values in carried.items():
            state.fields[name][members - self.members[0]] = values

    def _by_member(self, members: Ints, from_us: int, to_us: int) -> Iterator[tuple[Ints, Things]]:
        """Members in blocks, each with all its things whose moment lies in [from, to + before)."""
        if len(members) == 0:
            return
        pieces = list(self.things(from_us, to_us + self.before_us))
        things = _concatenated(pieces)
        order = np.lexsort((things.number, things.member))
        things = things.of(order)
        low = np.searchsorted(things.member, members)
        high = np.searchsorted(things.member, members, side="right")
        at, parts = 0, 0.0
        while at < len(members):
            many = np.cumsum(high[at:] - low[at:])
            enough = PARTS_AT_ONCE / parts if parts else FIRST_THINGS
            until = at + max(1, int(np.searchsorted(many, enough, side="right")))
            index = np.concatenate([np.arange(a, b) for a, b in zip(low[at:until], high[at:until], strict=True)])
            some = things.of(index.astype(np.int64))
            yield members[at:until], some
            if parts == 0.0 and len(index) and until < len(members):
                parts = self._parts(some)
            at = until

    def _parts(self, things: Things) -> float:
        """How many parts a thing has, from a few of them."""
        few = things.of(np.arange(min(8, len(things.number))))
        return 1 + len(self._followed(few, Window(0, 0), Accounts()).of) / len(few.number)

    def things(self, from_us: int, to_us: int) -> Iterator[Things]:
        """The things of the slice's members with moments in [from, to), stretch by stretch, in blocks."""
        size = self.plan.sizes[self.flow.root]
        for stretch in self._stretches(from_us, to_us):
            hours = hours_of(self.calendar, self.plan.eras[0].values, stretch.start_us, stretch.end_us, stretch.many)
            low, high = 0, stretch.many
            if not self.flow.mixed:
                low = max(0, hours.position(from_us) * stretch.many // hours.whole - 1)
                high = min(high, -(-hours.position(to_us + 3_600_000_000) * stretch.many // hours.whole) + 1)
            for first in range(low, high, PARTS_AT_ONCE):
                place = np.arange(first, min(first + PARTS_AT_ONCE, high))
                number = stretch.first + place
                member = number % size
                ours = (member >= self.members[0]) & (member < self.members[1])
                if not ours.any():
                    continue
                place, number, member = place[ours], number[ours], member[ours]
                at = self._moments(stretch, hours, number, place)
                alike = np.full(len(place), stretch.number), np.full(len(place), stretch.many)
                things = Things(number, member, at, alike[0], place, alike[1])
                kept = (at >= from_us) & (at < to_us) & self._enabled(things)
                yield things.of(np.flatnonzero(kept))

    def _moments(self, stretch: _Stretch, hours: Hours, number: Ints, place: Ints) -> Ints:
        flow, many = self.flow, stretch.many
        draw = EngineDraw(self.plan, self.plan.eras[0], Window(0, 0), Accounts())
        if flow.mixed:
            place = draw.shuffled(f"{flow.name}.order", many, np.full(len(place), stretch.number), place)
        if flow.ends and many > 1:
            position = place * (hours.whole - 1) // (many - 1)
        else:
            position = (place * hours.whole + draw.below(f"{flow.name}.place", hours.whole, number)) // many
        return hours.at(position) + draw.below(f"{flow.name}.moment", 3_600_000, number) * 1000

    def _enabled(self, things: Things) -> np.ndarray:
        if self.flow.enabled is None:
            return np.ones(len(things.number), dtype=np.bool_)
        on = np.array([bool(era.values[self.flow.enabled]) for era in self.plan.eras])
        return on[self._eras(things)]

    def _stretches(self, from_us: int, to_us: int) -> Iterator[_Stretch]:
        """The stretches that have a moment in [from, to) in common; the last one is repeated."""
        declared = self.plan.eras[0].values[self.flow.stretches]
        number, first = 0, 0
        for begins, ends, many in declared:  # type: ignore[attr-defined]
            stretch = _Stretch(
                number, first, many, self.plan.epoch_us + begins * DAY_US, self.plan.epoch_us + ends * DAY_US
            )
            if many and stretch.start_us < to_us and from_us < stretch.end_us:
                yield stretch
            number, first = number + 1, first + many
        length = stretch.end_us - stretch.start_us
        for turn in range(
            max(1, (from_us - stretch.end_us) // length + 1), 1 + max(0, (to_us - stretch.start_us) // length)
        ):
            start_us = stretch.start_us + turn * length
            if many and start_us < to_us:
                yield _Stretch(number - 1 + turn, first + (turn - 1) * many, many, start_us, start_us + length)

    def _whole(self, given: str | int) -> int:
        return int(str(self.plan.eras[0].values[given])) if isinstance(given, str) else given


_NONE = np.zeros(0, dtype=np.int64)


def _concatenated(pieces: list[Things]) -> Things:
    pieces = pieces or [Things(_NONE, _NONE, _NONE, _NONE, _NONE, _NONE)]
    if len(pieces) == 1:
        return pieces[0]
    names = ("number", "member", "at", "stretch", "place", "many")
    return Things(*(np.concatenate([getattr(piece, name) for piece in pieces]) for name in names))


def _joined(parts: list[tuple[Ints, Progress]], many: int) -> Progress:
    """The progress of things that were followed apart, in the order of the things."""
    things = {}
    for name in parts[0][1].things:
        column = np.empty(many, dtype=np.int64)
        for some, progress in parts:
            column[some] = progress.things[name]
        things[name] = column
    of = np.concatenate([some[progress.of] for some, progress in parts])
    order = np.argsort(of, kind="stable")
    columns = {
        name: np.concatenate([progress.parts[name] for _, progress in parts])[order] for name in parts[0][1].parts
    }
    return Progress(things, of[order], columns)
