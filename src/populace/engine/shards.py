"""Shards: a slice of each root, whole cells only. Slices are half-open ranges of ordinals."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

from populace.plan import Plan

Slice = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Shard:
    """slices: by root; a root that is not named is left out."""

    slices: Mapping[str, Slice]


def whole(plan: Plan) -> Shard:
    """The shard that is everything."""
    return Shard({root: (0, size) for root, size in plan.sizes.items()})


def cut(plan: Plan, root: str, slice_: Slice, parts: int) -> list[Slice]:
    """A slice of one root cut in at most `parts` slices of whole cells, about equal, none of them empty."""
    low, high = slice_
    cell = plan.cells.get(root, 1)
    cells = -(-(high - low) // cell)
    parts = max(1, min(parts, cells))
    edges = [min(low + cells * i // parts * cell, high) for i in range(parts + 1)]
    return [(a, b) for a, b in itertools.pairwise(edges) if a < b]


def shards(plan: Plan, parts: int) -> list[Shard]:
    """The population cut in `parts` (at least one), every root along with the others."""
    parts = max(1, parts)
    cuts = {root: cut(plan, root, (0, size), parts) for root, size in plan.sizes.items()}
    return [Shard({root: c[i] for root, c in cuts.items() if i < len(c)}) for i in range(parts)]
