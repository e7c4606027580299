"""The titles of a plan as they stand to be picked: what each weighs on a day, and whom it suits. Fixed in the plan."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from populace.clock import DAY_US
from populace.spec import Draw, Ints
from populace.worlds.hogflix import catalogue
from populace.worlds.hogflix.catalogue import GENRES, content
from populace.worlds.hogflix.parameters.tastes import OWN_GENRE, TASTES_A_GENRE
from populace.worlds.hogflix.parameters.visits import NORMAL_STEPS

ANY = len(GENRES)
"""Beside the positions in GENRES: whatever there is."""
WAVE_DAYS = (60, 300)
"""Between two peaks of a title's popularity, at least and less than so many."""


@dataclass(frozen=True, slots=True, eq=False)
class Shelf:
    """Every title there will ever be. weight: by rank. hype: factors of the first days, in thousandths.

    order: the titles part by part, as they take turns; parts: where each part begins in it, and the end. suits: how
    well each suits each taste, in thousandths of a deviation: int64[tastes, titles]; factor: what weights are
    multiplied by for it, in thousandths. drift: how far popularity rises and falls, in waves of so many days that began
    so many days before 1970.
    """

    genre: Ints
    weight: Ints
    released_us: Ints
    duration_s: Ints
    hype: Ints
    order: Ints
    parts: Ints
    suits: Ints
    factor: Ints
    drift: float
    waves: tuple[Ints, Ints]

    @property
    def rows(self) -> int:
        """Of `edges`."""
        return ANY + 1 + len(self.factor)

    def at(self, at_us: int) -> Ints:
        """The weight of each title at a moment."""
        age = (at_us - self.released_us) // DAY_US
        fresh = np.clip(age, 0, len(self.hype) - 1)
        weight = np.where(age < len(self.hype), self.weight * self.hype[fresh] // 1000, self.weight)
        if self.drift:
            days, begins = self.waves
            turn = 2 * np.pi * ((at_us // DAY_US + begins) % days) / days
            weight = np.maximum(weight * np.rint(1000 * np.exp(self.drift * np.sin(turn))).astype(np.int64) // 1000, 1)
        return np.where(self.released_us <= at_us, weight, 0)

    def edges(self, at_us: int) -> Ints:
        """Cumulative weights at a moment, in `order`; a row a genre, one for all, one a taste: int64[rows, titles]."""
        weight, genres = self.at(at_us)[self.order], self.genre[self.order]
        rows = [np.where(genres == genre, weight, 0) for genre in range(ANY)]
        by_taste = (weight * factor[self.order] // 1000 for factor in self.factor)
        return np.cumsum(np.stack([*rows, weight, *by_taste]), axis=1)


def shelves(draw: Draw) -> tuple[Shelf, Shelf]:
    """All titles of a plan, weighed by popularity, and all alike."""
    weights, hype = draw.values.series("rank_weights"), draw.values.series("hype_weights")
    ordinal, there = np.arange(draw.size("title")), len(catalogue.titles())
    # The catalogue stands in the order of popularity; uploads find places of their own in it.
    rank = np.where(ordinal < there, ordinal, draw.below("title.rank", there, ordinal))
    columns: tuple[Ints, ...] = (
        *(content.released_us(draw, ordinal), content.duration_s(draw, ordinal)),
        *(content.shelf(ordinal), rank),
    )
    strength, drift = draw.values.number("taste_strength"), draw.values.number("popularity_drift")
    known = tuple(column.astype(np.int64).tobytes() for column in columns)
    if strength or drift:
        known = (*known, *_suiting(_Asked(draw), known[0]))
    return _stocked(
        known,
        weights=weights,
        hype=hype,
        turns=draw.values.whole("start_page_turns"),
        demos=draw.values.text("event_names") == "document",
        strength=strength,
        drift=drift,
    )


class _Asked:
    """A draw that is no part of a key: what it answers is known by the rest of the key."""

    def __init__(self, draw: Draw) -> None:
        self.draw = draw

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Asked)

    def __hash__(self) -> int:
        return 0


@lru_cache(maxsize=16)
def _suiting(asked: _Asked, released_us: bytes) -> tuple[bytes, bytes, bytes]:
    """How well each title suits each taste, how long its wave is and where it begins, for a plan that is known by when
    its titles are released, to the minute.
    """
    draw, ordinal = asked.draw, np.arange(len(released_us) // 8)
    taste = np.arange(len(GENRES) * TASTES_A_GENRE)[:, None]
    normal = np.array(draw.values.series("normal"), dtype=np.int64)
    suits = normal[draw.below("title.suits", NORMAL_STEPS, ordinal[None, :], taste)]
    days = WAVE_DAYS[0] + draw.below("title.wave", WAVE_DAYS[1] - WAVE_DAYS[0], ordinal)
    return suits.tobytes(), days.tobytes(), draw.below("title.wave.begins", WAVE_DAYS[1], ordinal).tobytes()


@lru_cache(maxsize=16)
def _stocked(
    titles: tuple[bytes, ...],
    *,
    weights: tuple[float, ...],
    hype: tuple[float, ...],
    turns: int,
    demos: bool,
    strength: float,
    drift: float,
) -> tuple[Shelf, Shelf]:  # fmt: skip
    """The same two for the same titles, so that what they know of a day is not computed twice.

    titles: when each is released (µs), how long it is (s), its shelf, its rank; as bytes of whole numbers. Where tastes
    or popularity make a difference, also how well each suits each taste, and how long its wave is and where it begins.
    """
    released_us, duration_s, shelf, rank, *more = (np.frombuffer(column, dtype=np.int64) for column in titles)
    # Product demos are nobody's taste, and nobody's at all where the app's client holds back events about them.
    genre = np.minimum(shelf, ANY)
    offered = (genre < ANY).astype(np.int64) | int(demos)
    weight = np.array(weights, dtype=np.int64)[np.minimum(rank, len(weights) - 1)] * offered
    part = np.arange(len(rank)) % turns
    order = np.argsort(part, kind="stable")
    parts = np.searchsorted(part[order], np.arange(turns + 1))
    every, whole = np.arange(len(rank)), np.array([0, len(rank)])
    suits, nothing = np.zeros((0, len(rank)), dtype=np.int64), np.zeros((0, len(rank)), dtype=np.int64)
    factor, waves = nothing, (every, every)
    if more:
        own = np.arange(len(GENRES) * TASTES_A_GENRE)[:, None] // TASTES_A_GENRE == genre[None, :]
        suits = more[0].reshape(-1, len(rank)) + OWN_GENRE * own - OWN_GENRE // len(GENRES)
        factor = np.rint(1000 * np.exp(strength * suits / 1000)).astype(np.int64) if strength else nothing
        waves = (more[1], more[2])
    return (
        Shelf(
            genre,
            weight,
            released_us,
            duration_s,
            np.array(hype, dtype=np.int64),
            order,
            parts,
            suits,
            factor,
            drift,
            waves,
        ),
        Shelf(genre, offered, released_us, duration_s, np.array([1000]), every, whole, suits, nothing, 0.0, waves),
    )
