"""Flows: where rows come from. Each flow belongs to one root, and emits the rows of some of its members.

`Members`: rows of the members themselves. `Settings`: the app's row of live settings. `Quota`: a fixed number of
things a member over exactly the history. `Sessions`: visits that begin at arrivals, have steps, and may carry a memory
from one to the next.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from populace.spec.column import Bits, Bools, Ints, Rows
from populace.spec.draw import Draw

TableRows = Mapping[str, Rows]
"""Rows by table name."""


@dataclass(frozen=True, slots=True)
class Members:
    """Rows of a root's members: emitted for each ordinal of a slice.

    emit(draw, ordinals): rows by table. dated: the rows carry moments of their own, and every window looks at them;
    otherwise they all belong to the beginning of history. at_once: so many members are emitted at a time, at most;
    fewer where each of them has many rows.
    """

    name: str
    root: str
    tables: tuple[str, ...]
    emit: Callable[[Draw, Ints], TableRows]
    dated: bool = False
    at_once: int = 32_768


@dataclass(frozen=True, slots=True)
class Settings:
    """The app's own row of settings: emitted anew whenever an intervention changes a live parameter.

    emit(draw, at): rows by table, each belonging to the moment `at` (µs, one element); the tables are merged.
    """

    name: str
    root: str
    tables: tuple[str, ...]
    emit: Callable[[Draw, Ints], TableRows]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Items of a quota: the j-th of member `ordinal`, `address` telling all of them apart."""

    ordinal: Ints
    j: Ints
    address: Ints


@dataclass(frozen=True, slots=True)
class Quota:
    """`per` (a path) things for every member, all inside `[origin, epoch)`: documented counts hold exactly there."""

    name: str
    root: str
    tables: tuple[str, ...]
    per: str
    emit: Callable[[Draw, Pairs], TableRows]


@dataclass(frozen=True, slots=True)
class Arrivals:
    """When visits begin: N(minute) a simulated minute, even within it.

    rate, cap, enabled, process: paths. N is min(Poisson(λ), cap) with λ such that its mean is the rate
    (`process` = poisson), or the rate itself (`fixed`). Both stop at the cap. before_epoch_days: path; so many days of
    history have visits too. weights: path of a sequence: people with ordinal ≡ c (mod its length) are picked in
    proportion to weights[c], over all people. hours: path of a sequence of 24 factors of the rate by hour of the day
    (UTC); an empty one, or no path, leaves the rate the same at all hours.
    """

    rate: str
    cap: str
    enabled: str
    process: str
    before_epoch_days: str
    weights: str
    hours: str | None = None


@dataclass(frozen=True, slots=True)
class SessionStarts:
    """Visits of one block. All arrays have one length.

    address: (simulated minute, k), or (intervention, k) for those that were asked for. person: ordinal. arrived_at: µs.
    starts_at: µs, later for who was busy. left_at: when the visit before ended, 0 for none. memory: what the person
    carries from the visit before, by field.
    """

    address: Bits
    person: Ints
    arrived_at: Ints
    starts_at: Ints
    left_at: Ints
    memory: Mapping[str, Ints]


@dataclass(frozen=True, slots=True)
class Begun:
    """How visits will go. steps: how many steps each enters. abandoned: breaks off in the last of them.

    memory: what each person carries on, by field. columns: anything the rows wants to know again, by name.
    """

    steps: Ints
    abandoned: Bools
    memory: Mapping[str, Ints] = field(default_factory=dict)
    columns: Mapping[str, Ints] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Course:
    """Visits with their times. visits: one row a visit (`started_at`, `ended_at` µs). Steps: one row a step.

    step_visit: which visit. step_number: 1, 2 … step_started_at, step_ended_at: µs. step_abandoned: broke off.
    """

    visits: SessionStarts
    begun: Begun
    started_at: Ints
    ended_at: Ints
    step_visit: Ints
    step_number: Ints
    step_started_at: Ints
    step_ended_at: Ints
    step_abandoned: Bools


@dataclass(frozen=True, slots=True)
class Sessions:
    """Visits of people: an arrival picks a person by weight over all; who is busy starts when free.

    begin(draw, visits): how each will go. dwell, think: decision points (ms) for the time in a step and before one,
    drawn for (visit, step number). memory: fields carried from visit to visit,
    zero at first. emit(draw, course): rows by table.
    """

    name: str
    root: str
    tables: tuple[str, ...]
    arrivals: Arrivals
    begin: Callable[[Draw, SessionStarts], Begun]
    dwell: str
    think: str
    emit: Callable[[Draw, Course], TableRows]
    memory: tuple[str, ...] = ()


SESSION_STREAMS = ("arrivals", "moment", "who", "person", "leaves")
"""The engine's own draws of a session flow are named `<flow>.<one of these>`: no decision may have such a name."""
