"""The keys of rows that were written: what proves that a row of an app is ours.

A key is a hash of the plan's seed and an address, so a plan gives again every key that it ever wrote, those of people
who have left included. Only the columns of a table's proof are computed, which is several times faster than the rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from populace.batch import Batch
from populace.engine.batches import inside
from populace.engine.draw_statistics import DrawStatistics
from populace.engine.draws import Window
from populace.engine.process import Emission
from populace.engine.processes import placed
from populace.engine.shards import Shard
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
