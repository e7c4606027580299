"""When visits begin: by the hour where people live, so that the evening stays where it is when clocks change.

A persona's day begins at 07:15 UTC, which is another local time for everybody: each local hour is looked for between
one such moment and the next.
"""

from __future__ import annotations

import numpy as np

from populace.clock import DAY_US, HOUR_US
from populace.spec import Draw, Ints, Visits
from populace.spec.lifecycle import SATURDAY
from populace.spec.zones import offset_us
from populace.worlds.hogflix import people

_HOUR_MS = HOUR_US // 1000


def times(draw: Draw, visits: Visits) -> Ints:
    """When each visit would begin, µs after the start of its day, in whole ms.

    The curve is that of the weekday on which the persona's day begins where she lives; an hour that the clocks skip is
    taken an hour later, one that they repeat is taken once.
    """
    who = visits.who
    zone = people.region(draw.unrecorded, who)
    ahead = offset_us(people.ZONES, zone, who.at)
    local = who.at + ahead
    # 1970 began on a Thursday.
    weekend = (local // DAY_US + 3) % 7 >= SATURDAY
    hour = np.empty(len(visits.k), dtype=np.int64)
    for curve, some in (("weekday", np.flatnonzero(~weekend)), ("weekend", np.flatnonzero(weekend))):
        hour[some] = draw.choose(f"visit.hour.{curve}", visits.address[some], who.at[some])
    of_day = hour * HOUR_US + draw.below("visit.moment", _HOUR_MS, visits.address) * 1000
    after = (of_day - local) % DAY_US
    moved = offset_us(people.ZONES, zone, who.at + after) - ahead
    return np.where(moved == 0, after, (after - moved) % DAY_US)
