"""generate(plan, shard, window) -> batches: the one idea, and the only way rows come into being.

Pure: the same plan, shard and window give the same rows in any process, in any order, however the work is cut. The
worlds' functions emit rows without knowing of windows; here the rows that belong are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa

from populace.batch import Batch
from populace.clock import DAY_US
from populace.engine.draw_statistics import DrawStatistics
from populace.engine.draws import EngineDraw, Window
from populace.engine.processes.pools.days import Emission, pools_of
from populace.engine.processes.schedules.schedules import Scheduled
from populace.engine.processes.visits.sessions import courses, refuse_strays
from populace.engine.shards import Shard
from populace.engine.snapshots import Snapshots
from populace.engine.tables import Block
from populace.plan import Plan
from populace.spec import (
    NEVER,
    OUTBOX,
    Bools,
    Columns,
    Draw,
    Ints,
    Lifecycle,
    Members,
    Pairs,
    Quota,
    Rows,
    Schedule,
    Sessions,
    Settings,
    Table,
    TableRows,
    Words,
)

BLOCK = 32_768
"""Members, pairs or visits emitted at a time: their arrays stay in the processor's cache."""


FOUND = ":found"


@dataclass(slots=True)
class DailyCounts:
    """How many rows people of pools emitted, by table and by the day (since 1970) of their moment; and how many of
    these are withheld, since their person is removed. A table that declares `kinds` is counted by kind (`table:kind`),
    and rows of people whom the beginning of history found there apart from all others (`table:found`). began: visits
    that began.
    """

    rows: dict[str, dict[int, list[int]]] = field(default_factory=dict)
    began: int = 0

    def add(self, table: str, at: Ints, withheld: Bools) -> None:
        """Count rows at these moments (µs)."""
        held = self.rows.setdefault(table, {})
        for day, many, less in zip(*_by_day(at // DAY_US, withheld), strict=True):
            sums = held.setdefault(day, [0, 0])
            sums[0] += many
            sums[1] += less


def _by_day(day: Ints, withheld: Bools) -> tuple[list[int], list[int], list[int]]:
    if len(day) == 0:
        return [], [], []
    first = int(day.min())
    many, less = np.bincount(day - first), np.bincount(day - first, weights=withheld)
    known = np.flatnonzero(many)
    return (known + first).tolist(), many[known].tolist(), less[known].astype(np.int64).tolist()


def generate(
    plan: Plan,
    shard: Shard,
    window: Window,
    statistics: DrawStatistics | None = None,
    snapshots: Snapshots | None = None,
    *,
    events: bool = False,
    daily: DailyCounts | None = None,
) -> Iterator[Batch]:
    """The rows of a shard whose moments lie in the window; parents before children, flow by flow.

    statistics: is added to when the iterator is exhausted, daily on the way. snapshots: spare the fold what they know.
    events: also the rows of outboxes.
    """
    counted = DrawStatistics()
    for flow in plan.world.flows:
        members = shard.slices.get(flow.root, (0, 0))
        if members[0] >= members[1]:
            continue
        if isinstance(flow, Sessions):
            for draw, course in courses(plan, flow, members, window, counted, snapshots):
                by_table = flow.emit(draw, course)
                refuse_strays(draw, flow, course, by_table)
                yield from _emitted(draw, by_table)
        elif isinstance(flow, Lifecycle):
            for pools in pools_of(plan, flow, members, window, counted, snapshots, events=events):
                for part in pools.emitted():
                    yield from _of_pools(part, daily) if isinstance(part, Emission) else (part,)
        elif isinstance(flow, Schedule):
            scheduled = Scheduled(plan, flow, members)
            # Where history begins, a row that changes is emitted for the first time, in its one version so far.
            begins = scheduled.begins(window)
            for draw, by_table in scheduled.emitted(window, counted, snapshots):
                for batch in _emitted(draw, by_table):
                    yield replace(batch, act="append") if begins else batch
        elif isinstance(flow, Quota):
            yield from _quota(plan, flow, members, window, counted)
        elif isinstance(flow, Settings):
            # The row belongs to no member: the slice that begins at ordinal 0 emits it.
            if members[0] == 0:
                yield from _settings(plan, flow, window, counted)
        else:
            yield from _members(plan, flow, members, window, counted)
    yield from _removals(plan, shard, window, counted)
    if statistics is not None:
        statistics.add(counted)


def _members(
    plan: Plan, flow: Members, members: tuple[int, int], window: Window, counted: DrawStatistics
) -> Iterator[Batch]:
    if not flow.dated and not window.start_us <= plan.origin_us < window.end_us:
        return
    draw = EngineDraw(plan, plan.eras[0], window, counted)
    cell = plan.cells[flow.root]
    step = max(cell, min(BLOCK, flow.at_once) // cell * cell)
    for first in range(*members, step):
        ordinals = np.arange(first, min(first + step, members[1]), dtype=np.int64)
        yield from _emitted(draw, flow.emit(draw, ordinals))


def _settings(plan: Plan, flow: Settings, window: Window, counted: DrawStatistics) -> Iterator[Batch]:
    """The settings in force at the window's end, if they began to be in it."""
    era = plan.era_at(window.end_us - 1)
    at = np.array([max(era.begins_us, plan.origin_us)])
    if window.holds(at).all():
        draw = EngineDraw(plan, era, window, counted)
        yield from _emitted(draw, flow.emit(draw, at))


def _quota(
    plan: Plan, flow: Quota, members: tuple[int, int], window: Window, counted: DrawStatistics
) -> Iterator[Batch]:
    if not window.meets(plan.origin_us, plan.epoch_us):
        return
    draw = EngineDraw(plan, plan.eras[0], window, counted)
    per = plan.eras[0].values.whole(flow.per)
    if per == 0:
        return
    for first in range(members[0] * per, members[1] * per, BLOCK):
        address = np.arange(first, min(first + BLOCK, members[1] * per), dtype=np.int64)
        ordinal, j = np.divmod(address, per)
        yield from _emitted(draw, flow.emit(draw, Pairs(ordinal, j, address)))


def _of_pools(emitted: Emission, daily: DailyCounts | None) -> Iterator[Batch]:
    """The batches of what pools emitted: not of those who are gone."""
    if daily is not None:
        daily.began += emitted.began
    for name, rows in emitted.rows.items():
        if rows.at is None:
            raise ValueError(f"{name}: rows of pools have moments of their own")
        if len(rows.at) == 0:
            continue
        withheld = _among(rows.owner, emitted.gone)
        if daily is not None and name != OUTBOX.name:
            inside = emitted.draw.window.holds(rows.at)
            for kind, of_kind in _kinds(emitted.draw, emitted.draw.plan.world.table(name), rows.at, rows):
                daily.add(name + kind, rows.at[inside & of_kind], withheld[inside & of_kind])
        # Who is gone has no row in any window: the moment is put after all of them.
        at = np.where(withheld, NEVER, rows.at) if withheld.any() else rows.at
        columns = rows.columns if name == OUTBOX.name else _first_created(emitted.draw.plan.world.table(name), rows)
        for batch in _emitted(emitted.draw, {name: replace(rows, at=at, columns=columns)}):
            yield replace(batch, act="append") if name in emitted.final else batch


def _kinds(draw: EngineDraw, table: Table, at: Ints, rows: Rows) -> Iterator[tuple[str, Bools]]:
    """The kinds of a table's rows, and which rows are of each; one without a name where the table has none."""
    said = rows.columns.get(table.kinds) if table.kinds else None
    if isinstance(said, Words):
        for code in np.unique(said.codes).tolist():
            yield f":{said.words[code]}", said.codes == code
        return
    found = at == draw.plan.origin_us
    if found.any():
        yield FOUND, found
    if not found.all():
        yield "", ~found


def _among(owner: Ints, gone: Ints) -> Bools:
    """Which owners are among some that are in order."""
    near = gone[np.searchsorted(gone, owner.min()) : np.searchsorted(gone, owner.max(), side="right")]
    if len(near) == 0:
        return np.zeros(len(owner), dtype=np.bool_)
    out: Bools = near.take(np.searchsorted(near, owner), mode="clip") == owner
    return out


def _emitted(draw: EngineDraw, by_table: TableRows) -> Iterator[Batch]:
    """The batches of rows by table: those of its rows that belong to the draw's window."""
    plan = draw.plan
    for name, rows in by_table.items():
        table = OUTBOX if name == OUTBOX.name else plan.world.table(name)
        kept = _belonging(draw, table, rows)
        if len(kept):
            block = Block(plan.seed, kept)
            yield Batch(name, table.mode, block.record_batch(table, rows.columns))


def _belonging(draw: EngineDraw, table: Table, rows: Rows) -> Ints:
    """Indices of the rows that belong to the window: by moment, for a merge the last version, never of who is gone."""
    window = draw.window
    if rows.at is None:
        keep = np.full(len(rows.owner), window.start_us <= draw.origin_us < window.end_us)
    else:
        keep = window.holds(rows.at)
        if table.mode == "merge" and rows.entity is not None:
            keep &= _last_version(rows.entity, rows.at, window.end_us)
    removed = draw.plan.world.root(table.root).removed if table.root else None
    if removed and table.owner and keep.any():
        kept = np.flatnonzero(keep)
        return kept[removed(draw.unrecorded, rows.owner[kept]) >= window.end_us]
    return np.flatnonzero(keep)


def _first_created(table: Table, rows: Rows) -> Columns:
    """The columns, with the `created_at` of a row's first version in all of them: a merge does not touch it."""
    created = rows.columns.get("created_at")
    if table.mode != "merge" or rows.entity is None or not isinstance(created, np.ndarray) or len(created) == 0:
        return rows.columns
    _, which = np.unique(rows.entity, return_inverse=True)
    first = np.full(int(which.max()) + 1, NEVER)
    np.minimum.at(first, which, created)
    return {**rows.columns, "created_at": first[which]}


def _last_version(entity: Ints, at: Ints, end_us: int) -> Bools:
    """Of each entity's versions before the window's end, the last (of equal moments the one emitted last)."""
    before = np.flatnonzero(at < end_us)
    order = before[np.lexsort((at[before], entity[before]))]
    ranked = entity[order]
    last = np.r_[ranked[1:] != ranked[:-1], True] if len(order) else np.zeros(0, dtype=np.bool_)
    out = np.zeros(len(at), dtype=np.bool_)
    out[order[last]] = True
    return out


def _blocks(low: int, high: int) -> list[tuple[int, int]]:
    return [(first, min(first + BLOCK, high)) for first in range(low, high, BLOCK)]


def _gone(draw: EngineDraw, removed: Callable[[Draw, Ints], Ints], low: int, high: int) -> Ints:
    """The members of a slice that are removed in the draw's window."""
    ordinals = np.arange(low, high, dtype=np.int64)
    return ordinals[draw.window.holds(removed(draw, ordinals))]


def _removals(plan: Plan, shard: Shard, window: Window, counted: DrawStatistics) -> Iterator[Batch]:
    """Whose rows go in this window, for each table that holds rows of theirs; children before parents.

    At the beginning of history there is nothing to remove: who is gone by the end of that window was never written.
    """
    draw = EngineDraw(plan, plan.eras[0], window, counted)
    for root in plan.world.roots:
        low, high = shard.slices.get(root.name, (0, 0))
        if root.removed is None or root.key is None or low >= high:
            continue
        gone = np.concatenate([_gone(draw, root.removed, low, high) for low, high in _blocks(low, high)])
        if len(gone) == 0 or window.start_us <= plan.origin_us:
            continue
        block = Block(plan.seed, np.arange(len(gone)))
        keys = block.array(root.key(draw.unrecorded, gone), "uuid")
        for table in reversed(plan.world.tables):
            if table.root == root.name and table.owner:
                yield Batch(table.name, "remove", pa.RecordBatch.from_arrays([keys], names=[table.owner]))
