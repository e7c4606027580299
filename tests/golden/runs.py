"""Runs of a plan, cut in shards and windows at will, and what they came to: digests by table, and the statistics."""

from __future__ import annotations

import itertools
import random  # noqa: TID251 - the order in which a test does its work is no part of a population
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from populace.batch import Batch
from populace.clock import parse
from populace.engine import DailyCounts, DrawStatistics, Snapshots, Window, generate, shards
from populace.plan import Plan, resolve
from populace.sinks.memory import MemorySink
from populace.spec import World
from tiny import CLUB

EPOCH = parse("2026-01-10T00:00:00Z", "epoch")
Cuts = Sequence[int]


@dataclass(frozen=True)
class Outcome:
    """What a run came to."""

    digests: Mapping[str, str]
    statistics: Mapping[str, Any]
    sink: MemorySink

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Outcome) and (self.digests, self.statistics) == (other.digests, other.statistics)

    __hash__ = None  # type: ignore[assignment]

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Rows of a table in order of their keys."""
        held = self.sink.rows[table]
        return [held[key] for key in sorted(held)]


def club(world: World = CLUB, scenario: str = "default", seed: int = 1, **overrides: object) -> Plan:
    """A plan of the club, or of a world made from it."""
    return resolve(world, scenario, seed=seed, epoch_us=EPOCH, overrides=overrides)


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

    shuffled: a seed for the order in which the work is done. meanwhile: called with the count of calls done.
    """
    work = [(shard, window) for window in windows(edges) for shard in shards(plan, parts)]
    if shuffled is not None:
        random.Random(shuffled).shuffle(work)
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
