"""People of lifecycles as arrays: what the functions of a world are given about some of them, and what they answer.

Apart from the declaration (`lifecycle`), since engine and worlds compute with these and never with that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from populace.spec.column import Bits, Bools, Ints

PERSON_BITS = 20
"""A person's address is `pool << PERSON_BITS | n`, the n-th who ever signed up in their pool."""
DAY_BITS, VISIT_BITS, STEP_BITS = 16, 3, 7
"""A visit's address is `(person << DAY_BITS | day) << VISIT_BITS | k`, a step's `visit << STEP_BITS | step`."""
MOST_VISITS = 1 << VISIT_BITS
"""Visits of a person in a day, at most; and so many that are requested."""
REQUESTED = 1 << 56
"""The bit of requested visits in their addresses, where k counts those of the person and day; no visit by habit has it.
In the address of a step it is the highest of 64 bits."""
MOST_POOLS = REQUESTED >> (PERSON_BITS + DAY_BITS + VISIT_BITS)
"""Pools of a plan, at most: the rest of an address is theirs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """Some people at some moment. All arrays have one length.

    person: address. pool: ordinal. joined_at: µs. at: the moment they are looked at, µs. state, pattern, segment,
    event: positions in what the lifecycle declares (event: 0 for none, else one more). fields: the world's own.
    """

    person: Ints
    pool: Ints
    joined_at: Ints
    at: Ints
    state: Ints
    pattern: Ints
    segment: Ints
    event: Ints
    score: Ints
    tenure: Ints
    fields: Mapping[str, Ints] = field(default_factory=dict)

    def of(self, index: Ints | Bools | slice) -> Cohort:
        """Some of them."""
        return Cohort(
            person=self.person[index],
            pool=self.pool[index],
            joined_at=self.joined_at[index],
            at=self.at[index],
            state=self.state[index],
            pattern=self.pattern[index],
            segment=self.segment[index],
            event=self.event[index],
            score=self.score[index],
            tenure=self.tenure[index],
            fields={name: values[index] for name, values in self.fields.items()},
        )


@dataclass(frozen=True, slots=True)
class Evolved:
    """What a day changes. index: positions in the cohort, ascending. fields: their new values, `segment` among them.

    at: the moments of the changes inside the day, µs; the fields have their new values from the day's start on.
    """

    index: Ints
    fields: Mapping[str, Ints]
    at: Ints | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """What changed for people, on a day or on several. who: as they are from then on; `at` is the moment. before: as
    they were.

    removed: they have left, and their rows go.
    """

    who: Cohort
    before: Cohort
    removed: Bools

    def of(self, index: Ints | Bools | slice) -> Moves:
        """Some of them."""
        return Moves(who=self.who.of(index), before=self.before.of(index), removed=self.removed[index])


@dataclass(frozen=True, slots=True, kw_only=True)
class Visits:
    """Visits. address: of the visit. k: the k-th of its person's day. day: since 1970. who: as on that day; their `at`
    is when the visit was decided: at the start of the day, or when it was requested.

    started_at: µs. binging: in a spell. special: a day of the pattern's own. first: the visit that opens the person's
    day.
    """

    address: Bits
    k: Ints
    day: Ints
    who: Cohort
    started_at: Ints
    binging: Bools
    special: Bools
    first: Bools

    def of(self, index: Ints | Bools | slice) -> Visits:
        """Some of them."""
        return Visits(
            address=self.address[index],
            k=self.k[index],
            day=self.day[index],
            who=self.who.of(index),
            started_at=self.started_at[index],
            binging=self.binging[index],
            special=self.special[index],
            first=self.first[index],
        )


@dataclass(frozen=True, slots=True)
class Walk:
    """How visits go. lasts_us: how long each takes. counts: by name, what each adds to its pool's day.

    columns: whatever emitting wants to know again; arrays of any length.
    """

    lasts_us: Ints
    counts: Mapping[str, Ints] = field(default_factory=dict)
    columns: Mapping[str, Ints] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DailyStatistics:
    """Days of pools that are over. All arrays have one length.

    day: since 1970. ended_at: µs. counts: by name; `total`, `active`, `signups`, `churned`, `removed`, `reactivated`,
    `spells_begun`, `spells_ended`, `state.NAME`, `pattern.NAME`, `score.NAME` (sum of the scores of those in a state),
    and what walks count.
    """

    pool: Ints
    day: Ints
    ended_at: Ints
    counts: Mapping[str, Ints]
