"""Places within groups: of things that stand group by group, which group each belongs to, and its place there."""

from __future__ import annotations

import numpy as np

from populace.spec.column import Ints
from populace.spec.draw import Address, Counter, Draw


def firsts(many: Ints) -> Ints:
    """Where each group begins when so many are in each, one group after another."""
    first: Ints = np.cumsum(many) - many
    return first


def placed(many: Ints) -> tuple[Ints, Ints]:
    """Of all that are in groups of so many: the group of each, and its place in it, from 0."""
    group = np.repeat(np.arange(len(many)), many)
    return group, np.arange(len(group)) - np.repeat(firsts(many), many)


def drawn_within(draw: Draw, stream: str, many: Ints, group: Ints, entity: Address, counter: Counter = 0) -> Ints:
    """For each one of its group, all as likely: its place among all that are in groups of so many."""
    return firsts(many)[group] + draw.below(stream, many[group], entity, counter)


def each(owners: Ints, many: int) -> tuple[Ints, Ints]:
    """So many for every owner: the owner of each, and its place with that owner, from 0."""
    return np.repeat(owners, many), np.tile(np.arange(many), len(owners))
