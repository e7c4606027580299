"""Schedules: items placed by the calendar, each with a course of its own, such as campaigns, incidents or requests.

The plan fixes how many lie in a stretch of time, so that documented counts hold over history; the last stretch
is repeated for ever, so that activity continues at the same rate. The calendar decides where in a stretch they lie.
What the items of one member cause may add up there (cards handed out, money spent): a function of the world folds it,
item after item.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from populace.errors import BadInput, PopulaceError
from populace.spec import zones
from populace.spec.column import Bools, Ints
from populace.spec.draw import Draw
from populace.spec.flow import AnyFlow, TableRows, unknown_name
from populace.spec.values import Values

if TYPE_CHECKING:
    from populace.spec.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """When items are likelier. All but the name are paths.

    months: 12 factors, January first. weekdays: 7, Monday first. hours: 24. zone: the IANA name of the time zone in
    which they are read. spikes: a sequence of (hours after a stretch begins, hours, items an hour): so many come then,
    whatever the month, weekday and hour.
    """

    name: str
    months: str
    weekdays: str
    hours: str
    zone: str
    spikes: str | None = None


REQUESTED_BITS = 10
"""The number of a requested item is `REQUESTED_NUMBER | intervention << REQUESTED_BITS | k`."""
REQUESTED_NUMBER = 1 << 37
"""No item of a calendar has a number as high, and no item one of 38 bits: worlds may shift it by 25."""

Stretch = tuple[int, int, int]
"""(begins, ends, how many come): days after the epoch (negative before it), half-open, one after another in time."""


def require_calendar(calendar: Calendar, values: Values, world: str) -> None:
    """Raise BadInput, with its path, for a value that a calendar cannot be read from."""
    zones.require(values.text(calendar.zone), f"{world}.{calendar.zone}")
    for path, many in ((calendar.months, 12), (calendar.weekdays, 7), (calendar.hours, 24)):
        factors = values[path]
        given: tuple[float, ...] = tuple(factors) if isinstance(factors, Sequence) else ()
        if len(given) != many or min(given) < 0 or not any(given):
            raise BadInput(
                "these are not the factors of a calendar",
                where=f"{world}.{path}",
                given=factors,
                allowed=f"{many} numbers of at least 0, not all of them 0",
            )


def stretches_of(given: object, where: str) -> tuple[Stretch, ...]:
    """The stretches of a schedule. Raises BadInput for a sequence that is none, or that has not its order in time."""
    stretches = tuple(given) if isinstance(given, Sequence) and not isinstance(given, str) else ()
    ended = None
    for begins, ends, many in stretches:
        if begins >= ends or many < 0 or (ended is not None and begins < ended):
            stretches = ()
            break
        ended = ends
    if not stretches:
        raise BadInput(
            "these are no stretches of a schedule",
            where=where,
            given=given,
            allowed="(begins, ends, how many) in days, one after another in time",
        )
    return stretches


@dataclass(frozen=True, slots=True)
class Items:
    """Items of a schedule. All arrays have one length.

    number: which one of all that ever come, 0 for the first; an address. member: ordinal of the root's member that it
    belongs to; the members take turns by number. at: its moment, µs. stretch: in which it comes, counted from 0. place,
    many: it is the place-th of so many of its stretch, in no order of time where the schedule mixes them. requested_at:
    when a user's request lets its life begin, µs, and `NEVER` for those of the calendar; None: all of them are.

    The number of a requested item is `REQUESTED_NUMBER` or more; it lies in no stretch (−1), and is the first of one.
    """

    number: Ints
    member: Ints
    at: Ints
    stretch: Ints
    place: Ints
    many: Ints
    requested_at: Ints | None = None

    def of(self, index: Ints) -> Items:
        """Some of them."""
        return Items(
            self.number[index],
            self.member[index],
            self.at[index],
            self.stretch[index],
            self.place[index],
            self.many[index],
            None if self.requested_at is None else self.requested_at[index],
        )

    @property
    def requested(self) -> Bools:
        """Which of them a user requested."""
        return self.number >= REQUESTED_NUMBER


@dataclass(frozen=True, slots=True)
class Progress:
    """How items go. items: columns of one value an item. parts: columns of one value a part, such as a recipient of a
    campaign; of: which item (a position) each part belongs to, ascending.
    """

    items: Mapping[str, Ints] = field(default_factory=dict)
    of: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    parts: Mapping[str, Ints] = field(default_factory=dict)

    def with_parts(self, kept: Bools) -> Progress:
        """The same with some of the parts."""
        return Progress(self.items, self.of[kept], {name: column[kept] for name, column in self.parts.items()})


@dataclass(frozen=True, slots=True)
class Span:
    """What a window is to a function that emits rows: the moments from start_us (included) to end_us (not included)."""

    start_us: int
    end_us: int

    def holds(self, at: Ints) -> Bools:
        """Which moments lie in it."""
        return (at >= self.start_us) & (at < self.end_us)


@dataclass(frozen=True, slots=True)
class OnRequest:
    """How a schedule answers a request for N items: their lives begin at once, whatever the switch says.

    what: what the items are called, in the plural. at(draw, items): the moment of each requested item, no earlier than
    `requested_at` and no later than `before_days` after it. `begins` says for these that they begin at `requested_at`.
    Values are those of the plan's beginning.
    """

    what: str
    at: Callable[[Draw, Items], Ints]


Carried = Mapping[str, Ints]
"""What members carry, by name: int64[members, width]."""


@dataclass(frozen=True, slots=True)
class EmitContext:
    """Everything that is needed to emit the rows of some members in a span.

    members: ordinals, ascending. items: theirs, all whose lives touch the span, in the order of number. progress: of
    these, with parts that matter. carried: what each of `members` carries at the span's beginning. span: the window.
    """

    members: Ints
    items: Items
    progress: Progress
    carried: Carried
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule(AnyFlow):
    """Items placed by the calendar.

    stretches: path of a sequence of `Stretch`; the last of them is repeated, end to end, for ever. calendar: by name;
    items are spread over a stretch in proportion to it. ends: the first and the last lie at the stretch's very ends.
    mixed: whether which number comes when is shuffled; otherwise they come in order. enabled: path; no life begins
    while it does not hold. before_days, lasts_days: paths of whole numbers; nothing of an item happens earlier before
    its moment, or later after it.

    Functions of the world, all pure:

    - begins(draw, items): when the life of each begins, µs. None: with the first of its moments. Values are those of
      the plan's beginning.
    - follow(draw, items): their course. Everything about them is drawn here, each draw counted at its moment; values
      are those in effect when an item begins, without `begins` those `before_days` before its moment. None: items have
      no course.
    - moments: the columns of `Progress` (of items and of parts) that hold moments (µs, `NEVER` for what does not
      come). All that is drawn, emitted, changed or carried happens at one of them, or at the item's own.
    - matters(progress, span): the parts without which rows in the span, or what is carried at its end, might be others.
      A tick is then given no other parts of its day, so that it costs what happens. None: all matter.
    - carry(draw, context): what the context's members carry at its end. Cutting a span in two changes nothing.
    - emit(draw, context): rows. In a table that is appended all that the context's items ever leave may be emitted: the
      engine keeps what lies in the window. A row that changes (a merged table) is emitted once, as it is at the span's
      end, at the moment of its last change before that end. With the span that begins history come the members' own
      rows too. Values are those of the plan's beginning.

    - events(draw, context): rows for outboxes, emitted only when somebody listens. All that the context's items ever
      cause may be emitted: the engine keeps what lies in the window.

    carried: by name, how many numbers a member carries (a path, or a number); zero at first. on_request: how it answers
    a request; None: not at all. recurs_every: after so many numbers comes an item with the same texts, or others that
    take long to make, and so such items are emitted together; 0: none does. No row depends on it.
    """

    name: str
    root: str
    tables: tuple[str, ...]
    stretches: str
    calendar: str
    emit: Callable[[Draw, EmitContext], TableRows]
    begins: Callable[[Draw, Items], Ints] | None = None
    follow: Callable[[Draw, Items], Progress] | None = None
    moments: tuple[str, ...] = ()
    matters: Callable[[Progress, Span], Bools] | None = None
    carry: Callable[[Draw, EmitContext], Carried] | None = None
    carried: Mapping[str, str | int] = field(default_factory=dict)
    before_days: str | int = 0
    lasts_days: str | int = 0
    ends: bool = False
    mixed: bool = False
    enabled: str | None = None
    events: Callable[[Draw, EmitContext], TableRows] | None = None
    on_request: OnRequest | None = None
    recurs_every: int = 0

    @property
    def answers_requests(self) -> bool:
        return self.on_request is not None

    @property
    def requested(self) -> str:
        return self.on_request.what if self.on_request else ""

    @property
    def emits_events(self) -> bool:
        return self.events is not None

    @property
    def switch(self) -> str | None:
        return self.enabled

    @property
    def streams(self) -> tuple[str, ...]:
        return tuple(f"{self.name}.{part}" for part in ("order", "place", "moment"))

    @property
    def shares(self) -> bool:
        return bool(self.carried)

    def paths(self) -> tuple[str, ...]:
        given = (self.stretches, self.enabled, self.before_days, self.lasts_days, *self.carried.values())
        return tuple(path for path in given if isinstance(path, str))

    def faults(self, world: World) -> Iterator[PopulaceError]:
        calendars = [calendar.name for calendar in world.calendars]
        if self.calendar not in calendars:
            yield unknown_name(world, self.name, self.calendar, calendars)
        if (self.carry is None) != (not self.carried):
            where = f"{world.name}.flows.{self.name}"
            yield BadInput("a schedule with `carry` needs `carried`, and the reverse", where=where)
        if self.recurs_every < 0:
            where = f"{world.name}.flows.{self.name}.recurs_every"
            yield BadInput("this is a distance between numbers of items", where=where, given=self.recurs_every,
                           allowed="0 or more")  # fmt: skip

    def require(self, values: Values, world: World) -> None:
        stretches_of(values[self.stretches], f"{world.name}.{self.stretches}")
