"""Draw statistics (contract K7): how often each decision was drawn and what came out, in integers.

Each draw counts once, in the window of its decision time, so that sums over any cutting of a span are equal.
Probabilities are summed as multiples of 2^-53.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import numpy as np

from populace.plan.thresholds import WHOLE, ResolvedChoice
from populace.spec import Bools, Ints

_SAFE = 1 << 62
Kind = Literal["chance", "graded", "choice", "measure"]
"""By which method draws are counted."""


@dataclass(slots=True)
class DrawStatistics:
    """Sums by decision point.

    heard: whether draws are accounted. notes: whether they are kept with their moments (`NotedDraws`). chances: n, Σp,
    Σp(1−p), successes. choices: counts and expected counts by position. measures: n, Σx, Σx².
    """

    heard: ClassVar[bool] = True
    notes: ClassVar[bool] = False
    chances: dict[str, list[int]] = field(default_factory=dict)
    choices: dict[str, list[list[int]]] = field(default_factory=dict)
    measures: dict[str, list[int]] = field(default_factory=dict)

    def chance(self, point: str, threshold: int, yes: Bools) -> None:
        """Count draws of a `Chance`."""
        n = len(yes)
        variance = threshold * (WHOLE - threshold) // WHOLE
        _add(self.chances.setdefault(point, [0, 0, 0, 0]), [n, n * threshold, n * variance, int(yes.sum())])

    def graded(self, points: Sequence[str], point: Ints, micro: Ints, cell: Ints, yes: Bools) -> None:
        """Count draws whose chance differs from one to the next. point: one of `points`; micro: in millionths; both by
        cell. cell: of each draw.
        """
        # Sums of whole numbers below 2^53 are exact in floats; each draw's variance is cut to 10^-9 for that. The units
        # are whole multiples of 2^-53, so that sums do not depend on how the work was cut.
        many, cells = len(points), len(micro)
        if cells < len(cell):
            n, happened = np.bincount(cell, minlength=cells), np.bincount(cell[yes], minlength=cells)
        else:
            point, micro = point.take(cell), micro.take(cell)
            n, happened = np.ones(len(cell), dtype=np.int64), yes.astype(np.int64)
        variance = micro * (1_000_000 - micro) // 1000
        sums = [np.bincount(point, weights=values, minlength=many) for values in (n, n * micro, n * variance, happened)]
        for at in np.flatnonzero(sums[0]).tolist():
            self._graded(points[at], *(int(values[at]) for values in sums))

    def _graded(self, point: str, n: int, p: int, v: int, yes: int) -> None:
        sums = [n, p * (WHOLE // 10**6), v * (WHOLE // 10**9), yes]
        _add(self.chances.setdefault(point, [0, 0, 0, 0]), sums)

    def choice(self, point: str, choice: ResolvedChoice, codes: Ints) -> None:
        """Count draws of a `Choice`."""
        self.choice_counts(point, choice, np.bincount(codes, minlength=len(choice.thresholds) + 1).tolist())

    def choice_counts(self, point: str, choice: ResolvedChoice, counts: list[int]) -> None:
        """The same, of draws that are counted by position."""
        edges = [0, *(int(t) for t in choice.thresholds), WHOLE]
        many = sum(counts)
        self._choice(point, counts, [many * (b - a) for a, b in itertools.pairwise(edges)])

    def measure(self, point: str, numbers: Ints) -> None:
        """Count draws of a `Measure`."""
        if len(numbers) == 0:
            return
        step = _SAFE // max(1, int(np.abs(numbers).max())) ** 2
        if step == 0:
            # The square of one of them is too large for 64 bits.
            exact = numbers.tolist()
            total, squares = sum(exact), sum(number * number for number in exact)
        else:
            parts = [numbers[i : i + step] for i in range(0, len(numbers), step)]
            total, squares = sum(int(part.sum()) for part in parts), sum(int(np.dot(part, part)) for part in parts)
        _add(self.measures.setdefault(point, [0, 0, 0]), [len(numbers), total, squares])

    def add(self, other: DrawStatistics) -> None:
        """Add the sums of another part of the span."""
        for point, sums in other.chances.items():
            _add(self.chances.setdefault(point, [0, 0, 0, 0]), sums)
        for point, (counts, expected) in other.choices.items():
            self._choice(point, counts, expected)
        for point, sums in other.measures.items():
            _add(self.measures.setdefault(point, [0, 0, 0]), sums)

    def know(self, kind: Kind, said: tuple[Any, ...]) -> None:
        """The same as to count no draw of a decision. said: what its method is given beside them."""
        if kind == "chance":
            self.chances.setdefault(said[0], [0, 0, 0, 0])
        elif kind == "choice" and said[0] not in self.choices:
            self.choice(said[0], said[1], np.zeros(0, dtype=np.int64))

    def note(self, at: Ints) -> None:
        """When the draws are decided that come next: sums do not depend on it."""

    def document(self) -> Mapping[str, object]:
        """As plain data, for comparison and storage; points in order."""
        return {
            "chances": dict(sorted(self.chances.items())),
            "choices": dict(sorted(self.choices.items())),
            "measures": dict(sorted(self.measures.items())),
        }

    def _choice(self, point: str, counts: list[int], expected: list[int]) -> None:
        kept = self.choices.setdefault(point, [[], []])
        for sums, new in zip(kept, (counts, expected), strict=True):
            sums.extend([0] * (len(new) - len(sums)))
            _add(sums, new)


def _add(sums: list[int], new: list[int]) -> None:
    for i, number in enumerate(new):
        sums[i] += number


class Unheard(DrawStatistics):
    """Of draws that nobody accounts: they are not even looked at."""

    __slots__ = ()
    heard = False
