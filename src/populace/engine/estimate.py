"""What a window would hold, from a sample of each root: rows by table, and how long generating takes here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from populace import clock
from populace.batch import Batch, newest
from populace.engine.draws import Window
from populace.engine.generate import generate
from populace.engine.shards import Shard
from populace.plan import Plan
from populace.spec import OUTBOX

POOLS = 4
"""Pools of people that are generated, to see what more of them cost."""
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
    """Estimate a window. Exact for roots of at most SAMPLE members, else within the sample's error (some percent).

    events: also how many events there are. timed: also how long it takes, for which more of it is generated. hear: is
    given what is generated, each row once.
    """
    rows: dict[str, float] = {t.name: 0.0 for t in plan.world.tables}
    by_root: dict[str, int] = {}
    leaving: dict[str, float] = {}
    size = seconds = 0.0
    for root, members in plan.sizes.items():
        if members == 0:
            continue
        sample = min(members, max(_fewest(plan, root, timed=timed), plan.cells[root]))
        part = max(1, sample // 4)
        whole_s, held, left = _generated(plan, window, root, sample, events, hear)
        # What is all generated need not be scaled.
        part_s = _generated(plan, window, root, part, events)[0] if timed and sample < members else whole_s
        scale = members / sample
        # What does not grow with the members (the schedule of arrivals) is paid once.
        growing_s = max(0.0, whole_s - part_s) / max(1, sample - part) * (members - sample)
        seconds += whole_s + growing_s
        for table, (count, held_bytes) in held.items():
            rows[table] += count * scale
            size += (held_bytes + _OVERHEAD * count) * scale
        for channel, many in left.items():
            leaving[channel] = leaving.get(channel, 0.0) + many * scale
        by_root[root] = round(sum(count for count, _ in held.values()) * scale)
    return Estimate(
        {name: round(count) for name, count in rows.items()},
        by_root,
        round(size * _INDEXES),
        seconds,
        {channel: round(many) for channel, many in sorted(leaving.items())},
    )


def _fewest(plan: Plan, root: str, *, timed: bool) -> int:
    """How many members of a root are generated, at least."""
    flows = [flow for flow in plan.world.flows if flow.root == root]
    if any(flow.shares for flow in flows):
        return SHARING
    people = max((flow.people_each(plan.eras[0].values) for flow in flows), default=1)
    return SAMPLE // people or (POOLS if timed else 1)


def _generated(
    plan: Plan,
    window: Window,
    root: str,
    members: int,
    events: bool,
    hear: Callable[[Batch], None] = lambda batch: None,
) -> tuple[float, dict[str, tuple[int, int]], Counter[str]]:
    """Seconds, rows and bytes by table, and rows of outboxes by channel, of the first members of a root."""
    began = clock.monotonic()
    held: dict[str, tuple[int, int]] = {}
    versions: dict[str, list[pa.RecordBatch]] = {}
    left: Counter[str] = Counter()
    for batch in generate(plan, Shard({root: (0, members)}), window, events=events):
        hear(batch)
        if batch.table == OUTBOX.name:
            for counted in batch.rows.column("channel").value_counts().to_pylist():
                left[counted["values"]] += counted["counts"]
            continue
        if batch.act == "merge":
            versions.setdefault(batch.table, []).append(batch.rows)
            continue
        count, held_bytes = held.get(batch.table, (0, 0))
        held[batch.table] = (count + batch.rows.num_rows, held_bytes + batch.rows.nbytes)
    for name, batches in versions.items():
        rows = newest(pa.Table.from_batches(batches), plan.world.table(name).key)
        held[name] = (rows.num_rows, rows.nbytes)
    return clock.monotonic() - began, held, left
