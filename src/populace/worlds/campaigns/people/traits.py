"""What people and clients are like, as functions of an address: trades, stages, how readily somebody answers, and cars.

It stands apart from their rows, since what they do follows from it too.
"""

from __future__ import annotations

import numpy as np

from populace.clock import DAY_US
from populace.spec import Bools, Columns, Draw, Ints, Items, Optional, Words
from populace.spec.heterogeneity import WHOLE
from populace.spec.kit.days import standard
from populace.spec.kit.holidays import month_and_day
from populace.worlds.campaigns.catalogue import words
from populace.worlds.campaigns.parameters import INDUSTRIES, STAGES, apportioned

STRANGERS = 1 << 60
"""No contact has an address as high: recipients who are none have names, houses and habits of their own."""
MILES_A_YEAR, MILES_SPREAD = 11_500, 3_600
LEAST_MILES, MOST_MILES = 2_000, 32_000
"""Miles that somebody drives in a year."""
CAR_AGES = 18
_YEARLY_PERCENT, _FIRST_PERCENT = 87, 84
"""What is left of a car's value after a year, and after the first one."""
_CENTS_A_MILE, _LEAST_VALUE = 7, 700


def industry(draw: Draw, client: Ints) -> Ints:
    """The industry of each client, a position in `parameters.INDUSTRIES`."""
    return dealt(draw, client)[0]


def dealt(draw: Draw, client: Ints) -> tuple[Ints, Ints]:
    """The industry of each client, and which of that industry's it is, from 0."""
    many = draw.size("client")
    ends = np.cumsum(apportioned(many, tuple(INDUSTRIES.values())))
    place = draw.shuffled("client.industry", many, np.zeros_like(client), client)
    which = np.searchsorted(ends, place, side="right")
    return which, place - np.concatenate(([0], ends))[which]


def theme_of(draw: Draw, items: Items) -> tuple[Ints, Ints]:
    """The theme of each campaign, a position among the themes of all industries, and which round of themes it is in."""
    themes = len(words.themes()[0])
    turn, theme = np.divmod(items.number // draw.size("client"), themes)
    return industry(draw, items.member) * themes + draw.shuffled("client.themes", themes, items.member, theme), turn


def month_of(items: Items) -> Ints:
    """The month of each mail date, January 0."""
    return month_and_day(items.at // DAY_US)[0] - 1


def stage(draw: Draw, address: Ints) -> Ints:
    """The lifecycle stage of each contact, a position in `STAGES`. Accounted with the tags (`lists`), else
    unrecorded.
    """
    return draw.choose("contact.stage", address, np.full(len(address), draw.origin_us))


def response(draw: Draw, person: Ints) -> Ints:
    """By what people's odds to answer are multiplied for life, in thousandths: by their stage, and for themselves.

    person: addresses of contacts, or of others from `STRANGERS` on.
    """
    own = draw.unrecorded.measure("person.response", person, np.full(len(person), draw.origin_us))
    known = person < STRANGERS
    of = np.full(len(person), len(STAGES))
    of[known] = stage(draw.unrecorded, person[known])
    out: Ints = own * words.appeal("stage", draw.values.number("appeal_strength"))[of] // WHOLE
    return out


def readiness(draw: Draw, person: Ints) -> Ints:
    """The same as a percentage: 50 for who answers as readily as most."""
    own = response(draw, person)
    out: Ints = 100 * own // (own + WHOLE)
    return out


def talk(draw: Draw, person: Ints) -> Ints:
    """By what the length of people's calls is multiplied, in thousandths."""
    return draw.unrecorded.measure("person.talk", person, np.full(len(person), draw.origin_us))


def car(draw: Draw, address: Ints, year: int, drives: Bools) -> Columns:
    """What is known of contacts' cars: year, make, model and mileage; with a value where the three agree.

    year: in which no car is newer. drives: who has one.
    """
    every = words.vehicles()
    which = draw.below("contact.vehicle", len(every), address)
    age = draw.below("contact.vehicle_age", CAR_AGES, address)
    mileage = 20_000 + 100 * draw.below("contact.mileage", 1_301, address)
    named: Columns = {
        "vehicle_make": Optional(drives, Words(which, tuple(v.make for v in every))),
        "vehicle_model": Optional(drives, Words(which, tuple(v.model for v in every))),
    }
    if draw.values.text("vehicles") == "drawn":
        return {"vehicle_year": Optional(drives, year - age), **named, "mileage": Optional(drives, mileage)}
    # Newer cars are commoner, and each is on average half a year older than its year says.
    age = age * draw.below("contact.vehicle_newer", CAR_AGES, address) // CAR_AGES
    yearly = np.clip(MILES_A_YEAR + MILES_SPREAD * standard(draw, "contact.drives", address) // 1000,
                     LEAST_MILES, MOST_MILES)  # fmt: skip
    miles = yearly * (2 * age + 1) // 2
    price = np.array([v.price for v in every])[which]
    left = np.array([100 if n == 0 else _FIRST_PERCENT * _YEARLY_PERCENT ** (n - 1) / 100 ** (n - 1)
                     for n in range(CAR_AGES)])  # fmt: skip
    usual = MILES_A_YEAR * (2 * age + 1) // 2
    value = price * left.astype(np.int64)[age] // 100 - (miles - usual) * _CENTS_A_MILE // 100
    return {
        "vehicle_year": Optional(drives, year - age),
        **named,
        "mileage": Optional(drives, miles // 10 * 10),
        "vehicle_value": Optional(drives, np.maximum(value, _LEAST_VALUE) // 50 * 50),
    }
