"""How unequally people come: a few come often, many once. In every public log the counts have a long tail."""

from __future__ import annotations

import numpy as np

from populace.checks.realism.arrays import gini, share_error, top_share
from populace.checks.realism.logs import Floats, Logs
from populace.checks.realism.metric import Curve, Measured, Metric
from populace.spec import Ints

TENTH = 0.1


def single_share(counts: Ints) -> float:
    """Who came once, of all who came."""
    return float((counts == 1).mean()) if len(counts) else float("nan")


def deciles(counts: Ints) -> Floats:
    """Of what each has, the values below which a tenth, two tenths … nine tenths of them lie.

    Those who have the same whole number lie evenly about it, so that a few people more do not move a decile by one.
    """
    value, many = np.unique(counts, return_counts=True)
    if not len(value):
        return np.full(9, np.nan)
    reached = np.r_[0, np.cumsum(many)] / many.sum()
    wanted = np.arange(1, 10) / 10
    place = np.minimum(np.searchsorted(reached, wanted, side="right") - 1, len(value) - 1)
    out: Floats = value[place] - 0.5 + (wanted - reached[place]) / (reached[place + 1] - reached[place])
    return out


def lorenz(logs: Logs) -> Curve:
    """What share of visits the most active so many percent of people make."""
    return [(f"{percent} %", top_share(logs.visits_each, percent / 100)) for percent in (1, 5, 10, 20, 40, 60, 80)]


def often(logs: Logs) -> Curve:
    """How many people came so often."""
    bounds = np.array([1, 2, 3, 5, 9, 17, 33, 65, 129, 257])
    names = ("1", "2", "3–4", "5–8", "9–16", "17–32", "33–64", "65–128", "129–256", "257+")
    place = np.searchsorted(bounds, logs.visits_each, side="right") - 1
    return list(zip(names, np.bincount(place, minlength=len(bounds)).astype(float).tolist(), strict=True))


def _single(logs: Logs) -> Measured:
    share, n = single_share(logs.visits_each), len(logs.visits_each)
    return Measured(share, n, share_error(share, n))


METRICS = (
    Metric(
        id="gini", title="Inequality of visits per person (Gini)", family="activity per person",
        meaning="0: everybody comes equally often; 1: one person makes all visits",
        formula="Gini coefficient of visits per person, of people with a visit",
        needs=("actions",), counts="people", fewest=50,
        measure=lambda logs: Measured(gini(logs.visits_each), len(logs.visits_each)), curve=lorenz,
        axes="share of visits by the most active people", kind="line",
    ),
    Metric(
        id="top_tenth", title="Visits of the most active tenth", family="activity per person",
        meaning="what part of all visits the most active 10 % of people make",
        formula="sum of the largest tenth of visits per person / all visits",
        needs=("actions",), counts="people", fewest=50, unit="share",
        measure=lambda logs: Measured(top_share(logs.visits_each, TENTH), len(logs.visits_each)), curve=lorenz,
        axes="share of visits by the most active people", kind="line",
    ),
    Metric(
        id="single_visit", title="People with one visit only", family="activity per person",
        meaning="who came once and never again, of all who came",
        formula="people with exactly one visit / people with a visit",
        needs=("actions",), counts="people", fewest=50, unit="share",
        measure=_single, curve=often,
        axes="people by how often they came",
    ),
)  # fmt: skip
