"""One unit of work, the same for a seed and for a runner: a shard's window is written and recorded; the caller commits.

Rows and records share a transaction, so that a kill at any moment leaves either all of it or nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from populace.database.connection import Connection
from populace.engine import DrawStatistics
from populace.runner import records, shard
from populace.runner.shard import Made, Work, Written
from populace.sinks.sink import Sink


def write(
    connection: Connection,
    sink: Sink,
    work: Work | Made,
    *,
    record: Callable[[], None],
    statistics: DrawStatistics | None = None,
) -> Written:
    """Write a shard's window and what `record` adds, in the connection's open transaction.

    statistics: the sums so far, when nobody else adds to them; on return they hold the window's too, and the target's
    row is set to them. None: others write beside this transaction, and the target's row is added to.
    """
    connection.execute(records.SQL["writing"])
    written = shard.write(sink, work)
    records.add_tallies(connection, written.tallies)
    records.add_days(connection, written.tallies, written.daily)
    for table, many in sorted(written.tallies.kept.items()):
        said = f"{many} rows of {table} are not written: rows that are not Populace's have their keys, and stay"
        records.journal(connection, "warning", "kept", said, table=table, rows=many)
    records.add_stays(connection, written.tallies.stays)
    if written.statistics != DrawStatistics():
        sums = records.hold_draw_statistics(connection) if statistics is None else statistics
        sums.add(written.statistics)
        records.set_draw_statistics(connection, sums)
    record()
    return written
