"""Items of a schedule in blocks: none is lost, none is too large, and what recurs comes together."""

from __future__ import annotations

import numpy as np
import pytest

from populace.engine.processes.schedules.blocks import ITEMS_AT_ONCE, apart
from populace.spec import Items


def items(number: np.ndarray) -> Items:
    return Items(*(number,) * 6)


@pytest.mark.parametrize("recurs_every", [0, 1, 1_000])
@pytest.mark.parametrize("sizes", [(), (5,), (ITEMS_AT_ONCE, ITEMS_AT_ONCE + 1), (70_000, 3, 20_000)])
def test_every_item_comes_once_in_blocks_that_are_not_too_large(sizes: tuple[int, ...], recurs_every: int):
    number = np.arange(sum(sizes))
    given = [items(part) for part in np.split(number, np.cumsum(sizes))[: len(sizes)]]
    found = [block.number for block in apart(iter(given), recurs_every)]
    assert all(0 < len(block) <= ITEMS_AT_ONCE for block in found)
    assert all((np.diff(block) > 0).all() for block in found)
    assert np.array_equal(np.sort(np.concatenate([number[:0], *found])), number)


def test_items_that_share_something_come_together():
    number, every = np.arange(100_000), 1_000
    found = [set((block.number % every).tolist()) for block in apart(iter([items(number)]), every)]
    assert len(found) > 10
    # A block ends in the middle of those that share something once at most.
    assert sum(map(len, found)) < every + len(found)
