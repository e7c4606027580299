"""What people pick: a schedule of popularity that is fixed in the plan, so that nobody's choice depends on another's.

A title's weight falls with its rank, is raised while it is new, and is nothing before its release. Whoever picks by
taste picks within the genre they like most; who begins by search or category stays within one genre. A start page shows
another part of the titles each day, so that days in a row repeat nothing although nobody's past is looked up. All of it
in whole numbers.
"""

from __future__ import annotations

from functools import cache, lru_cache

import numpy as np

from populace.spec import Bits, Bools, Cohort, Draw, Ints, Visits
from populace.worlds.hogflix import catalogue
from populace.worlds.hogflix.behaviour import flixbuddy
from populace.worlds.hogflix.behaviour.shelves import ANY, Shelf, shelves
from populace.worlds.hogflix.parameters.tastes import FAVOURITES
from populace.worlds.hogflix.parameters.visits import NARROW
from populace.worlds.hogflix.people import traits

BY_ITSELF = 2
"""The answer of `title.taste` that is popularity by itself."""
WHOLE = -1
"""Beside the parts of a shelf: all of them."""


def picked(draw: Draw, visits: Visits, visit: Ints, card: Bits, *, apart: int = 0) -> Ints:
    """The ordinal of the title on each card, of those released when the day of its visit begins.

    visit: which of the visits, ascending. card: the address of its step. apart: how often a title that a visit has
    already is picked again, then from all genres, and in the end from another part.
    """
    at = visits.who.at[visit]
    genre, narrow = _genres(draw, visits, visit, card)
    shelf = shelves(draw)[0]
    person, turns = visits.who.person[visit], len(shelf.parts) - 1
    part = (visits.day[visit] + draw.below("title.turn", turns, person)) % turns
    days = _days(at)
    title = _pick(draw, shelf, days, (genre, part), card, 0)
    if draw.values.number("favourite_share") > 0:
        some = np.flatnonzero(draw.chance("title.favourite", card, at))
        which = draw.choose("favourite.which", card[some], at[some])
        taste = ANY + 1 + traits.tastes(draw.unrecorded, visits.who)[0][visit[some]]
        of_taste: Ints = taste if draw.values.number("taste_strength") > 0 else np.full(len(some), ANY)
        theirs = person[some].astype(np.uint64) * np.uint64(FAVOURITES) + which.astype(np.uint64)
        title[some] = _pick(draw, shelf, _some(days, some), (of_taste, part[some]), theirs, 0, "title.of_favourites")
    for again in range(1, apart + 1):
        double = _doubles(visit, title, len(shelf.weight))
        if len(double) == 0:
            break
        # Who has seen too much of their part of the shelf gets what is as far away as can be; who stays within a genre,
        # what else it has, and at last that too.
        away = turns // 2 if again > 1 else 0
        stays = narrow[double] & (again < apart)
        among = np.where(stays, genre[double], ANY), np.where(stays, WHOLE, (part[double] + away) % turns)
        title[double] = _pick(draw, shelf, _some(days, double), among, card[double], again)
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
    shelf, genre = shelves(draw)[0], np.full(len(visit), ANY)
    if len(shelf.factor):
        genre = ANY + 1 + traits.tastes(draw.unrecorded, visits.who.of(visit))[0]
    among = genre, np.full(len(visit), WHOLE)
    # The days of all visits, as those have them who watch: so what is out on each of them is known already.
    return _pick(draw, shelf, _some(_days(visits.who.at), visit), among, address, 0, "title.mentioned")


@cache
def names() -> tuple[str, ...]:
    """The names of all titles, by ordinal."""
    return (*(t.title for t in catalogue.titles()), *(t.title for t in catalogue.uploads()))


def wished(draw: Draw, visits: Visits, wishes: Bools) -> Ints:
    """What visits put on the watchlist, −1 for nothing: any title with equal chance, so that few come twice."""
    some, out = np.flatnonzero(wishes), np.full(len(wishes), -1, dtype=np.int64)
    anything = np.full(len(some), ANY), np.zeros(len(some), dtype=np.int64)
    days = _days(visits.who.at[some])
    out[some] = _pick(draw, shelves(draw)[1], days, anything, visits.address[some], 0, "title.wished")
    return out


def ranking(draw: Draw, at: Ints) -> flixbuddy.Ranking:
    """What FlixBuddy can recommend on the days that begin at these moments."""
    days, day = np.unique(at, return_inverse=True)
    shelf = shelves(draw)[0]
    lists = [_listed(shelf, moment) for moment in days.tolist()] or [_listed(shelf, draw.epoch_us)]
    return flixbuddy.Ranking(names(), np.stack(lists), day)


def durations_s(draw: Draw) -> Ints:
    """How long each title is, by ordinal, s."""
    return shelves(draw)[0].duration_s


_Days = tuple[tuple[int, ...], Ints]
"""The moments at which days begin, ascending, and which of them each card is of."""


def _days(at: Ints) -> _Days:
    """Of when the day of each card begins."""
    moments, place = np.unique(at, return_inverse=True) if len(at) and at.min() < at.max() else (at[:1], at * 0)
    return tuple(moments.tolist()), place


def _some(days: _Days, index: Ints) -> _Days:
    return days[0], days[1][index]


def _pick(
    draw: Draw, shelf: Shelf, days: _Days, among: tuple[Ints, Ints], card: Bits, counter: int,
    stream: str = "title.which",
) -> Ints:  # fmt: skip
    """A title for each card. among: the genre, and the part of the shelf, or WHOLE."""
    (moments, place), (genre, part), wide = days, among, len(shelf.weight)
    if len(place) == 0:
        return place
    edges = _edges(shelf, moments)

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
    """The rows of all moments one after another, cumulative throughout, after a zero."""
    rows = np.concatenate([_day(shelf, at) for at in moments])
    before = np.r_[0, np.cumsum(rows[:-1, -1])]
    out = np.zeros(rows.size + 1, dtype=np.int64)
    np.add(rows, before[:, None], out=out[1:].reshape(rows.shape))
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
    table = shelves(draw)[0].suits
    out: Ints = (8 * table[first[visit], title] + 6 * table[second[visit], title]) // 10
    return out
