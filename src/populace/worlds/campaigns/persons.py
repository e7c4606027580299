"""Who people are and where they live: a function of an address, so that a contact and a recipient who are one agree.

It stands apart from contacts since most recipients of a bought list are nobody's contact.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from populace.spec import Columns, Draw, Ints, Joined, Number, Optional, Words
from populace.worlds.campaigns import words
from populace.worlds.campaigns.parameters import ZONES

FLATS = 40
"""A fifth of all people live in one of so many."""


def person(draw: Draw, entity: Ints, zone: Ints, number: Ints) -> Columns:
    """first_name, last_name, email, address, address2, city, state and zip of people.

    entity: an address that tells each person from all others; a recipient who is a contact has the contact's. zone: a
    position in `parameters.ZONES`, in which they live. number: tells apart the e-mail addresses of people of one name.
    """
    first, last = (
        draw.below(f"person.{half}", len(names), entity)
        for half, names in (("first", words.first_names()), ("last", words.last_names()))
    )
    lives, cities = city(draw, entity, zone), words.cities()
    flat = draw.below("person.flat", 5 * FLATS, entity)
    return {
        "first_name": Words(first, words.first_names()),
        "last_name": Words(last, words.last_names()),
        "email": Joined((
            Words(first, _lowered(words.first_names())), ".", Words(last, _lowered(words.last_names())),
            Number(number), "@example.com",
        )),
        "address": Joined((
            Number(100 + draw.below("person.house", 9_800, entity)), " ",
            Words(draw.below("person.street", len(words.streets()), entity), words.streets()),
        )),
        "address2": Optional(flat < FLATS, Joined(("Apt ", Number(flat % FLATS + 1)))),
        "city": Words(lives, tuple(c.name for c in cities)),
        "state": Words(lives, tuple(c.state for c in cities)),
        "zip": Joined((
            Words(lives, tuple(c.zip_prefix for c in cities)), Number(1 + draw.below("person.zip", 98, entity), 2),
        )),
    }  # fmt: skip


def city(draw: Draw, entity: Ints, zone: Ints) -> Ints:
    """The city in which each person lives, a position in `words.cities()`: one of their time zone."""
    many = np.bincount([c.zone for c in words.cities()], minlength=len(ZONES))
    first: Ints = np.cumsum(many) - many
    return first[zone] + draw.below("person.city", many[zone], entity)


@cache
def _lowered(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name.lower() for name in names)
