"""Whether people can be distinguished: half of somebody's history looks like their other half, not like a
stranger's."""

from __future__ import annotations

import numpy as np

from populace.checks.realism.arrays import runs
from populace.checks.realism.logs import NO_ITEM, Floats, Logs
from populace.checks.realism.metric import Curve, Measured, Metric
from populace.clock import DAY_US
from populace.spec import Ints

FEWEST_VISITS = 8
"""Of somebody who can be distinguished at all."""
STRANGERS = 40
"""With so many others each person is compared."""
FEATURES_OF_ITEMS = 16


def halves(logs: Logs) -> tuple[Floats, Floats]:
    """What the odd and the even visits of each person look like: rows of numbers, each column with deviation 1.

    The hour, the weekend, the pace, the size and, in a few sums by hash, what they chose.
    """
    visits, actions = logs.visits, logs.actions
    assert actions is not None
    first, n = runs(visits.who)
    enough = np.repeat(n >= FEWEST_VISITS, n)
    place = (np.arange(len(visits)) - np.repeat(first, n)) % 2
    person = np.cumsum(n >= FEWEST_VISITS)[np.repeat(np.arange(len(n)), n)] - 1
    people = int((n >= FEWEST_VISITS).sum())
    if people < 2:
        return np.zeros((0, 1)), np.zeros((0, 1))
    cell = (person * 2 + place)[enough]
    counts = np.bincount(cell, minlength=2 * people)
    angle = visits.local % DAY_US * (2 * np.pi / DAY_US)
    gap = np.append(0, np.diff(visits.at)) / DAY_US
    gap[first] = np.nan
    columns = [
        np.cos(angle), np.sin(angle), np.cos(2 * angle), np.sin(2 * angle),
        ((visits.local // DAY_US - 4) % 7 >= 5).astype(np.float64),
        np.log(np.maximum(gap, 1e-3)),
        np.log(np.where(visits.size > 0, visits.size, np.nan)),
    ]  # fmt: skip
    features = [_means(column[enough], cell, counts) for column in columns]
    features += _chosen(logs, enough, cell, 2 * people)
    table = np.stack(features, axis=1)
    table = table[:, table.std(axis=0) > 1e-9]
    table = (table - table.mean(axis=0)) / table.std(axis=0) if table.shape[1] else np.zeros((2 * people, 1))
    return table[0::2], table[1::2]


def _means(column: Floats, cell: Ints, counts: Ints) -> Floats:
    known = np.isfinite(column)
    middle = float(column[known].mean()) if known.any() else 0.0
    filled = np.where(known, column, middle)
    return np.bincount(cell, filled, minlength=len(counts)) / np.maximum(counts, 1)


def _chosen(logs: Logs, enough: np.ndarray[tuple[int], np.dtype[np.bool_]], cell: Ints, cells: int) -> list[Floats]:
    """What part of a half's items falls into each of a few classes, into which a hash puts items."""
    assert logs.actions is not None
    visit = _visit_of(logs)
    chosen = (logs.actions.item != NO_ITEM) & enough[visit]
    if not chosen.any():
        return []
    of_visit = np.full(len(enough), -1)
    of_visit[enough] = cell
    where, item = of_visit[visit[chosen]], logs.actions.item[chosen]
    kind = (item.astype(np.uint64) * np.uint64(0xD1B54A32D192ED03) >> np.uint64(60)).astype(
        np.int64
    ) % FEATURES_OF_ITEMS
    total = np.maximum(np.bincount(where, minlength=cells), 1)
    return [np.bincount(where[kind == k], minlength=cells) / total for k in range(FEATURES_OF_ITEMS)]


def _visit_of(logs: Logs) -> Ints:
    """To which visit each action belongs."""
    assert logs.actions is not None
    first, _ = logs.starts
    return np.repeat(np.arange(len(first)), np.diff(np.append(first, len(logs.actions))))


def interchangeable(one: Floats, other: Floats) -> float:
    """Twice the share of people whose one half is farther from their own other half than from the middle one of some
    strangers' halves: 0 when everybody is recognised, 1 when nobody is."""
    n = len(one)
    if n < 3:
        return float("nan")
    own = ((one - other) ** 2).sum(axis=1)
    strangers = min(STRANGERS, n - 1)
    nearer = np.zeros(n)
    for step in range(1, strangers + 1):
        shift = 1 + (step * 7919) % (n - 1)
        nearer += ((one - np.roll(other, shift, axis=0)) ** 2).sum(axis=1) < own
    return float(min(1.0, 2 * (nearer > strangers / 2).mean()))


def _share(logs: Logs) -> Measured:
    one, other = halves(logs)
    return Measured(interchangeable(one, other), len(one))


def ranks(logs: Logs) -> Curve:
    """People by how many of ten strangers are nearer to them than they are themselves."""
    one, other = halves(logs)
    n = len(one)
    if n < 12:
        return []
    own = ((one - other) ** 2).sum(axis=1)
    nearer = sum(((one - np.roll(other, k, axis=0)) ** 2).sum(axis=1) < own for k in range(1, 11))
    return [(str(k), float(c)) for k, c in enumerate(np.bincount(nearer, minlength=11).tolist())]


METRICS = (
    Metric(
        id="interchangeable", title="People who could be anybody", family="histories",
        meaning="what part of people is not recognised in the other half of their own history (hours, weekends, "
        "pace, size, "
                "choices); 1: all histories are throws of the same dice",
        formula="2 × share of people whose odd visits are farther from their even ones than from the middle one of 40 "
                "others', of people with 8 visits or more",
        needs=("actions",), counts="people with 8 visits", fewest=50, unit="share", measure=_share, curve=ranks,
        axes="people by how many of ten strangers are nearer than they themselves",
    ),
)  # fmt: skip
