"""What a window would hold, from a sample of each root: rows by table, and how long generating takes here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from populace import clock
from populace.engine.draws import Window
from populace.engine.generate import generate
from populace.engine.shards import Shard
from populace.plan import Plan

SAMPLE = 48
"""Members of each root that are generated to estimate the others."""
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
        sample = min(members, max(SAMPLE, plan.cells[root]))
        if sample == 0:
            continue
        began = clock.monotonic()
        held: dict[str, int] = {}
        for batch in generate(plan, Shard({root: (0, sample)}), window):
            held[batch.table] = held.get(batch.table, 0) + batch.rows.num_rows
            size += (batch.rows.nbytes + _OVERHEAD * batch.rows.num_rows) * members / sample
        seconds += (clock.monotonic() - began) * members / sample
        for table, count in held.items():
            rows[table] += count * members / sample
        by_root[root] = round(sum(held.values()) * members / sample)
    return Estimate({name: round(count) for name, count in rows.items()}, by_root, round(size * _INDEXES), seconds)
