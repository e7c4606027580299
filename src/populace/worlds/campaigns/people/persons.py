"""Who people are, where they live, what number they have: functions of an address, so that those who are one agree.

It stands apart from contacts since most recipients of a bought list are nobody's contact. The numbers ring nowhere: the
line numbers 0100 to 0199 of the exchange 555 are kept for fiction.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from populace.spec import Columns, Draw, Ints, Joined, Number, Optional, Words
from populace.spec.kit.places import drawn_within
from populace.spec.kit.words import drawn
from populace.worlds.campaigns.catalogue import words
from populace.worlds.campaigns.parameters import ZONES
from populace.worlds.campaigns.parameters.fixed import FLATS
from populace.worlds.campaigns.tables import layout
from populace.worlds.campaigns.tables.layout import NO_CONTACT

AREAS = np.array((
    201, 202, 203, 205, 206, 207, 208, 209, 210, 212, 213, 214, 215, 216, 217, 218, 219, 224, 225, 228, 229, 231, 234,
    239, 240, 248, 251, 252, 253, 254, 256, 260, 262, 267, 269, 270, 276, 281, 301, 302, 303, 304, 305, 307, 308, 309,
    310, 312, 313, 314, 315, 316, 317, 318, 319, 320, 321, 323, 325, 330, 334, 336, 337, 339, 347, 351, 352, 360, 361,
    386, 401, 402, 404, 405, 406, 407, 408, 409, 410, 412, 413, 414, 415, 417, 419, 423, 425, 430, 432, 434, 435, 440,
    443, 469, 478, 479, 480, 484, 501, 502, 503, 504, 505, 507, 508, 509, 510, 512, 513, 515, 516, 517, 518, 520, 530,
    540, 541, 559, 561, 562, 563, 567, 570, 571, 573, 574, 580, 585, 586, 601, 602, 603, 605, 606, 607, 608, 609, 610,
    612, 614, 615, 616, 617, 618, 619, 620, 623, 626, 630, 631, 636, 641, 646, 650, 651, 660, 661, 662, 682, 701, 702,
    703, 704, 706, 707, 708, 712, 713, 714, 715, 716, 717, 718, 719, 720, 724, 727, 731, 732, 734, 740, 754, 757, 760,
    763, 765, 770, 772, 773, 774, 775, 781, 785, 786, 801, 802, 803, 804, 805, 806, 810, 812, 813, 814, 815, 816, 817,
    818, 828, 830, 831, 832, 843, 845, 847, 850, 856, 857, 858, 859, 860, 863, 864, 865, 901, 903, 904, 906, 907, 908,
    909, 910, 912, 913, 914, 915, 916, 917, 918, 919, 920, 925, 928, 931, 936, 937, 940, 941, 949, 951, 952, 954, 956,
    970, 971, 972, 973, 978, 979, 980, 985, 989,
))  # fmt: skip
"""Area codes in use."""
LINES = 100
_STRIDE = 7_919
"""A prime that divides no number of lines: neighbours get numbers far apart, and none twice before all are taken."""


def person(draw: Draw, entity: Ints, zone: Ints, number: Ints) -> Columns:
    """first_name, last_name, email, address, address2, city, state and zip of people.

    entity: an address that identifies each person; a recipient who is a contact has the contact's. zone: a
    position in `parameters.ZONES`, in which they live. number: distinguishes the e-mail addresses of people of one
    name.
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
            drawn(draw, "person.street", entity, words.streets()),
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
    return drawn_within(draw, "person.city", many, zone, entity)


@cache
def _lowered(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name.lower() for name in names)


def phone(entity: Ints) -> Joined:
    """`+1AAA55501XX` of each entity (any address, not negative). Its area code says nothing about where somebody lives:
    with a hundred numbers to a code, those of one city would not do for a client's contacts."""
    place = entity % (LINES * len(AREAS)) * _STRIDE % (LINES * len(AREAS))
    return Joined(("+1", Number(AREAS[place // LINES], 3), "55501", Number(place % LINES, 2)))


def entity_of_recipients(client: Ints, contact: Ints, address: Ints) -> Ints:
    """The entity by which each recipient has a number: the contact, or where there is none, the recipient."""
    return np.where(contact == NO_CONTACT, address, layout.contact_address(client, contact))


def of_contacts(client: Ints, contact: Ints) -> Joined:
    """The number of each contact of a client, and of the recipient who is that contact."""
    return phone(layout.contact_address(client, contact))


def of_recipients(client: Ints, contact: Ints, address: Ints) -> Joined:
    """The number of each recipient: that of the contact, or one of their own where there is none."""
    return phone(entity_of_recipients(client, contact, address))
