"""How campaigns differ: by offer, list and season, and by more than a coin thrown for each recipient would make
them."""

from __future__ import annotations

import numpy as np

from populace.checks.realism.arrays import root_of
from populace.checks.realism.logs import Campaigns, Logs
from populace.checks.realism.metric import Curve, Measured, Metric
from populace.spec import Ints

FEWEST_TRIALS = 20


def spread_of_rates(trials: Ints, successes: Ints) -> float:
    """The standard deviation of campaigns' own rates beyond the binomial, against the mean rate."""
    n, k = trials.astype(np.float64), successes.astype(np.float64)
    mean = k.sum() / n.sum() if n.sum() else float("nan")
    if not 0 < mean < 1 or len(n) < 2:
        return float("nan")
    # Expected of the weighted sum of squares: the binomial's part, and that of what campaigns differ by.
    squares = (n * (k / n - mean) ** 2).sum()
    between = (squares - (len(n) - 1) * mean * (1 - mean)) / (n.sum() - (n * n).sum() / n.sum())
    return root_of(between) / float(mean)


def _large(logs: Logs) -> Campaigns:
    assert logs.campaigns is not None
    return logs.campaigns.of(logs.campaigns.trials >= FEWEST_TRIALS)


def rates(logs: Logs) -> Curve:
    """How many campaigns have a rate of so many percent."""
    large = _large(logs)
    percent = np.round(100 * large.successes / large.trials).astype(np.int64)
    width = max(1, int(np.ceil((int(percent.max()) + 1) / 15))) if len(percent) else 1
    counts = np.bincount(percent // width)
    return [(f"{i * width} %", float(n)) for i, n in enumerate(counts.tolist())]


METRICS = (
    Metric(
        id="campaign_spread", title="Difference between campaigns", family="campaigns",
        meaning="how far campaigns' rates of answers lie apart beyond chance, against the mean; 0: each is the same "
        "coin",
        formula="√(variance between campaigns beyond the binomial) / mean rate, of campaigns to 20 people or more",
        needs=("campaigns",), counts="campaigns", fewest=20, rooted=True,
        measure=lambda logs: Measured(spread_of_rates(_large(logs).trials, _large(logs).successes), len(_large(logs))),
        curve=rates, axes="campaigns by their rate of answers",
    ),
)  # fmt: skip
