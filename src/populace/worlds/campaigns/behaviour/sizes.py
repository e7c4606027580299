"""How many recipients a campaign has: as many as keep the mail at one rate, whatever is under way at the epoch.

The document says how many campaigns are drafts, in production and mailed at the epoch; over a long history that is more
of them in the weeks after it than in weeks before. So each stretch of campaigns shares what is due in its days, by the
calendar: what goes to the mail is level, though a campaign there may be smaller.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from populace.clock import DAY_US, HOUR_US
from populace.spec import Draw, Ints, Items, zones
from populace.spec.schedule import Stretch, stretches_of
from populace.worlds.campaigns.behaviour.dates import HISTORY
from populace.worlds.campaigns.parameters import MAILED_AT, MONTHS, WEEKDAYS

_QUARTER_US = HOUR_US // 4


def sizes_of(draw: Draw, items: Items) -> Ints:
    """Recipients of each campaign: from 80 to 120 percent of its stretch's mean, in even steps, so that the total of a
    stretch is the same in any plan.
    """
    rank = np.empty(len(items.number), dtype=np.int64)
    for many in np.unique(items.many).tolist():
        here = items.many == many
        rank[here] = draw.shuffled("campaign.size", many, items.stretch[here], items.place[here])
    stretch, place = np.unique(items.stretch, return_inverse=True)
    mean = np.array([_mean(draw, one) for one in stretch.tolist()], dtype=np.int64)[place]
    size = (mean * (160 * items.many + 40 * (2 * rank + 1)) // (200 * items.many) + 500) // 1000
    return np.maximum(size, 1)


def _mean(draw: Draw, stretch: int) -> int:
    """Thousandths of a recipient, of a campaign in the stretch; of a requested one (-1) as over all history."""
    declared = stretches_of(draw.values["campaign_stretches"], "campaign_stretches")
    of_history = [declared[n] for n in HISTORY]
    whole = sum(_weight(draw, *one[:2]) for one in of_history)
    if stretch < 0:
        return draw.values.whole("history_recipients") // sum(many for _, _, many in of_history)
    begins, ends, many = _nth(declared, stretch)
    return draw.values.whole("history_recipients") * _weight(draw, begins, ends) // (whole * many)


def _nth(declared: tuple[Stretch, ...], number: int) -> Stretch:
    """A stretch by its number; the last of those declared is repeated."""
    begins, ends, many = declared[min(number, len(declared) - 1)]
    on = max(0, number - len(declared) + 1) * (ends - begins)
    return begins + on, ends + on, many


def _weight(draw: Draw, begins: int, ends: int) -> int:
    """What the calendar of mailings adds up to from one day to another, counted from the epoch."""
    return _weights(draw.values.text("timezone"), draw.epoch_us + begins * DAY_US, draw.epoch_us + ends * DAY_US)


@lru_cache(maxsize=256)
def _weights(zone: str, start_us: int, end_us: int) -> int:
    at = np.arange(start_us, end_us, _QUARTER_US)
    local = zones.local((zone,), np.zeros(len(at), dtype=np.int64), at)
    day, hour = local // DAY_US, local % DAY_US // HOUR_US
    mailed = (hour >= MAILED_AT[0]) & (hour < MAILED_AT[1])
    day = day[mailed]
    month = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
    weight = np.array(MONTHS)[month] * np.array(WEEKDAYS)[zones.weekday(day)]
    # In hundredths, exactly: sums are of whole numbers.
    return int(np.round(weight * 100).astype(np.int64).sum())
