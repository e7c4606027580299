"""What a window would hold: rows by table, counted before they are made, of all members of a root or a part of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from statistics import median

import pyarrow as pa

from populace import clock
from populace.batch import Batch, newest
from populace.engine.batches import Kept
from populace.engine.draws import Window
from populace.engine.generate import count
from populace.engine.joining import joined_by
from populace.engine.process import Said
from populace.engine.shards import Shard, Slice
from populace.engine.snapshots import Snapshots
from populace.plan import Plan
from populace.spec import OUTBOX

SURE_ROWS = 250_000
"""A root of so many rows is counted whole, however many members they are of."""
WHOLE_ROWS = 7_000_000
"""Of a larger one about so many rows are counted, if they are of few members: each of them costs time too."""
WHOLE_MEMBERS = 6_000
PERSON_DAYS = 1_200_000
"""Of pools of people as many are counted as have so many days together. They are alike, and all take part in a day at
once: so these are neighbours."""
PLACES = 30
"""Other members are not: the first ones are older, or busier. A part is spread over so many places of the root, or
fewer, with `A_PLACE` members in each."""
A_PLACE = 100
FEWEST_PLACES = 8
SHARING = 10
"""Members that are counted first whose items share what they carry: each has many of them."""
SAMPLE = 120
"""Members of each root that are counted first; whole turns of any kind that goes round-robin."""
MADE_ROWS = 500
"""Of a table's largest batch so many rows are made, evenly spread, to know how large they are and how long that
takes."""
MADE_FIRST = 2_000
"""Of each batch so many rows are made for whoever wants to try them."""
HEARD_VISITS = 4_096
"""The events of so many visits are counted, and of every so many-th that there is beyond."""
HEARD_PART = 8
_OVERHEAD = 36
"""Bytes a row of a heap page beside its values: header, line pointer, alignment."""
_INDEXES = 1.9
"""Indexes and fillfactor, as a multiple of the heap; seen on the built-in worlds."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """rows: by table. rows_by_root: the same by root. bytes_on_disk: with indexes. generate_s: of a processor here.

    leaving: rows of outboxes, by channel; those of events only where they were asked for.
    """

    rows: Mapping[str, int]
    rows_by_root: Mapping[str, int]
    bytes_on_disk: int
    generate_s: float
    leaving: Mapping[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """Rows of all tables."""
        return sum(self.rows.values())


def estimate(
    plan: Plan,
    window: Window,
    *,
    events: bool = False,
    timed: bool = True,
    hear: Callable[[Batch], None] = lambda batch: None,
    snapshots: Snapshots | None = None,
) -> Estimate:
    """Estimate a window. Exact for roots of few members and rows, else within the sample's error.

    events: also how many events there are. timed: as near as can be had in a second or two, with how long generating
    takes; else from the first members alone. hear: is given rows of theirs, the first of each batch, which are made for
    it, so that mistakes in a world's functions are met. snapshots: keep what these members carry when history begins.
    """
    rows: dict[str, float] = {t.name: 0.0 for t in plan.world.tables}
    by_root: dict[str, int] = {}
    leaving: dict[str, float] = {}
    size = seconds = 0.0
    for root in plan.sizes:
        members = joined_by(plan, root, window.end_us)
        if members == 0:
            continue
        if timed:
            took = _near(plan, window, root, members, events)
        else:
            took = _Counted(plan, window, root, events, hear, snapshots)
            took.add((0, _first(plan, root, members)))
        scale = members / took.members
        seconds += took.seconds_of(members)
        counts = took.rows()
        by_root[root] = round(counts.total() * scale)
        for table, counted in counts.items():
            many = counted * scale
            rows[table] += many
            size += (took.made[table].bytes_each() + _OVERHEAD) * many
        for channel, said in took.leaving().items():
            leaving[channel] = leaving.get(channel, 0.0) + said * scale
    return Estimate(
        {name: round(many) for name, many in rows.items()},
        by_root,
        round(size * _INDEXES),
        seconds,
        {channel: round(many) for channel, many in sorted(leaving.items())},
    )


def _near(plan: Plan, window: Window, root: str, members: int, events: bool) -> _Counted:
    """As many members of a root as can be counted in about a second."""
    took, cell = _Counted(plan, window, root, events), plan.cells[root]
    if days := _person_days(plan, window, root):
        some = min(members, max(1, PERSON_DAYS // (days * cell)) * cell)
        low = (members - some) // 2 // cell * cell
        took.add((low, low + some))
        return took
    first = _first(plan, root, members)
    took.add((0, first))
    if first == members:
        return took
    rows = took.rows().total() * members / first
    if rows <= SURE_ROWS or (rows <= WHOLE_ROWS and members <= WHOLE_MEMBERS):
        took.add((first, members))
        return took
    spread = _Counted(plan, window, root, events)
    for slice_ in _spread(members, cell, int(min(WHOLE_MEMBERS, members * WHOLE_ROWS / rows))):
        spread.add(slice_)
    return spread


def _person_days(plan: Plan, window: Window, root: str) -> int:
    """The days that a member of a root has in a window; 0 for one that is no pool of people."""
    values, days = plan.eras[0].values, (window.end_us - window.start_us) // clock.DAY_US + 1
    pools = [flow for flow in plan.world.lifecycles if flow.root == root]
    return sum(flow.people_each(values) * (days + values.whole(flow.pool.unseen_days)) for flow in pools)


def _first(plan: Plan, root: str, members: int) -> int:
    """How many members of a root are counted first, whole cells of them."""
    flows, cell = [flow for flow in plan.world.flows if flow.root == root], plan.cells[root]
    people = max((flow.people_each(plan.eras[0].values) for flow in flows), default=1)
    fewest = SHARING if any(flow.shares for flow in flows) else SAMPLE // people or 1
    return min(members, -(-fewest // cell) * cell)


def _spread(members: int, cell: int, wanted: int) -> list[Slice]:
    """Slices of whole cells with about so many members, evenly spread."""
    cells, some = -(-members // cell), max(1, wanted // cell)
    places = min(some, max(FEWEST_PLACES, min(PLACES, wanted // A_PLACE)))
    each = some // places
    starts = [(2 * place + 1) * cells // (2 * places) - each // 2 for place in range(places)]
    return [(start * cell, min(members, (start + each) * cell)) for start in starts]


@dataclass(slots=True)
class _Made:
    """What rows of a table are like. rows, batches: of what was counted, with every version. largest: of these."""

    largest: Kept
    rows: int = 0
    batches: int = 0

    def take(self, some: Kept) -> None:
        """Count a batch."""
        self.rows += len(some)
        self.batches += 1
        if len(some) > len(self.largest):
            self.largest = some

    def bytes_each(self) -> float:
        """Of a row in memory."""
        many = self._many()
        return float(many.made().nbytes / len(many))

    def seconds(self) -> float:
        """To make all rows."""
        one, many = self.largest.of(slice(1)), self._many()
        # What is made once and kept is made by the first of two, which may still be slower.
        fixed_s, many_s = (min(_seconds(it), _seconds(it)) for it in (one, many))
        return self.batches * fixed_s + self.rows * max(0.0, many_s - fixed_s) / max(1, len(many) - 1)

    def _many(self) -> Kept:
        return self.largest.of(slice(None, None, -(-len(self.largest) // MADE_ROWS)))


def _seconds(some: Kept) -> float:
    began = clock.processor_s()
    some.made()
    return clock.processor_s() - began


@dataclass(slots=True)
class _Counted:
    """Slices of a root, counted. hear: is given the first rows of each batch, which are made then.

    parts: members of each, and seconds to count them. made: what rows are like, by table. left: rows of outboxes by
    channel; said: those that visits leave; visits, heard: how many have any, and of how many they were counted.
    """

    plan: Plan
    window: Window
    root: str
    events: bool
    hear: Callable[[Batch], None] | None = None
    snapshots: Snapshots | None = None
    parts: list[tuple[int, float]] = field(default_factory=list)
    made: dict[str, _Made] = field(default_factory=dict)
    _rows: Counter[str] = field(default_factory=Counter)
    _versions: dict[str, list[pa.RecordBatch]] = field(default_factory=dict)
    _left: Counter[str] = field(default_factory=Counter)
    _said: Counter[str] = field(default_factory=Counter)
    _visits: int = 0
    _heard: int = 0

    @property
    def members(self) -> int:
        return sum(members for members, _ in self.parts)

    def add(self, slice_: Slice) -> None:
        """Count a slice."""
        began = clock.processor_s()
        shard = Shard({self.root: slice_})
        count(self.plan, shard, self.window, self._take, self.snapshots, events=self.events, hears=self._hears)
        self.parts.append((slice_[1] - slice_[0], clock.processor_s() - began))

    def rows(self) -> Counter[str]:
        """By table; of a row that was written more than once, one."""
        out = self._rows.copy()
        for name, parts in self._versions.items():
            keys = self.plan.world.table(name).key
            out[name] += len(parts[0]) if len(parts) == 1 else len(newest(pa.Table.from_batches(parts), keys))
        return out

    def leaving(self) -> Mapping[str, float]:
        """Rows of outboxes, by channel."""
        scale = self._visits / max(1, self._heard)
        return {name: self._left[name] + self._said[name] * scale for name in {**self._left, **self._said}}

    def seconds_of(self, members: int) -> float:
        """To generate so many members."""
        scale = members / self.members
        making_s = sum(made.seconds() for made in self.made.values())
        if scale == 1:
            return making_s + sum(took_s for _, took_s in self.parts)
        # The first slice takes longer, by what is made once and kept.
        return making_s * scale + median(took_s / many for many, took_s in self.parts) * members

    def _hears(self, said: Said) -> bool:
        self._visits += said.visits
        if self._heard and self._heard >= max(HEARD_VISITS, self._visits // HEARD_PART):
            return False
        self._heard += said.visits
        return True

    def _take(self, some: Kept, said: Said | None) -> None:
        table = some.table.name
        if some.table is OUTBOX:
            if self.hear:
                self.hear(Batch(table, some.act, some.made()))
            into = self._left if said is None else self._said
            if isinstance(channel := some.columns["channel"], str):
                into[channel] += len(some)
                return
            for counted in some.made("channel").column("channel").value_counts().to_pylist():
                into[counted["values"]] += counted["counts"]
            return
        self.made.setdefault(table, _Made(some)).take(some)
        if self.hear:
            self.hear(Batch(table, some.act, some.of(slice(MADE_FIRST)).made()))
        if some.act == "merge":
            self._versions.setdefault(table, []).append(some.made(*some.table.key))
        else:
            self._rows[table] += len(some)
