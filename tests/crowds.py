"""Made populations for the metrics of realism: one with the properties of people, and one of dice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from populace.checks.realism.logs import Actions, Campaigns, Followed, Logs, People, Ratings, Written
from populace.clock import DAY_US, HOUR_US, MINUTE_US, SECOND_US
from populace.engine import streams

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
MONDAY_US = 20_458 * DAY_US
"""2026-01-05."""
GAP_US = 30 * MINUTE_US


class Dice:
    """Numbers from named streams, one after the other."""

    def __init__(self, seed: int) -> None:
        self._seed, self._drawn = seed, 0

    def uniform(self, n: int) -> Floats:
        """Numbers in (0, 1)."""
        self._drawn += 1
        seed = streams.stream_seed(self._seed, f"crowd {self._drawn}")
        drawn = streams.bits(seed, np.arange(n, dtype=np.int64)) >> np.uint64(11)
        return (drawn.astype(np.float64) + 0.5) / 2**53

    def normal(self, n: int) -> Floats:
        """Of mean 0 and deviation 1 (Box and Muller)."""
        radius: Floats = np.sqrt(-2 * np.log(self.uniform(n)))
        return radius * np.cos(2 * np.pi * self.uniform(n))

    def one_of(self, weights: Floats, n: int) -> Ints:
        """Positions by their weights."""
        return np.searchsorted(np.cumsum(weights) / weights.sum(), self.uniform(n)).astype(np.int64)


def actions(who: Ints, at: Ints, item: Ints | None = None, size: Floats | None = None) -> Actions:
    """Actions by person and time, where clocks show UTC. item 0: none."""
    n = len(who)
    item = np.zeros(n, dtype=np.int64) if item is None else item
    size = np.full(n, np.nan) if size is None else size
    order = np.lexsort([at, who])
    return Actions(who[order], at[order], at[order], at[order], np.ones(n, dtype=np.int64), item[order], size[order])


@dataclass
class Shape:
    """Of a crowd."""

    people: int = 700
    days: int = 120
    items: int = 300
    campaigns: int = 60


def people_like(seed: int = 1, shape: Shape | None = None) -> Logs:
    """People as they are: unequal, bursty, with an hour, a pace, a taste and words of their own; most leave early."""
    shape = shape or Shape()
    dice, n = Dice(seed), shape.people
    joined_day = (dice.uniform(n) * shape.days * 0.9).astype(np.int64)
    pace = np.exp(0.9 * dice.normal(n) - 1.3)
    # A chance to leave after a week, of one's own: Beta(0.7, 1.5), by a power of a uniform number near enough.
    leave = dice.uniform(n) ** 1.8
    weeks = np.floor(np.log(dice.uniform(n)) / np.log1p(-np.clip(leave, 1e-4, 0.999)))
    hour = np.where(dice.uniform(n) < 0.75, 20.3 + 1.6 * dice.normal(n), 12.5 + 2.5 * dice.normal(n))
    length = np.log(25.0) + 0.5 * dice.normal(n)
    taste = (dice.uniform(n) * 6).astype(np.int64)
    factor = _day_factors(dice, shape.days)
    joins = MONDAY_US + joined_day * DAY_US + ((hour % 24) * HOUR_US).astype(np.int64)
    who, at = [np.arange(n)], [joins + (dice.uniform(n) * 300 * SECOND_US).astype(np.int64)]
    for person in range(n):
        until = min(shape.days, joined_day[person] + int(7 * (weeks[person] + 1)))
        day, days = float(joined_day[person]), []
        gaps = np.exp(1.1 * dice.normal(200)) / pace[person] * 0.5
        for gap, luck in zip(gaps.tolist(), dice.uniform(200).tolist(), strict=True):
            day += max(gap, 0.4)
            if day >= until:
                break
            if luck < factor[int(day)] / factor.max():
                days.append(int(day))
        k = len(days)
        own = (hour[person] + 1.5 * dice.normal(k)) if k else np.zeros(0)
        stray = dice.uniform(k) < 0.12
        own = np.where(stray, 24 * dice.uniform(k), own) % 24
        at.append(MONDAY_US + np.array(days, dtype=np.int64) * DAY_US + (own * HOUR_US).astype(np.int64))
        who.append(np.full(k, person))
    visitor, began = np.concatenate(who), np.concatenate(at)
    each = 1 + (dice.uniform(len(visitor)) ** 3 * 5).astype(np.int64)
    visit = np.repeat(np.arange(len(visitor)), each)
    person, m = visitor[visit], int(each.sum())
    within = np.arange(m) - np.repeat(np.cumsum(each) - each, each)
    moment = began[visit] + (within * 180e6 * np.exp(0.8 * dice.normal(m))).astype(np.int64)
    size = np.exp(length[person] + 0.8 * dice.normal(m))
    popular = 1 / np.arange(1, shape.items + 1) ** 0.9
    genre = np.arange(shape.items) * 7919 % 6
    item = dice.one_of(popular, m)
    for t in range(6):
        mine = np.flatnonzero((taste[person] == t) & (dice.uniform(m) < 0.55))
        item[mine] = dice.one_of(popular * (genre == t), len(mine))
    rated = np.flatnonzero(dice.uniform(m) < 0.4)
    good, kind = 0.5 * dice.normal(shape.items), 0.45 * dice.normal(n)
    stars = np.clip(np.rint(3.7 + good[item[rated]] + kind[person[rated]] + 0.8 * dice.normal(len(rated))), 1, 5)
    wrote = np.flatnonzero(dice.uniform(m) < 0.12)
    since = moment[rated]
    trials = np.full(shape.campaigns, 400)
    rate = 0.05 * np.exp(0.5 * dice.normal(shape.campaigns))
    return Logs(
        gap_us=GAP_US,
        people=People(np.arange(n), joins),
        actions=actions(person, moment, item + 1, size),
        ratings=Ratings(person[rated], item[rated] + 1, stars),
        campaigns=Campaigns(np.arange(shape.campaigns), trials, _binomial(dice, trials, rate)),
        texts=Written(person[wrote], np.full(len(wrote), "notes", dtype=object), sentences(dice, len(wrote))),
        followed=Followed(
            person[rated],
            np.full(len(rated), "rating", dtype=object),
            since,
            since + (np.exp(2.5 + dice.normal(len(rated))) * SECOND_US).astype(np.int64),
        ),
    )


def dice_like(seed: int = 1, shape: Shape | None = None) -> Logs:
    """Naive people: all alike, each comes on any day at any moment with the same chance, and takes anything."""
    shape = shape or Shape()
    dice, n = Dice(seed), shape.people
    came = dice.uniform(n * shape.days) < 0.3
    person = np.repeat(np.arange(n), shape.days)[came]
    day = np.tile(np.arange(shape.days), n)[came]
    m = len(person)
    moment = MONDAY_US + day * DAY_US + (dice.uniform(m) * 86_400).astype(np.int64) * SECOND_US
    item = (dice.uniform(m) * shape.items).astype(np.int64)
    rated = np.flatnonzero(dice.uniform(m) < 0.4)
    wrote = np.flatnonzero(dice.uniform(m) < 0.1)
    trials = np.full(shape.campaigns, 400)
    lorem = np.array(["Lorem ipsum dolor sit amet.", "Consectetur adipiscing elit.", "Sed do eiusmod."], dtype=object)
    return Logs(
        gap_us=GAP_US,
        people=People(np.arange(n), np.full(n, MONDAY_US) + (np.arange(n) % 60) * DAY_US),
        actions=actions(person, moment, item + 1, 5 + 55 * dice.uniform(m)),
        ratings=Ratings(person[rated], item[rated] + 1, 1 + (dice.uniform(len(rated)) * 5).astype(np.int64) * 1.0),
        campaigns=Campaigns(
            np.arange(shape.campaigns), trials, _binomial(dice, trials, np.full(shape.campaigns, 0.05))
        ),
        texts=Written(
            person[wrote],
            np.full(len(wrote), "notes", dtype=object),
            lorem[(dice.uniform(len(wrote)) * 3).astype(np.int64)],
        ),
        followed=Followed(
            person[rated],
            np.full(len(rated), "rating", dtype=object),
            moment[rated],
            moment[rated] + 5 * SECOND_US,
        ),
    )


SYLLABLES = tuple(a + b for a in "bdfgklmnprstv" for b in "aeiou")


def sentences(dice: Dice, n: int) -> NDArray[np.object_]:
    """Texts of some words each, of which hardly two are alike."""
    words = 5 + (dice.uniform(n) * 9).astype(np.int64)
    which = (dice.uniform(int(words.sum()) * 2) * len(SYLLABLES)).astype(np.int64).tolist()
    out, place = [], 0
    for k in words.tolist():
        out.append(" ".join(SYLLABLES[which[place + 2 * i]] + SYLLABLES[which[place + 2 * i + 1]] for i in range(k)))
        place += 2 * k
    return np.array(out, dtype=object)


def _day_factors(dice: Dice, days: int) -> Floats:
    """How lively each day is for everybody: weekends, and a slow common factor."""
    out, level = np.empty(days), 0.0
    for day, step in enumerate(dice.normal(days).tolist()):
        level = 0.85 * level + 0.08 * step
        out[day] = np.exp(level) * (1.25 if day % 7 >= 5 else 1.0)
    return out


def _binomial(dice: Dice, trials: Ints, rate: Floats) -> Ints:
    return np.array([int((dice.uniform(int(n)) < p).sum()) for n, p in zip(trials, rate, strict=True)], dtype=np.int64)
