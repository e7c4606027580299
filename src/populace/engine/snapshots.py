"""Snapshots: the state of a fold at a moment, `(plan digest, interventions digest, engine version, slice, as of) →
state`.

With it a window costs what happens in it and not what happened before. It never changes a row: without the store,
the fold starts at the beginning and gives the same.
"""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from populace.plan import ENGINE_VERSION, Plan
from populace.spec import Flow, Ints, Sessions

BUSY_UNTIL = "busy until"

MOST_BYTES = 256 << 20
"""Of the fields of one state. A larger one is not stored: after a restart it is computed again."""
MOST_PACKED_BYTES = MOST_BYTES // 2
_MOST_HEADER_BYTES = 1 << 16
_LENGTH_BYTES = 4
_LEVEL = 1
"""Of compression: packing holds up the runner."""

_DTYPES = {np.dtype(kind).str: np.dtype(kind) for kind in (np.int64, np.int32, np.int16, np.int8, np.bool_)}
"""What a field may consist of."""

SnapshotKey = tuple[str, str, int, str, int, int]


@dataclass(slots=True)
class FoldState:
    """What the members of a slice carry, after all their arrivals before `as_of_us`. fields: int64[members]."""

    as_of_us: int
    fields: dict[str, Ints]
    _undo: list[tuple[Ints, dict[str, Ints]]] | None = None

    @classmethod
    def fresh(cls, flow: Sessions, members: tuple[int, int], as_of_us: int) -> FoldState:
        """Nobody came yet."""
        size = members[1] - members[0]
        return cls(as_of_us, {name: np.zeros(size, dtype=np.int64) for name in (BUSY_UNTIL, *flow.memory)})

    def write(self, who: Ints, new: Mapping[str, Ints]) -> None:
        """New values for some members (distinct, relative to the slice)."""
        if self._undo is not None:
            self._undo.append((who, {name: self.fields[name][who] for name in new}))
        for name, values in new.items():
            self.fields[name][who] = values

    def packed(self) -> bytes | None:
        """The fields as bytes, for a store: what they are, then their compressed values. None when it is too large."""
        fields = {name: np.ascontiguousarray(values) for name, values in self.fields.items()}
        header = json.dumps([[name, f.dtype.str, list(f.shape)] for name, f in fields.items()]).encode()
        if sum(f.nbytes for f in fields.values()) > MOST_BYTES or len(header) > _MOST_HEADER_BYTES:
            return None
        values = zlib.compress(b"".join(f.tobytes() for f in fields.values()), _LEVEL)
        packed = len(header).to_bytes(_LENGTH_BYTES) + header + values
        return packed if len(packed) <= MOST_PACKED_BYTES else None

    @classmethod
    def unpacked(cls, as_of_us: int, packed: bytes) -> FoldState:
        """The state that `packed` described: no more memory is taken than the bytes claim, and than is allowed.

        Raises ValueError, with the reason, for bytes that describe none.
        """
        begin = _LENGTH_BYTES + int.from_bytes(packed[:_LENGTH_BYTES])
        if len(packed) > MOST_PACKED_BYTES or begin > _MOST_HEADER_BYTES:
            raise ValueError("too large")
        layout = list(_layout(packed[_LENGTH_BYTES:begin]))
        size = sum(kind.itemsize * math.prod(shape) for _, kind, shape in layout)
        if size > MOST_BYTES:
            raise ValueError("too large")
        unpacking = zlib.decompressobj()
        try:
            raw = unpacking.decompress(packed[begin:], size + 1)
        except zlib.error:
            raise ValueError("damaged") from None
        if len(raw) != size or not unpacking.eof or unpacking.unused_data:
            raise ValueError("not of the size that it claims")
        fields, at = {}, 0
        for name, kind, shape in layout:
            many = math.prod(shape)
            if kind == np.bool_ and np.frombuffer(raw, np.uint8, many, at).max(initial=0) > 1:
                raise ValueError("neither true nor false")
            fields[name] = np.frombuffer(raw, kind, many, at).reshape(shape).copy()
            at += many * kind.itemsize
        return cls(as_of_us, fields)

    @contextmanager
    def undone(self) -> Iterator[None]:
        """What is written inside is taken back at the end, at the cost of what was written."""
        as_of_us, self._undo = self.as_of_us, []
        try:
            yield
        finally:
            for who, old in reversed(self._undo):
                for name, values in old.items():
                    self.fields[name][who] = values
            self.as_of_us, self._undo = as_of_us, None


@dataclass(slots=True)
class Snapshots:
    """States kept in memory, the newest of each slice, and the one with which history begins. A runner may store the
    newest, and put them back after a restart."""

    _kept: dict[tuple[str, tuple[int, int]], tuple[SnapshotKey, FoldState]] = field(default_factory=dict)
    _begun: dict[tuple[str, tuple[int, int]], tuple[SnapshotKey, FoldState]] = field(default_factory=dict)
    days: dict[tuple[str, tuple[int, int], int], tuple[str, Any]] = field(default_factory=dict)
    """Days of pools as they were last decided, and agendas of schedules, by flow, members and day, each under what it
    depends on; memory only."""
    pasts: dict[tuple[str, tuple[int, int]], tuple[str, Any]] = field(default_factory=dict)
    """History of pools from which somebody left, by flow and members, under what it depends on; memory only."""
    courses: dict[tuple[str, tuple[int, int]], Any] = field(default_factory=dict)
    """Courses of schedules on one day, by flow and members; memory only."""
    stored: dict[SnapshotKey, int] = field(default_factory=dict)
    """Up to when a store holds what is kept."""

    def each(self) -> Iterator[tuple[SnapshotKey, FoldState]]:
        """Everything that is kept."""
        yield from self._kept.values()

    def put(self, key: SnapshotKey, state: FoldState) -> None:
        """Keep a state that was stored under a key; whether it holds is looked at when it is taken."""
        self._kept[key[3], key[4:]] = (key, state)

    def lend(self, flow: Flow, members: tuple[int, int], to: Snapshots) -> None:
        """Give the state of a slice, if there is one, to others, who fold it on."""
        kept = self._kept.pop((flow.name, members), None)
        if kept is not None:
            to.put(*kept)

    def take(
        self,
        plan: Plan,
        flow: Flow,
        members: tuple[int, int],
        at_most_us: int,
        fresh: Mapping[str, Ints],
    ) -> FoldState | None:
        """The newest state of a slice that is no later than a moment and holds for this plan; else None.

        fresh: fields of the shapes that it is to have. It leaves the store: who takes it folds it on and keeps it
        again, and who fails on the way loses only time.
        """
        state = self.look(plan, flow, members, at_most_us)
        if state is None or misfit(state, fresh):
            return None
        self._kept.pop((flow.name, members), None)
        return state

    def look(self, plan: Plan, flow: Flow, members: tuple[int, int], at_most_us: int) -> FoldState | None:
        """Like `take`, but it stays in the store, and whether it fits the members is for the caller to see."""
        for held in (self._kept, self._begun):
            key, state = held.get((flow.name, members), (None, None))
            if state and state.as_of_us <= at_most_us and key == _key(plan, flow, members, state.as_of_us):
                return state
        return None

    def keep(self, plan: Plan, flow: Flow, members: tuple[int, int], state: FoldState) -> None:
        """Remember a state."""
        self._kept[flow.name, members] = (_key(plan, flow, members, state.as_of_us), state)

    def begin(self, plan: Plan, flow: Flow, members: tuple[int, int], state: FoldState) -> None:
        """Remember a state with which history begins, beside the newest; it may be looked at, and is not taken."""
        self._begun[flow.name, members] = (_key(plan, flow, members, state.as_of_us), state)

    def drop(self) -> None:
        """Forget everything."""
        self._kept.clear()
        self._begun.clear()
        self.days.clear()
        self.pasts.clear()
        self.courses.clear()
        self.stored.clear()


def depends(plan: Plan, before_us: int) -> str:
    """What is decided before a moment depends on, for what is kept of it in memory."""
    return f"{plan.digest} {plan.interventions_digest(before_us)} {ENGINE_VERSION}"


def misfit(state: FoldState, fresh: Mapping[str, Any]) -> str:
    """Why a state has not the fields of a fresh one; empty when it has."""
    if set(state.fields) != set(fresh):
        return "other fields"
    if any(state.fields[name].shape != f.shape for name, f in fresh.items()):
        return "of another size"
    if any(state.fields[name].dtype != f.dtype for name, f in fresh.items()):
        return "of another type"
    return ""


def within(values: Any, low: int, high: int) -> bool:
    """Whether all values lie between two bounds, both allowed."""
    return not values.size or bool(values.min() >= low and values.max() <= high)


def _layout(header: bytes) -> Iterator[tuple[str, np.dtype[Any], tuple[int, ...]]]:
    """The fields that a header names: name, type, shape. Raises ValueError."""
    try:
        listed = json.loads(header)
    except RecursionError:
        raise ValueError("no header") from None
    seen: set[str] = set()
    for entry in listed if isinstance(listed, list) else [None]:
        match entry:
            case [str(name), str(kind), [*shape]] if name not in seen and kind in _DTYPES and 1 <= len(shape) <= 2:
                if not all(type(many) is int and 0 <= many <= MOST_BYTES for many in shape):
                    raise ValueError("too large")
                seen.add(name)
                yield name, _DTYPES[kind], tuple(shape)
            case _:
                raise ValueError("no header")


def _key(plan: Plan, flow: Flow, members: tuple[int, int], as_of_us: int) -> SnapshotKey:
    return (plan.digest, plan.interventions_digest(as_of_us), ENGINE_VERSION, flow.name, *members)
