"""What follows from HogFlix's parameters: pools, weights, factors by month and weekday, and a day's wheel of sign-ups.

Everything here is computed once a plan, so that draws compare whole numbers with whole numbers.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Mapping
from datetime import date
from functools import cache

import numpy as np

from populace.clock import DAY_US, HOUR_US, SECOND_US
from populace.errors import BadInput
from populace.spec import Values
from populace.spec.kit import rhythm
from populace.spec.lifecycle import NOBODY
from populace.spec.zones import offset_us
from populace.worlds.hogflix import catalogue
from populace.worlds.hogflix.catalogue import DEVICES, GENRES, REGIONS, SOURCES
from populace.worlds.hogflix.parameters.people import (
    CONSTANT,
    DAY_STARTS_US,
    DEVICE_TYPES,
    EVENTS,
    MILLION,
    PATTERNS,
    PEOPLE_A_POOL,
    SEGMENTS,
    SIGN_UP_HOURS,
    SIGN_UPS_A_SECOND,
    WEEKDAYS,
    word,
)

SEASONS = (1.0, 0.6, 0.1, -0.2, -0.5, -0.8, -1.0, -0.8, -0.2, 0.2, 0.6, 1.0)
"""How far each month is from the mean, times `season_strength`: people watch when evenings are long."""
_DISTINCT_ID = re.compile(r"p_[0-9]{5,}_[0-9]{13}")
_AWAKE = 0.1
"""Added to the weight of every hour: some people sign up in the small hours."""
_SEASONS_APART_US = (20_468 * DAY_US, 20_652 * DAY_US)
"""A day in January and one in July: the earlier clock of the two is the zone's standard time."""
UPLOADS_GO_ON_DAYS, UPLOADS_MONTH_DAYS = 3_650, 30
"""The calendar of uploads ends ten years after the epoch."""


def derive(values: Values) -> Mapping[str, object]:
    """What follows from the parameters of people. Raises BadInput for numbers that do not go together."""
    for low, high in (
        ("signups_low", "signups_high"),
        ("score_begins_low", "score_begins_high"),
        ("binge_days_low", "binge_days_high"),
        ("binge_rest_low", "binge_rest_high"),
        *((f"{e.lower()}_days_low", f"{e.lower()}_days_high") for e in EVENTS),
    ):
        if values.number(low) > values.number(high):
            raise BadInput("the lowest value is above the highest", where=f"hogflix.{low}", given=values[low],
                           allowed=f"at most {high} = {values[high]}")  # fmt: skip
    for path in ("away", "leaves"):
        _known(values.text(path), path)
    pools = max(1, round(values.number("persona_pool") / PEOPLE_A_POOL))
    strength = values.number("season_strength")
    return {
        "pools": pools,
        "people_a_pool": values.number("persona_pool") / pools,
        "signups_per": PEOPLE_A_POOL,
        "seasons": tuple(1 + strength * month for month in SEASONS),
        "weekdays": tuple(values.number(f"weekday_{day}") for day in WEEKDAYS),
        "plan_weights": _listed(values, "plan", SEGMENTS),
        "region_weights": _listed(values, "region", tuple(r.key for r in REGIONS)),
        "device_weights": _devices(values),
        "source_weights": _listed(values, "source", SOURCES),
        "genre_weights": _listed(values, "genre", GENRES),
        **{f"pattern_weights_{s.lower()}": _listed(values, f"pattern_{s.lower()}", PATTERNS) for s in SEGMENTS},
        "life_event_weights": _rest(values, [f"{e.lower()}_chance" for e in EVENTS]),
        "visits_weights": _rest(values, ["visits_second", "visits_third"]),
        **_plan_changes(values),
        **_sign_ups(values, pools),
        "titles": len(catalogue.titles()) + min(
            len(catalogue.uploads()), int(UPLOADS_GO_ON_DAYS * values.number("uploads_a_month") / UPLOADS_MONTH_DAYS)
        ),
    }  # fmt: skip


def _known(names: str, path: str) -> None:
    unfit = [name for name in names.split(",") if not _DISTINCT_ID.fullmatch(name.strip())]
    if names != NOBODY and unfit:
        raise BadInput("this is no distinct_id", where=f"hogflix.{path}", given=unfit[0],
                       allowed=f"{NOBODY} for nobody, or ids such as p_00012_1767225600000, with commas")  # fmt: skip


def schedule(text: str) -> tuple[tuple[date, float], ...]:
    """From when on pools are how many times as large; BadInput when the text says no such thing."""
    if text == CONSTANT:
        return ()
    steps: list[tuple[date, float]] = []
    for part in text.split(","):
        day, _, factor = part.strip().partition(":")
        try:
            steps.append((date.fromisoformat(day), float(factor)))
        except ValueError:
            raise _unfit_schedule("this is no date and factor", part) from None
        if not 0 <= steps[-1][1] <= 10:
            raise _unfit_schedule("a factor is from 0 to 10", part)
    if any(a[0] >= b[0] for a, b in itertools.pairwise(steps)):
        raise _unfit_schedule("the dates do not follow each other", text)
    return tuple(steps)


def _unfit_schedule(what: str, given: str) -> BadInput:
    return BadInput(what, where="hogflix.pool_schedule", given=given,
                    allowed=f"{CONSTANT}, or dates with factors such as 2026-03-01:0.8,2026-06-01:1.2")  # fmt: skip


def _sign_ups(values: Values, pools: int) -> Mapping[str, object]:
    """The wheel of a day's sign-ups: `signup_wheel` places a pool, each with a second of its own in a block of hours.

    A block is as short as five sign-ups a second allow (C32), so that small deployments sign up by the hour of the day
    and only very large ones in longer blocks. Raises BadInput when so many fit into no day.
    """
    largest = max([1.0, *(factor for _, factor in schedule(values.text("pool_schedule")))])
    a_pool = values.number("persona_pool") / pools * largest / PEOPLE_A_POOL
    most = math.ceil(values.number("signups_high") * a_pool) + 1
    second_places = SIGN_UPS_A_SECOND * HOUR_US // SECOND_US
    hours = next((h for h in (1, 2, 3, 6, 9, SIGN_UP_HOURS) if pools * most <= h * second_places), None)
    if hours is None:
        raise BadInput(
            f"more than {SIGN_UPS_A_SECOND} people a second would sign up",
            where="hogflix.signups_high",
            given=values["signups_high"],
            todo="fewer sign-ups a day, or a smaller persona_pool",
        )
    wheel = max(most, hours * second_places // pools)
    curve = _sign_up_curve(values)
    return {
        "signup_block_hours": hours,
        "signup_wheel": wheel,
        "signup_step": _coprime(pools * wheel),
        "signup_edges": tuple(_edges(_blocks(curve, hours, _standard_hours(r.zone))) for r in REGIONS),
    }


def _coprime(places: int) -> int:
    """A step that visits every place of a wheel once, neighbours far from each other."""
    step = max(1, round(places * 0.618034))
    while math.gcd(step, places) > 1:
        step += 1
    return step


def _edges(weights: tuple[float, ...]) -> tuple[int, ...]:
    """Where each block but the first begins, in millionths of all."""
    return tuple(round(total / math.fsum(weights) * MILLION) for total in itertools.accumulate(weights[:-1]))


@cache
def _standard_hours(zone: str) -> float:
    """How far a zone's standard time is ahead of UTC, in hours."""
    here = np.zeros(2, dtype=np.int64)
    return float(offset_us((zone,), here, np.array(_SEASONS_APART_US)).min()) / HOUR_US


def _sign_up_curve(values: Values) -> tuple[float, ...]:
    """How likely a sign-up is by local hour: as visits of a weekday are, and a little at any hour."""
    evening = tuple(float(hour.weekday) for hour in catalogue.hours())
    if found := rhythm.week(values, "hogflix"):
        mean = math.fsum(evening) / len(evening)
        evening = tuple(mean * by for by in rhythm.of_hours(found))
    return tuple(by + _AWAKE for by in evening)


def _blocks(curve: tuple[float, ...], hours: int, ahead_hours: float) -> tuple[float, ...]:
    """Weights of the blocks of a day of people whose local time is so far ahead; between full hours, in proportion."""
    weights = []
    for number in range(SIGN_UP_HOURS):
        begins = DAY_STARTS_US / HOUR_US + number + ahead_hours
        into = begins - math.floor(begins)
        here, after = (curve[(math.floor(begins) + late) % 24] for late in (0, 1))
        weights.append((1 - into) * here + into * after)
    return tuple(math.fsum(weights[at : at + hours]) for at in range(0, SIGN_UP_HOURS, hours))


def _devices(values: Values) -> tuple[float, ...]:
    """Weights of devices: each type's own, divided among its devices as they are in the catalogue."""
    types = dict(zip(DEVICE_TYPES, _listed(values, "device", DEVICE_TYPES), strict=True))
    total = {t: math.fsum(d.share for d in DEVICES if d.device_type == t) for t in DEVICE_TYPES}
    return tuple(types[d.device_type] * d.share / total[d.device_type] for d in DEVICES)


def _plan_changes(values: Values) -> Mapping[str, object]:
    """For each plan, how likely its people have each plan after a month's chance to change it."""
    change = values.number("subscription_change")
    up = change * values.number("subscription_upgrades")
    down, cancels = change - up, values.number("subscription_cancels")
    retries = [int(values.number(f"retry_{n}_days")) for n in (1, 2, 3)]
    if not retries[0] < retries[1] < retries[2]:
        raise BadInput("attempts to be paid do not follow each other", where="hogflix.retry_1_days", given=retries,
                       allowed="retry_1_days before retry_2_days before retry_3_days")  # fmt: skip
    return {
        "plan_after_basic": (1 - up, up, 0.0),
        "plan_after_standard": (down, 1 - change, up),
        "plan_after_premium": (down * cancels, down * (1 - cancels), 1 - down),
    }


def _rest(values: Values, paths: list[str]) -> tuple[float, ...]:
    """Shares with what they leave of 1 before them; BadInput when they leave less than nothing."""
    shares = [values.number(path) for path in paths]
    if math.fsum(shares) > 1:
        raise BadInput("these shares come to more than 1", where=f"hogflix.{paths[0]}", given=shares,
                       allowed=f"{' + '.join(paths)} of at most 1")  # fmt: skip
    return (1 - math.fsum(shares), *shares)


def _listed(values: Values, of: str, names: tuple[str, ...]) -> tuple[float, ...]:
    weights = tuple(values.number(f"{of}_{word(name)}") for name in names)
    if not any(weights):
        raise BadInput("these weights are all 0", where=f"hogflix.{of}_{word(names[0])}", given=list(weights),
                       allowed="at least one of them above 0")  # fmt: skip
    return weights
