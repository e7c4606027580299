"""The interface that takes batches: PostgreSQL, files and memory implement it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from populace.batch import Batch


@dataclass(slots=True)
class Tally:
    """Rows of one table: attempted = written + rejected; removed counts apart."""

    attempted: int = 0
    written: int = 0
    rejected: int = 0
    removed: int = 0


@dataclass(frozen=True, slots=True)
class Stay:
    """Somebody whose time has come and whose rows stay, since others need them. root: of which they are a member.

    key: their uuid. because: what needs them, in words.
    """

    root: str
    key: str
    because: str


@dataclass(slots=True)
class Tallies:
    """Tallies by table. days: of tables that are counted by day, rows inserted and rows removed, by the day (since
    1970) of their `created_at`. kept: rows, by table, that were not written, because a row that is not ours has their
    key; they count as nothing else. stays: who did not go although they should have.
    """

    tables: dict[str, Tally] = field(default_factory=dict)
    days: dict[tuple[str, int], list[int]] = field(default_factory=dict)
    kept: dict[str, int] = field(default_factory=dict)
    stays: list[Stay] = field(default_factory=list)

    def of(self, table: str) -> Tally:
        """The tally of a table, to add to."""
        return self.tables.setdefault(table, Tally())

    def add(self, other: Tallies) -> None:
        """Add another part of the work."""
        for name, tally in other.tables.items():
            mine = self.of(name)
            mine.attempted += tally.attempted
            mine.written += tally.written
            mine.rejected += tally.rejected
            mine.removed += tally.removed
        for (name, day), (inserted, removed) in other.days.items():
            self.on(name, day, inserted, removed)
        for name, many in other.kept.items():
            self.kept[name] = self.kept.get(name, 0) + many
        self.stays += other.stays

    def on(self, table: str, day: int, inserted: int = 0, removed: int = 0) -> None:
        """Count rows of a day."""
        sums = self.days.setdefault((table, day), [0, 0])
        sums[0] += inserted
        sums[1] += removed

    @property
    def written(self) -> int:
        """Rows written, over all tables."""
        return sum(t.written for t in self.tables.values())


class Sink(Protocol):
    """Takes batches. A sink applies them in the order in which they come, and may hold some back until `flush`."""

    def write(self, batch: Batch) -> None:
        """Append, merge or remove the batch's rows."""

    def flush(self) -> None:
        """Write what was held back."""

    def tallies(self) -> Tallies:
        """What was written since the last call."""
