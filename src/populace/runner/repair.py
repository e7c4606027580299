"""What a target lacks of its plan is written again: history and life, up to the watermark, slice by slice.

The rows are generated as a seed up to the watermark would have them, compared in the target, and mended in one
transaction for each slice: a kill costs one of them, and whoever repairs again finds the others done. Nothing is
counted a second time, and no event is queued.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping

from populace import clock
from populace.database import views
from populace.database.connection import Connection
from populace.engine import Shard, Window, cut
from populace.engine.estimate import estimate
from populace.errors import Interrupted, Remedy
from populace.event import Listener, Stage
from populace.plan import Plan
from populace.runner import lease, records, retention, shard
from populace.runner.integrations import Integrations
from populace.runner.shard import Work
from populace.sinks.repair import Difference, RepairSink
from populace.spec import AccountService

ROWS_A_PIECE = 250_000
"""About so many rows are compared in a transaction."""


def repair(
    connection: Connection,
    plan: Plan,
    until_us: int,
    *,
    mend_changed: bool,
    looking: bool,
    integrations: Integrations,
    on_event: Listener,
    stop: threading.Event,
) -> Mapping[str, Difference]:
    """Compare everything up to a moment, and mend it unless only looking; by full name, the tables that differ.

    The connection holds the lease. Raises Interrupted when `stop` is set, and CheckFailed for what the server refuses;
    slices that are done stay.
    """
    span = Window(plan.origin_us, until_us)
    guess = estimate(plan, span, timed=False)
    service = integrations.accounts.peer if integrations.create and integrations.accounts else None
    sink = RepairSink(
        connection,
        plan.world,
        mend_changed=mend_changed,
        looking=looking,
        old_before_us=retention.latest(connection, plan, until_us),
        service=service if isinstance(service, AccountService) else None,
        create=integrations.create,
    )
    pieces = [
        (root, low, high)
        for root, size in plan.sizes.items()
        for low, high in cut(plan, root, (0, size), -(-guess.rows_by_root.get(root, 0) // ROWS_A_PIECE))
    ]
    connection.commit()
    stage = Stage(on_event, "repair", "slices", len(pieces))
    for number, (root, low, high) in enumerate(pieces):
        stage.at(number, root)
        if stop.is_set():
            raise Interrupted("stopped; what is mended stays", todo=Remedy(text="run {} again to continue"))
        with connection.transaction(force_rollback=looking):
            lease.require(connection)
            connection.execute(records.SQL["writing"])
            shard.write(sink, Work(plan=plan, shard=Shard({root: (low, high)}), window=span))
    found = {name: one for name, one in sorted(sink.differences.items()) if one != Difference()}
    if not looking and any(one.inserted or one.mended for one in found.values()):
        with connection.transaction():
            views.refresh(connection, plan.world.tables)
            said = {n: {"inserted": one.inserted, "mended": one.mended} for n, one in found.items()}
            records.journal(connection, "info", "repair", f"{plan.world.name} up to {clock.iso(until_us)}", tables=said)
    stage.over(len(pieces), "compared")
    return found
