"""The keys of rows that were written: what proves that a row of an app is ours.

A key is a hash of the plan's seed and an address, so a plan gives again every key that it ever wrote, those of people
who have left included. Only the columns of a table's proof are computed, which is several times faster than the rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

import numpy as np
import pyarrow as pa

from populace.batch import Batch
from populace.engine.batches import inside
from populace.engine.draw_statistics import DrawStatistics
from populace.engine.draws import Window
from populace.engine.process import Emission, Leavers
from populace.engine.processes import Placed, placed
from populace.engine.processes.pools.process import PoolRows, is_remembered
from populace.engine.shards import Shard
from populace.engine.snapshots import Snapshots
from populace.engine.tables import Block
from populace.plan import Plan
from populace.spec import OUTBOX, Columns, Ints, Json, Questions, Table, Words, World


def keys(plan: Plan, shard: Shard, window: Window) -> Iterator[Batch]:
    """The proofs (`Table.proof`) of all rows that a shard has in a window, withheld or not, in batches to append; a row
    that changes has one for each of its versions. Only of tables whose proof is a hash of its own.
    """
    for one in placed(plan, shard):
        for emission in one.process.emit(window, DrawStatistics(), None, events=False):
            yield from _proofs(plan, emission)


def proofs_of_leavers(
    plan: Plan, shard: Shard, leaving: Mapping[str, Sequence[Leavers]], end_us: int, snapshots: Snapshots | None
) -> dict[str, pa.RecordBatch]:
    """The proofs of every row that people who leave ever had, by table: of tables whose rows go with them.

    What their cells did is computed again from the beginning of history; snapshots keep what the next ones need of it.
    leaving: by root.
    """
    window, found = Window(plan.origin_us, end_us), defaultdict[str, list[pa.RecordBatch]](list)
    for root, leavers in leaving.items():
        owner = np.unique(np.concatenate([who.owner for who in leavers]))
        for part in _cells_of(plan, shard, root, np.concatenate([who.member for who in leavers]), window):
            for one in placed(plan, part):
                for emission in _emitted(one, root, owner, window, snapshots):
                    for batch in _owned(plan, emission, root, owner):
                        found[batch.table].append(batch.rows)
    return {name: pa.Table.from_batches(rows).combine_chunks().to_batches()[0] for name, rows in found.items()}


def _cells_of(plan: Plan, shard: Shard, root: str, member: Ints, window: Window) -> Iterator[Shard]:
    """The cells of some members, those that follow each other together; and with the first what other roots have that
    holds rows of theirs. All cells where they are few: what is remembered of them serves whoever leaves next.
    """
    world, low, high = plan.world, *shard.slices[root]
    others = {f.root for f in world.flows if f.root != root and any(world.table(t).root == root for t in f.tables)}
    beside = {name: slice_ for name, slice_ in shard.slices.items() if name in others}
    pools = [flow for flow in world.lifecycles if flow.root == root]
    if pools and all(is_remembered(plan, flow, (low, high), window) for flow in pools):
        yield Shard({**beside, root: (low, high)})
        return
    size = plan.cells.get(root, 1)
    cells = np.unique(member // size)
    for some in np.split(cells, np.flatnonzero(np.diff(cells) > 1) + 1):
        yield Shard({**beside, root: (max(low, int(some[0]) * size), min(high, int(some[-1] + 1) * size))})
        beside = {}


def _emitted(one: Placed, root: str, owner: Ints, window: Window, snapshots: Snapshots | None) -> Iterator[Emission]:
    """What a process leaves, of some members of a root at least."""
    if isinstance(one.process, PoolRows) and one.root == root:
        return one.process.of_people(owner, window, snapshots)
    return one.process.emit(window, DrawStatistics(), None, events=False)


def _owned(plan: Plan, emission: Emission, root: str, owner: Ints) -> Iterator[Batch]:
    """The proofs of an emission's rows that go with some members of a root."""
    if emission.removed is None:
        return
    for name, rows in emission.rows.items():
        if name == OUTBOX.name:
            kept = inside(emission.draw, rows)
            yield from _answers(plan, rows.columns, kept[np.isin(rows.owner[kept], owner)])
            continue
        table = plan.world.table(name)
        if table.root != root or not table.owner or not table.hashed or table.proven_by:
            continue
        kept = inside(emission.draw, rows)
        kept = kept[np.isin(rows.owner[kept], owner)]
        if len(kept):
            yield _batch(plan, table, rows.columns, kept)


def _proofs(plan: Plan, emission: Emission) -> Iterator[Batch]:
    for name, rows in emission.rows.items():
        kept = inside(emission.draw, rows)
        if name == OUTBOX.name:
            yield from _answers(plan, rows.columns, kept)
            continue
        table = plan.world.table(name)
        if len(kept) and table.hashed and not table.proven_by:
            yield _batch(plan, table, rows.columns, kept)


def _batch(plan: Plan, table: Table, columns: Columns, kept: Ints) -> Batch:
    narrow = _as_proof(table)
    given = {column.name: columns[column.name] for column in narrow.columns}
    return Batch(table.name, "append", Block(plan.seed, kept).record_batch(narrow, given))


_as_proof = lru_cache(maxsize=1024)(Table.as_proof)


def _answers(plan: Plan, columns: Columns, kept: Ints) -> Iterator[Batch]:
    """The keys under which answers to questions are written, as the questions say."""
    channel, payload = columns["channel"], columns["payload"]
    for peer, name in _asking(plan.world):
        table = plan.world.table(peer.receipts.table)
        some = kept if channel == name else _of_channel(channel, name, kept)
        if not len(some) or not isinstance(payload, Json) or peer.receipts.key not in payload.members:
            continue
        yield _batch(plan, table, {table.proof[0]: payload.members[peer.receipts.key]}, some)


def _of_channel(channel: object, name: str, kept: Ints) -> Ints:
    if not isinstance(channel, Words):
        return kept[:0]
    is_named = np.array([word == name for word in channel.words], dtype=np.bool_)
    out: Ints = kept[is_named[channel.codes[kept]]]
    return out


def _asking(world: World) -> list[tuple[Questions, str]]:
    return [(channel.peer, channel.name) for channel in world.channels if isinstance(channel.peer, Questions)]
