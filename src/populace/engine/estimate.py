"""What a window would hold, from a sample of each root: rows by table, and how long generating takes here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from populace import clock
from populace.batch import Batch, newest
from populace.engine.draws import Window
from populace.engine.generate import generate
from populace.engine.joining import joined_by
from populace.engine.shards import Shard, Slice
from populace.plan import Plan
from populace.spec import OUTBOX

WHOLE_ROWS = 400_000
"""A root of about so many rows is generated whole where time is given for it; of a larger one a part of about so many,
spread over all of it: the first members are older, or busier, than the others."""
SPREAD = 8
"""In so many places of a root, at most."""
SHARING = 10
"""Members that are generated whose items share what they carry: each has many of them."""
SAMPLE = 120
"""Members of each root that are generated to estimate the others; whole turns of any kind that goes round-robin."""
_OVERHEAD = 36
"""Bytes a row of a heap page beside its values: header, line pointer, alignment."""
_INDEXES = 1.9
"""Indexes and fillfactor, as a multiple of the heap; seen on the built-in worlds."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """rows: by table. rows_by_root: the same by root. bytes_on_disk: with indexes. generate_s: on this machine.

    leaving: rows of outboxes, by channel; those of events only where they were asked for.
    """

    rows: Mapping[str, int]
    rows_by_root: Mapping[str, int]
    bytes_on_disk: int
    generate_s: float
    leaving: Mapping[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """Rows of all tables."""
        return sum(self.rows.values())


def estimate(
    plan: Plan,
    window: Window,
    *,
    events: bool = False,
    timed: bool = True,
    hear: Callable[[Batch], None] = lambda batch: None,
) -> Estimate:
    """Estimate a window. Exact for roots of few members, else within the sample's error.

    events: also how many events there are. timed: as near as can be had in a second or two: exact for roots of at most
    WHOLE_ROWS rows, with how long generating takes; else from the first members alone. hear: is given their rows.
    """
    rows: dict[str, float] = {t.name: 0.0 for t in plan.world.tables}
    by_root: dict[str, int] = {}
    leaving: dict[str, float] = {}
    size = seconds = 0.0
    for root in plan.sizes:
        members = joined_by(plan, root, window.end_us)
        if members == 0:
            continue
        first = min(members, max(_fewest(plan, root), plan.cells[root]))
        took = _generated(plan, window, root, [(0, first)], events, hear)
        growing_s, fixed_s = took.seconds / first, 0.0
        if timed and first < members:
            before, slices = took, _spread(plan, root, members, first, took.rows)
            took = _generated(plan, window, root, slices, events)
            growing_s, fixed_s = _line(
                (first, before.seconds), (took.members / len(slices), took.seconds / len(slices))
            )
        scale = members / took.members
        # What does not grow with the members (the schedule of arrivals) is paid once.
        seconds += took.seconds if scale == 1 else fixed_s + growing_s * members
        for table, (count, held_bytes) in took.held.items():
            rows[table] += count * scale
            size += (held_bytes + _OVERHEAD * count) * scale
        for channel, many in took.left.items():
            leaving[channel] = leaving.get(channel, 0.0) + many * scale
        by_root[root] = round(took.rows * scale)
    return Estimate(
        {name: round(count) for name, count in rows.items()},
        by_root,
        round(size * _INDEXES),
        seconds,
        {channel: round(many) for channel, many in sorted(leaving.items())},
    )


def _fewest(plan: Plan, root: str) -> int:
    """How many members of a root are generated, at least."""
    flows = [flow for flow in plan.world.flows if flow.root == root]
    if any(flow.shares for flow in flows):
        return SHARING
    people = max((flow.people_each(plan.eras[0].values) for flow in flows), default=1)
    return SAMPLE // people or 1


def _spread(plan: Plan, root: str, members: int, first: int, rows: int) -> list[Slice]:
    """The slices of a root's members of which about WHOLE_ROWS rows come, when the first of them give so many rows; all
    of them where they have no more."""
    cell = plan.cells[root]
    wanted = members * WHOLE_ROWS / max(1, rows * members / first)
    if wanted >= members:
        return [(0, members)]
    cells = max(1, -(-members // cell))
    places = max(1, min(SPREAD, round(wanted / cell)))
    each = max(1, round(wanted / cell / places))
    starts = [(2 * place + 1) * cells // (2 * places) - each // 2 for place in range(places)]
    return [(start * cell, min(members, (start + each) * cell)) for start in starts]


def _line(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    """Seconds for each member and for none at all, from (members, seconds) of two calls."""
    (few, few_s), (more, more_s) = sorted((one, other))
    each_s = max(0.0, more_s - few_s) / (more - few) if more > few else more_s / more
    return each_s, max(0.0, more_s - each_s * more)


@dataclass(slots=True)
class _Generated:
    """What slices of a root hold. held: rows and bytes by table. left: rows of outboxes by channel."""

    members: int
    seconds: float = 0.0
    held: dict[str, tuple[int, int]] = field(default_factory=dict)
    left: Counter[str] = field(default_factory=Counter)

    @property
    def rows(self) -> int:
        return sum(count for count, _ in self.held.values())

    def add(self, table: str, rows: int, held_bytes: int) -> None:
        count, before = self.held.get(table, (0, 0))
        self.held[table] = (count + rows, before + held_bytes)


def _generated(
    plan: Plan,
    window: Window,
    root: str,
    slices: Sequence[Slice],
    events: bool,
    hear: Callable[[Batch], None] = lambda batch: None,
) -> _Generated:
    began, out = clock.monotonic(), _Generated(sum(high - low for low, high in slices))
    versions: dict[str, list[pa.RecordBatch]] = {}
    for slice_ in slices:
        for batch in generate(plan, Shard({root: slice_}), window, events=events):
            hear(batch)
            if batch.table == OUTBOX.name:
                for counted in batch.rows.column("channel").value_counts().to_pylist():
                    out.left[counted["values"]] += counted["counts"]
            elif batch.act == "merge":
                versions.setdefault(batch.table, []).append(batch.rows)
            else:
                out.add(batch.table, batch.rows.num_rows, batch.rows.nbytes)
    for name, batches in versions.items():
        rows = newest(pa.Table.from_batches(batches), plan.world.table(name).key)
        out.add(name, rows.num_rows, rows.nbytes)
    out.seconds = clock.monotonic() - began
    return out
