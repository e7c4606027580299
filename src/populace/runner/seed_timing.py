"""How long a seed will take: a part of it is really done, in a database made for that, and scaled to the whole.

The database gets the world's tables, a sample of each root's rows, and the world's keys and indexes, by the same ways
as a seed; every stage is timed. It takes a few seconds.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from math import log2
from statistics import median
from typing import Any

import psycopg

from populace import clock
from populace.database.connection import Connection
from populace.engine import DrawStatistics, Shard, Window
from populace.engine.estimate import Estimate
from populace.plan import Plan
from populace.runner import bulk, records, window
from populace.runner.shard import Work
from populace.sinks.postgres import PostgresSink

LOADING_S = 2.4
"""Seconds of loading, over all roots; the rest of it is what any seed of the world costs."""
CELL_ROWS = 50_000
"""A pool of people with more rows takes too long to be loaded whole, and cannot be cut: it is loaded for a part of
history, of which all days are alike."""
SHARED_ROWS = 40_000
"""About so many rows are then loaded."""
CELLS = 8
"""Of such cells so many are loaded, to measure what more of them cost."""
TIMES = 3
"""Each part of a root has so many times the members of the one before, two at least, as long as there is time."""
FIRST_ROWS = 4_000
"""Of a root's first, small part."""
WHOLE_ROWS = 60_000
"""Roots that others refer to are loaded whole up to so many rows, so that foreign keys find what they look for."""
ANALYZED_ROWS = 30_000
"""Rows of a table that ANALYZE reads, at most, with the usual settings."""

_BUILDS = re.compile(r"\s*CREATE\s+(?:UNIQUE\s+)?INDEX\b|\s*ALTER\s+TABLE\b.*?\bADD\b", re.IGNORECASE | re.DOTALL)
_FOREIGN = re.compile(r"\bFOREIGN\s+KEY\b", re.IGNORECASE)
_TABLE = re.compile(r'\b(?:ON|TABLE)\s+(?:ONLY\s+)?(?:"?\w+"?\.)?"?(\w+)"?', re.IGNORECASE)


@dataclass(slots=True)
class _Part:
    """A slice that was loaded. share: of history. first_s: until the first rows came, where that is not all of it."""

    members: int
    seconds: float
    rows: Counter[str]
    share: float = 1.0
    first_s: float = 0.0

    @property
    def whole_s(self) -> float:
        """Seconds for all of the slice's rows."""
        return self.first_s + (self.seconds - self.first_s) / self.share


@dataclass
class SeedTiming:
    """A seed in the small, and what follows from it for the whole.

    window: of the whole seed. guess: its rows. heard: channels of events that somebody listens to. in_place: the
    tables are found with their indexes. world_report: what a seed counts at its end.
    """

    connection: Connection
    plan: Plan
    window: Window
    guess: Estimate
    heard: frozenset[str]
    in_place: bool
    world_report: Callable[[Connection], Any]
    _seen: Counter[str] = field(default_factory=Counter)
    _expected: Counter[str] = field(default_factory=Counter)

    def stages(self) -> dict[str, float]:
        """Seconds of each stage of the whole seed."""
        out, world = {}, self.plan.world
        began = clock.monotonic()
        with self.connection.transaction():
            bulk.create_tables(self.connection, world)
        out["tables"] = clock.monotonic() - began
        rehearsed = self._rehearsed(kept=self.in_place)
        out["rehearsal"] = 0.0 if self.in_place else sum(rehearsed)
        until_us = self.window.end_us
        with self.connection.transaction():
            records.add_plan(self.connection, self.plan, in_place=self.in_place, seeded_to_us=until_us, wall=True)
        began = clock.monotonic()
        self.connection.execute("ANALYZE")
        self.connection.commit()
        analyzed_s = clock.monotonic() - began
        out["rows"] = sum(self._root(root) for root in self.plan.sizes if self.guess.rows_by_root.get(root))
        if not self.in_place:
            out["indexes"] = self._indexes(rehearsed)
        out["finish"] = self._finish(analyzed_s)
        return out

    def _rehearsed(self, *, kept: bool) -> list[float]:
        """Seconds of each statement of 2_constraints.sql on empty tables; kept: they stay."""
        out = []
        with self.connection.transaction(force_rollback=not kept):
            for statement in bulk.script(self.plan.world, "2_constraints.sql"):
                began = clock.monotonic()
                self.connection.execute(statement)
                out.append(clock.monotonic() - began)
        return out

    def _root(self, root: str) -> float:
        """Seconds to load a root."""
        size, cell, rows = self.plan.sizes[root], self.plan.cells[root], self.guess.rows_by_root[root]
        if rows <= (WHOLE_ROWS if root in self._referred else FIRST_ROWS):
            parts = [self._load(root, 0, size)]
        elif rows * cell > CELL_ROWS * size and root in self._lived:
            parts = self._shares(root, min(CELLS * cell, size))
        else:
            parts = self._parts(root)
        for part in parts:
            self._seen += part.rows
        members = sum(part.members * part.share for part in parts)
        for name, count in sum((part.rows for part in parts), Counter[str]()).items():
            self._expected[name] += round(count * size / members)
        last = parts[-1]
        if len(parts) == 1:
            return last.whole_s * size / last.members
        # What does not grow with the members is paid once for each piece that a seed is cut in. The first parts are
        # slower, by what a session does once.
        each_s = (last.whole_s - parts[-2].whole_s) / (last.members - parts[-2].members)
        each_s = min(max(0.0, each_s), last.whole_s / last.members)
        pieces = -(-rows // bulk.ROWS_A_PIECE)
        return (last.whole_s - each_s * last.members) * pieces + each_s * size

    def _parts(self, root: str) -> list[_Part]:
        """Larger and larger parts of a root, as long as there is time for its share of all rows."""
        size, cell, rows = self.plan.sizes[root], self.plan.cells[root], self.guess.rows_by_root[root]
        left_s = LOADING_S * rows / self._cut_rows
        members = min(size, -(-size * FIRST_ROWS // (rows * cell)) * cell)
        done, parts = 0, list[_Part]()
        while members and (len(parts) < 2 or parts[-1].seconds * TIMES < left_s):
            parts.append(self._load(root, done, done + members))
            left_s -= parts[-1].seconds
            done += members
            members = members * TIMES if done + members * TIMES <= size else 0
        return parts

    def _shares(self, root: str, most: int) -> list[_Part]:
        """The beginning of one cell's history, and of several cells' at once."""
        size, cell, rows = self.plan.sizes[root], self.plan.cells[root], self.guess.rows_by_root[root]
        return [
            self._load(root, low, low + many, SHARED_ROWS * size / (rows * many))
            for low, many in ((0, cell), (cell, most - cell))
            if many > (cell if low else 0)
        ]

    def _load(self, root: str, low: int, high: int, share: float = 1.0) -> _Part:
        """Write a slice as a seed does, or the first part of its history."""
        began = clock.monotonic()
        sink = PostgresSink(self.connection, self.plan.world, bulk=not self.in_place, by_day=self.plan.world.by_day)
        start_us, end_us = self.window.start_us, self.window.end_us
        span = Window(start_us, start_us + int((end_us - start_us) * share))
        work = Work(plan=self.plan, shard=Shard({root: (low, high)}), window=span, heard=self.heard)
        with self.connection.transaction():
            written = window.write(self.connection, sink, work, statistics=DrawStatistics(), record=lambda: None)
        rows = Counter({name: tally.written for name, tally in written.tallies.tables.items()})
        first_s = written.first_s if share < 1 else 0.0
        return _Part(high - low, clock.monotonic() - began, rows, share, first_s)

    @cached_property
    def _cut_rows(self) -> int:
        """Rows of the roots that are not loaded whole."""
        return sum(
            rows
            for root, rows in self.guess.rows_by_root.items()
            if rows > (WHOLE_ROWS if root in self._referred else FIRST_ROWS)
        )

    @cached_property
    def _lived(self) -> frozenset[str]:
        """Roots whose people live day by day."""
        return frozenset(flow.root for flow in self.plan.world.lifecycles)

    @cached_property
    def _referred(self) -> frozenset[str]:
        """Roots whose rows those of other roots refer to."""
        roots: dict[str, set[str]] = {}
        for flow in self.plan.world.flows:
            for name in flow.tables:
                roots.setdefault(name, set()).add(flow.root)
        tables = {t.full_name: t.name for t in self.plan.world.tables}
        return frozenset(
            root
            for table in self.plan.world.tables
            for column in table.columns
            for root in roots.get(tables.get((column.references or "").rpartition(".")[0], ""), ())
            if root not in roots.get(table.name, ())
        )

    def _indexes(self, rehearsed: list[float]) -> float:
        """Seconds of 2_constraints.sql on the whole: each statement's own, and what the rows add to those that read
        them, by kind."""
        statements = bulk.script(self.plan.world, "2_constraints.sql")
        took: list[float | None] = []
        for number, statement in enumerate(statements):
            began = clock.monotonic()
            try:
                with self.connection.transaction():
                    self.connection.execute("SET LOCAL maintenance_work_mem = '256MB'")
                    self.connection.execute(statement)
                    self.connection.execute(
                        records.SQL["add_steps"], {"numbers": [number], "hashes": [f"{number:064}"]}
                    )
                    records.set_state(self.connection, "indexing", 0.0)
                took.append(clock.monotonic() - began)
            except psycopg.errors.ForeignKeyViolation:
                took.append(None)  # what the sample lacks
        committed_s = median(t - r for t, r in zip(took, rehearsed, strict=True) if t is not None)
        grown, seen, whole = (dict.fromkeys(("foreign", "index"), 0.0) for _ in range(3))
        for statement, t, r in zip(statements, took, rehearsed, strict=True):
            kind, table = _reads(statement), _table(statement)
            if kind is None or table is None:
                continue
            # Sorting takes a little more than in proportion.
            weigh: Callable[[int], float] = (lambda n: n) if kind == "foreign" else (lambda n: n * log2(n + 2))
            whole[kind] += weigh(self._expected[table])
            if t is not None:
                seen[kind] += weigh(self._seen[table])
                grown[kind] += t - r - committed_s
        fixed_s = sum(rehearsed) + committed_s * len(statements)
        return fixed_s + sum(max(0.0, grown[kind]) * whole[kind] / seen[kind] for kind in seen if seen[kind])

    def _finish(self, empty_s: float) -> float:
        """Seconds of what comes last: statistics, views, the world's own report. empty_s: statistics of no rows."""
        began = clock.monotonic()
        bulk.finish(self.connection, self.plan, self.window.end_us, wall=True)
        grown_s = max(0.0, clock.monotonic() - began - empty_s)
        read, whole = (sum(min(n, ANALYZED_ROWS) for n in rows.values()) for rows in (self._seen, self._expected))
        began = clock.monotonic()
        self.world_report(self.connection)
        report_s = clock.monotonic() - began
        return empty_s + grown_s * whole / max(1, read) + report_s * self._expected.total() / max(1, self._seen.total())


def _reads(statement: str) -> str | None:
    """The kind of a statement that reads all rows of a table."""
    if not _BUILDS.match(_bare(statement)):
        return None
    return "foreign" if _FOREIGN.search(statement) else "index"


def _table(statement: str) -> str | None:
    found = _TABLE.search(_bare(statement))
    return found[1] if found else None


def _bare(statement: str) -> str:
    return re.sub(r"--[^\n]*", "", statement).strip()
