"""What a window would hold, from a sample of each root: rows by table, and how long generating takes here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from populace import clock
from populace.batch import newest
from populace.engine.draws import Window
from populace.engine.generate import generate
from populace.engine.shards import Shard
from populace.plan import Plan

SAMPLE = 120
"""Members of each root that are generated to estimate the others; whole turns of any kind that goes round-robin."""
_PART = SAMPLE // 4
_OVERHEAD = 36
"""Bytes a row of a heap page beside its values: header, line pointer, alignment."""
_INDEXES = 1.9
"""Indexes and fillfactor, as a multiple of the heap; seen on the built-in worlds."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """rows: by table. rows_by_root: the same by root. bytes_on_disk: with indexes. generate_s: on this machine."""

    rows: Mapping[str, int]
    rows_by_root: Mapping[str, int]
    bytes_on_disk: int
    generate_s: float

    @property
    def total(self) -> int:
        """Rows of all tables."""
        return sum(self.rows.values())


def estimate(plan: Plan, window: Window) -> Estimate:
    """Estimate a window. Exact for roots of at most SAMPLE members, else within the sample's error (some percent)."""
    rows: dict[str, float] = {t.name: 0.0 for t in plan.world.tables}
    by_root: dict[str, int] = {}
    size = seconds = 0.0
    for root, members in plan.sizes.items():
        if members == 0:
            continue
        sample = min(members, max(SAMPLE, plan.cells[root]))
        part_s, _ = _generated(plan, window, root, min(sample, _PART))
        whole_s, held = _generated(plan, window, root, sample)
        scale = members / sample
        # What does not grow with the members (the schedule of arrivals) is paid once.
        growing_s = max(0.0, whole_s - part_s) / max(1, sample - min(sample, _PART)) * (members - sample)
        seconds += whole_s + growing_s
        for table, (count, held_bytes) in held.items():
            rows[table] += count * scale
            size += (held_bytes + _OVERHEAD * count) * scale
        by_root[root] = round(sum(count for count, _ in held.values()) * scale)
    return Estimate({name: round(count) for name, count in rows.items()}, by_root, round(size * _INDEXES), seconds)


def _generated(plan: Plan, window: Window, root: str, members: int) -> tuple[float, dict[str, tuple[int, int]]]:
    """Seconds, and rows and bytes by table, of the first members of a root."""
    began = clock.monotonic()
    held: dict[str, tuple[int, int]] = {}
    versions: dict[str, list[pa.RecordBatch]] = {}
    for batch in generate(plan, Shard({root: (0, members)}), window):
        if batch.act == "merge":
            versions.setdefault(batch.table, []).append(batch.rows)
            continue
        count, held_bytes = held.get(batch.table, (0, 0))
        held[batch.table] = (count + batch.rows.num_rows, held_bytes + batch.rows.nbytes)
    for name, batches in versions.items():
        rows = newest(pa.Table.from_batches(batches), plan.world.table(name).key)
        held[name] = (rows.num_rows, rows.nbytes)
    return clock.monotonic() - began, held
