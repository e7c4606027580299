"""Draws noted with their moments: whoever computes a day once counts, window by window, those that lie in each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from populace.engine.draw_statistics import DrawStatistics, Kind
from populace.engine.draws import Window
from populace.plan.thresholds import ResolvedChoice
from populace.spec import Bools, Ints


@dataclass(slots=True)
class NotedDraws(DrawStatistics):
    """Draws that are kept, in the order in which they were drawn, instead of being summed."""

    notes: ClassVar[bool] = True
    _moments: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    _kept: list[tuple[Ints, Kind, tuple[Any, ...], tuple[Any, ...]]] = field(default_factory=list)
    _order: tuple[Ints, Ints, Ints] | None = None
    """All moments ascending, and of each to which entry it belongs, and its place there."""

    @property
    def nbytes(self) -> int:
        """So much memory they take, about."""
        return sum(at.nbytes + sum(column.nbytes for column in columns) for at, _, _, columns in self._kept)

    def note(self, at: Ints) -> None:
        """When the draws are decided that come next."""
        self._moments = at

    def count(self, window: Window, statistics: DrawStatistics) -> None:
        """Count those in a window. A decision of which there is none is known all the same, as where they are drawn."""
        if self._order is None:
            moments = [at for at, *_ in self._kept]
            of = np.repeat(np.arange(len(moments)), [len(at) for at in moments])
            place = np.concatenate([np.arange(len(at)) for at in moments]) if moments else of
            every = np.concatenate(moments) if moments else of
            order = np.argsort(every, kind="stable")
            self._order = every[order], of[order], place[order]
        every, of, place = self._order
        low, high = np.searchsorted(every, (window.start_us, window.end_us))
        inside: dict[int, list[int]] = {}
        for number, at in zip(of[low:high].tolist(), place[low:high].tolist(), strict=True):
            inside.setdefault(number, []).append(at)
        for number, (_, kind, said, columns) in enumerate(self._kept):
            if number not in inside:
                statistics.know(kind, said)
                continue
            some = [column[inside[number]] for column in columns]
            if kind == "graded":
                point, micro, yes = some
                statistics.graded(said[0], point, micro, np.arange(len(yes)), yes)
            else:
                getattr(statistics, kind)(*said, *some)

    def chance(self, point: str, threshold: int, yes: Bools) -> None:
        """Keep draws of a `Chance`."""
        self._keep("chance", (point, threshold), yes)

    def graded(self, points: Sequence[str], point: Ints, micro: Ints, cell: Ints, yes: Bools) -> None:
        """Keep draws whose chance differs from one to the next."""
        self._keep("graded", (points,), point.take(cell), micro.take(cell), yes)

    def choice(self, point: str, choice: ResolvedChoice, codes: Ints) -> None:
        """Keep draws of a `Choice`."""
        self._keep("choice", (point, choice), codes)

    def measure(self, point: str, numbers: Ints) -> None:
        """Keep draws of a `Measure`."""
        self._keep("measure", (point,), numbers)

    def _keep(self, kind: Kind, said: tuple[Any, ...], *columns: Any) -> None:
        self._kept.append((self._moments, kind, said, columns))
