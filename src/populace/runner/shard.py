"""The shard writer: the rows of a shard's window are made, handed to a sink and counted, here and nowhere else.

A seed, a runner, the files of a folder and the timing of a seed differ in the sink, and in what they record of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import pyarrow as pa
import pyarrow.compute as pc

from populace import clock
from populace.batch import Batch
from populace.engine import DailyCounts, DrawStatistics, Shard, Snapshots, Window, generate
from populace.plan import Plan
from populace.sinks.pipeline import Pipeline
from populace.sinks.sink import Sink, Tallies
from populace.spec import OUTBOX


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A shard's window of a plan.

    snapshots: spare the fold what they know. heard: channels of events that somebody listens to: their rows are written
    too. proofs: who leaves may have rows in a database of others, so that what goes has to be proven.
    """

    plan: Plan
    shard: Shard
    window: Window
    snapshots: Snapshots | None = None
    heard: frozenset[str] = frozenset()
    proofs: bool = False


@dataclass(slots=True)
class Written:
    """What a window came to. tallies: of the sink. statistics: of its draws. daily: emitted rows by day.

    first_s: real seconds until the first rows came.
    """

    tallies: Tallies = field(default_factory=Tallies)
    statistics: DrawStatistics = field(default_factory=DrawStatistics)
    daily: DailyCounts = field(default_factory=DailyCounts)
    first_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Made:
    """A shard's window that is generated and not written yet. written: what is known of it so far."""

    batches: Sequence[Batch]
    written: Written


def make(work: Work) -> Made:
    """Generate a shard's window into memory: for one that is short, so that nothing waits while it is computed."""
    out = Written()
    return Made(list(_batches(work, out)), out)


def write(sink: Sink, work: Work | Made) -> Written:
    """Generate a shard's window into a sink, or write one that is made; the sink holds nothing back on return."""
    if isinstance(work, Made):
        out = work.written
        for batch in work.batches:
            sink.write(batch)
    else:
        out = Written()
        # Rows are generated while the sink is still taking those before.
        with Pipeline(sink) as pipeline:
            for batch in _batches(work, out):
                pipeline.write(batch)
    sink.flush()
    out.tallies = sink.tallies()
    return out


def _batches(work: Work, out: Written) -> Iterator[Batch]:
    began = clock.monotonic()
    for batch in generate(
        work.plan,
        work.shard,
        work.window,
        out.statistics,
        work.snapshots,
        events=bool(work.heard),
        daily=out.daily,
        proofs=work.proofs,
    ):
        out.first_s = out.first_s or clock.monotonic() - began
        yield _heard(work, batch) if batch.table == OUTBOX.name else batch


def _heard(work: Work, batch: Batch) -> Batch:
    """Rows for the outbox, without events to which nobody listens."""
    silent = [c.name for c in work.plan.world.channels if c.has_events and c.name not in work.heard]
    if not silent:
        return batch
    unheard = pc.is_in(batch.rows.column("channel"), pa.array(silent))
    return replace(batch, rows=batch.rows.filter(pc.invert(unheard)))
