"""Who comes back after signing up. In public benchmarks the loss is large at first and then flattens, since those who
stay are others than those who leave (shifted beta-geometric, Fader and Hardie 2007).

Apps delete people who left, and with them their rows: those who are still there came back more often than those who
signed up did. Where daily statistics say how many signed up, only the days count of which nearly all are still there.
"""

from __future__ import annotations

import numpy as np

from populace.checks.realism.logs import Floats, Logs
from populace.checks.realism.metric import Curve, Measured, Metric
from populace.clock import DAY_US
from populace.spec import Bools, Ints

STILL_HERE = 0.95
"""Of the people who signed up on a day and later, so many must still be in the tables for the day to count."""
SILENT_DAYS = 21
"""Whoever came in the last days may come again."""
GRID = 24


def observed(logs: Logs, days: int) -> tuple[Ints, Ints, int]:
    """Hashes and days of sign-up of the people whose first `days` days are over and in whose days few are missing; the
    last whole day."""
    assert logs.people is not None
    joined = logs.people.joined // DAY_US
    last = int(logs.visits.local.max() // DAY_US) - 1 if len(logs.visits) else 0
    first = int(logs.visits.local.min() // DAY_US) if len(logs.visits) else 0
    since = max(first, _complete_since(logs, joined))
    some = (joined >= since) & (joined + days <= last)
    return logs.people.who[some], joined[some], last


def _complete_since(logs: Logs, joined: Ints) -> int:
    """The first day from which on nearly everybody who signed up is still in the tables."""
    if logs.sign_ups is None or not len(logs.sign_ups.day):
        return -(2**40)
    days = np.unique(logs.sign_ups.day)[::-1]
    all_of_them = np.array([logs.sign_ups.people[logs.sign_ups.day >= d].sum() for d in days])
    here = np.array([(joined >= d).sum() for d in days]) * logs.sampled
    kept = here >= STILL_HERE * all_of_them - 1
    gone = np.flatnonzero(~kept)
    return int(days[gone[0] - 1] if len(gone) and gone[0] else days[0] + 1 if len(gone) else days[-1])


def came_between(people: Ints, joined: Ints, who: Ints, day: Ints, low: int, high: int) -> Floats:
    """On what part of the days from `low` to `high` after their sign-up each person came."""
    order = np.argsort(people, kind="stable")
    place = np.searchsorted(people[order], who)
    place[place >= len(people)] = 0
    known = people[order][place] == who if len(people) else np.zeros(len(who), dtype=np.bool_)
    mine = order[place[known]] if len(people) else np.zeros(0, dtype=np.int64)
    age = day[known] - joined[mine]
    inside = (age >= low) & (age <= high)
    return np.bincount(mine[inside], minlength=len(people)) / (high - low + 1)


def return_rate(low: int, high: int, logs: Logs) -> Measured:
    """People who come on a day so long after their sign-up."""
    people, joined, _ = observed(logs, high)
    share = came_between(people, joined, *logs.person_days, low, high)
    n = len(people)
    # Of people, of whom each is one case: their own days go together. Shares are never quite certain.
    error = float(np.sqrt((share.var() + 1 / (n + 2) ** 2) / n)) if n else float("inf")
    return Measured(float(share.mean()) if n else float("nan"), n, error)


def lifetimes(people: Ints, joined: Ints, who: Ints, day: Ints, last: int) -> tuple[Ints, Bools]:
    """For how many whole weeks people came, and whether that is over: nobody knows of those who came lately."""
    order = np.argsort(people, kind="stable")
    place = np.searchsorted(people[order], who)
    place[place >= len(people)] = 0
    known = people[order][place] == who
    latest = joined.copy()
    np.maximum.at(latest, order[place[known]], day[known])
    return (latest - joined) // 7, last - latest > SILENT_DAYS


def beta_geometric(weeks: Ints, over: Bools) -> tuple[float, float]:
    """alpha and beta of the shifted beta-geometric law under which these lifetimes are likeliest: everybody has their
    own
    chance to leave after a week, which follows Beta(alpha, beta)."""
    longest = int(weeks.max()) + 2
    left = np.bincount(weeks[over] + 1, minlength=longest + 1).astype(np.float64)
    stayed = np.bincount(weeks[~over], minlength=longest + 1).astype(np.float64)
    centre, width = np.array([0.5, 1.0]), 4.0
    for _ in range(5):
        steps = np.linspace(-width, width, GRID)
        alpha, beta = (np.exp(grid) for grid in np.meshgrid(centre[0] + steps, centre[1] + steps, indexing="ij"))
        alpha, beta = np.clip(alpha, 1e-3, 1e4), np.clip(beta, 1e-3, 1e4)
        t = np.arange(1, longest + 1)[:, None, None]
        survival = np.cumsum(np.log((beta + t - 1) / (alpha + beta + t - 1)), axis=0)
        leave = np.log(alpha / (alpha + beta + t - 1)) + np.concatenate([np.zeros_like(survival[:1]), survival[:-1]])
        likelihood = np.tensordot(left[1:], leave, 1) + np.tensordot(stayed[1:], survival, 1)
        i, j = np.unravel_index(int(np.argmax(likelihood)), likelihood.shape)
        centre, width = np.array([np.log(alpha[i, j]), np.log(beta[i, j])]), width / 3
    return float(np.exp(centre[0])), float(np.exp(centre[1]))


def polarisation(alpha: float, beta: float) -> float:
    """0: everybody has the same chance to leave, and the curve never flattens; 1: some leave at once, others never."""
    return 1 / (1 + alpha + beta)


def _flattening(logs: Logs) -> Measured:
    people, joined, last = observed(logs, 3 * 7)
    if len(people) < 2:
        return Measured(float("nan"), len(people))
    weeks, over = lifetimes(people, joined, *logs.person_days, last)
    if not over.any():
        return Measured(float("nan"), 0, note="nobody who signed up has left yet")
    alpha, beta = beta_geometric(weeks, over)
    return Measured(polarisation(alpha, beta), len(people), note=f"sBG α {alpha:.2f}, β {beta:.2f}, in weeks")


def returns(logs: Logs) -> Curve:
    """What part of people comes, by days after their sign-up."""
    points = []
    for day in (0, 1, 2, 3, 4, 5, 6, 7, 10, 14, 21, 30, 45, 60):
        measured = return_rate(max(day - day // 8, 0), day + day // 8, logs)
        if measured.n:
            points.append((str(day), measured.value))
    return points


_FAMILY, _SHOWN = "retention of sign-ups", "share of people who come, by days after sign-up"


def _rate(id: str, day: int, low: int, high: int) -> Metric:
    around = f"day {day}" if low == high else f"an average day from {low} to {high}"
    return Metric(
        id=id, title=f"Return on day {day}", family=_FAMILY,
        meaning=f"people who come on {around} after they signed up",
        formula=f"people with a visit on {around} / people who signed up and whose day {high} is over",
        needs=("actions", "people"), counts="people", fewest=30, unit="share",
        measure=lambda logs: return_rate(low, high, logs), curve=returns, axes=_SHOWN, kind="line",
    )  # fmt: skip


METRICS = (
    _rate("return_1", 1, 1, 1),
    _rate("return_7", 7, 6, 8),
    _rate("return_30", 30, 28, 32),
    Metric(
        id="flattening", title="Flattening of retention (sBG)", family=_FAMILY,
        meaning="0: everybody is equally likely to leave, week by week; the higher, the more the early loss is of "
        "people "
                "who were never going to stay",
        formula="1 / (1 + α + β) of the shifted beta-geometric law fitted to the weeks for which people came",
        needs=("actions", "people"), counts="people", fewest=100, measure=_flattening, curve=returns, axes=_SHOWN,
        kind="line",
    ),
)  # fmt: skip
