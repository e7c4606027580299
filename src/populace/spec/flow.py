"""Flows: where rows come from. Each flow belongs to one root, and emits the rows of some of its members.

`Members`: rows of the members themselves. `Settings`: the app's row of live settings. `Quota`: a fixed number of
items for each member over exactly the history. `Sessions`: visits that begin at arrivals, have steps, and may carry a
memory from one to the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from populace.errors import BadInput, PopulaceError, nearest
from populace.spec.column import Bits, Bools, Ints, Rows
from populace.spec.decision import Chance, Choice, Measure
from populace.spec.draw import Draw
from populace.spec.heterogeneity import Inclination
from populace.spec.values import Values

if TYPE_CHECKING:
    from populace.spec.lifecycle import Lifecycle
    from populace.spec.world import World

TableRows = Mapping[str, Rows]
"""Rows by table name."""


class AnyFlow:
    """What every flow answers about itself. These are the answers of most; a kind gives its own where they differ."""

    __slots__ = ()

    @property
    def sessions(self) -> tuple[Sessions, ...]:
        """The flow itself, where it is one of visits that arrive."""
        return ()

    @property
    def lifecycles(self) -> tuple[Lifecycle, ...]:
        """The flow itself, where it is one of people in pools, whose days are decided one by one."""
        return ()

    @property
    def answers_requests(self) -> bool:
        """Whether something of it begins when a user requests it."""
        return False

    @property
    def requested(self) -> str:
        """What begins on request, in the plural."""
        return "sessions"

    @property
    def emits_events(self) -> bool:
        """Whether it has events for whoever listens."""
        return False

    @property
    def switch(self) -> str | None:
        """The path of what lets anything begin."""
        return None

    @property
    def streams(self) -> tuple[str, ...]:
        """Names that the engine's own draws take: no decision may be called so, or begin with one and a dot."""
        return ()

    @property
    def sizes(self) -> tuple[str, ...]:
        """Paths of how many there are of what it emits, or for how long; the sizes of roots apart."""
        return ()

    @property
    def each_member(self) -> bool:
        """Whether each member has rows of its own here, and so a first table that counts members."""
        return False

    @property
    def counted_by_day(self) -> bool:
        """Whether all its rows are counted by day; else only those of tables that say so."""
        return False

    @property
    def day_starts(self) -> tuple[int, ...]:
        """Where what it decides is decided for a day at a time: when days begin, µs after a UTC midnight."""
        return ()

    @property
    def shares(self) -> bool:
        """Whether what belongs to one member adds up, so that each of them has much to compute."""
        return False

    def people_each(self, values: Values) -> int:
        """How many people a member of the root stands for."""
        return 1

    def paths(self) -> tuple[str, ...]:
        """The paths of values that it refers to."""
        return ()

    def faults(self, world: World) -> Iterator[PopulaceError]:
        """What is wrong with it beside the other things that a world declares."""
        yield from ()

    def require(self, values: Values, world: World) -> None:
        """Raise BadInput when the values of a plan's beginning do not go together for it."""


def unknown_name(world: World, flow: str, given: str, names: Sequence[str]) -> BadInput:
    """A flow names something that there is not."""
    return BadInput(
        "there is no such name", where=f"{world.name}.flows.{flow}", given=given, allowed=nearest(given, names)
    )


@dataclass(frozen=True, slots=True)
class Members(AnyFlow):
    """Rows of a root's members: emitted for each ordinal of a slice.

    emit(draw, ordinals): rows by table. events(draw, ordinals): rows for outboxes, each with its moment, emitted only
    when somebody listens. dated: the rows carry moments of their own, and every window looks at them;
    otherwise they all belong to the beginning of history. at_once: so many members are emitted at a time, at most;
    fewer where each of them has many rows. enabled: path of the switch that `emit` asks whether anybody may join.
    changes_us: rows of who has joined change for so long; each version then has a moment of its own.
    """

    name: str
    root: str
    tables: tuple[str, ...]
    emit: Callable[[Draw, Ints], TableRows]
    dated: bool = False
    at_once: int = 32_768
    events: Callable[[Draw, Ints], TableRows] | None = None
    enabled: str | None = None
    changes_us: int = 0

    @property
    def emits_events(self) -> bool:
        return self.events is not None

    @property
    def switch(self) -> str | None:
        return self.enabled

    def paths(self) -> tuple[str, ...]:
        return (self.enabled,) if self.enabled else ()

    @property
    def each_member(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Settings(AnyFlow):
    """The app's own row of settings: emitted again whenever an intervention changes a live parameter.

    emit(draw, at): rows by table, each belonging to the moment `at` (µs, one element); the tables are merged.
    events(draw, at): rows for outboxes, emitted only when their channel is configured, for each change of its own.
    """

    name: str
    root: str
    tables: tuple[str, ...]
    emit: Callable[[Draw, Ints], TableRows]
    events: Callable[[Draw, Ints], TableRows] | None = None

    @property
    def emits_events(self) -> bool:
        return self.events is not None


@dataclass(frozen=True, slots=True)
class Pairs:
    """Items of a quota: the j-th of member `ordinal`, `address` distinguishing all of them."""

    ordinal: Ints
    j: Ints
    address: Ints


@dataclass(frozen=True, slots=True)
class Quota(AnyFlow):
    """`per` (a path) items for every member, all inside `[origin, epoch)`: documented counts hold exactly there.

    emit(draw, pairs): rows by table. events(draw, pairs): rows for outboxes, emitted only when their channel is
    configured.
    """

    name: str
    root: str
    tables: tuple[str, ...]
    per: str
    emit: Callable[[Draw, Pairs], TableRows]
    events: Callable[[Draw, Pairs], TableRows] | None = None

    @property
    def emits_events(self) -> bool:
        return self.events is not None

    @property
    def sizes(self) -> tuple[str, ...]:
        return (self.per,)

    def paths(self) -> tuple[str, ...]:
        return (self.per,)


@dataclass(frozen=True, slots=True)
class Arrivals:
    """When visits begin: N(minute) a simulated minute, even within it.

    rate, cap, enabled, process: paths. N is min(Poisson(λ), cap) with λ such that its mean is the rate
    (`process` = poisson), or the rate itself (`fixed`). Both stop at the cap. before_epoch_days: path; so many days of
    history have visits too. weights: path of a sequence: people with ordinal ≡ c (mod its length) are picked in
    proportion to weights[c], over all people. hours: path of a sequence of 24 factors of the rate by hour of the day
    (UTC); an empty one, or no path, leaves the rate the same at all hours. inclination: who comes when, where
    people differ; None: by the weights alone.
    """

    rate: str
    cap: str
    enabled: str
    process: str
    before_epoch_days: str
    weights: str
    hours: str | None = None
    inclination: Inclination | None = None


@dataclass(frozen=True, slots=True)
class SessionStarts:
    """Visits of one block. All arrays have one length.

    address: (simulated minute, k), or (intervention, k) for requested ones. person: ordinal. arrived_at: µs.
    starts_at: µs, later for a person who was busy. left_at: when the visit before ended, 0 for none. memory: what the
    person carries from the visit before, by field.
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

    memory: what each person carries on, by field. columns: anything that `emit` needs again, by name.
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
class Sessions(AnyFlow):
    """Visits of people: an arrival picks a person by weight over all; who is busy starts when free.

    begin(draw, visits): how each will go. dwell, think: decision points (ms) for the time in a step and before one,
    drawn for (visit, step number). pace(draw, person, address, at, step number): thousandths by which these times are
    multiplied; None, the function or its answer: they stay. memory: fields carried from visit to visit, zero at first.
    emit(draw, course): rows by table. events(draw, course): rows for outboxes, emitted only when their channel is
    configured; of those who left too. together: `emit` takes several visits of one person at once, in the order of
    time; versions of a row that changes have one entity in all of them.
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
    events: Callable[[Draw, Course], TableRows] | None = None
    pace: Callable[[Draw, Ints, Bits, Ints, Ints], Ints | None] | None = None
    together: bool = False

    @property
    def sessions(self) -> tuple[Sessions, ...]:
        return (self,)

    @property
    def answers_requests(self) -> bool:
        return True

    @property
    def emits_events(self) -> bool:
        return self.events is not None

    @property
    def switch(self) -> str | None:
        return self.arrivals.enabled

    @property
    def streams(self) -> tuple[str, ...]:
        return tuple(
            f"{self.name}.{part}" for part in ("arrivals", "moment", "who", "person", "comes", "leaves", "kept")
        )

    @property
    def sizes(self) -> tuple[str, ...]:
        return (self.arrivals.before_epoch_days,)

    def paths(self) -> tuple[str, ...]:
        a = self.arrivals
        own = (a.rate, a.cap, a.enabled, a.process, a.before_epoch_days, a.weights)
        return (*own, *([a.hours] if a.hours else []), *(a.inclination.paths if a.inclination else []))

    def faults(self, world: World) -> Iterator[PopulaceError]:
        inclination = self.arrivals.inclination
        measures = [d.name for d in world.decisions if isinstance(d, Measure)]
        chances = [d.name for d in world.decisions if isinstance(d, Chance)]
        choices = [d.name for d in world.decisions if isinstance(d, Choice)]
        for known, points in (
            (measures, (self.dwell, self.think, *(inclination.measures if inclination else ()))),
            (choices, (inclination.hour,) if inclination else ()),
            (chances, (inclination.first_visit,) if inclination else ()),
        ):
            for point in points:
                if point not in known:
                    yield unknown_name(world, self.name, point, known)

    def require(self, values: Values, world: World) -> None:
        before, history = self.arrivals.before_epoch_days, world.history_days
        if values.whole(before) > values.whole(history):
            raise BadInput(
                "visits cannot begin before history does",
                where=f"{world.name}.{before}",
                given=values[before],
                allowed=f"at most {history} = {values[history]}",
            )
