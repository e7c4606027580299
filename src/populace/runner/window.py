"""One unit of work, the same for a seed and for life: generate a shard's window, write it, record it, commit.

Rows and records share a transaction, so that a kill at any moment leaves either all of it or nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from populace.engine import DailyCounts, DrawStatistics, Shard, Snapshots, Window, generate
from populace.plan import Plan
from populace.runner import records
from populace.runner.records import Connection
from populace.sinks.pipeline import Pipeline
from populace.sinks.sink import Sink, Tallies


def write(
    connection: Connection,
    sink: Sink,
    plan: Plan,
    shard: Shard,
    window: Window,
    *,
    statistics: DrawStatistics,
    snapshots: Snapshots | None = None,
    overlap: bool,
    reports: bool = False,
    daily: DailyCounts | None = None,
    record: Callable[[], None],
) -> Tallies:
    """Write a shard's window and what `record` adds, in the connection's open transaction; the caller commits it.

    statistics: the sums so far; on return they hold the window's too, and the target's row is set to them.
    overlap: generate while the server is still taking the rows before (worth a thread from some 10,000 rows on).
    reports: somebody listens to events, and they are put into the outbox. daily: is added to.
    """
    connection.execute(records.SQL["writing"])
    fresh, daily = DrawStatistics(), DailyCounts() if daily is None else daily
    batches = generate(plan, shard, window, fresh, snapshots, reports=reports, daily=daily)
    if overlap:
        with Pipeline(sink) as pipeline:
            for batch in batches:
                pipeline.write(batch)
    else:
        for batch in batches:
            sink.write(batch)
    sink.flush()
    tallies = sink.tallies()
    statistics.add(fresh)
    records.add_tallies(connection, tallies)
    records.add_days(connection, tallies, daily)
    if fresh != DrawStatistics():
        records.set_draw_statistics(connection, statistics)
    record()
    return tallies
