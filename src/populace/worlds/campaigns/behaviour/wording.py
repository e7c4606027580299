"""What is written: names of campaigns, notes about calls, and where an error happened. The catalogue's own lines, or
texts put together for whom they are about.
"""

from __future__ import annotations

import numpy as np

from populace.clock import DAY_US
from populace.spec import Draw, Ints, Items, Joined, Words
from populace.spec.kit.sayings import Manner
from populace.worlds.campaigns.catalogue import words
from populace.worlds.campaigns.parameters import INDUSTRIES
from populace.worlds.campaigns.people import traits

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NAME = Manner(("any",), (), "core", ())
_CALL = Manner(("agreed", "other"), ("open",), "core", ("after",), "short", short_of=7, slips_of=12)
_END = Manner(("callback", "escalated"), (), "core", ("after",), slips_of=12)
_ERROR = Manner(("any",), (), "core", ())


def name(draw: Draw, items: Items, themes: Words) -> Joined:
    """What campaigns are called, by their theme and month."""
    slots = words.sayings().slots(draw, items.number)
    slots["theme"] = themes
    slots["month"] = Words(traits.month_of(items), MONTHS)
    year = (items.at // DAY_US).astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    first = int(year.min()) if len(year) else 0
    slots["year"] = Words(year - first, tuple(str(first + n) for n in range(int(np.ptp(year)) + 1 if len(year) else 1)))
    return words.sayings().composed(draw, "name", 0 * items.number, items.number, slots, _NAME)


def call(draw: Draw, address: Ints, client: Ints, agreed: Ints) -> Joined:
    """What agents note about calls. agreed: 1 for who agreed to messages."""
    return words.sayings().composed(draw, "call", 1 - agreed, address, _about(draw, address, client), _CALL)


def end(draw: Draw, address: Ints, client: Ints, escalated: Ints) -> Joined:
    """What agents note of who wants to be called back (0), or whose call was passed on (1)."""
    return words.sayings().composed(draw, "end", escalated, address, _about(draw, address, client), _END)


def error(draw: Draw, number: Ints) -> Joined:
    """Where errors happened."""
    slots = words.sayings().slots(draw, number)
    return words.sayings().composed(draw, "error", 0 * number, number, slots, _ERROR)


def _about(draw: Draw, address: Ints, client: Ints) -> dict[str, Words]:
    """What fills the slots of notes: for each trade what its callers ask about."""
    said, trade = words.sayings(), traits.industry(draw, client)
    return said.slots(draw, address) | said.chosen(draw, "matter", tuple(INDUSTRIES), trade, address)
