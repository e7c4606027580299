"""Parameters of the usual kinds, in a line each: shares, amounts, weights, factors, switches, where texts come from."""

from __future__ import annotations

from populace.spec.draw import Draw
from populace.spec.parameter import Parameter

_CATALOGUE, _COMPOSED = "catalogue", "composed"


def share(path: str, default: float, means: str, source: str, *, live: bool = False) -> Parameter:
    """A part of a whole: from 0 to 1."""
    return amount(path, default, (0.0, 1.0), means, source, live=live)


def weight(path: str, default: float, means: str, source: str, *, live: bool = False) -> Parameter:
    """How much one counts against the others: from 0 to 1,000."""
    return amount(path, default, (0.0, 1000.0), means, source, live=live)


def factor(path: str, default: float, means: str, source: str, *, live: bool = False) -> Parameter:
    """What something is multiplied by: from 0 to 10."""
    return amount(path, default, (0.0, 10.0), means, source, live=live)


def amount(
    path: str,
    default: float,
    within: tuple[float, float],
    means: str,
    source: str,
    unit: str = "",
    *,
    live: bool = False,
) -> Parameter:
    """A number between two bounds, both included; a whole one where the default is."""
    low, high = within
    return Parameter(path=path, default=default, low=low, high=high, means=means, source=source, unit=unit, live=live)


def switch(path: str, means: str, source: str, *, default: bool = True, live: bool = False) -> Parameter:
    """True or false."""
    return Parameter(path=path, default=default, means=means, source=source, live=live)


def texts(means: str) -> Parameter:
    """Where texts come from: the catalogue's own lines, or put together (`composed`)."""
    return Parameter(path="texts", default=_CATALOGUE, choices=(_CATALOGUE, _COMPOSED), source="ours", means=means)


def composed(draw: Draw) -> bool:
    """Whether texts are put together for who writes."""
    return draw.values.text("texts") == _COMPOSED
