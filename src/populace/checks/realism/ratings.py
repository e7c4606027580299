"""Stars: some people are kind and others strict, some things good and others not."""

from __future__ import annotations

import numpy as np

from populace.checks.realism.arrays import intraclass, root_of
from populace.checks.realism.logs import Floats, Logs, Ratings
from populace.checks.realism.metric import Curve, Measured, Metric
from populace.spec import Ints


def spread_of_means(who: Ints, stars: Floats) -> tuple[float, int]:
    """The standard deviation of means by `who`, beyond what few stars each make of chance; and of how many."""
    order = np.argsort(who, kind="stable")
    between, _, n = intraclass(who[order], stars[order])
    return root_of(between), n


def _people(ratings: Ratings) -> Measured:
    return Measured(*spread_of_means(ratings.who, ratings.stars))


def _items(ratings: Ratings) -> Measured:
    return Measured(*spread_of_means(ratings.item, ratings.stars))


def stars(logs: Logs) -> Curve:
    """How many ratings have so many stars."""
    assert logs.ratings is not None
    values, counts = np.unique(logs.ratings.stars, return_counts=True)
    return [(f"{v:g}", float(n)) for v, n in zip(values.tolist(), counts.tolist(), strict=True)]


def top_box(ratings: Floats) -> float:
    """What part of all stars is the commonest number of them."""
    return float(np.unique(ratings, return_counts=True)[1].max() / len(ratings)) if len(ratings) else float("nan")


def _given(logs: Logs) -> Ratings:
    assert logs.ratings is not None
    return logs.ratings


_FAMILY, _SHOWN = "ratings", "ratings by stars"

METRICS = (
    Metric(
        id="rating_people", title="Kind and strict people", family=_FAMILY,
        meaning="how far people's own mean ratings lie apart beyond chance; 0: everybody rates alike",
        formula="√ of the variance between people (one-way analysis of variance), of people with 2 ratings or more",
        needs=("ratings",), counts="people with 2 ratings", fewest=50, unit="stars", rooted=True,
        measure=lambda logs: _people(_given(logs)), curve=stars, axes=_SHOWN,
    ),
    Metric(
        id="rating_items", title="Good and bad items", family=_FAMILY,
        meaning="how far items' mean ratings lie apart beyond chance; 0: all items are equally good",
        formula="√ of the variance between items (one-way analysis of variance), of items with 2 ratings or more",
        needs=("ratings",), counts="items with 2 ratings", fewest=20, unit="stars", rooted=True,
        measure=lambda logs: _items(_given(logs)), curve=stars, axes=_SHOWN,
    ),
    Metric(
        id="rating_commonest", title="The commonest rating", family=_FAMILY,
        meaning="what part of all ratings has the commonest number of stars; nearly all: nobody thought about it",
        formula="ratings with the commonest number of stars / all ratings",
        needs=("ratings",), counts="ratings", fewest=100, unit="share",
        measure=lambda logs: Measured(top_box(_given(logs).stars), len(_given(logs))), curve=stars, axes=_SHOWN,
    ),
)  # fmt: skip
