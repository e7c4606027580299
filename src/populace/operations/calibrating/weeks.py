"""A table of hours and weekdays is fitted directly: its weights are the parameters.

Each simulation shows how far what people did lies from what is wanted, and every weight is multiplied by that
(iterative proportional fitting): what sign-ups and habits add at some hours is taken off there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from populace.checks.realism.logs import Floats
from populace.spec import Ints, Value
from populace.spec.kit import rhythm
from populace.spec.realism import Fitting

MOST = 3.0
"""A weight changes by no more at a time."""
MOST_OF_A_DAY = 10.0
_SPARSE = 0.25


@dataclass(frozen=True, slots=True)
class Week:
    """weights: float[7, 24]. days: factors of weekdays; empty where the weights say that too."""

    weights: Floats
    days: Floats

    @classmethod
    def wanted(cls, table: Floats, fitting: Fitting, now: Mapping[str, Value]) -> Week:
        """To begin with: the table itself, and the factors of weekdays as they are."""
        days = np.array([float(now[path]) for path in fitting.weekdays])
        return cls(_even(table) if len(days) else table / table.sum(), days)

    def values(self, fitting: Fitting) -> dict[str, Value]:
        """As parameters."""
        assert fitting.week is not None
        rows = self.weights if not len(self.days) else _even(self.weights)
        out: dict[str, Value] = {fitting.week: rhythm.written(rows.tolist())}
        return out | {path: float(f"{by:.4g}") for path, by in zip(fitting.weekdays, self.days.tolist(), strict=True)}

    def nearer(self, wanted: Floats, seen: Ints) -> Week:
        """The week after one simulation. seen: what people did in it."""
        want, see = wanted / wanted.sum(), (seen + _SPARSE * (wanted > 0)) / (seen.sum() + _SPARSE * (wanted > 0).sum())
        if not len(self.days):
            weights = self.weights * _ratio(want, see)
            return Week(weights / weights.sum(), self.days)
        rows, were = want.sum(axis=1), see.sum(axis=1)
        days = self.days * _ratio(rows, were)
        # What all of them have in common is how often people come, which others decide.
        days = np.clip(days / max((rows * days).sum(), 1e-9), 0.0, MOST_OF_A_DAY)
        return Week(self.weights * _ratio(_even(want), _even(see)), days)


def _even(table: Floats) -> Floats:
    """Each weekday by itself: its hours come to 1. Where a day has nothing, the week's hours."""
    total = table.sum(axis=1, keepdims=True)
    hours = table.sum(axis=0) / table.sum()
    return np.where(total > 0, table / np.where(total > 0, total, 1.0), hours)


def _ratio(want: Floats, see: Floats) -> Floats:
    ratio = np.where(want > 0, np.divide(want, see, out=np.full_like(want, MOST), where=see > 0), 0.0)
    return np.where(want > 0, np.clip(ratio, 1 / MOST, MOST), 0.0)
