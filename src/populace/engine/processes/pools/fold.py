"""The fold of pools: the people of some of them, folded day by day as a lifecycle declares.

Arrays, one element for each person in the pool, in no particular order: the last one takes the place of one who leaves.
Every draw is addressed by (person, day), so that neither order nor the other people change it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from populace.clock import DAY_US
from populace.engine.draws import EngineDraw
from populace.engine.process import BLOCK
from populace.engine.processes.pools.waiting import COHORT, misplaced, packed, unpacked
from populace.engine.snapshots import FoldState, misfit, within
from populace.spec import Bools, Cohort, Ints, Lifecycle, Moves, Visits
from populace.spec.cohort import PERSON_BITS
from populace.spec.heterogeneity import WHOLE

if TYPE_CHECKING:
    from populace.engine.processes.pools.follow_ups import Later

_KINDS = {
    "person": np.int64, "joined_at": np.int64, "joined_day": np.int32, "state": np.int8, "pattern": np.int8,
    "segment": np.int8, "event": np.int8, "event_ends": np.int32, "score": np.int16, "last": np.int32,
    "streak": np.int16, "came": np.bool_, "lost": np.bool_, "binging": np.bool_, "spell_until": np.int32,
}  # fmt: skip
_DIFFERING = {
    "propensity": np.int32, "phase": np.int32, "phase_until": np.int32, "second": np.int8, "leaning": np.int16,
    "frailty": np.int32,
}  # fmt: skip
"""Of lifecycles with heterogeneity; factors in thousandths."""
_SIGNED_UP = "signed up"
NO_SPELLS = 1 << 30
"""A day that does not come."""
MOST_FACTOR = 1 << 20
"""What somebody's odds are multiplied by for life, or for a while, at most (thousandths)."""


def start_of(flow: Lifecycle, day: int) -> int:
    """When a day (since 1970) begins, µs."""
    return day * DAY_US + flow.day_starts_us


def day_of(flow: Lifecycle, at_us: int) -> int:
    """The day (since 1970) that holds a moment."""
    return (at_us - flow.day_starts_us) // DAY_US


@dataclass(slots=True)
class Day:
    """What is decided at the start of a day. joined: who signs up. came: who comes by habit, as on this day.

    moves: what changed. removed: people whose rows go. counts: by name, one number a pool. requested: what is decided
    on its way, the visits that each intervention brings.
    """

    day: int
    joined: Cohort
    came: Came
    moves: list[Moves]
    removed: Cohort
    counts: dict[str, Ints] = field(default_factory=dict)
    requested: Mapping[int, Visits] = field(default_factory=dict)

    def only(self, person: Ints) -> Day:
        """The same of some people, in whose rows alone somebody is interested."""
        return replace(
            self,
            joined=self.joined.of(np.isin(self.joined.person, person)),
            came=self.came.of(np.flatnonzero(np.isin(self.came.who.person, person))),
            moves=[one.of(np.flatnonzero(np.isin(one.who.person, person))) for one in self.moves],
            counts={name: many.copy() for name, many in self.counts.items()},
            requested={n: v.of(np.flatnonzero(np.isin(v.who.person, person))) for n, v in self.requested.items()},
        )


@dataclass(slots=True)
class Came:
    """People who come on a day. index: their places in the fold."""

    who: Cohort
    binging: Bools
    special: Bools
    index: Ints

    def of(self, index: Ints | Bools | slice) -> Came:
        """Some of them."""
        return Came(self.who.of(index), self.binging[index], self.special[index], self.index[index])


@dataclass(slots=True)
class Past:
    """History of some pools up to a day. state: the fold before it. here: who was there when history began.

    days: decided, all before it.
    """

    state: FoldState
    here: Cohort
    days: list[Day] = field(default_factory=list)


@dataclass(slots=True)
class Decided:
    """A day of some pools. visits: arranged. ends_at: of each. counts: by name, by pool; with what visits count.

    later: what comes on it after visits, whether of this day or of days before.
    """

    day: Day
    visits: Visits
    ends_at: Ints
    counts: dict[str, Ints] = field(default_factory=dict)
    later: list[Later] = field(default_factory=list)


@dataclass(slots=True)
class PoolFold:
    """The people of pools low (included) to high (excluded) before a day. held: by field, with room at the end.

    size: how many there are. signed_up: by pool, how many ever did; living: how many there are. Who came on the day
    before is known, and what that does to them is not settled yet. waiting: visits of days before, after which
    something is still to come; None for none.
    """

    flow: Lifecycle
    low: int
    high: int
    day: int
    held: dict[str, Any]
    size: int
    signed_up: Ints
    living: Ints
    waiting: Visits | None = None

    @classmethod
    def nobody(cls, flow: Lifecycle, low: int, high: int, day: int) -> PoolFold:
        """Pools before anybody signed up."""
        kinds = {**_KINDS, **(_DIFFERING if flow.heterogeneity else {}), **dict.fromkeys(flow.fields, np.int32)}
        held: dict[str, Any] = {name: np.zeros(0, dtype=kind) for name, kind in kinds.items()}
        none = np.zeros(high - low, dtype=np.int64)
        return cls(flow, low, high, day, held, size=0, signed_up=none, living=none.copy())

    def of(self, name: str) -> Any:
        """One field of everybody."""
        return self.held[name][: self.size]

    def state(self, as_of_us: int) -> FoldState:
        """As a snapshot of its own."""
        held = {name: self.of(name).copy() for name in self.held}
        return FoldState(as_of_us, {_SIGNED_UP: self.signed_up.copy(), **held, **packed(self.flow, self.waiting)})

    @classmethod
    def from_state(cls, flow: Lifecycle, low: int, high: int, state: FoldState) -> PoolFold | None:
        """What a snapshot describes; None when it does not fit these pools."""
        if fault(flow, low, high, state):
            return None
        fresh, fields = cls.nobody(flow, low, high, day_of(flow, state.as_of_us)), state.fields
        fresh.held = {name: fields[name].copy() for name in fresh.held}
        fresh.size, fresh.signed_up = len(fields["person"]), fields[_SIGNED_UP].copy()
        fresh.living = tallied(fresh, fresh.of("person") >> PERSON_BITS)
        fresh.waiting = unpacked(flow, fields)
        return fresh

    def cohort(self, index: Ints | slice, at_us: int) -> Cohort:
        """Some of the people, as they are; a slice of them stands only until somebody leaves or joins."""
        person = self.of("person")[index]
        return Cohort(
            person=person,
            pool=person >> PERSON_BITS,
            joined_at=self.of("joined_at")[index],
            at=np.broadcast_to(np.int64(at_us), person.shape),
            state=self.of("state")[index],
            pattern=self.of("pattern")[index],
            segment=self.of("segment")[index],
            event=self.of("event")[index],
            score=self.of("score")[index],
            tenure=self.day - self.of("joined_day")[index],
            fields={name: self.of(name)[index] for name in self.flow.fields},
        )

    def drop(self, index: Ints) -> None:
        """Some people (distinct, ascending) leave; the last ones take their places."""
        rest = self.size - len(index)
        holes = index[index < rest]
        last = np.ones(len(index), dtype=np.bool_)
        last[index[index >= rest] - rest] = False
        movers = rest + np.flatnonzero(last)
        self.living -= tallied(self, self.of("person")[index] >> PERSON_BITS)
        for values in self.held.values():
            values[holes] = values[movers]
        self.size = rest

    def add(self, fields: Mapping[str, Ints]) -> None:
        """People join, at the end; what is not given is zero."""
        many = len(fields["person"])
        self.living += tallied(self, fields["person"] >> PERSON_BITS)
        if self.size + many > len(self.held["person"]):
            room = (self.size + many) * 5 // 4 + 64
            for name, values in self.held.items():
                self.held[name] = np.concatenate([values, np.zeros(room - len(values), dtype=values.dtype)])
        for name, values in self.held.items():
            values[self.size : self.size + many] = fields.get(name, 0)
        self.size += many


def fault(flow: Lifecycle, low: int, high: int, state: FoldState) -> str:
    """Why a state cannot be that of pools low (included) to high (excluded); empty when it can."""
    day = day_of(flow, state.as_of_us)
    fresh, fields = PoolFold.nobody(flow, low, high, day), state.fields
    if start_of(flow, day) != state.as_of_us:
        return "of no beginning of a day"
    many = fields["person"].shape[:1] if "person" in fields else (0,)
    waiting = packed(flow, None)
    waits = next((fields[name].shape[:1] for name in waiting if name in fields), (0,))
    expected = {_SIGNED_UP: fresh.signed_up, **{n: np.empty(many, f.dtype) for n, f in fresh.held.items()},
                **{n: np.empty(waits, f.dtype) for n, f in waiting.items()}}  # fmt: skip
    if wrong := misfit(state, expected):
        return wrong
    person, signed_up = fields["person"], fields[_SIGNED_UP]
    pool = person >> PERSON_BITS
    known = within(signed_up, 0, 1 << PERSON_BITS) and within(pool, low, high - 1)
    if not known or np.any(person & ((1 << PERSON_BITS) - 1) >= signed_up[pool - low]):
        return "people who never signed up"
    if len(np.unique(person)) != len(person):
        return "somebody twice"
    if misplaced(flow, low, day, signed_up, fields):
        return "visits that nobody made"
    bounds = {
        "joined_at": (0, state.as_of_us), "joined_day": (-NO_SPELLS, day - 1), "last": (-NO_SPELLS, day - 1),
        "state": (0, len(flow.states) - 1), "pattern": (0, len(flow.patterns) - 1),
        "segment": (0, len(flow.segments) - 1), "event": (0, len(flow.life_events)), "score": (0, 100),
        "streak": (0, np.iinfo(np.int16).max), "spell_until": (-NO_SPELLS, NO_SPELLS),
    }  # fmt: skip
    if flow.heterogeneity:
        bounds |= {"phase_until": (-NO_SPELLS, NO_SPELLS), "second": (0, len(flow.patterns) - 1), "leaning": (0, WHOLE),
                   **dict.fromkeys(("propensity", "phase", "frailty"), (0, MOST_FACTOR))}  # fmt: skip
    return "" if all(within(fields[name], *bound) for name, bound in bounds.items()) else "values out of range"


def joined(cohorts: list[Cohort]) -> Cohort:
    """Cohorts, one after another; at least one."""
    fields = {name: np.concatenate([c.fields[name] for c in cohorts]) for name in cohorts[0].fields}
    rest = {name: np.concatenate([getattr(c, name) for c in cohorts]) for name in COHORT}
    return Cohort(**rest, fields=fields)


def joined_moves(moves: list[Moves]) -> Moves:
    """Moves, one after another; at least one."""
    return Moves(
        who=joined([one.who for one in moves]),
        before=joined([one.before for one in moves]),
        removed=np.concatenate([one.removed for one in moves]),
    )


def changing_at_once(days: list[Day]) -> Iterator[list[Day]]:
    """Days whose sign-ups and moves are emitted together: about `BLOCK` of them."""
    changes = np.cumsum([len(day.joined.person) + sum(len(one.who.person) for one in day.moves) for day in days])
    for _, some in itertools.groupby(range(len(days)), lambda place: int(changes[place]) // BLOCK):
        yield [days[place] for place in some]


def tallied(fold: PoolFold, pool: Ints) -> Ints:
    """How many there are of each pool, by its place among these."""
    return np.bincount(pool - fold.low, minlength=fold.high - fold.low)


def counts_here(draw: EngineDraw, at_us: int) -> bool:
    """Whether what is drawn for a moment is counted."""
    return draw.window.start_us <= at_us < draw.window.end_us
