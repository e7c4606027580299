"""Runs of a plan in memory, cut in shards and windows at will, and what they come to: digests and statistics.

Two runs of one plan that differ show that something depends on how the work was cut, which nothing may.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from populace.batch import Batch
from populace.engine import DailyCounts, DrawStatistics, Snapshots, Window, cuts, generate, shards
from populace.plan import Plan
from populace.sinks.memory import MemorySink

Cuts = Sequence[int]


@dataclass(frozen=True)
class Outcome:
    """What a run came to. digests: by table. statistics: of every draw."""

    digests: Mapping[str, str]
    statistics: Mapping[str, Any]
    sink: MemorySink = field(compare=False)

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Rows of a table in order of their keys."""
        held = self.sink.rows[table]
        return [held[key] for key in sorted(held)]


def windows(edges: Iterable[int]) -> list[Window]:
    """The windows between moments, in order."""
    ordered = sorted(set(edges))
    return [Window(a, b) for a, b in itertools.pairwise(ordered)]


def run(
    plan: Plan,
    edges: Cuts,
    parts: int = 1,
    *,
    snapshots: Snapshots | None = None,
    shuffled: int | None = None,
    meanwhile: Callable[[int], None] = lambda _done: None,
    daily: DailyCounts | None = None,
) -> Outcome:
    """Generate every shard of every window; the batches are applied in order of their windows' ends.

    edges: µs. shuffled: a seed for the order in which the work is done. meanwhile: called with the count of calls done.
    """
    work = [(shard, window) for window in windows(edges) for shard in shards(plan, parts)]
    if shuffled is not None:
        work = [work[place] for place in cuts.order(shuffled, len(work))]
    statistics, batches = DrawStatistics(), list[tuple[int, Batch]]()
    for done, (shard, window) in enumerate(work):
        meanwhile(done)
        batches += [
            (window.end_us, batch) for batch in generate(plan, shard, window, statistics, snapshots, daily=daily)
        ]
    sink = MemorySink(plan.world)
    for _, batch in sorted(batches, key=lambda b: b[0]):
        sink.write(batch)
    return Outcome(sink.digests(), statistics.document(), sink)
