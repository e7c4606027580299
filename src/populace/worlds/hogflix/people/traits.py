"""Who lives in HogFlix: what a person is for life, how they are known, and when they sign up.

Whatever is drawn once a life (region, device, source, genre) is drawn with accounts in `accounts.people` alone, when
they sign up; everybody else asks the same function with `draw.unrecorded` and hears the same.
"""

from __future__ import annotations

import numpy as np

from populace.clock import DAY_US, HOUR_US, SECOND_US
from populace.spec import Cohort, Draw, Ints, Joined, Key, Number
from populace.spec.cohort import PERSON_BITS
from populace.worlds.hogflix.catalogue import GENRES
from populace.worlds.hogflix.parameters.people import DAY_STARTS_US, MILLION, SIGN_UPS_A_SECOND
from populace.worlds.hogflix.parameters.tastes import TASTES_A_GENRE
from populace.worlds.hogflix.tables import DOMAIN

_POWERS = np.array([10**k for k in range(1, 19)])


def region(draw: Draw, who: Cohort) -> Ints:
    """Where each lives: a position in REGIONS, for life."""
    return draw.choose("region", who.person, who.at)


def device(draw: Draw, who: Cohort) -> Ints:
    """What each watches on at home: a position in DEVICES, for life."""
    return draw.choose("device", who.person, who.at)


def own_hour(draw: Draw, who: Cohort) -> Ints:
    """The hour of the local day about which each comes by preference, for life."""
    return draw.choose("own.hour", who.person, who.at)


def own_size(draw: Draw, who: Cohort) -> Ints:
    """How large the visits of each are, against those of others, in thousandths, for life."""
    return draw.measure("own.size", who.person, who.at)


def other_device(draw: Draw, who: Cohort, which: int) -> Ints:
    """What else each watches on, now and then, for life. which: 0 or 1."""
    return draw.choose("device.other", who.person, who.at, which)


def tastes(draw: Draw, who: Cohort) -> tuple[Ints, Ints]:
    """The two tastes of each, for life: the first is one of the genre they like most."""
    first = affinity(draw, who) * TASTES_A_GENRE + draw.below("taste.first", TASTES_A_GENRE, who.person)
    return first, draw.below("taste.second", len(GENRES) * TASTES_A_GENRE, who.person)


def source(draw: Draw, who: Cohort) -> Ints:
    """How each found HogFlix: a position in SOURCES."""
    return draw.choose("source", who.person, who.at)


def affinity(draw: Draw, who: Cohort) -> Ints:
    """The genre each likes most: a position in GENRES, for life."""
    return draw.choose("affinity", who.person, who.at)


def user_key(_draw: Draw, who: Cohort) -> Key:
    """The key of each auth user, and of their one profile."""
    return Key("users", who.person, who.joined_at)


def number(draw: Draw, who: Cohort) -> Ints:
    """The number of each over the whole deployment: the n-th of a pool has n · pools + pool."""
    nth = who.person & ((1 << PERSON_BITS) - 1)
    out: Ints = nth * draw.size("pool") + (who.person >> PERSON_BITS)
    return out


def distinct_id(draw: Draw, who: Cohort) -> Joined:
    """`p_00123_1730123456789`: the person's number with at least five digits, and the moment of the sign-up in ms."""
    return Joined(("p_", Number(number(draw, who), 5), "_", Number(who.joined_at // 1000)))


def short_id(draw: Draw, who: Cohort) -> Joined:
    """The first twelve characters of `distinct_id`; one more where a number has nine digits, for the `_` and a 1."""
    mine = number(draw, who)
    digits = np.clip(np.searchsorted(_POWERS, mine, side="right") + 1, 5, 8)
    # Moments in ms have 13 digits until the year 2286; nine characters are left for the number and their first ones.
    return Joined(("p_", Number(mine, 5), "_", Number(who.joined_at // 1000 // _POWERS[digits + 3])))


def email(draw: Draw, who: Cohort) -> Joined:
    """The address of each, at the reserved domain (C35)."""
    return Joined((distinct_id(draw, who), f"@{DOMAIN}"))


def sign_up(draw: Draw, who: Cohort) -> Ints:
    """When each signs up, µs after the start of the first day: mostly in the evening where they live.

    A person has a place on the day's wheel of its own, which says the second within a block of hours; the region draws
    the block. So no second of the whole deployment sees more than five sign-ups (C32).
    """
    wheel, hours = (draw.values.whole(path) for path in ("signup_wheel", "signup_block_hours"))
    period = hours * HOUR_US // SECOND_US
    pool, nth = who.person >> PERSON_BITS, who.person & ((1 << PERSON_BITS) - 1)
    places = draw.size("pool") * wheel
    turn = draw.below("signup.turn", places, who.at // DAY_US)
    place = ((pool * wheel + nth % wheel) * draw.values.whole("signup_step") + turn) % places
    edges = np.array(draw.values.table("signup_edges"))[region(draw.unrecorded, who)]
    block = (draw.below("signup.block", MILLION, who.person)[:, None] >= edges).sum(axis=1)
    share_us = SECOND_US // SIGN_UPS_A_SECOND
    within = place // period * share_us + draw.below("signup.ms", share_us // 1000, who.person) * 1000
    out: Ints = (block * period + place % period) * SECOND_US + within
    return out


def some(who: Cohort, index: Ints) -> Cohort:
    """Some of a cohort, by position."""
    return Cohort(
        person=who.person[index],
        pool=who.pool[index],
        joined_at=who.joined_at[index],
        at=who.at[index],
        state=who.state[index],
        pattern=who.pattern[index],
        segment=who.segment[index],
        event=who.event[index],
        score=who.score[index],
        tenure=who.tenure[index],
        fields={name: values[index] for name, values in who.fields.items()},
    )


def day_of(at: Ints) -> Ints:
    """The persona-day (since 1970) that holds each moment."""
    out: Ints = (at - DAY_STARTS_US) // DAY_US
    return out
