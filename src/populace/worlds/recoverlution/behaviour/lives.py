"""What makes people different: when they come, how fast they are, what they care about, and how kindly they rate.

Only where a plan says that people differ (`differ`); each is what they are for life, drawn once for the person.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from populace.spec import Bits, Draw, Inclination, Ints
from populace.spec.draw import Address
from populace.spec.heterogeneity import WHOLE
from populace.worlds.recoverlution import catalogue, people
from populace.worlds.recoverlution.catalogue import templates
from populace.worlds.recoverlution.parameters import MINDBLOCKS, SCHEMAS
from populace.worlds.recoverlution.parameters.fixed import ZONES

INCLINATION = Inclination(
    on="differ",
    propensity="life.propensity",
    stays="life.stays",
    phase="life.phase",
    phase_days="phase_days",
    hour="life.hour",
    hour_share="own_hour",
    hour_spread="own_hour_spread",
    curve="lived_hours",
    zones=ZONES,
    zone=people.zone,
    first_visit="life.first_visit",
    first_visit_s="life.first_visit.after",
    weekdays="lived_weekdays",
    day="life.day",
    day_memory="day_memory",
    day_spread="day_spread",
    holidays="holidays",
)
OF_A_SCHEMA = MINDBLOCKS // SCHEMAS


def pace(draw: Draw, person: Ints, address: Bits, at: Ints, number: Ints) -> Ints | None:
    """How long people take, in thousandths: some are slow, and some scenes hold them longer. None: all alike."""
    if not draw.values.flag("differ"):
        return None
    return own_pace(draw, person) * draw.measure("scene.pace", address, at, number) // WHOLE


def own_pace(draw: Draw, person: Ints) -> Ints:
    """How long people take, against others, in thousandths."""
    return draw.unrecorded.measure("own.pace", person, person)


def count_items(draw: Draw, item: Ints) -> None:
    """Count how good mindblocks are, once for each, at the beginning of history."""
    draw.measure("rating.quality", item, np.full(len(item), draw.origin_us))


def theme(draw: Draw, person: Ints) -> Ints:
    """The schema that people care about most."""
    return _named(draw, draw.unrecorded.choose("theme.popular", person, person))


def mindblock(draw: Draw, person: Ints, address: Address, at: Ints, counter: Ints | int = 0) -> Ints:
    """A mindblock of what somebody cares about, or of what is popular."""
    own = draw.chance("own.theme", address, at, counter)
    # Under another address than people's own, so that these are other draws.
    of = np.where(own, theme(draw, person), _named(draw, draw.choose("theme.popular", _other(address), at, counter)))
    rank = draw.choose("mindblock.popular", address, at, counter)
    return of * OF_A_SCHEMA + draw.shuffled("mindblock.rank", OF_A_SCHEMA, of, rank)


def sprint(draw: Draw, person: Ints, journey: Ints, own: Ints) -> Ints:
    """The template that somebody begins: their first one is an introduction, where it leads to what they care about.

    own: whether it is about that, 0 or 1.
    """
    of_pillar, introduction = _by_pillar()
    pillar = np.where(own > 0, _pillar_of_schema()[theme(draw, person)],
                      draw.below("journey.pillar", len(of_pillar), person, journey))  # fmt: skip
    many = of_pillar.shape[1]
    later = of_pillar[pillar, draw.shuffled("journey.sprint", many, person, journey % many)]
    return np.where((journey == 1) & (introduction[pillar] >= 0), introduction[pillar], later)


def practice(draw: Draw, person: Ints, journey: Ints, any_of_them: Ints, own: Ints) -> Ints:
    """The practice that somebody begins: at first the introduction, then their own one now and then."""
    favourite = 1 + draw.below("own.practice", len(catalogue.practices()) - 1, person)
    return np.where(journey == 1, 0, np.where(own > 0, favourite, any_of_them))


def stars(draw: Draw, person: Ints, item: Ints, address: Ints, at: Ints) -> Ints:
    """Ratings from 1 to 5: how kind somebody is, how good it is, and the moment."""
    quiet = draw.unrecorded
    kindness = quiet.measure("rating.kindness", person, person)
    tenths: Ints = kindness + quiet.measure("rating.quality", item, item) + draw.measure("rating.mood", address, at)
    out: Ints = np.clip((round(10 * draw.values.number("rating_mean")) + tenths + 5) // 10, 1, 5)
    return out


def _other(address: Address) -> Bits:
    return np.asarray(address).astype(np.uint64) | np.uint64(1 << 62)


def _named(draw: Draw, rank: Ints) -> Ints:
    """The schema of a rank of popularity."""
    return draw.shuffled("theme.rank", SCHEMAS, np.zeros(len(rank), dtype=np.int64), rank)


@cache
def _pillar_of_schema() -> Ints:
    keys = [p.key for p in catalogue.pillars()]
    return np.array([keys.index(s.pillar_key) for s in catalogue.schemas()], dtype=np.int64)


@cache
def _by_pillar() -> tuple[Ints, Ints]:
    """The sprints of each pillar, and its introduction; −1 where it has none."""
    every = templates.templates()
    of_pillar = [
        [n for n, t in enumerate(every) if t.pillar_key == p.key and not t.is_onboarding] for p in catalogue.pillars()
    ]
    first = [
        next((n for n, t in enumerate(every) if t.pillar_key == p.key and t.is_onboarding), -1)
        for p in catalogue.pillars()
    ]
    return np.array(of_pillar, dtype=np.int64), np.array(first, dtype=np.int64)
