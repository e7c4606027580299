"""The seam between the ways in which rows come about and everything that is done with rows: a `Process`, an `Emission`.

A process says which rows its flow has, without a thought for the rest. Which of them belong to the window, whose rows
are withheld or removed, which version of a row is the last, what is counted: that stands once, in `batches`.

What is left to another actor (a visit of somebody that a browser plays) belongs here too: a process of visits emits
nothing of those that are not its own (`delegation`), and goes on as if they had been.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from populace.engine.draw_statistics import DrawStatistics
from populace.engine.draws import EngineDraw, Window
from populace.engine.snapshots import Snapshots
from populace.plan import Intervention
from populace.spec import Bools, Ints, Key, Rows, Table, TableRows

Slice = tuple[int, int]
"""Ordinals of a root's members, half-open."""

BLOCK = 32_768
"""Members or items emitted at a time: their arrays stay in the processor's cache."""

Removed = Callable[[Table, Ints], Bools]
"""removed(table, owner): whose rows of a table have gone by the window's end."""


@dataclass(frozen=True, slots=True)
class Emission:
    """Rows by table, from one call of a world's function.

    draw: with which they were emitted; its window says which of them belong. removed: who has left by the window's end,
    and so has no rows in it; None for nobody, and for rows that stay (events, rows about days). final: tables of which
    every row has its one and only version here. began: so many visits begin in the window: by arriving, or, of
    people in pools, by starting.
    """

    draw: EngineDraw
    rows: TableRows
    removed: Removed | None = None
    final: frozenset[str] = frozenset()
    began: int = 0


@dataclass(slots=True)
class Said(Mapping[str, Rows]):
    """The events of many visits, made when somebody looks at them: they take longer than the rows, and an estimate
    needs those of a part of the visits.

    visits: of so many.
    """

    visits: int
    make: Callable[[], TableRows]
    _made: TableRows | None = None

    def _rows(self) -> TableRows:
        if self._made is None:
            self._made = self.make()
        return self._made

    def __getitem__(self, table: str) -> Rows:
        return self._rows()[table]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows())

    def __len__(self) -> int:
        return len(self._rows())


@dataclass(frozen=True, slots=True)
class Brought:
    """Sessions that an intervention brings, at least one, and the rows that they will leave.

    from_us: they begin in the minute that begins then, or later when they have to wait. ended_at: of each, µs. goes_on:
    they go on for weeks, and their rows depend on what else begins meanwhile: none is given.
    """

    from_us: int
    ended_at: Ints
    rows: TableRows
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class Leavers:
    """People whose rows go. key: of each. owner: as their rows name them. member: the ordinal of the member of the root
    that they belong to, themselves or their pool."""

    key: Key
    owner: Ints
    member: Ints


class Process(Protocol):
    """The rows of a flow, for a slice of its root's members and one window."""

    def emit(
        self, window: Window, statistics: DrawStatistics, snapshots: Snapshots | None, *, events: bool
    ) -> Iterator[Emission]:
        """What may lie in a window; rows of other windows among it do no harm. events: somebody listens to them."""

    def removed(self, window: Window) -> Iterator[Leavers]:
        """The members whose rows go in the window. Asked once `emit` is exhausted, of the same window."""

    def brought(self, intervention: Intervention, snapshots: Snapshots | None) -> Iterator[Brought]:
        """The sessions that an intervention of the plan brings. Nothing is written or remembered."""
