"""Fitting numbers by simulating: a damped Gauss–Newton search within bounds, by regression over all simulations.

A small change of a parameter changes who comes when for nearly everybody, so that much of what one simulation shows is
chance, and the best of many was lucky. So none is believed by itself: each has people of its own, and what is to be
expected at some values is read from all those made near them. Steps are taken in transformed values (shares by their
odds, other numbers by their logarithm). The search prefers to stay where it began: what does not help is not moved.
Nothing is drawn here, and the same input gives the same steps.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

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
GOOD, SURE = 1.0, 0.5
"""Standard errors, within which everything is met well enough to stop, and within which that must be known."""
FOREIGN = 50.0
"""Standard errors by which anything may be off before it is known."""
MOST_FAILED, FAR = 4, 2.5
"""After so many steps that make it no better the search ends; what is still off by more standard errors than that is
looked at from there first, once."""
CURVED = 2.0
"""By how many standard errors a residual may lie beside the line, a step of 1 away."""
STEEP = 15.0
"""Standard errors that a residual changes by in a step of 1, more or less, before anything is known."""
LEAST_CHANCE = 0.05
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
    """A search, which may be taken up again. residuals: of values by path, each in standard errors, of new people each
    time it is asked; None for values that do not go together; raises Spent. drives: bool[residual, knob], what a knob
    can move at all. chance: by how much each residual differs between two simulations of the same."""

    knobs: Sequence[Knob]
    residuals: Callable[[Found], Floats | None]
    drives: Bools
    chance: Floats
    tried: list[Floats] = field(default_factory=list)
    seen: list[Floats] = field(default_factory=list)

    def run(self, begin: Found) -> Found:
        """The best values found from these on."""
        if not self.knobs:
            return dict(begin)
        u = np.array([k.inner(begin[k.path]) for k in self.knobs])
        moved = False
        try:
            if len(self.tried) <= len(self.knobs):
                self._look_around(u)
            failed, damped, again = 0, DAMPED, True
            while failed < MOST_FAILED or again:
                expected, slopes, unsure = self._expected(u)
                if (np.abs(expected) <= GOOD).all() and (unsure <= SURE).all():
                    break
                if failed == MOST_FAILED:
                    failed, damped, again = 0, DAMPED, False
                    if np.abs(expected).max() > FAR:
                        self._look_around(u)
                        continue
                    break
                there = self._held(self._within(u + self._step(slopes, expected, u - self._home, damped, u)))
                if self._asked(there) and self._cost(there) < self._cost(u):
                    u, moved = there, True
                    failed, damped = 0, max(damped / 3, LEAST_DAMPED)
                    continue
                failed, damped = failed + 1, damped * 4
        except Spent:
            pass
        return self._values(u) if moved else dict(begin)

    def learn(self, values: Found, seen: Floats) -> None:
        """One more simulation of values, whoever made it."""
        self.tried.append(np.array([k.inner(values[k.path]) for k in self.knobs]))
        self.seen.append(seen)

    def _asked(self, u: Floats) -> bool:
        """Simulate; whether the values go together."""
        values = self._values(u)
        seen = self.residuals(values)
        if seen is not None:
            self.learn(values, seen)
        return seen is not None

    def _look_around(self, u: Floats) -> None:
        """Move each knob by itself, but at once those that drive nothing in common."""
        self._asked(u)
        for group in _apart(self.drives):
            tried = u.copy()
            for at in group:
                step = self.knobs[at].step * np.eye(len(u))[at]
                up, down = self._within(u + step), self._within(u - step)
                tried[at] = up[at] if up[at] - u[at] >= u[at] - down[at] else down[at]
            self._asked(tried)

    def _expected(self, u: Floats) -> tuple[Floats, Floats, Floats]:
        """By all simulations so far: the residuals at values, their slopes, and how unsure the residuals are.

        Linear regression about these values: what was tried farther away counts less, as slopes change on the way.
        """
        residuals, knobs = len(self.chance), len(u)
        expected, unsure = np.full(residuals, FOREIGN), np.full(residuals, FOREIGN)
        slopes = np.zeros((residuals, knobs))
        if not self.tried:
            return expected, slopes, unsure
        away, seen = np.array(self.tried) - u, np.array(self.seen)
        curved = CURVED * (away**2).sum(axis=1)
        for at in range(residuals):
            drives = self.drives[at]
            x = np.concatenate([np.ones((len(away), 1)), away[:, drives]], axis=1)
            weighed = x / (max(self.chance[at], LEAST_CHANCE) ** 2 + curved**2)[:, None]
            known = np.linalg.inv(weighed.T @ x + np.diag([FOREIGN**-2, *[STEEP**-2] * (x.shape[1] - 1)]))
            found, errors = known @ (weighed.T @ seen[:, at]), np.sqrt(np.diag(known))
            expected[at], unsure[at] = found[0], errors[0]
            # Never none: a slope that is lost in chance here may be what is left to move.
            slopes[at, drives] = found[1:] / (1 + (errors[1:] / np.maximum(np.abs(found[1:]), 1e-9)) ** 2)
        return expected, slopes, unsure

    @property
    def _home(self) -> Floats:
        return np.array([k.inner(k.start) for k in self.knobs])

    def _values(self, u: Floats) -> dict[str, int | float]:
        return {knob.path: knob.outer(float(at)) for knob, at in zip(self.knobs, u, strict=True)}

    def _held(self, u: Floats) -> Floats:
        """The nearest values that parameters can have: whole numbers, a few digits."""
        return np.array([k.inner(k.outer(float(at))) for k, at in zip(self.knobs, u, strict=True)])

    def _within(self, u: Floats) -> Floats:
        low = np.array([k.inner(k.low) for k in self.knobs])
        high = np.array([k.inner(k.high) for k in self.knobs])
        return np.clip(u, low, high)

    def _cost(self, u: Floats) -> float:
        """How bad values are. What chance adds to the squares is taken off: else what is little known looks bad."""
        expected, _, unsure = self._expected(u)
        away = (u - self._home) / STAYING
        return float((expected * expected - unsure * unsure).sum() + (away * away).sum())

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
