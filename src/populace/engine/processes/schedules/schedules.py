"""Schedules: the rows of items placed by the calendar, in a window.

Where items influence each other, by what their member carries, a window is emitted member by member: what a member
carries at the window's start is folded from all that came before, and kept in memory. A tick reads an agenda of the
day, so that it costs what happens in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from populace.clock import DAY_US
from populace.engine import removal
from populace.engine.calendar import SLOT_US, Slots, slots_of
from populace.engine.draw_statistics import DrawStatistics
from populace.engine.draws import EMPTY, EngineDraw, Window
from populace.engine.noted import NotedDraws
from populace.engine.process import Brought, Emission, Leavers, Slice
from populace.engine.processes.schedules.agenda import Agenda
from populace.engine.processes.schedules.blocks import ITEMS_AT_ONCE, apart, concatenated
from populace.engine.processes.schedules.courses import Courses, is_tick, of_eras
from populace.engine.processes.schedules.moments import happening, require_declared, require_reach
from populace.engine.processes.schedules.requests import NOTHING, requested_items, whole_ms
from populace.engine.snapshots import FoldState, Snapshots, depends, misfit
from populace.plan import Intervention, Plan
from populace.spec import NEVER, Bools, Calendar, EmitContext, Ints, Items, Progress, Schedule, Span
from populace.spec.schedule import stretches_of

PARTS_AT_ONCE = 32_768
"""Items and their parts that are emitted together: their arrays stay near the processor's cache."""
CARRIED_AT_ONCE = 262_144
"""Numbers that members emitted together carry, at most: each of them may have rows of its own."""


@dataclass(frozen=True, slots=True)
class _Stretch:
    """One stretch. number: which; first: the number of its first item."""

    number: int
    first: int
    many: int
    start_us: int
    end_us: int


class Scheduled:
    """One schedule of a plan, and a slice of its root's members."""

    def __init__(self, plan: Plan, flow: Schedule, members: Slice) -> None:
        self.plan, self.flow, self.members = plan, flow, members
        self.calendar: Calendar = plan.world.calendar(flow.calendar)
        self.before_us = self._whole(flow.before_days) * DAY_US
        self.lasts_us = self._whole(flow.lasts_days) * DAY_US

    def emit(
        self, window: Window, statistics: DrawStatistics, snapshots: Snapshots | None, *, events: bool
    ) -> Iterator[Emission]:
        """What the slice leaves in a window."""
        if window.end_us <= self.plan.origin_us:
            return
        contexts = self._apart if self.flow.carry is None else self._together
        short = window.end_us - window.start_us <= DAY_US
        for number, (draw, context) in enumerate(contexts(window, statistics, snapshots)):
            rows = self.flow.emit(draw, context)
            if short or number == 0:
                # Of a long window a part is enough: what the world's functions do is the same in all of them.
                require_declared(self.flow, context.items, context.progress, context.span, rows, self.plan.origin_us)
            # Where history begins, a row that changes is emitted for the first time, in its one version so far.
            final = frozenset(rows) if self.begins(window) else frozenset[str]()
            yield Emission(draw, rows, removal.by_root(draw), final)
            if events and self.flow.events:
                yield Emission(draw.quiet, self.flow.events(draw.quiet, context))

    def removed(self, window: Window) -> Iterator[Leavers]:
        """Nobody: their root says who leaves."""
        yield from ()

    def brought(self, intervention: Intervention, snapshots: Snapshots | None) -> Iterator[Brought]:
        """The items that the intervention lets begin, and when the last moment of each is."""
        items = requested_items(self.plan, self.flow, [intervention], self.before_us)
        if len(items.number) == 0:
            return
        progress = self.followed(items, EMPTY, DrawStatistics())
        ended = items.at.copy()
        for name in self.flow.moments:
            for at, of in ((progress.items.get(name), slice(None)), (progress.parts.get(name), progress.of)):
                if at is not None:
                    np.maximum.at(ended, np.arange(len(ended))[of], np.where(at < NEVER, at, 0))
        yield Brought(whole_ms(intervention.at_us), ended, {}, goes_on=True)

    def begins(self, window: Window) -> bool:
        """Whether history begins in the window: nothing was emitted before."""
        return window.start_us <= self.plan.origin_us < window.end_us

    def _apart(
        self, window: Window, statistics: DrawStatistics, snapshots: Snapshots | None
    ) -> Iterator[tuple[EngineDraw, EmitContext]]:
        """Items that carry nothing: each is emitted for itself."""
        draw = EngineDraw(self.plan, self.plan.eras[0], window, statistics)
        span = Span(window.start_us, window.end_us)
        if self.flow.follow and snapshots is not None and window.end_us - window.start_us <= DAY_US:
            blocks = self._happening(window, snapshots)
        else:
            blocks = self._around(window)
        for items in blocks:
            progress = self.followed(items, window, statistics)
            yield draw, EmitContext(np.unique(items.member), items, progress, {}, span)

    def _around(self, window: Window) -> Iterator[Items]:
        """The items that carry nothing and whose lives may touch a window, in blocks."""
        reach = (self.lasts_us, self.before_us) if self.flow.follow else (0, 0)
        return apart(self.items(window.start_us - reach[0], window.end_us + reach[1]), self.flow.recurs_every)

    def _happening(self, window: Window, snapshots: Snapshots) -> Iterator[Items]:
        """The items that carry nothing and to which something happens in a window of a day at most."""
        found = []
        for day in _days(window):
            agenda = self._agenda(day, snapshots)
            low, high = np.searchsorted(agenda.at, [window.start_us, window.end_us])
            found.append(agenda.items.of(np.unique(agenda.item[low:high])))
        items = concatenated(found)
        items = items.of(np.unique(items.number, return_index=True)[1])
        yield from apart(iter((items,)))

    def _together(
        self, window: Window, statistics: DrawStatistics, snapshots: Snapshots | None
    ) -> Iterator[tuple[EngineDraw, EmitContext]]:
        """Items that share what their member carries: all of a member together."""
        flow = self.flow
        assert flow.carry is not None
        draw = EngineDraw(self.plan, self.plan.eras[0], window, statistics)
        span, begins = Span(window.start_us, window.end_us), self.begins(window)
        touched = np.arange(*self.members)
        if snapshots is not None and not begins and window.end_us - window.start_us <= DAY_US:
            touched = self.touched(window, snapshots)
        state = None
        if not begins and (snapshots is not None or len(touched)):
            state = self._state(window.start_us, snapshots)
        if snapshots is not None and not begins and is_tick(window):
            blocks = self._known(touched, window, statistics, snapshots)
        else:
            blocks = self._followed_all(touched, window, statistics)
        for members, items, progress in blocks:
            context = EmitContext(members, items, progress, self._carried(state, members), span)
            yield draw, context
            if state is not None and snapshots is not None:
                self._write(state, members, flow.carry(draw.unrecorded, context))
        if state is not None and snapshots is not None:
            state.as_of_us = window.end_us
            snapshots.keep(self.plan, flow, self.members, state)

    def _followed_all(
        self, members: Ints, window: Window, statistics: DrawStatistics
    ) -> Iterator[tuple[Ints, Items, Progress]]:
        """Members in blocks, with their items whose lives may touch a window and the courses of these."""
        for some, items in self._by_member(members, window.start_us - self.lasts_us, window.end_us):
            yield some, items, self.followed(items, window, statistics)

    def _known(
        self, members: Ints, window: Window, statistics: DrawStatistics, snapshots: Snapshots
    ) -> Iterator[tuple[Ints, Items, Progress]]:
        """The same of a tick: courses are computed once a day, and kept in memory as long as there is room."""
        day = window.start_us // DAY_US
        whole = Window(day * DAY_US, (day + 1) * DAY_US)
        courses = snapshots.courses.setdefault((self.flow.name, self.members), Courses())
        courses.on(depends(self.plan, whole.end_us), day)
        for some, items in self._by_member(courses.unknown(members), whole.start_us - self.lasts_us, whole.end_us):
            draws = NotedDraws()
            progress = self.followed(items, whole, draws)
            if self.flow.matters is not None:
                progress = progress.with_parts(self.flow.matters(progress, Span(whole.start_us, whole.end_us)))
            courses.add(some, items, progress, draws)
        yield from courses.of(members, window, statistics, PARTS_AT_ONCE)

    def followed(self, items: Items, window: Window, statistics: DrawStatistics) -> Progress:
        """The course of items, each under the settings in effect when it may begin; what lies in the window is
        counted."""
        follow = self.flow.follow
        if follow is None:
            return Progress()
        eras, parts = self._eras(items), []
        for era in np.unique(eras).tolist() or [0]:
            some = np.flatnonzero(eras == era)
            draw = EngineDraw(self.plan, self.plan.eras[era], window, statistics)
            parts.append((some, follow(draw, items.of(some))))
        progress = parts[0][1] if len(parts) == 1 else of_eras(parts, len(items.number))
        require_reach(self.flow, items, progress, self.before_us, self.lasts_us)
        return progress

    def _eras(self, items: Items) -> Ints:
        """In which era the life of each begins."""
        eras, born = np.array([era.begins_us for era in self.plan.eras]), items.at - self.before_us
        if self.flow.begins and len(eras) > 1:
            born = self.flow.begins(EngineDraw(self.plan, self.plan.eras[0], EMPTY, DrawStatistics()), items)
        return np.searchsorted(eras, born, side="right") - 1

    def touched(self, window: Window, snapshots: Snapshots) -> Ints:
        """The members to whom something happens in a window of a day at most."""
        found = [_NONE]
        for day in _days(window):
            agenda = self._agenda(day, snapshots)
            low, high = np.searchsorted(agenda.at, [window.start_us, window.end_us])
            found.append(agenda.items.member[agenda.item[low:high]])
        return np.unique(np.concatenate(found))

    def _agenda(self, day: int, snapshots: Snapshots) -> Agenda:
        """What happens on a day, kept in memory."""
        place, end_us = (self.flow.name, self.members, day), (day + 1) * DAY_US
        held = depends(self.plan, end_us)
        known, remembered = snapshots.days.get(place, ("", None))
        if known == held:
            agenda: Agenda = remembered
            return agenda
        for old in [p for p in snapshots.days if p[:2] == place[:2] and p[2] < day - 1]:
            del snapshots.days[old]
        window, parts = Window(day * DAY_US, end_us), [Agenda(_NONE, _NONE, NOTHING)]
        if self.flow.carry is None:
            blocks = self._around(window)
        else:
            every = np.arange(*self.members)
            blocks = (items for _, items in self._by_member(every, window.start_us - self.lasts_us, window.end_us))
        for items in blocks:
            progress = self.followed(items, EMPTY, DrawStatistics())
            parts.append(Agenda.of(window, items, list(happening(self.flow, items, progress))))
        agenda = Agenda.joined(parts)
        snapshots.days[place] = (held, agenda)
        return agenda

    def fault(self, state: FoldState) -> str:
        """Why a state cannot be what these members carry; empty when it can."""
        if self.flow.carry is None:
            return "nothing is carried"
        return misfit(state, self._fresh()) or ("too early" if state.as_of_us < self.plan.origin_us else "")

    def _fresh(self) -> dict[str, Ints]:
        """What members carry at first."""
        size = self.members[1] - self.members[0]
        widths = {name: self._whole(width) for name, width in self.flow.carried.items()}
        return {name: np.zeros((size, width), dtype=np.int64) for name, width in widths.items()}

    def _state(self, as_of_us: int, snapshots: Snapshots | None) -> FoldState:
        """What all members of the slice carry at a moment: remembered, or folded from the beginning."""
        flow = self.flow
        assert flow.carry is not None
        fresh = self._fresh()
        known = snapshots.take(self.plan, flow, self.members, as_of_us, fresh) if snapshots else None
        since_us = known.as_of_us if known else self.plan.origin_us
        state = known or FoldState(since_us, fresh)
        if since_us < as_of_us:
            every = np.arange(*self.members)
            span = Span(since_us, as_of_us)
            unseen = DrawStatistics()
            draw = EngineDraw(self.plan, self.plan.eras[0], EMPTY, unseen)
            for members, items in self._by_member(every, since_us - self.lasts_us, as_of_us):
                progress = self.followed(items, EMPTY, unseen)
                context = EmitContext(members, items, progress, self._carried(state, members), span)
                self._write(state, members, flow.carry(draw, context))
            state.as_of_us = as_of_us
        return state

    def fold(self, as_of_us: int, snapshots: Snapshots) -> None:
        """Keep what all members carry at a moment."""
        snapshots.keep(self.plan, self.flow, self.members, self._state(as_of_us, snapshots))

    def _carried(self, state: FoldState | None, members: Ints) -> Mapping[str, Ints]:
        if state is None:
            return {
                name: np.zeros((len(members), self._whole(width)), dtype=np.int64)
                for name, width in self.flow.carried.items()
            }
        return {name: state.fields[name][members - self.members[0]] for name in self.flow.carried}

    def _write(self, state: FoldState, members: Ints, carried: Mapping[str, Ints]) -> None:
        for name, values in carried.items():
            state.fields[name][members - self.members[0]] = values

    def _by_member(self, members: Ints, from_us: int, to_us: int) -> Iterator[tuple[Ints, Items]]:
        """Members in blocks, each with all its items whose moment lies in [from, to + before)."""
        if len(members) == 0:
            return
        items = concatenated(list(self.items(from_us, to_us + self.before_us, members)))
        items = items.of(np.lexsort((items.number, items.member)))
        low = np.searchsorted(items.member, members)
        high = np.searchsorted(items.member, members, side="right")
        widest = max(map(self._whole, self.flow.carried.values()))
        most = max(1, CARRIED_AT_ONCE // max(1, widest))
        enough, at = PARTS_AT_ONCE / self._parts(items), 0
        while at < len(members):
            many = np.cumsum(high[at : at + most] - low[at : at + most])
            until = at + max(1, int(np.searchsorted(many, enough, side="right")))
            index = np.concatenate([np.arange(a, b) for a, b in zip(low[at:until], high[at:until], strict=True)])
            yield members[at:until], items.of(index.astype(np.int64))
            at = until

    def _parts(self, items: Items) -> float:
        """How many parts an item has, from a few of them."""
        many = len(items.number)
        some = items.of(np.arange(0, many, -(-many // _A_FEW) or 1))
        return 1.0 + len(self.followed(some, EMPTY, DrawStatistics()).of) / max(1, len(some.number))

    def items(self, from_us: int, to_us: int, members: Ints | None = None) -> Iterator[Items]:
        """The items of the slice's members, or of some of them (ascending), with moments in [from, to), in blocks.

        Members take turns, so that the numbers of theirs are known without a look at those of others.
        """
        members = np.arange(*self.members) if members is None else members
        size, at_once = self.plan.sizes[self.flow.root], ITEMS_AT_ONCE if self.flow.carry is None else PARTS_AT_ONCE
        turns_at_once = max(1, at_once // max(1, len(members)))
        for stretch in self._stretches(from_us, to_us):
            slots = slots_of(self.calendar, self.plan.eras[0].values, stretch.start_us, stretch.end_us, stretch.many)
            low, high = 0, stretch.many
            if not self.flow.mixed:
                low = max(0, slots.position(from_us) * stretch.many // slots.whole - 1)
                high = min(high, -(-slots.position(to_us + SLOT_US) * stretch.many // slots.whole) + 1)
            first, last = stretch.first + low, stretch.first + high
            for turn in range(first // size, -(-last // size), turns_at_once):
                turns = np.arange(turn, min(turn + turns_at_once, -(-last // size)))
                number = (turns[:, None] * size + members).ravel()
                number = number[(number >= first) & (number < last)]
                place, at = number - stretch.first, self._moments(stretch, slots, number)
                alike = np.full(len(number), stretch.number), np.full(len(number), stretch.many)
                items = Items(number, number % size, at, alike[0], place, alike[1])
                items = items.of(np.flatnonzero((at >= from_us) & (at < to_us)))
                kept = np.flatnonzero(self._enabled(items))
                if len(kept):
                    yield items.of(kept)
        requested = requested_items(self.plan, self.flow, self.plan.requests, self.before_us)
        kept = np.flatnonzero((requested.at >= from_us) & (requested.at < to_us) & np.isin(requested.member, members))
        if len(kept):
            yield requested.of(kept)

    def _moments(self, stretch: _Stretch, slots: Slots, number: Ints) -> Ints:
        flow, many, place = self.flow, stretch.many, number - stretch.first
        draw = EngineDraw(self.plan, self.plan.eras[0], EMPTY, DrawStatistics())
        if flow.mixed:
            place = draw.shuffled(f"{flow.name}.order", many, np.full(len(place), stretch.number), place)
        if flow.ends and many > 1:
            position = place * (slots.whole - 1) // (many - 1)
        else:
            position = (place * slots.whole + draw.below(f"{flow.name}.place", slots.whole, number)) // many
        return slots.at(position) + draw.below(f"{flow.name}.moment", SLOT_US // 1000, number) * 1000

    def _enabled(self, items: Items) -> Bools:
        if self.flow.enabled is None:
            return np.ones(len(items.number), dtype=np.bool_)
        on = np.array([era.values.flag(self.flow.enabled) for era in self.plan.eras])
        if on.all() or not len(items.number):
            return np.full(len(items.number), on.all())
        eras = np.array([era.begins_us for era in self.plan.eras])
        return on[np.searchsorted(eras, self._born(items), side="right") - 1]

    def _born(self, items: Items) -> Ints:
        """When the life of each begins: as the world says, or with the first that happens to it."""
        if self.flow.begins:
            return self.flow.begins(EngineDraw(self.plan, self.plan.eras[0], EMPTY, DrawStatistics()), items)
        first = items.at.copy()
        for _, at, of in happening(self.flow, items, self.followed(items, EMPTY, DrawStatistics())):
            np.minimum.at(first, of, at)
        return first

    def _stretches(self, from_us: int, to_us: int) -> Iterator[_Stretch]:
        """The stretches that have a moment in [from, to) in common; the last one is repeated."""
        declared = stretches_of(self.plan.eras[0].values[self.flow.stretches], self.flow.stretches)
        number, first = 0, 0
        for begins, ends, many in declared:
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
        return self.plan.eras[0].values.whole(given) if isinstance(given, str) else given


_A_FEW = 8
_NONE = np.zeros(0, dtype=np.int64)


def _days(window: Window) -> range:
    """The UTC days that a window touches, counted from 1970."""
    return range(window.start_us // DAY_US, -(-window.end_us // DAY_US))
