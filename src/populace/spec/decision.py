"""Decision points: where chance enters a world, each with a name that seeds its stream.

A declared probability is applied in exactly one place: the function that draws it by this name. Numbers are given
as constants or as paths of the world's values (parameters, and what the world derives from them).
"""

from __future__ import annotations

from dataclasses import dataclass

Number = float | str
"""A constant, or the path of a value."""


@dataclass(frozen=True, slots=True)
class Chance:
    """Yes with probability `probability` (0 to 1)."""

    name: str
    probability: Number


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several, by weight.

    weights: non-negative numbers, not all zero, or the path of a value that is a sequence of them. A draw gives
    the position in `weights`.
    """

    name: str
    weights: tuple[float, ...] | str


@dataclass(frozen=True, slots=True)
class Uniform:
    """A whole number between `low` and `high`, both included."""

    name: str
    low: Number
    high: Number


@dataclass(frozen=True, slots=True)
class LogNormal:
    """A log-normal quantity rounded to a whole number and clamped to low…high (same unit as `median`)."""

    name: str
    median: Number
    sigma: Number
    low: Number
    high: Number


@dataclass(frozen=True, slots=True)
class RoundedNormal:
    """A normal quantity rounded to the nearest whole number, then clamped to low…high; for stars and scores."""

    name: str
    mean: Number
    deviation: Number
    low: Number
    high: Number


@dataclass(frozen=True, slots=True)
class Beta:
    """A share from 0 to 1 that differs from one to the next, as a multiple of its mean: `parts` × share / mean.

    mean: above 0 and below 1. spread: the variance is spread · mean · (1 − mean), so it is what two draws of one person
    have in common (the intra-class correlation 1/(a + b + 1) of the two shapes a and b): 0 for all alike, below 1.
    """

    name: str
    mean: Number
    spread: Number
    parts: int = 1000


Measure = Uniform | LogNormal | RoundedNormal | Beta
"""A decision point whose result is a whole number."""

Decision = Chance | Choice | Measure
