"""Snapshots: the state of a fold at a moment, `(plan digest, interventions digest, engine version, slice, as of) →
state`.

With it a window costs what happens in it and not what happened before. It never changes a row: without the store,
the fold starts at the beginning and gives the same.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from populace.plan import ENGINE_VERSION, Plan
from populace.spec import Flow, Ints, Sessions

BUSY_UNTIL = "busy until"

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

    def packed(self) -> bytes:
        """The fields as bytes, for a store."""
        out = io.BytesIO()
        np.savez_compressed(out, allow_pickle=False, **self.fields)
        return out.getvalue()

    @classmethod
    def unpacked(cls, as_of_us: int, packed: bytes) -> FoldState:
        """The state that `packed` described. Raises ValueError or OSError for bytes that describe none."""
        with np.load(io.BytesIO(packed), allow_pickle=False) as held:
            return cls(as_of_us, {name: held[name] for name in held.files})

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
    """States kept in memory, the newest of each slice. A runner may store them, and put them back after a restart."""

    _kept: dict[tuple[str, tuple[int, int]], tuple[SnapshotKey, FoldState]] = field(default_factory=dict)
    days: dict[tuple[str, tuple[int, int], int], tuple[str, Any]] = field(default_factory=dict)
    """Days of pools as they were last decided, and agendas of schedules, by flow, members and day, each under what it
    depends on; memory only."""
    stored: dict[SnapshotKey, int] = field(default_factory=dict)
    """Up to when a store holds what is kept."""

    def each(self) -> Iterator[tuple[SnapshotKey, FoldState]]:
        """Everything that is kept."""
        yield from self._kept.values()

    def put(self, key: SnapshotKey, state: FoldState) -> None:
        """Keep a state that was stored under a key; whether it holds is looked at when it is taken."""
        self._kept[key[3], key[4:]] = (key, state)

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
        if state is None or {n: f.shape for n, f in state.fields.items()} != {n: f.shape for n, f in fresh.items()}:
            return None
        del self._kept[flow.name, members]
        return state

    def look(self, plan: Plan, flow: Flow, members: tuple[int, int], at_most_us: int) -> FoldState | None:
        """Like `take`, but it stays in the store, and whether it fits the members is for the caller to see."""
        key, state = self._kept.get((flow.name, members), (None, None))
        if state is None or state.as_of_us > at_most_us or key != _key(plan, flow, members, state.as_of_us):
            return None
        return state

    def keep(self, plan: Plan, flow: Flow, members: tuple[int, int], state: FoldState) -> None:
        """Remember a state."""
        self._kept[flow.name, members] = (_key(plan, flow, members, state.as_of_us), state)

    def drop(self) -> None:
        """Forget everything."""
        self._kept.clear()
        self.days.clear()
        self.stored.clear()


def _key(plan: Plan, flow: Flow, members: tuple[int, int], as_of_us: int) -> SnapshotKey:
    return (plan.digest, plan.interventions_digest(as_of_us), ENGINE_VERSION, flow.name, *members)
