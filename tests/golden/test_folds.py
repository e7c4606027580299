"""What a seed leaves for the runner: from it come the same rows as from the beginning, and nothing is folded again."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from golden.runs import EPOCH, club
from golden.test_lives import gym
from golden.test_schedules import stalls
from populace.clock import DAY_US, HOUR_US
from populace.engine import DrawStatistics, Snapshots, Window, folds, generate, remembering, whole
from populace.engine.estimate import estimate
from populace.engine.processes.pools.days import Pools
from populace.engine.processes.pools.fold import PoolFold
from populace.engine.snapshots import FoldState
from populace.plan import Plan


@dataclass(slots=True)
class Watched(Snapshots):
    """Says of each look whether there was what was looked for."""

    found: list[bool] = field(default_factory=list)

    def look(self, *asked: object) -> FoldState | None:
        state = Snapshots.look(self, *asked)  # type: ignore[arg-type]
        self.found.append(state is not None)
        return state


def held(
    plan: Plan, window: Window, statistics: DrawStatistics, snapshots: Snapshots
) -> dict[tuple[str, str], list[str]]:
    """The rows of a window, in whatever batches they come."""
    out: dict[tuple[str, str], list[str]] = {}
    for batch in generate(plan, whole(plan), window, statistics, snapshots):
        out.setdefault((batch.table, batch.act), []).extend(map(repr, batch.rows.to_pylist()))
    return {kind: sorted(rows) for kind, rows in out.items()}


@pytest.mark.parametrize("made", [club, gym, stalls])
@pytest.mark.parametrize("at_us", [EPOCH + 20 * HOUR_US + 17, EPOCH + DAY_US])
def test_the_first_window_after_a_seed_folds_nothing_again(
    made: Callable[[], Plan], at_us: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = made()
    kept = list(folds(plan, at_us))
    assert kept
    window = Window(at_us, at_us + HOUR_US)
    from_nothing, statistics = DrawStatistics(), DrawStatistics()
    wanted = held(plan, window, from_nothing, Snapshots())
    snapshots = Watched()
    for key, state in kept:
        assert state.as_of_us <= at_us
        snapshots.put(key, replace(state, fields=dict(state.fields)))

    def refuse(_pools: Pools) -> PoolFold:
        raise AssertionError("people are folded from the beginning")

    monkeypatch.setattr(Pools, "_nobody", refuse)
    assert held(plan, window, statistics, snapshots) == wanted
    assert statistics == from_nothing
    assert snapshots.found
    assert all(snapshots.found)


@pytest.mark.parametrize("made", [club, gym, stalls])
def test_a_seed_folds_what_was_before_history_once(made: Callable[[], Plan], monkeypatch: pytest.MonkeyPatch) -> None:
    plan, at_us = made(), EPOCH + 20 * HOUR_US + 17
    history, later = Window(plan.origin_us, at_us), Window(at_us, at_us + HOUR_US)
    from_nothing, statistics = DrawStatistics(), DrawStatistics()
    wanted = [held(plan, window, from_nothing, Snapshots()) for window in (history, later)]
    memory = remembering(plan)
    assert memory is not None
    estimate(plan, history, timed=False, snapshots=memory)
    begun = Pools._nobody
    again: list[Pools] = []

    def watched(pools: Pools) -> PoolFold:
        # The estimate counted some of the pools only.
        again.append(pools)
        return begun(pools)

    monkeypatch.setattr(Pools, "_nobody", watched)
    rows = held(plan, history, statistics, memory)
    of_history = len(again)
    kept = Snapshots()
    for key, state in folds(plan, at_us, memory):
        kept.put(key, state)
    assert [rows, held(plan, later, statistics, kept)] == wanted
    assert statistics == from_nothing
    assert len(again) == of_history <= 1


def test_of_many_people_nothing_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = club()
    assert remembering(plan) is not None
    monkeypatch.setattr(sys.modules[folds.__module__], "PEOPLE_REMEMBERED", 1)
    assert remembering(plan) is None


def test_there_is_nothing_before_history() -> None:
    plan = stalls()
    assert list(folds(plan, plan.origin_us)) == []
