"""How many examples a test is tried on: as many as it says, or a part of them in a run that should be fast."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TypeVar

import pytest

MOST = int(os.environ.get("POPULACE_TEST_EXAMPLES", "1000000"))
ALL = bool(os.environ.get("POPULACE_TEST_ALL") or os.environ.get("TORTURE"))
"""Whether every case runs: `make safety` and `make torture`."""

where_all_run = pytest.mark.skipif(not ALL, reason="every case runs in `make safety` and `make torture` only")
where_zones_run = pytest.mark.skipif(
    not os.environ.get("POPULACE_TEST_ZONES"), reason="an hour of large populations, in `make zones` only"
)

T = TypeVar("T")


def examples(many: int) -> int:
    """The number of examples for a property that a run of every case tries on `many`; others take a third of them."""
    return min(many if ALL else many // 3, MOST)


def part(cases: Iterable[T], *, every: int, first: int = 0) -> list[T]:
    """All cases where every case runs, else every so many of them from the one at `first`: always the same ones.

    Order the cases so that those hold one of each kind.
    """
    held = list(cases)
    return held if ALL else held[first::every]
