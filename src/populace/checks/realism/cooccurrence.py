"""Whether who likes one thing likes certain others: taste, beyond that popular things are chosen by many.

Which things go together is looked up among one half of the people and counted among the other half, so that what goes
together by chance is not counted.
"""

from __future__ import annotations

import numpy as np

from populace.checks.realism.logs import NO_ITEM, Floats, Logs, part_of
from populace.checks.realism.metric import Curve, Measured, Metric
from populace.spec import Ints

MOST_ITEMS = 400
"""Only the most popular are compared with each other: the number of pairs goes with the square."""
PARTNERS = 5
CHOSEN_EACH = 200
"""Somebody who chose everything says nothing of what goes together: at most so many of their items count."""


def together(who: Ints, item: Ints, items: int) -> tuple[Floats, Floats]:
    """How many people chose both of two items, and how many would if all chose by popularity alone.

    item: 0 … items − 1, each once a person. A person with k items has k (k − 1) pairs, which fall on items by their
    popularity.
    """
    _, person = np.unique(who, return_inverse=True)
    chose = np.zeros((int(person.max()) + 1 if len(person) else 0, items), dtype=np.float32)
    chose[person, item] = 1
    both = (chose.T @ chose).astype(np.float64)
    np.fill_diagonal(both, 0.0)
    each, popular = chose.sum(axis=1).astype(np.float64), chose.sum(axis=0).astype(np.float64)
    total = popular.sum()
    pairs = (each * (each - 1)).sum()
    expected = np.outer(popular, popular) * (pairs / total**2) if total else np.zeros_like(both)
    # Nobody chooses an item twice: the pairs of an item with itself fall on the others.
    np.fill_diagonal(expected, 0.0)
    scale = pairs / expected.sum() if expected.sum() else 1.0
    return both, expected * scale


def lift(who: Ints, item: Ints, half: Ints) -> tuple[float, int]:
    """How much more often two items that go together in one half of the people (0) are chosen together in the other (1)
    than by popularity; 1: not at all. And how many people chose two items or more."""
    pairs = np.unique(np.stack([who, item], axis=1), axis=0)
    who, item = pairs[:, 0], pairs[:, 1]
    names, place, counts = np.unique(item, return_inverse=True, return_counts=True)
    most = np.argsort(-counts, kind="stable")[:MOST_ITEMS]
    rank = np.full(len(names), -1)
    rank[most] = np.arange(len(most))
    kept = rank[place] >= 0
    who, item = who[kept], rank[place][kept]
    people, mine, each = np.unique(who, return_inverse=True, return_counts=True)
    some = (each[mine] >= 2) & (each[mine] <= CHOSEN_EACH)
    who, item = who[some], item[some]
    if not len(who):
        return float("nan"), 0
    del people
    second = part_of(who, 2) if not len(half) else half[some]
    found, tested = (together(who[second == side], item[second == side], len(most)) for side in (0, 1))
    both, expected = found
    # Partners by how surely they go together, since a lift of one pair says nothing.
    score = (both - expected) / np.sqrt(expected + 1)
    partners = np.argsort(-score, axis=1, kind="stable")[:, :PARTNERS]
    rows = np.arange(len(most))[:, None]
    hits, chance = tested[0][rows, partners].sum(), tested[1][rows, partners].sum()
    return (float(hits / chance) if chance > 0 else float("nan")), len(np.unique(who))


_NO_HALF = np.zeros(0, dtype=np.int64)


def _lift(logs: Logs) -> Measured:
    assert logs.actions is not None
    chosen = logs.actions.item != NO_ITEM
    return Measured(*lift(logs.actions.who[chosen], logs.actions.item[chosen], _NO_HALF))


def chosen_each(logs: Logs) -> Curve:
    """People by how many different items they chose."""
    assert logs.actions is not None
    chosen = logs.actions.item != NO_ITEM
    pairs = np.unique(np.stack([logs.actions.who[chosen], logs.actions.item[chosen]], axis=1), axis=0)
    each = np.unique(pairs[:, 0], return_counts=True)[1]
    steps = np.bincount(np.floor(np.log2(each)).astype(np.int64)) if len(each) else np.zeros(0)
    return [(f"{2**i}+", float(n)) for i, n in enumerate(steps.tolist())]


METRICS = (
    Metric(
        id="lift", title="Items that go together", family="taste",
        meaning="how much more often the same person chooses two items that go together than popularity alone makes "
        "it; "
                "1: nobody has a taste",
        formula="pairs chosen together / pairs expected from popularity, of each item's 5 surest partners, which were "
                "found among the other half of the people",
        needs=("items",), counts="people with 2 items", fewest=100, unit="times", measure=_lift, curve=chosen_each,
        axes="people by how many different items they chose",
    ),
)  # fmt: skip
