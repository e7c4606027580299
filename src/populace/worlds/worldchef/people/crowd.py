"""The crowd: who everybody is, as arrays by the number of their sign-up, and who follows whom.

All of it follows from the number and the plan alone. Whoever needs many people at once (who could like a recipe?) takes
them from here; the arrays are kept, and made again, the same, when they are not there.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from functools import cache

import numpy as np

from populace.clock import DAY_US, MINUTE_US, SECOND_US
from populace.spec import NEVER, Choice, Draw, Ints, Key, LogNormal
from populace.spec.heterogeneity import WHOLE
from populace.spec.kit import days
from populace.spec.kit.places import placed
from populace.worlds.worldchef.behaviour import rhythm
from populace.worlds.worldchef.catalogue import words
from populace.worlds.worldchef.parameters import CUISINE_WEIGHTS, FOLLOWS, STAY_WEEKS

DECISIONS = (
    Choice("follows.many", "follow_weights"),
    LogNormal("follows.after", "follows_after", "follows_after_spread", 1, 250_000),
    Choice("person.stays", "stay_weights"),
)
"""After signing up, in minutes of the rhythm."""

STRETCHES = "people_stretches"
_AT_ONCE = 1_024
"""The arrays begin with so many people, and are doubled, so that they are seldom made again."""
EAGER = 1 << 20
"""Whoever is as eager as this always acts."""
_MOST_KEPT = 6
_RANKS = 100
_HOME_COOK = 4
"""One in so many of the others writes recipes too."""
_UNDECLARED = 1 << 31
WEEK_MINUTES = 7 * DAY_US // MINUTE_US
_ATTEMPTS, _BY_ROLE = 4, 7
"""Whom to follow is looked for so often, until somebody likes the same cuisine; of ten attempts so many are people with
a role."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """The first people by number. offset: of their days. left_at: µs, `NEVER` for who stays. taste: the cuisine that
    they like best. diet: a position in `words.diets()`. eagerness: from 0 to `EAGER`, how readily they act. by_taste:
    all of them, taste by taste, as `tastes` has taste and person in one number. creators: those with a role, in order.

    Who follows whom: `follower` of each line, ordered by who is followed and since when, as `lines` has both in one
    number. Later lines of somebody come after earlier ones, so that those up to a moment are the same in any crowd.
    """

    joined_at: Ints
    left_at: Ints
    offset: Ints
    taste: Ints
    diet: Ints
    eagerness: Ints
    by_taste: Ints
    tastes: Ints
    creators: Ints
    follower: Ints
    lines: Ints

    def taste_place(self, taste: Ints, known: Ints) -> tuple[Ints, Ints]:
        """Of each cuisine, where its people begin in `by_taste`, and how many of the first `known` they are."""
        begins = np.searchsorted(self.tastes, taste << 32)
        return begins, np.searchsorted(self.tastes, taste << 32 | known) - begins

    def followers_place(self, whom: Ints, at: Ints) -> tuple[Ints, Ints]:
        """Of each of these, where their followers begin in `follower`, and how many they have at a moment."""
        begins = np.searchsorted(self.lines, whom << 32)
        return begins, np.searchsorted(self.lines, _line(whom, at)) - begins


_kept: OrderedDict[tuple[object, ...], Crowd] = OrderedDict()


def user_key(number: Ints) -> Key:
    """The key of a user: of their number alone, so that whoever refers to them need not know when they came."""
    return Key("users", number)


def joined_at(draw: Draw, number: Ints) -> Ints:
    """When people sign up (µs)."""
    return rhythm.placed(draw, rhythm.even(draw, STRETCHES, "person.joins", number), offset(draw, number))


def known(draw: Draw, at: Ints) -> Ints:
    """How many people have signed up in the weeks before that of a moment: the numbers below are theirs."""
    return rhythm.begun_by(draw, STRETCHES, rhythm.week_of(draw, at))


def place(draw: Draw, number: Ints) -> Ints:
    """Where they live, a position in `words.places()`."""
    return _chosen(draw, "person.place", tuple(place.weight for place in words.places()), number)


def offset(draw: Draw, number: Ints) -> Ints:
    """By how many hours their days are ahead of UTC: their clocks are, and some live earlier or later than most."""
    clock = np.array([place.offset for place in words.places()])[place(draw, number)]
    spread = round(WHOLE * draw.values.number("own_hour"))
    if spread == 0:
        return clock
    own = (days.standard(draw, "person.day", number) * spread + WHOLE * WHOLE // 2) // (WHOLE * WHOLE)
    out: Ints = clock + np.clip(own, -rhythm.MOST_SHIFT, rhythm.MOST_SHIFT)
    return out


def left_at(draw: Draw, number: Ints, joined: Ints) -> Ints:
    """When people are there for the last time (µs); `NEVER` for who stays, and whoever writes for the app does."""
    if draw.values.number("drop_out") == 0:
        return np.full(len(number), NEVER)
    week = draw.choose("person.stays", number, joined)
    minutes = 1 + draw.below("person.leaves", WEEK_MINUTES - 1, number)
    stays = (week == STAY_WEEKS) | (role(draw, number) > 0) | (number == 0)
    return np.where(stays, NEVER, joined + (week * WEEK_MINUTES + minutes) * MINUTE_US)


def role(draw: Draw, number: Ints) -> Ints:
    """A position in `words.ROLES`: so many of ten thousand have each, evenly among the sign-ups, an admin first."""
    out = np.zeros(len(number), dtype=np.int64)
    for position, (path, ahead) in enumerate((("creators", 5_000), ("moderators", 8_000), ("admins", 9_999)), 1):
        rate = draw.values.whole(f"{path}_rate")
        out[(number * rate + rate + ahead) // 10_000 > (number * rate + ahead) // 10_000] = position
    return out


def taste(draw: Draw, number: Ints) -> Ints:
    """The cuisine that each likes best."""
    return _chosen(draw, "person.taste", CUISINE_WEIGHTS, number)


def diet(draw: Draw, number: Ints) -> Ints:
    """How they eat, a position in `words.diets()`. Whoever writes recipes eats everything."""
    drawn = _chosen(draw, "person.diet", tuple(diet.weight for diet in words.diets()), number)
    return np.where((role(draw, number) > 0) | (number % _HOME_COOK == 1), 0, drawn)


def _chosen(draw: Draw, stream: str, weights: tuple[int, ...], number: Ints) -> Ints:
    """A position in `weights`, as often as these say."""
    every = _dealt(weights)
    return every[draw.below(stream, len(every), number)]


@cache
def _dealt(weights: tuple[int, ...]) -> Ints:
    return np.repeat(np.arange(len(weights)), weights)


def author(draw: Draw, recipe: Ints, at: Ints, *, creator: Ints) -> Ints:
    """Who writes each recipe, of those who have signed up: somebody with a role, or one of the home cooks."""
    there = np.maximum(1, known(draw, at))
    crowd = of(draw, int(there.max(initial=1)))
    roles = np.maximum(1, np.searchsorted(crowd.creators, there))
    # The square of an even draw: a few write much, and many write little.
    one = _squared(draw, "recipe.creator", recipe) * roles >> 31
    cook = draw.below("recipe.cook", np.maximum(1, (there + 2) // _HOME_COOK), recipe) * _HOME_COOK + 1
    gone = crowd.left_at[np.minimum(cook, len(crowd.left_at) - 1)] <= at
    return np.where(
        (creator > 0) | (cook >= there) | gone, crowd.creators[np.minimum(one, len(crowd.creators) - 1)], cook
    )


def of(draw: Draw, many: int) -> Crowd:
    """At least so many people. A larger crowd does as well: what is read of some depends on nobody after them."""
    paths = ("creators_rate", "moderators_rate", "admins_rate", "follows_each", "follows_after", "follows_after_spread",
             "own_hour", "drop_out", "drop_out_spread")  # fmt: skip
    plan = int(draw.below("crowd", 1 << 53, np.zeros(1, dtype=np.int64))[0])
    key = (plan, draw.epoch_us, draw.values.table(STRETCHES), *(draw.values[path] for path in paths))
    if key not in _kept or len(_kept[key].taste) < many:
        size = _AT_ONCE
        while size < many:
            size *= 2
        _kept[key] = _made(draw.unrecorded, size)
        while len(_kept) > _MOST_KEPT:
            _kept.popitem(last=False)
    return _kept[key]


def follows(draw: Draw, number: Ints, joined: Ints) -> tuple[Ints, Ints, Ints]:
    """Whom people come to follow: of which of them each line is (a position), since when, and who it is.

    Nobody twice, and nobody themselves. Mostly people with a role, and more often those who cook what they like.
    """
    many = draw.choose("follows.many", number, joined)
    mean = sum(n * weight for n, weight in enumerate(FOLLOWS)) / sum(FOLLOWS)
    wanted = many * round(draw.values.number("follows_each") / mean * 1_024)
    many = (wanted + draw.below("follows.more", 1_024, number)) >> 10
    of_whom, nth = placed(many)
    who = number[of_whom]
    address = who << 8 | nth
    minutes = draw.measure("follows.after", address, joined[of_whom])
    since = rhythm.later(draw, joined[of_whom], minutes * (MINUTE_US // 1000), offset(draw, who))
    there = np.maximum(1, known(draw, since))
    whom = _whom(draw, address, who, there)
    order = np.lexsort((since, whom, of_whom))
    pairs = of_whom[order] << 32 | whom[order]
    first = np.concatenate(([True], pairs[1:] != pairs[:-1])) if len(pairs) else np.zeros(0, dtype=np.bool_)
    on = since < left_at(draw.unrecorded, number, joined)[of_whom]
    kept = np.sort(order[first & (whom[order] != who[order]) & (whom[order] < there[order]) & on[order]])
    return of_whom[kept], since[kept], whom[kept]


def _whom(draw: Draw, address: Ints, who: Ints, there: Ints) -> Ints:
    """Somebody with a role, or somebody of their taste, or both; sometimes anybody."""
    creators = _creators(draw, int(there.max(initial=1)))
    roles = np.maximum(1, np.searchsorted(creators, there))
    mine, some = taste(draw, who), who
    for attempt in range(_ATTEMPTS):
        place = _squared(draw, "follows.creator", address << 3 | attempt) * roles >> 31
        by_role = draw.below("follows.by_role", 10, address, attempt) < _BY_ROLE
        one = np.where(by_role, creators[place], draw.below("follows.anybody", there, address, attempt))
        some = np.where((some == who) | (taste(draw, some) != mine), one, some)
    return some


def _creators(draw: Draw, many: int) -> Ints:
    """Those with a role, and in any case the first who came: there is always somebody to write and to follow."""
    number = np.arange(many)
    return np.flatnonzero((role(draw, number) > 0) | (number == 0))


def _squared(draw: Draw, stream: str, address: Ints) -> Ints:
    one = draw.below(stream, _UNDECLARED, address)
    return one * one >> 31


def _line(whom: Ints, at: Ints) -> Ints:
    """Whom, and since when: in seconds."""
    return whom << 32 | at // SECOND_US


def _made(draw: Draw, many: int) -> Crowd:
    number = np.arange(many)
    joined, likes = joined_at(draw, number), taste(draw, number)
    of_whom, since, whom = follows(draw, number, joined)
    order = np.lexsort((of_whom, _line(whom, since)))
    # Dealt out to each hundred, so that all populations are as eager in the mean.
    rank = draw.shuffled("person.eager", _RANKS, number // _RANKS, number % _RANKS)
    eager = (2 * rank + 1) ** 2 * EAGER // (2 * _RANKS) ** 2
    return Crowd(
        joined_at=joined,
        left_at=left_at(draw, number, joined),
        offset=offset(draw, number),
        taste=likes,
        diet=diet(draw, number),
        eagerness=eager,
        by_taste=np.lexsort((number, likes)),
        tastes=np.sort(likes << 32 | number),
        creators=_creators(draw, many),
        follower=of_whom[order],
        lines=_line(whom, since)[order],
    )


@cache
def diet_masks() -> Ints:
    """Which tags a recipe must have, by how somebody eats."""
    return np.array([diet.mask for diet in words.diets()])
