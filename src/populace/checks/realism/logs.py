"""What is read of a target to see whether its people look real, as arrays; and what follows from it: visits, days.

Moments are µs. `at` is UTC; `local` is what a clock showed where the person was. Whom a row belongs to is a hash, so
that leaving out a part of the people (for sampling errors) is a comparison of numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from populace.clock import DAY_US, HOUR_US, MINUTE_US
from populace.spec import Bools, Ints
from populace.spec.zones import weekday

Floats = NDArray[np.float64]
Texts = NDArray[np.object_]

NO_ITEM = 0
_Frame = TypeVar("_Frame", bound="Frame")


@dataclass(frozen=True, eq=False)
class Frame:
    """Columns of equal length. `who` is a hash of whom or what a row belongs to."""

    who: Ints

    def __len__(self) -> int:
        return len(self.who)

    def of(self: _Frame, rows: Bools | Ints) -> _Frame:
        """Some of the rows."""
        return replace(self, **{f.name: getattr(self, f.name)[rows] for f in fields(self) if f.init})


@dataclass(frozen=True, eq=False)
class People(Frame):
    """Who signed up when, by their own clock."""

    joined: Ints


@dataclass(frozen=True, eq=False)
class Actions(Frame):
    """What people did, by person and time. until: when it was over (UTC). placed: 1 where the local time is known,
    else 0,
    and `local` is UTC. item: a hash; `NO_ITEM` for none. size: of
    what
    they did, in the world's unit; NaN for none."""

    at: Ints
    until: Ints
    local: Ints
    placed: Ints
    item: Ints
    size: Floats


@dataclass(frozen=True, eq=False)
class Ratings(Frame):
    """Who gave what so many stars."""

    item: Ints
    stars: Floats


@dataclass(frozen=True, eq=False)
class Campaigns(Frame):
    """How many were asked, and how many of them answered."""

    trials: Ints
    successes: Ints


@dataclass(frozen=True, eq=False)
class Written(Frame):
    """What people wrote. kind: in which table."""

    kind: Texts
    text: Texts


@dataclass(frozen=True, eq=False)
class Followed(Frame):
    """Moments, each with that of what it followed (µs). kind: what followed what."""

    kind: Texts
    since: Ints
    at: Ints


@dataclass(frozen=True, eq=False)
class SignUps(Frame):
    """What daily statistics counted of people who signed up, whoever is still there. day: days since 1970."""

    day: Ints
    people: Ints


@dataclass(frozen=True, eq=False)
class Visits(Frame):
    """Visits: actions of one person without a long break between them. size: the sum of what they did."""

    at: Ints
    until: Ints
    local: Ints
    placed: Ints
    size: Floats


def starts_of(actions: Actions, gap_us: int) -> tuple[Ints, Ints]:
    """Where each visit begins among actions, and when it was over: a visit goes on until there is no action for so
    long."""
    if not len(actions):
        return np.zeros(0, dtype=np.int64), actions.at
    ends = _running_most(actions)
    new = np.ones(len(actions), dtype=np.bool_)
    new[1:] = (actions.who[1:] != actions.who[:-1]) | (actions.at[1:] - ends[:-1] > gap_us)
    first = np.flatnonzero(new)
    return first, ends[np.append(first[1:], len(actions)) - 1]


def visits_of(actions: Actions, first: Ints, ends: Ints) -> Visits:
    """Visits that begin with these actions."""
    if not len(first):
        return Visits(actions.who, actions.at, actions.until, actions.local, actions.placed, actions.size)
    sized = ~np.isnan(actions.size)
    sizes = np.add.reduceat(np.where(sized, actions.size, 0.0), first)
    sizes[np.add.reduceat(sized.astype(np.int64), first) == 0] = np.nan
    return Visits(actions.who[first], actions.at[first], ends, actions.local[first], actions.placed[first], sizes)


def _running_most(actions: Actions) -> Ints:
    """When everything a person had begun was over, at each of their actions: the latest end up to there."""
    # Persons one after the other on one axis, so that the running maximum of one never reaches the next.
    base = actions.at.min()
    width = int(max(actions.until.max(), actions.at.max()) - base) + 1
    order = np.cumsum(np.append(True, actions.who[1:] != actions.who[:-1])) - 1
    # In ms, since so many lifetimes one after the other are more µs than a number holds.
    width = width // 1000 + 1
    shifted = (np.maximum(actions.until, actions.at) - base) // 1000 + order * width
    ends: Ints = (np.maximum.accumulate(shifted) - order * width) * 1000 + base
    return ends


@dataclass(frozen=True, eq=False)
class Logs:
    """Everything that is known of a population. What a world does not have is None.

    gap_us: a visit is over after so long. sampled: one in so many people was read.
    """

    gap_us: int
    people: People | None = None
    actions: Actions | None = None
    ratings: Ratings | None = None
    campaigns: Campaigns | None = None
    texts: Written | None = None
    followed: Followed | None = None
    sign_ups: SignUps | None = None
    sampled: int = 1

    @cached_property
    def starts(self) -> tuple[Ints, Ints]:
        """Where visits begin among the actions, and when they were over."""
        assert self.actions is not None
        return starts_of(self.actions, self.gap_us)

    @cached_property
    def visits(self) -> Visits:
        """All visits, by person and time."""
        assert self.actions is not None
        return visits_of(self.actions, *self.starts)

    @cached_property
    def visits_each(self) -> Ints:
        """How many visits everybody made who made any."""
        return np.unique(self.visits.who, return_counts=True)[1]

    @property
    def _clocks(self) -> Ints:
        """When people acted by their own clock, where it is known."""
        assert self.actions is not None
        return self.actions.local[self.actions.placed > 0]

    @cached_property
    def hours(self) -> Ints:
        """Actions by hour of the day where people are."""
        return np.bincount(self._clocks % DAY_US // HOUR_US, minlength=24)

    @cached_property
    def week(self) -> Ints:
        """int[7, 24]: actions by weekday, Monday first, and hour of the day, where people are."""
        place = weekday(self._clocks // DAY_US) * 24 + self._clocks % DAY_US // HOUR_US
        return np.bincount(place, minlength=7 * 24).reshape(7, 24)

    @cached_property
    def minutes(self) -> Ints:
        """Actions by minute of the day where people are."""
        return np.bincount(self._clocks % DAY_US // MINUTE_US, minlength=1440)

    @cached_property
    def days(self) -> Ints:
        """The days on which somebody came: whole days alone, one after the other (days since 1970)."""
        day = self.visits.local // DAY_US
        return np.arange(int(day.min()) + 1, int(day.max())) if len(day) else np.zeros(0, dtype=np.int64)

    @cached_property
    def person_days(self) -> tuple[Ints, Ints]:
        """Who came on which day, each once."""
        pairs = np.unique(np.stack([self.visits.who, self.visits.local // DAY_US], axis=1), axis=0)
        return pairs[:, 0], pairs[:, 1]

    @cached_property
    def dailies(self) -> Ints:
        """How many people came on each of `days`."""
        _, day = self.person_days
        if not len(self.days):
            return np.zeros(0, dtype=np.int64)
        inside = day[(day >= self.days[0]) & (day <= self.days[-1])]
        return np.bincount(inside - self.days[0], minlength=len(self.days))

    @cached_property
    def items(self) -> Ints:
        """How often each thing was chosen, the most wanted first."""
        assert self.actions is not None
        chosen = self.actions.item[self.actions.item != NO_ITEM]
        return np.sort(np.unique(chosen, return_counts=True)[1])[::-1]

    @cached_property
    def sizes(self) -> Floats:
        """How large visits were, where they had a size."""
        size = self.visits.size
        return size[size > 0]

    def without(self, part: int, parts: int) -> Logs:
        """The same without one of so many parts of the people, of the campaigns and of whatever else counts."""

        def rest(frame: _Frame | None) -> _Frame | None:
            return None if frame is None else frame.of(part_of(frame.who, parts) != part)

        out = replace(
            self,
            people=rest(self.people),
            actions=rest(self.actions),
            ratings=rest(self.ratings),
            campaigns=rest(self.campaigns),
            texts=rest(self.texts),
            followed=rest(self.followed),
        )
        if self.actions is not None:
            # What follows for one person depends on nobody else, so that it need not be computed again.
            vars(out)["visits"] = rest(self.visits)
            who, day = self.person_days
            kept = part_of(who, parts) != part
            vars(out)["person_days"] = who[kept], day[kept]
        return out


def part_of(who: Ints, parts: int) -> Ints:
    """In which of so many parts of about the same size a hash lies."""
    mixed = who.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    return ((mixed >> np.uint64(33)) % np.uint64(parts)).astype(np.int64)
