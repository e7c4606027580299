"""Hours and weekdays, by people's own clocks: they sleep at night, and a Saturday is no Tuesday."""

from __future__ import annotations

import numpy as np

from populace.checks.realism.arrays import root_of, share_error
from populace.checks.realism.logs import Floats, Logs
from populace.checks.realism.metric import Curve, Measured, Metric
from populace.clock import DAY_US
from populace.spec import Ints

NIGHT = slice(2, 6)
"""From 02:00 to 06:00, when fewest people are awake."""
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONDAY = 4
"""1970-01-01 was a Thursday: this is the first Monday."""


def peak_share(hours: Ints) -> float:
    """What part of actions the busiest hour has."""
    return float(hours.max() / hours.sum()) if hours.sum() else float("nan")


def night_share(hours: Ints) -> float:
    """What part of actions lies in the night."""
    return float(hours[NIGHT].sum() / hours.sum()) if hours.sum() else float("nan")


def entropy(hours: Ints) -> float:
    """How even the hours are: 1 when all are the same, 0 when there is only one."""
    share = hours[hours > 0] / hours.sum()
    return float(-(share * np.log(share)).sum() / np.log(len(hours)))


def weekday(day: Ints) -> Ints:
    """0 for a Monday, of days since 1970."""
    return (day - MONDAY) % 7


def weekend_ratio(day: Ints, came: Ints) -> float:
    """People on an average day of a weekend against an average other day."""
    weekend = weekday(day) >= 5
    if weekend.all() or not weekend.any():
        return float("nan")
    other = came[~weekend].mean()
    return float(came[weekend].mean() / other) if other else float("nan")


def weekday_spread(day: Ints, came: Ints) -> tuple[float, float]:
    """How far weekdays differ beyond what days of one weekday differ, against the mean; and its standard error.

    Each day is compared with the seven days around it, so that growth does not count.
    """
    level = level_of(came)
    relative = np.divide(came, level, out=np.ones(len(came)), where=level > 0)
    which = weekday(day)
    weeks = np.bincount(which, minlength=7)
    if (weeks < 2).any():
        return float("nan"), float("inf")
    means = np.bincount(which, relative, minlength=7) / weeks
    within = float(((relative - means[which]) ** 2).sum() / (len(came) - 7))
    noise = within / weeks.mean()
    variance = float(means.var(ddof=1)) - noise
    spread = root_of(variance)
    # The variance of seven means has six degrees of freedom, of which only the noise is a sampling error.
    wobble = noise * np.sqrt(2 / 6) + 2 * np.sqrt(noise * max(variance, 0.0) / 7)
    return spread, float(min(wobble / (2 * abs(spread)) if spread else np.inf, np.sqrt(wobble)))


def level_of(came: Ints) -> Floats:
    """The mean of the seven days around each day; at the ends of those that there are."""
    if len(came) < 7:
        return np.full(len(came), came.mean() if len(came) else 0.0)
    inside = np.convolve(came, np.full(7, 1 / 7), mode="valid")
    return np.concatenate([np.full(3, inside[0]), inside, np.full(3, inside[-1])])


def commonest_minute(minutes: Ints) -> float:
    """What part of actions the busiest minute of the day has."""
    return float(minutes.max() / minutes.sum()) if minutes.sum() else float("nan")


def by_hour(logs: Logs) -> Curve:
    """What part of actions each hour has."""
    return [(f"{hour:02}", float(n) / max(1, int(logs.hours.sum()))) for hour, n in enumerate(logs.hours.tolist())]


def by_weekday(logs: Logs) -> Curve:
    """How many people come on an average day of each weekday."""
    which = weekday(logs.days)
    n = np.bincount(which, minlength=7)
    mean = np.bincount(which, logs.dailies, minlength=7) / np.maximum(n, 1)
    return list(zip(WEEKDAYS, mean.tolist(), strict=True))


def busiest_minutes(logs: Logs) -> Curve:
    """The busiest minutes of the day, and their part of actions."""
    order = np.argsort(-logs.minutes, kind="stable")[:12]
    total = max(1, int(logs.minutes.sum()))
    return [(f"{m // 60:02}:{m % 60:02}", float(logs.minutes[m]) / total) for m in sorted(order.tolist())]


def _acted(logs: Logs) -> int:
    return int(logs.hours.sum())


def _minute(logs: Logs) -> Measured:
    share, n = commonest_minute(logs.minutes), int(logs.minutes.sum())
    at = int(np.argmax(logs.minutes))
    # The busiest of 1,440 is several standard errors above its own expectation by chance alone.
    return Measured(share, n, 2 * share_error(share, n), f"at {at // 60:02}:{at % 60:02}")


def _weekend(logs: Logs) -> Measured:
    ratio = weekend_ratio(logs.days, logs.dailies)
    weeks = len(logs.days) / 7
    # Days differ among themselves, whoever comes: what a ratio of two means of days is off by.
    relative = logs.dailies / np.maximum(level_of(logs.dailies), 1e-9)
    error = float(relative.std() * np.sqrt(1 / (2 * weeks) + 1 / (5 * weeks)) * max(ratio, 0.0)) if weeks else np.inf
    return Measured(ratio, len(logs.days), error)


_HOURS = "share of actions by local hour"
_FAMILY = "hours and weekdays"

METRICS = (
    Metric(
        id="hour_peak", title="The busiest hour's share", family=_FAMILY,
        meaning="what part of everything happens in the busiest local hour; 1/24 is no rhythm",
        formula="largest of 24 local hours / all actions", needs=("actions",), counts="actions", fewest=500,
        unit="share",
        measure=lambda logs: Measured(peak_share(logs.hours), _acted(logs)), curve=by_hour, axes=_HOURS,
    ),
    Metric(
        id="night", title="The night's share", family=_FAMILY,
        meaning="what part of everything happens from 02:00 to 06:00 where people are; a sixth is no rhythm",
        formula="actions from 02:00 to 06:00 local / all actions",
        needs=("actions",), counts="actions", fewest=500, unit="share",
        measure=lambda logs: Measured(night_share(logs.hours), _acted(logs)), curve=by_hour, axes=_HOURS,
    ),
    Metric(
        id="hour_entropy", title="Evenness of hours", family=_FAMILY,
        meaning="1: all hours are the same; the lower, the more the day has a shape",
        formula="entropy of actions by local hour / ln 24", needs=("actions",), counts="actions", fewest=500,
        measure=lambda logs: Measured(entropy(logs.hours), _acted(logs)), curve=by_hour, axes=_HOURS,
    ),
    Metric(
        id="same_minute", title="The commonest minute of the day", family=_FAMILY,
        meaning="what part of everything happens in one and the same local minute; much of it is a scheduler",
        formula="largest of 1,440 local minutes / all actions",
        needs=("actions",), counts="actions", fewest=500, unit="share",
        measure=_minute, curve=busiest_minutes, axes="share of actions in the busiest minutes",
    ),
    Metric(
        id="weekend", title="Weekend against other days", family=_FAMILY,
        meaning="people on a Saturday or Sunday, against people on another day",
        formula="mean daily people on weekends / mean on other days, local days",
        needs=("actions",), counts="days", fewest=14, unit="times",
        measure=_weekend, curve=by_weekday, axes="people a day by weekday",
    ),
    Metric(
        id="weekday_spread", title="Difference between weekdays", family=_FAMILY,
        meaning="how far weekdays lie apart beyond chance, against their mean; 0: a week is flat, as no week of "
        "people is",
        formula="√(variance of the 7 weekday means − noise of days), of daily people over the mean of 7 days around",
        needs=("actions",), counts="days", fewest=28,
        measure=lambda logs: Measured(*_spread(logs)), curve=by_weekday, axes="people a day by weekday",
    ),
)  # fmt: skip


def _spread(logs: Logs) -> tuple[float, int, float]:
    spread, error = weekday_spread(logs.days, logs.dailies)
    return spread, len(logs.days), error


def local_day(moments: Ints) -> Ints:
    """Days since 1970 by people's own clocks."""
    return moments // DAY_US
