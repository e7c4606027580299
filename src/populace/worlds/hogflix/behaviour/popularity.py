"""What people pick: a schedule of popularity that is fixed in the plan, so that nobody's choice depends on another's.

A title's weight falls with its rank, is raised while it is new, and is nothing before its release. Whoever picks by
taste picks within the genre they like most; who begins by search or category stays within one genre. A start page shows
another part of the titles each day, so that days in a row repeat nothing although nobody's past is looked up. All of it
in whole numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from populace.clock import DAY_US
from populace.spec import Bits, Bools, Draw, Ints, Visits
from populace.worlds.hogflix import catalogue
from populace.worlds.hogflix.behaviour import flixbuddy
from populace.worlds.hogflix.catalogue import GENRES, content
from populace.worlds.hogflix.parameters.visits import NARROW
from populace.worlds.hogflix.people import traits

ANY = len(GENRES)
"""Beside the positions in GENRES: whatever there is."""
WHOLE = -1
"""Beside the parts of a shelf: all of them."""


@dataclass(frozen=True, slots=True, eq=False)
class Shelf:
    """Every title there will ever be. weight: by rank. hype: factors of the first days, in thousandths.

    order: the titles part by part, as they take turns; parts: where each part begins in it, and the end.
    """

    genre: Ints
    weight: Ints
    released_us: Ints
    duration_s: Ints
    hype: Ints
    order: Ints
    parts: Ints

    def at(self, at_us: int) -> Ints:
        """The weight of each title at a moment."""
        age = (at_us - self.released_us) // DAY_US
        fresh = np.clip(age, 0, len(self.hype) - 1)
        weight = np.where(age < len(self.hype), self.weight * self.hype[fresh] // 1000, self.weight)
        return np.where(self.released_us <= at_us, weight, 0)

    def edges(self, at_us: int) -> Ints:
        """Cumulative weights at a moment, in `order`; one row a genre and one for all: int64[genres + 1, titles]."""
        weight, genres = self.at(at_us)[self.order], self.genre[self.order]
        rows = [np.where(genres == genre, weight, 0) for genre in range(ANY)]
        return np.cumsum(np.stack([*rows, weight]), axis=1)


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
    names = (*(t.title for t in catalogue.titles()), *(t.title for t in catalogue.uploads()))
    return flixbuddy.Ranking(names, np.stack(lists), day)


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
        row = (place * (ANY + 1) + genre) * wide
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


def _shelves(draw: Draw) -> tuple[Shelf, Shelf]:
    """All titles of a plan, weighed by popularity, and all alike."""
    weights, hype = draw.values.series("rank_weights"), draw.values.series("hype_weights")
    ordinal, there = np.arange(draw.size("title")), len(catalogue.titles())
    # The catalogue stands in the order of popularity; uploads find places of their own in it.
    rank = np.where(ordinal < there, ordinal, draw.below("title.rank", there, ordinal))
    columns = (content.released_us(draw, ordinal), content.duration_s(draw, ordinal), content.shelf(ordinal), rank)
    return _stocked(
        tuple(column.astype(np.int64).tobytes() for column in columns),
        weights=weights,
        hype=hype,
        turns=draw.values.whole("start_page_turns"),
        demos=draw.values.text("event_names") == "document",
    )


@lru_cache(maxsize=16)
def _stocked(
    titles: tuple[bytes, ...], *, weights: tuple[float, ...], hype: tuple[float, ...], turns: int, demos: bool
) -> tuple[Shelf, Shelf]:  # fmt: skip
    """The same two for the same titles, so that what they know of a day is not computed twice.

    titles: when each is released (µs), how long it is (s), its shelf, its rank; as bytes of whole numbers.
    """
    released_us, duration_s, shelf, rank = (np.frombuffer(column, dtype=np.int64) for column in titles)
    # Product demos are nobody's taste, and nobody's at all where the app's client holds back events about them.
    genre = np.minimum(shelf, ANY)
    offered = (genre < ANY).astype(np.int64) | int(demos)
    weight = np.array(weights, dtype=np.int64)[np.minimum(rank, len(weights) - 1)] * offered
    part = np.arange(len(rank)) % turns
    order = np.argsort(part, kind="stable")
    parts = np.searchsorted(part[order], np.arange(turns + 1))
    every, whole = np.arange(len(rank)), np.array([0, len(rank)])
    return (
        Shelf(genre, weight, released_us, duration_s, np.array(hype, dtype=np.int64), order, parts),
        Shelf(genre, offered, released_us, duration_s, np.array([1000]), every, whole),
    )
