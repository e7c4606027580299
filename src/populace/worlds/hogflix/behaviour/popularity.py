"""What people pick: a schedule of popularity that is fixed in the plan, so that nobody's choice depends on another's.

A title's weight falls with its rank, is raised while it is new, and is nothing before its release. Whoever picks by
taste picks within the genre they like most; who begins by search or category stays within one genre. A start page shows
another part of the titles each day, so that days in a row repeat nothing although nobody's past is looked up. All of it
in whole numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np

from populace.clock import DAY_US
from populace.spec import Bits, Bools, Cohort, Draw, Ints, Visits
from populace.worlds.hogflix import catalogue
from populace.worlds.hogflix.behaviour import flixbuddy
from populace.worlds.hogflix.catalogue import GENRES, content
from populace.worlds.hogflix.parameters.tastes import FAVOURITES, OWN_GENRE, TASTES_A_GENRE
from populace.worlds.hogflix.parameters.visits import NARROW, NORMAL_STEPS
from populace.worlds.hogflix.people import traits

ANY = len(GENRES)
"""Beside the positions in GENRES: whatever there is."""
BY_ITSELF = 2
"""The answer of `title.taste` that is popularity by itself."""
WAVE_DAYS = (60, 300)
"""Between two peaks of a title's popularity, at least and less than so many."""
WHOLE = -1
"""Beside the parts of a shelf: all of them."""


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


def picked(draw: Draw, visits: Visits, visit: Ints, card: Bits, *, apart: int = 0) -> Ints:
    """The ordinal of the title on each card, of those released when the day of its visit begins.

    visit: which of the visits, ascending. card: the address of its step. apart: how often a title that a visit has
    already is picked again, then from all genres, and in the end from another part.
    """
    at = visits.who.at[visit]
    genre, narrow = _genres(draw, visits, visit, card)
    shelf = _shelves(draw)[0]
    person, turns = visits.who.person[visit], len(shelf.parts) - 1
    part = (visits.day[visit] + draw.below("title.turn", turns, person)) % turns
    title = _pick(draw, shelf, at, (genre, part), card, 0)
    if draw.values.number("favourite_share") > 0:
        some = np.flatnonzero(draw.chance("title.favourite", card, at))
        which = draw.choose("favourite.which", card[some], at[some])
        taste = ANY + 1 + traits.tastes(draw.unrecorded, visits.who)[0][visit[some]]
        of_taste: Ints = taste if draw.values.number("taste_strength") > 0 else np.full(len(some), ANY)
        theirs = person[some].astype(np.uint64) * np.uint64(FAVOURITES) + which.astype(np.uint64)
        title[some] = _pick(draw, shelf, at[some], (of_taste, part[some]), theirs, 0, "title.of_favourites")
    for again in range(1, apart + 1):
        double = _doubles(visit, title, len(shelf.weight))
        if len(double) == 0:
            break
        # Who has seen too much of their part of the shelf gets what is as far away as can be; who stays within a genre,
        # what else it has, and at last that too.
        away = turns // 2 if again > 1 else 0
        stays = narrow[double] & (again < apart)
        among = np.where(stays, genre[double], ANY), np.where(stays, WHOLE, (part[double] + away) % turns)
        title[double] = _pick(draw, shelf, at[double], among, card[double], again)
    return title


def _genres(draw: Draw, visits: Visits, visit: Ints, card: Bits) -> tuple[Ints, Bools]:
    """The genre of each card, and whether its visit stays within it: one that begins by search or category."""
    who, address = visits.who, visits.address
    narrow: Bools = np.isin(draw.unrecorded.choose("visit.entry", address, who.at), NARROW)[visit]
    genre, liked = np.full(len(visit), ANY), traits.affinity(draw.unrecorded, who)
    free, bound = np.flatnonzero(~narrow), np.unique(visit[narrow])
    if draw.values.number("taste_strength") > 0:
        first, second = traits.tastes(draw.unrecorded, who)
        which = draw.choose("title.taste", card[free], who.at[visit[free]])
        which_taste = np.where(which == 0, first[visit[free]], second[visit[free]])
        genre[free] = np.where(which == BY_ITSELF, ANY, ANY + 1 + which_taste)
    else:
        by_taste = free[draw.chance("title.by_taste", card[free], who.at[visit[free]])]
        genre[by_taste] = liked[visit[by_taste]]
    of_visit = np.zeros(len(address), dtype=np.int64)
    of_visit[bound] = genre_of(draw, visits, bound)
    genre[narrow] = of_visit[visit[narrow]]
    return genre, narrow


def genre_of(draw: Draw, visits: Visits, some: Ints) -> Ints:
    """The genre that visits stay within which do: a position in GENRES."""
    who, address = visits.who.of(some), visits.address[some]
    theirs = draw.chance("visit.by_taste", address, who.at)
    liked = traits.affinity(draw.unrecorded, who)
    out: Ints = np.where(theirs, liked, draw.below("visit.genre", ANY, address))
    return out


def looked(draw: Draw, visits: Visits, visit: Ints, card: Bits) -> Ints:
    """The ordinal of the title on each card that is opened and not started: as if it were, but without distinction."""
    return picked(draw.unrecorded, visits, visit, card)


def mentioned(draw: Draw, visits: Visits, visit: Ints, address: Bits) -> Ints:
    """The ordinal of a title that is out and that suits who speaks of it, for each of some messages."""
    first, _ = traits.tastes(draw.unrecorded, visits.who)
    shelf = _shelves(draw)[0]
    genre = ANY + 1 + first[visit] if len(shelf.factor) else np.full(len(visit), ANY)
    among = genre, np.full(len(visit), WHOLE)
    return _pick(draw, shelf, visits.who.at[visit], among, address, 0, "title.mentioned")


@cache
def names() -> tuple[str, ...]:
    """The names of all titles, by ordinal."""
    return (*(t.title for t in catalogue.titles()), *(t.title for t in catalogue.uploads()))


def wished(draw: Draw, visits: Visits, wishes: Bools) -> Ints:
    """What visits put on the watchlist, −1 for nothing: any title with equal chance, so that few come twice."""
    some, out = np.flatnonzero(wishes), np.full(len(wishes), -1, dtype=np.int64)
    anything = np.full(len(some), ANY), np.zeros(len(some), dtype=np.int64)
    out[some] = _pick(draw, _shelves(draw)[1], visits.who.at[some], anything, visits.address[some], 0, "title.wished")
    return out


def ranking(draw: Draw, at: Ints) -> flixbuddy.Ranking:
    """What FlixBuddy can recommend on the days that begin at these moments."""
    days, day = np.unique(at, return_inverse=True)
    shelf = _shelves(draw)[0]
    lists = [_listed(shelf, moment) for moment in days.tolist()] or [_listed(shelf, draw.epoch_us)]
    return flixbuddy.Ranking(names(), np.stack(lists), day)


def durations_s(draw: Draw) -> Ints:
    """How long each title is, by ordinal, s."""
    return _shelves(draw)[0].duration_s


def _pick(
    draw: Draw, shelf: Shelf, at: Ints, among: tuple[Ints, Ints], card: Bits, counter: int, stream: str = "title.which"
) -> Ints:
    """A title for each card. among: the genre, and the part of the shelf, or WHOLE."""
    if len(at) == 0:
        return at
    (genre, part), wide = among, len(shelf.weight)
    moments, place = np.unique(at, return_inverse=True) if at.min() < at.max() else (at[:1], np.zeros_like(at))
    edges = np.r_[0, _edges(shelf, tuple(moments.tolist()))]

    def bounds(genre: Ints, part: Ints) -> tuple[Ints, Ints, Ints]:
        row = (place * shelf.rows + genre) * wide
        low, high = np.where(part < 0, ((0,), (wide,)), (shelf.parts[part], shelf.parts[part + 1]))
        return row, edges[row + low], edges[row + high]

    row, low, high = bounds(genre, part)
    # Where this part has nothing of the genre that is released: all of the genre, or anything of the part, or anything.
    for genre_then, part_then in ((genre, WHOLE), (ANY, part), (ANY, WHOLE)):
        if not (low == high).any():
            break
        empty = low == high
        genre, part = np.where(empty, genre_then, genre), np.where(empty, part_then, part)
        row, low, high = bounds(genre, part)
    drawn = low + draw.below(stream, high - low, card, counter)
    found: Ints = shelf.order[np.searchsorted(edges[1:], drawn, side="right") - row]
    return found


@lru_cache(maxsize=4)
def _edges(shelf: Shelf, moments: tuple[int, ...]) -> Ints:
    """The rows of all moments one after another, cumulative throughout."""
    rows = np.concatenate([_day(shelf, at) for at in moments])
    before = np.r_[0, np.cumsum(rows[:-1, -1])]
    out: Ints = (rows + before[:, None]).ravel()
    return out


@lru_cache(maxsize=512)
def _day(shelf: Shelf, at_us: int) -> Ints:
    return shelf.edges(at_us)


def _doubles(visit: Ints, title: Ints, titles: int) -> Ints:
    """Places of titles that an earlier card of the same visit shows."""
    if len(visit) == 0:
        return visit
    # Sorting whole numbers is several times as fast as sorting places: the place is part of the number.
    bits = np.int64(len(visit).bit_length())
    ordered = np.sort(((visit * titles + title) << bits) | np.arange(len(visit)))
    same = np.flatnonzero(ordered[1:] >> bits == ordered[:-1] >> bits) + 1
    return np.sort(ordered[same] & ((np.int64(1) << bits) - 1))


@lru_cache(maxsize=512)
def _listed(shelf: Shelf, at_us: int) -> Ints:
    return flixbuddy.listed(shelf.at(at_us), shelf.genre)


def suits(draw: Draw, who: Cohort, visit: Ints, title: Ints) -> Ints:
    """How well a title suits whose visit it is, in thousandths of a deviation; 0 where tastes make no difference."""
    if draw.values.number("taste_strength") == 0:
        return np.zeros(len(title), dtype=np.int64)
    first, second = traits.tastes(draw.unrecorded, who)
    table = _shelves(draw)[0].suits
    out: Ints = (8 * table[first[visit], title] + 6 * table[second[visit], title]) // 10
    return out


def _shelves(draw: Draw) -> tuple[Shelf, Shelf]:
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
