"""Fitting numbers by simulating: a damped Gauss–Newton search within bounds, by differences of simulations.

All simulations draw with the same seed, so that what differs between two of them is the parameters' doing. Steps are
taken in transformed values (shares by their odds, other numbers by their logarithm). The search prefers to stay where
it began: what does not help is not moved. Nothing is drawn here, and the same input gives the same steps.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from populace.checks.realism.logs import Floats
from populace.spec import Bools, Parameter

STEP_SHARE, STEP = 0.5, 0.3
"""By how much a value is moved to see what follows, as odds and as a logarithm."""
LONGEST = 1.5
"""A step moves no value further."""
STAYING = 2.5
"""A value so far from where it began weighs like one standard error of an aggregate."""
DAMPED, LEAST_DAMPED = 0.3, 0.01
GOOD = 1.0
"""Standard errors, within which everything is met well enough to stop."""
MOST_FAILED = 3
"""After so many steps that make it no better what follows from a move is asked again; after twice as many it ends."""
CLEAR = 1.5
"""What follows from a move counts in full far above so many times what chance makes, and not at all below."""
ROUNDED = 4
"""Digits of a fitted number, so that a file shows what was simulated."""
_ODDS = 0.004
_NEAR = 0.001

Found = Mapping[str, int | float]


@dataclass(frozen=True, slots=True)
class Knob:
    """A parameter that is moved. start: where it begins."""

    path: str
    low: float
    high: float
    start: float
    whole: bool

    @classmethod
    def of(cls, parameter: Parameter, start: float) -> Knob:
        """Of a parameter that is a number with bounds."""
        assert parameter.low is not None
        assert parameter.high is not None
        return cls(parameter.path, parameter.low, parameter.high, start, isinstance(parameter.default, int))

    @property
    def is_share(self) -> bool:
        """Whether it is a part of a whole, or nearly."""
        return self.low == 0 and self.high <= 1 and not self.whole

    def inner(self, value: float) -> float:
        """A value as steps count."""
        if self.is_share:
            return math.log((value + _ODDS) / (self.high - value + _ODDS))
        return math.log(value - self.low + self._offset)

    def outer(self, u: float) -> int | float:
        """And back, within bounds, with a few digits."""
        if self.is_share:
            odds = math.exp(u)
            value = (odds * (self.high + _ODDS) - _ODDS) / (1 + odds)
        else:
            value = math.exp(u) - self._offset + self.low
        value = min(max(value, self.low), self.high)
        # What has come so near to a bound means it.
        near = _NEAR * (self.high - self.low if self.is_share else max(self.start - self.low, 0.0))
        value = self.low if value - self.low < near else self.high if self.high - value < near else value
        return round(value) if self.whole else float(f"{value:.{ROUNDED}g}")

    @property
    def step(self) -> float:
        """How far it is moved to see what follows: a whole number at least by one."""
        if not self.whole:
            return STEP_SHARE if self.is_share else STEP
        return max(STEP, self.inner(min(self.high, self.start + 1)) - self.inner(self.start) + 1e-9)

    def at_bound(self, value: float) -> str:
        """Which bound a value has reached, in words; empty for none."""
        near = 0.005 * (self.high - self.low) if self.is_share else 0.0
        if value >= self.high - near:
            return f"{self.path} is at its highest ({self.high:g})"
        return f"{self.path} is at its lowest ({self.low:g})" if value <= self.low + near else ""

    @property
    def _offset(self) -> float:
        """So that its lowest value has a logarithm."""
        return 0.2 * (self.start - self.low) if self.start > self.low else 0.02 * (self.high - self.low)


class Spent(Exception):
    """No more simulations are to be made."""


@dataclass(slots=True)
class Search:
    """One search. residuals: of values by path, each in standard errors; raises Spent. drives: bool[residual, knob],
    what a knob can move at all. chance: by how much each residual differs between two simulations of the same."""

    knobs: Sequence[Knob]
    residuals: Callable[[Found], Floats]
    drives: Bools
    chance: Floats

    def run(self, begin: Found) -> Found:
        """The best values found from these on."""
        knobs = self.knobs
        u = np.array([k.inner(begin[k.path]) for k in knobs])
        home = np.array([k.inner(k.start) for k in knobs])
        best = dict(begin)
        if not knobs:
            return best
        try:
            r = self.residuals(self._values(u))
            slopes, failed, damped = self._slopes(u, r), 0, DAMPED
            while np.abs(r).max(initial=0.0) > GOOD:
                d = self._step(slopes, r, u - home, damped, u)
                tried = self._within(u + d)
                moved = tried - u
                if not np.abs(moved).max(initial=0.0) > 1e-4:
                    break
                there = self.residuals(self._values(tried))
                # A short move shows little beside chance.
                slopes = slopes + np.outer(there - r - slopes @ moved, moved) / (float(moved @ moved) + STEP)
                before, after = self._cost(r, u - home), self._cost(there, tried - home)
                if after < before:
                    u, r, best = tried, there, self._values(tried)
                    damped, failed = max(damped / 3, LEAST_DAMPED), 0
                    continue
                damped, failed = damped * 4, failed + 1
                if failed == MOST_FAILED:
                    slopes, damped = self._slopes(u, r), DAMPED
                elif failed > 2 * MOST_FAILED:
                    break
        except Spent:
            pass
        return best

    def _values(self, u: Floats) -> dict[str, int | float]:
        return {knob.path: knob.outer(float(at)) for knob, at in zip(self.knobs, u, strict=True)}

    def _within(self, u: Floats) -> Floats:
        low = np.array([k.inner(k.low) for k in self.knobs])
        high = np.array([k.inner(k.high) for k in self.knobs])
        return np.clip(u, low, high)

    def _cost(self, r: Floats, away: Floats) -> float:
        return float((r * r).sum() + ((away / STAYING) ** 2).sum())

    def _slopes(self, u: Floats, r: Floats) -> Floats:
        """What follows from a move of each knob. Those that drive nothing in common are moved at once."""
        slopes = np.zeros((len(r), len(u)))
        for group in _apart(self.drives):
            tried = u.copy()
            for at in group:
                knob = self.knobs[at]
                up = self._within(u + knob.step * np.eye(len(u))[at])
                down = self._within(u - knob.step * np.eye(len(u))[at])
                tried[at] = up[at] if up[at] - u[at] >= u[at] - down[at] else down[at]
            off = self.residuals(self._values(tried)) - r
            off *= np.maximum(0.0, 1 - (CLEAR * self.chance / np.maximum(np.abs(off), 1e-9)) ** 2)
            for at in group:
                if moved := tried[at] - u[at]:
                    slopes[:, at] = np.where(self.drives[:, at], off / moved, 0.0)
        return slopes

    def _step(self, slopes: Floats, r: Floats, away: Floats, damped: float, u: Floats) -> Floats:
        """The damped step. What would leave its bounds stays at them, and the others do without it."""
        many, d = len(u), np.zeros(len(u))
        free = np.ones(many, dtype=np.bool_)
        for _ in range(many):
            some = np.flatnonzero(free)
            if not len(some):
                break
            rows = [slopes[:, some], np.eye(many)[:, some] / STAYING, np.sqrt(damped) * np.eye(many)[:, some]]
            known = slopes @ np.where(free, 0.0, d)
            wanted = [-r - known, -away / STAYING, np.zeros(many)]
            found = np.linalg.lstsq(np.concatenate(rows), np.concatenate(wanted), rcond=None)[0]
            d[some] = np.clip(found, -LONGEST, LONGEST)
            out = free & (np.abs(self._within(u + d) - (u + d)) > 1e-9)
            if not out.any():
                break
            d = self._within(u + d) - u
            free &= ~out
        return d


def _apart(drives: NDArray[np.bool_]) -> list[list[int]]:
    """Knobs in groups, of which no two drive the same."""
    groups: list[list[int]] = []
    for knob in range(drives.shape[1]):
        for group in groups:
            if not (drives[:, group].any(axis=1) & drives[:, knob]).any():
                group.append(knob)
                break
        else:
            groups.append([knob])
    return groups
