"""How long people talk on the phone, and how soon they answer a text message: as documented, or freely."""

from __future__ import annotations

import numpy as np

from populace.clock import MINUTE_US, SECOND_US
from populace.spec import Draw, Ints
from populace.spec.heterogeneity import WHOLE
from populace.worlds.campaigns.people import traits

_LEAST_S, _MOST_S = 5, 5_400


def seconds(draw: Draw, address: Ints, at: Ints, person: Ints) -> Ints:
    """How long each call lasts. person: who calls, as `traits` has them."""
    if draw.values.number("call_spread") == 0:
        return draw.measure("call.seconds", address, at)
    own = traits.talk(draw, person)
    out: Ints = np.clip(draw.measure("call.length", address, at) * own // WHOLE, _LEAST_S, _MOST_S)
    return out


def replied_at(draw: Draw, address: Ints, answered: Ints, asked: Ints) -> Ints:
    """When each answers the question in a text message, which is never before it is asked."""
    if draw.values.number("reply_spread") == 0:
        # Five to sixty minutes after the call was answered.
        replied: Ints = answered + 5 * MINUTE_US + draw.below("call.reply", 55 * 60_000, address) * 1000
        out: Ints = np.maximum(replied, asked + 20 * SECOND_US)
        return out
    ms = 1000 * draw.measure("sms.reply_after", address, asked) + draw.below("sms.reply_ms", 1000, address)
    return asked + ms * 1000
