"""Courses of a schedule's items, computed once a day and kept in memory: a tick then costs what happens in it.

Members whose courses were computed together stay together, for their draws cannot be divided: a window counts those
that lie in it, and there are none of a member to whom nothing happens. What is used least goes when there is no room.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from populace.clock import DAY_US, HOUR_US
from populace.engine.draw_statistics import DrawStatistics
from populace.engine.draws import Window
from populace.engine.noted import NotedDraws
from populace.engine.processes.schedules.blocks import concatenated
from populace.spec import Ints, Items, Progress

MOST_BYTES = 128 << 20
"""Of all that is kept of a flow's members; what one tick needs is kept until its end."""


def is_tick(window: Window) -> bool:
    """Whether a window is one of many in a day."""
    same_day = window.start_us // DAY_US == (window.end_us - 1) // DAY_US
    return same_day and window.end_us - window.start_us <= HOUR_US


@dataclass(eq=False, slots=True)
class _Together:
    """Members (ascending) whose courses were computed together. items: of all, member by member; low, part: where those
    of each begin, and their parts, and at last the ends.
    """

    members: Ints
    items: Items
    progress: Progress
    draws: NotedDraws
    low: Ints
    part: Ints
    nbytes: int

    @classmethod
    def of(cls, members: Ints, items: Items, progress: Progress, draws: NotedDraws) -> _Together:
        low = np.r_[np.searchsorted(items.member, members), len(items.member)]
        columns = (*progress.items.values(), progress.of, *progress.parts.values())
        size = sum(column.nbytes for column in columns) + draws.nbytes
        part = np.asarray(np.searchsorted(progress.of, low))
        return cls(members, items, progress, draws, low, part, size)

    def one(self, member: int) -> tuple[Items, Progress]:
        """The items of a member, and their courses."""
        at = int(np.searchsorted(self.members, member))
        items, parts = slice(self.low[at], self.low[at + 1]), slice(self.part[at], self.part[at + 1])
        return self.items.of(np.arange(items.start, items.stop)), Progress(
            {name: column[items] for name, column in self.progress.items.items()},
            self.progress.of[parts] - items.start,
            {name: column[parts] for name, column in self.progress.parts.items()},
        )


@dataclass(slots=True)
class Courses:
    """What is kept of one flow's members on one day."""

    _depends: tuple[str, int] = ("", 0)
    _by_member: dict[int, _Together] = field(default_factory=dict)
    _kept: dict[_Together, None] = field(default_factory=dict)
    """By when they were used last."""

    def on(self, depends: str, day: int) -> None:
        """Forget what is of another day, or depends on something else."""
        if self._depends != (depends, day):
            self._depends = (depends, day)
            self._by_member.clear()
            self._kept.clear()

    def unknown(self, members: Ints) -> Ints:
        """Those of some members whose courses are not kept."""
        out: Ints = members[[member not in self._by_member for member in members.tolist()]]
        return out

    def add(self, members: Ints, items: Items, progress: Progress, draws: NotedDraws) -> None:
        """Keep what was computed of some members on the day."""
        together = _Together.of(members, items, progress, draws)
        self._kept[together] = None
        self._by_member.update(dict.fromkeys(members.tolist(), together))

    def of(
        self, members: Ints, window: Window, statistics: DrawStatistics, parts_at_once: int
    ) -> Iterator[tuple[Ints, Items, Progress]]:
        """Members in blocks, with their items and courses; the draws of the window are counted."""
        used = dict.fromkeys(self._by_member[member] for member in members.tolist())
        for together in used:
            together.draws.count(window, statistics)
            del self._kept[together]
        self._kept.update(used)
        held, some = 0, list[int]()
        for member in members.tolist():
            items, progress = self._by_member[member].one(member)
            size = len(items.number) + len(progress.of)
            if some and held + size > parts_at_once:
                yield self._block(some)
                held, some = 0, []
            held, some = held + size, [*some, member]
        if some:
            yield self._block(some)
        self._trim()

    def _block(self, members: list[int]) -> tuple[Ints, Items, Progress]:
        pieces = [self._by_member[member].one(member) for member in members]
        return np.array(members), concatenated([items for items, _ in pieces]), _joined([p for _, p in pieces], pieces)

    def _trim(self) -> None:
        held = sum(together.nbytes for together in self._kept)
        for together in list(self._kept):
            if held <= MOST_BYTES:
                break
            held -= together.nbytes
            del self._kept[together]
            for member in together.members.tolist():
                del self._by_member[member]


def _joined(courses: list[Progress], pieces: list[tuple[Items, Progress]]) -> Progress:
    """The courses of items of several members, one after another."""
    if len(courses) == 1:
        return courses[0]
    first = np.cumsum([0, *(len(items.number) for items, _ in pieces[:-1])])
    return Progress(
        {name: np.concatenate([c.items[name] for c in courses]) for name in courses[0].items},
        np.concatenate([c.of + start for c, start in zip(courses, first, strict=True)]),
        {name: np.concatenate([c.parts[name] for c in courses]) for name in courses[0].parts},
    )


def of_eras(parts: list[tuple[Ints, Progress]], many: int) -> Progress:
    """The progress of items that were followed apart, in the order of the items."""
    items = {}
    for name in parts[0][1].items:
        column = np.empty(many, dtype=np.int64)
        for some, progress in parts:
            column[some] = progress.items[name]
        items[name] = column
    of = np.concatenate([some[progress.of] for some, progress in parts])
    order = np.argsort(of, kind="stable")
    columns = {
        name: np.concatenate([progress.parts[name] for _, progress in parts])[order] for name in parts[0][1].parts
    }
    return Progress(items, of[order], columns)
