"""How many people come a day: a busy day follows a busy day, and days differ by more than dice would have them."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from populace.checks.realism.arrays import correlation, root_of
from populace.checks.realism.logs import Floats, Logs
from populace.checks.realism.metric import Curve, Measured, Metric
from populace.checks.realism.rhythm import weekday
from populace.clock import DAY_US
from populace.spec import Ints

MONTH = 30
WINDOW = 28
MOST_POINTS = 120
FEWEST_A_DAY = 2
"""Of fewer people the chance of each is more than anything they have in common."""
FEWEST_DAYS = 14
"""Of fewer days neither growth nor weekdays can be taken out."""


def detrended(came: Ints) -> Floats:
    """Daily counts around 1: against the four weeks around each day, so that growth and decline do not count; in less
    than twelve weeks against a parabola."""
    if len(came) >= 3 * WINDOW:
        inside = np.convolve(came, np.full(WINDOW, 1 / WINDOW), mode="valid")
        before = WINDOW // 2
        level = np.concatenate([np.full(before, inside[0]), inside, np.full(WINDOW - 1 - before, inside[-1])])
    else:
        x = np.linspace(-1, 1, len(came))
        level = np.polynomial.Polynomial.fit(x, came, 2)(x)
    relative: Floats = came / np.maximum(level, max(1e-9, 0.1 * came.mean()))
    return relative


def without_weekdays(day: Ints, relative: Floats) -> Floats:
    """What remains of daily counts when each weekday's own mean is taken out."""
    which = weekday(day)
    mean = np.bincount(which, relative, minlength=7) / np.maximum(np.bincount(which, minlength=7), 1)
    return relative - mean[which]


def autocorrelation(day: Ints, came: Ints) -> float:
    """Correlation of a day with the next, beyond growth and weekdays; by chance it lies a little below 0."""
    rest = without_weekdays(day, detrended(came))
    return correlation(rest[:-1], rest[1:]) if len(rest) > 2 else float("nan")


def fano(came: Ints) -> float:
    """The variance of daily counts over their mean, beyond growth; below 1 is steadier than dice."""
    relative = detrended(came)
    return float(relative.var(ddof=3) * came.mean()) if len(came) > 3 else float("nan")


def common_variation(fano_factor: float, mean: float, seen: float) -> float:
    """By what part of their mean days differ for everybody at once: what is left of the variance when the chance of
    each person alone is taken off. seen: the share of people who come on a day. A sample of the people has the same."""
    return root_of((fano_factor - (1 - seen)) / mean) if mean else float("nan")


def stickiness(who: Ints, day: Ints, days: Ints) -> float:
    """People a day against people in 30 days, over the last of them (DAU/MAU)."""
    last = days[-min(MONTH, len(days)) :]
    inside = (day >= last[0]) & (day <= last[-1])
    people = len(np.unique(who[inside]))
    return float(inside.sum() / len(last) / people) if people else float("nan")


def people_a_day(logs: Logs, days: int) -> float:
    """How many people come on a day (DAU), over the last whole days: so many of them, or those that there are."""
    return float(logs.dailies[-days:].mean()) if len(logs.days) else float("nan")


def visits_each(logs: Logs, days: int) -> Ints:
    """How many visits everybody made in the last so many whole days who made any."""
    if not len(logs.days):
        return np.zeros(0, dtype=np.int64)
    day = logs.visits.local // DAY_US
    inside = (day > logs.days[-1] - days) & (day <= logs.days[-1])
    return np.unique(logs.visits.who[inside], return_counts=True)[1]


def daily(logs: Logs) -> Curve:
    """How many people came, by day; the last of them."""
    days, came = logs.days[-MOST_POINTS:], logs.dailies[-MOST_POINTS:]
    began = date(1970, 1, 1)
    return [(str(began + timedelta(days=d)), float(n)) for d, n in zip(days.tolist(), came.tolist(), strict=True)]


def _memory(logs: Logs) -> Measured:
    n = len(logs.days)
    if n < FEWEST_DAYS:
        return Measured(float("nan"), n)
    found = autocorrelation(logs.days, logs.dailies)
    return Measured(found, n, float(np.sqrt(max(0.0, 1 - found * found) / n)))


def _variation(logs: Logs) -> Measured:
    n = len(logs.days)
    if n < FEWEST_DAYS:
        return Measured(float("nan"), n)
    mean = float(logs.dailies.mean())
    if mean < FEWEST_A_DAY:
        return Measured(float("nan"), n, note=f"{mean:.2g} people a day are too few")
    factor = fano(logs.dailies)
    seen = stickiness(*logs.person_days, logs.days)
    value = common_variation(factor, mean, seen)
    wobble = factor * np.sqrt(2 / n) / mean
    error = float(min(wobble / (2 * abs(value)) if value else np.inf, np.sqrt(wobble)))
    return Measured(value, n, error, f"Fano factor {factor:.1f} with {mean:,.0f} people a day")


def _stickiness(logs: Logs) -> Measured:
    n = len(logs.days)
    return Measured(stickiness(*logs.person_days, logs.days) if n else float("nan"), n)


_FAMILY, _SHOWN = "people a day", "people a day"

METRICS = (
    Metric(
        id="day_correlation", title="Memory of days", family=_FAMILY,
        meaning="whether a busy day follows a busy day, beyond weekdays and growth; 0: every day is a new throw of "
        "dice",
        formula="autocorrelation at one day of daily people, less the level of 4 weeks and the mean of each weekday",
        needs=("actions",), counts="days", fewest=28, measure=_memory, curve=daily, axes=_SHOWN, kind="line",
    ),
    Metric(
        id="day_variation", title="Common variation of days (Fano factor)", family=_FAMILY,
        meaning="by what part of their mean days differ for everybody at once (weather, holidays, weekdays); 0: dice",
        formula="√((Fano factor − (1 − DAU/MAU)) / mean), Fano factor = variance / mean of daily people, less a "
        "parabola",
        needs=("actions",), counts="days", fewest=28, measure=_variation, curve=daily, axes=_SHOWN, kind="line",
    ),
    Metric(
        id="stickiness", title="People a day against people a month (DAU/MAU)", family=_FAMILY,
        meaning="on what part of the last 30 days a person who came in them was there",
        formula="mean daily people / people of the last 30 days",
        needs=("actions",), counts="days", fewest=28, unit="share", measure=_stickiness, curve=daily, axes=_SHOWN,
        kind="line",
    ),
)  # fmt: skip
