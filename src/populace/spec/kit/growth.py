"""Growth: stretches of a schedule whose rate grows from month to month, such as people who join for ever."""

from __future__ import annotations

from populace.spec.schedule import Stretch

MONTH_DAYS = 30
LONGEST_YEARS = 100


def joining(*, first: int, history_days: int, per_day: float, monthly: float, years: int = 5) -> tuple[Stretch, ...]:
    """The stretches of members who join before and after the epoch, for `Schedule(stretches=…)`.

    first: so many are there from the beginning; they join on the first day of history. history_days: how long it is, at
    least 2. per_day: join a day at the epoch. monthly: by what share that grows in 30 days (0.05: five per cent more;
    negative: it shrinks), before and after the epoch. years: so long it goes on growing after the epoch, up to 100;
    then the last rate holds for ever.
    """
    if first < 0 or history_days < 2 or per_day < 0 or not -1 < monthly <= 1 or not 0 < years <= LONGEST_YEARS:
        raise ValueError("these numbers describe no growth")
    growth, out, owed = 1.0 + monthly, list[Stretch](), 0.0
    edges = [*range(1 - history_days, 0, MONTH_DAYS), *range(0, years * 365 + MONTH_DAYS, MONTH_DAYS)]
    rate = per_day
    for _ in range(-(-(history_days - 1) // MONTH_DAYS)):
        rate /= growth
    out.append((-history_days, 1 - history_days, first))
    for begins, ends in zip(edges[:-1], edges[1:], strict=True):
        # What a rounding leaves over comes in the next month.
        owed += rate * (ends - begins)
        out.append((begins, ends, round(owed)))
        owed -= round(owed)
        rate *= growth
    return tuple(out)
