"""Snapshots: a memo of the fold, `(plan digest, interventions digest, engine version, slice, as of) → state`.

It makes a window cost what happens in it and not what happened before. It never defines a row: with the store
dropped, the fold begins at the beginning and says the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np

from populace.plan import ENGINE_VERSION, Plan
from populace.spec import Ints, Sessions

BUSY_UNTIL = "busy until"

Memo = tuple[str, str, int, str, int, int]


@dataclass(slots=True)
class State:
    """What the members of a slice carry, after all their arrivals before `as_of_us`. fields: int64[members]."""

    as_of_us: int
    fields: dict[str, Ints]
    _undo: list[tuple[Ints, dict[str, Ints]]] | None = None

    @classmethod
    def fresh(cls, flow: Sessions, members: tuple[int, int], as_of_us: int) -> State:
        """Nobody came yet."""
        size = members[1] - members[0]
        return cls(as_of_us, {name: np.zeros(size, dtype=np.int64) for name in (BUSY_UNTIL, *flow.memory)})

    def write(self, who: Ints, new: Mapping[str, Ints]) -> None:
        """New values for some members (distinct, relative to the slice)."""
        if self._undo is not None:
            self._undo.append((who, {name: self.fields[name][who] for name in new}))
        for name, values in new.items():
            self.fields[name][who] = values

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
    """States kept in memory, the newest of each slice."""

    _kept: dict[tuple[str, tuple[int, int]], tuple[Memo, State]] = field(default_factory=dict)

    def take(self, plan: Plan, flow: Sessions, members: tuple[int, int], at_most_us: int) -> State | None:
        """The newest state of a slice that is no later than a moment and holds for this plan; else None.

        It leaves the store: who takes it folds it on and keeps it again, and who fails on the way loses only time.
        """
        memo, state = self._kept.get((flow.name, members), (None, None))
        if state is None or state.as_of_us > at_most_us or memo != _memo(plan, flow, members, state.as_of_us):
            return None
        del self._kept[flow.name, members]
        return state

    def keep(self, plan: Plan, flow: Sessions, members: tuple[int, int], state: State) -> None:
        """Remember a state."""
        self._kept[flow.name, members] = (_memo(plan, flow, members, state.as_of_us), state)

    def drop(self) -> None:
        """Forget everything."""
        self._kept.clear()


def _memo(plan: Plan, flow: Sessions, members: tuple[int, int], as_of_us: int) -> Memo:
    return (plan.digest, plan.interventions_digest(as_of_us), ENGINE_VERSION, flow.name, *members)
