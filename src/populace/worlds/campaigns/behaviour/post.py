"""When the post works: not on Sundays and holidays, where carriers rest."""

from __future__ import annotations

from populace.spec import Draw, Ints
from populace.spec.kit import holidays
from populace.worlds.campaigns.catalogue import words


def works_near(draw: Draw, day: Ints, low: Ints, high: Ints) -> Ints:
    """Each day, or the nearest one from `low` to `high` on which the post works (days since 1970)."""
    if not draw.values.flag("carriers_rest"):
        return day
    return holidays.open_near(words.holidays(), day, low, high)
