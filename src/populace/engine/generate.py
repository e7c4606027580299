"""generate(plan, shard, window) -> batches: the one idea, and the only way in which rows are made.

Pure: the same plan, shard and window give the same rows in any process, in any order, however the work is cut. The
worlds' functions emit rows without knowing the window; here the rows that belong to it are kept.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace

from populace.batch import Batch
from populace.engine.batches import Kept, batches, kept, removals
from populace.engine.counting import DailyCounts
from populace.engine.draw_statistics import DrawStatistics, Unheard
from populace.engine.draws import Window
from populace.engine.emitted import require
from populace.engine.process import Leavers, Said
from populace.engine.processes import Placed, placed
from populace.engine.proof import proofs_of_leavers
from populace.engine.shards import Shard
from populace.engine.snapshots import Snapshots
from populace.plan import Plan
from populace.spec.authors import authored


def generate(
    plan: Plan,
    shard: Shard,
    window: Window,
    statistics: DrawStatistics | None = None,
    snapshots: Snapshots | None = None,
    *,
    events: bool = False,
    daily: DailyCounts | None = None,
    proofs: bool = False,
) -> Iterator[Batch]:
    """The rows of a shard whose moments lie in the window; parents before children, flow by flow; then who leaves.

    statistics: is added to when the iterator is exhausted, daily on the way. snapshots: spare the fold what they know.
    events: also the rows of outboxes. proofs: removals say what proves the rows that go (`Batch.proof`).
    """
    fresh, leaving = DrawStatistics(), defaultdict[str, list[Leavers]](list)
    for one in placed(plan, shard):
        with _blaming(plan, one):
            for emission in one.process.emit(window, fresh, snapshots, events=events):
                require(plan.world, one.flow, emission.rows)
                if daily is not None:
                    daily.began += emission.began
                yield from batches(emission, daily, one.counted)
            for leavers in one.process.removed(window):
                leaving[one.root].append(leavers)
    # At the beginning of history there is nothing to remove: rows of those who have left by the end of that window were
    # never written.
    if leaving and window.start_us > plan.origin_us:
        proven = proofs_of_leavers(plan, shard, leaving, window.end_us, snapshots) if proofs else {}
        yield from removals(plan, window, leaving, proven)
    if statistics is not None:
        statistics.add(fresh)


def count(
    plan: Plan,
    shard: Shard,
    window: Window,
    take: Callable[[Kept, Said | None], None],
    snapshots: Snapshots | None = None,
    *,
    events: bool = False,
    hears: Callable[[Said], bool] = lambda said: True,
    everybody: bool = False,
) -> None:
    """Give `take` the rows that `generate` would make, without making them; with the events that they are, if they
    are events of visits. hears: whether any of these are wanted. everybody: also rows of people who have left, which an
    app deletes. snapshots: as in `generate`.

    A table is looked at when it is first emitted: a mistake of a world's functions is met by whoever makes the rows."""
    for one in placed(plan, shard):
        seen = set[str]()
        with _blaming(plan, one):
            for emission in one.process.emit(window, Unheard(), snapshots, events=events):
                said = emission.rows if isinstance(emission.rows, Said) else None
                if said is not None and not hears(said):
                    continue
                require(plan.world, one.flow, {t: rows for t, rows in emission.rows.items() if t not in seen})
                seen.update(emission.rows)
                for some in kept(replace(emission, removed=None) if everybody else emission):
                    take(some, said)


def _blaming(plan: Plan, one: Placed) -> AbstractContextManager[None]:
    return authored(plan.world.package, f"{one.doing} of {plan.world.name}", one.function)
