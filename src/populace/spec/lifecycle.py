"""Lifecycles: people who sign up, come back by habit, become inactive and leave, declared as data.

A lifecycle belongs to a root whose members are pools of people. The engine folds each pool day by day: at the start of
a day states change, life events begin and end, people churn, others sign up, and it is decided who comes. What people
do when they come, and the rows of it, is emitted by the world. Everything decided at a day's start happens inside the
day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from populace.errors import BadInput, PopulaceError
from populace.spec.cohort import MOST_POOLS, Cohort, DailyStatistics, Evolved, Moves, Visits, Walk
from populace.spec.column import Ints, Joined, Key
from populace.spec.decision import Chance, Choice, Decision, Measure
from populace.spec.draw import Draw
from populace.spec.flow import AnyFlow, TableRows, unknown_name
from populace.spec.follow_up import FollowUp
from populace.spec.heterogeneity import Heterogeneity
from populace.spec.values import Values

if TYPE_CHECKING:
    from populace.spec.world import World

NOBODY = "-"
"""A value of `away` that keeps nobody away, and of `leaves` that lets nobody leave."""

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(7)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Where somebody is in their life with the app.

    returns_at_least: path; the chance to come on a day is no less. factor: path; it is multiplied by so much.
    drop_out: path; chance that a day with a visit was the last, silently. left: such a person never comes again.
    """

    name: str
    returns_at_least: str | None = None
    factor: str | None = None
    drop_out: str | None = None
    left: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """From one of `sources` to `target`, on a day on which all that is given holds; the first that fits is taken.

    tenure: path; days since sign-up, at least. idle, idle_below: paths; whole days without a visit, at least,
    and fewer than. patterns: only people of these. chance: a `Chance`, drawn each such day; one for all, or one a
    segment.
    """

    sources: tuple[str, ...]
    target: str
    tenure: str | None = None
    idle: str | None = None
    idle_below: str | None = None
    patterns: tuple[str, ...] = ()
    chance: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """A habit: the chance to come on ordinary days, and on the days that are its own.

    returns: path. special: path; the chance on `weekdays`, on `month_days`, or during a spell. boost, boost_weekdays: a
    factor (path) on some weekdays. spell, rest: `Measure`s, the days that a spell and the pause after it last.
    """

    name: str
    returns: str
    special: str | None = None
    weekdays: tuple[int, ...] = ()
    month_days: tuple[int, ...] = ()
    boost: str | None = None
    boost_weekdays: tuple[int, ...] = ()
    spell: str | None = None
    rest: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeEvent:
    """Something that overrides habits for a while. days: a `Measure`. returns: path; the chance to come, final."""

    name: str
    days: str
    returns: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How engaged somebody is, 0 to 100. begins: a `Measure`. The others are paths of values.

    came, stayed_away, broke: what a day adds to it; broke: also, when a streak of at least `broken_streak` days ends.
    weight: (score − 50) / 200 × weight is added to the chance to come.
    """

    begins: str
    came: str
    stayed_away: str
    broke: str
    broken_streak: str
    weight: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Streak:
    """Days in a row make the next one likelier: `bonus` for each `days` of them, `most` at most (paths)."""

    bonus: str
    days: str
    most: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """How many people a pool holds, and how it is filled. All are paths.

    target: people a pool. schedule: text, `date:factor` pairs, from when on the target is multiplied by what. reading:
    `replace` (as many as are missing, between low and high), `top_up` (low to high, but no more than are missing) or
    `always` (low to high). low, high: sign-ups a day for `per` people. unseen_days: so long a pool lives before
    history, so that it begins in its settled mix.
    """

    target: str
    schedule: str
    reading: str
    low: str
    high: str
    per: str
    unseen_days: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifecycle(AnyFlow):
    """People of pools, from sign-up to leaving.

    day_starts_us: after midnight UTC. enabled: path; visits begin only while it holds. away: path of a text, the names
    of people who stay away. leaves: path of a text, the names of people who leave when the next day starts; they become
    the first state that is left. activity: path; a factor of all habits. seasons: path of 12 factors by month.
    weekdays: path of 7 factors, Monday first. segments: names; segment: a `Choice`, who is of which. first_pattern:
    everybody's habit until `assigned_after` days (path; at least 1); assigned: a `Choice` of a pattern a segment.
    life_events_weights: a `Choice` of nothing, or one of `life_events`. kept: a `Chance`, that the rows of those who
    leave stay. heterogeneity: how people differ. follow_up: what comes days after visits. visits: a `Choice`, how many
    a day, less one. longest_us: no visit takes longer. fields: the world's own, zero at first, of 32 bits.

    Functions of the world, all pure:

    - called(draw, who): the text by which a person is known, as `away` holds it. key(draw, who): of the owner columns.
    - sign_up(draw, who): µs after the start of the first day, early enough for a visit of the longest kind. Of who, the
      person and the day are known; values are those of the plan.
    - evolve(draw, who): what else a day changes, drawn for people at the start of the day `who.at`.
    - people(draw, who): rows of those who sign up (`who.at` is `joined_at`), or are there when history begins.
    - moved(draw, moves): rows of what changed, at `moves.who.at`.
    - times(draw, visits): when each visit would begin, µs after the start of the day (`who.at`).
    - walk(draw, visits): how each goes. Everything about visits is drawn here, at `who.at`, when it is decided that
      they come: at the start of the day, or when they are requested. What is drawn in `emit` and `events` is not
      accounted. `started_at` is not known yet.
    - emit(draw, visits, walk): rows of visits, each between `started_at` and `started_at + lasts_us`.
    - emit_days(draw, daily): rows about days that are over, at `ended_at`.
    - events, move_events, people_events: rows for outboxes, with the arguments of `emit`, `moved` and `people`; emitted
      only when somebody listens, and of those who left too.

    The owner of every row is the person's address; of a row about a day, it is the pool's first address.
    """

    name: str
    root: str
    tables: tuple[str, ...]
    day_starts_us: int
    pool: Pool
    enabled: str
    away: str
    activity: str
    seasons: str
    weekdays: str
    states: tuple[State, ...]
    transitions: tuple[Transition, ...]
    patterns: tuple[Pattern, ...]
    first_pattern: str
    assigned_after: str
    assigned: tuple[str, ...]
    segments: tuple[str, ...]
    segment: str
    life_events: tuple[LifeEvent, ...]
    life_events_weights: str
    score: Score
    streak: Streak
    kept: str
    visits: str
    longest_us: int
    fields: tuple[str, ...]
    key: Callable[[Draw, Cohort], Key]
    called: Callable[[Draw, Cohort], Joined]
    evolve: Callable[[Draw, Cohort], Evolved]
    sign_up: Callable[[Draw, Cohort], Ints]
    people: Callable[[Draw, Cohort], TableRows]
    moved: Callable[[Draw, Moves], TableRows]
    times: Callable[[Draw, Visits], Ints]
    walk: Callable[[Draw, Visits], Walk]
    emit: Callable[[Draw, Visits, Walk], TableRows]
    emit_days: Callable[[Draw, DailyStatistics], TableRows]
    leaves: str | None = None
    heterogeneity: Heterogeneity | None = None
    follow_up: FollowUp | None = None
    events: Callable[[Draw, Visits, Walk], TableRows] | None = None
    move_events: Callable[[Draw, Moves], TableRows] | None = None
    people_events: Callable[[Draw, Cohort], TableRows] | None = None

    def state(self, name: str) -> int:
        """The position of a state; ValueError when there is none of that name."""
        return [s.name for s in self.states].index(name)

    def pattern(self, name: str) -> int:
        """The position of a pattern; ValueError when there is none of that name."""
        return [p.name for p in self.patterns].index(name)

    @property
    def lifecycles(self) -> tuple[Lifecycle, ...]:
        return (self,)

    @property
    def answers_requests(self) -> bool:
        return True

    @property
    def emits_events(self) -> bool:
        return any((self.events, self.move_events, self.people_events))

    @property
    def switch(self) -> str | None:
        return self.enabled

    @property
    def streams(self) -> tuple[str, ...]:
        return tuple(f"{self.name}.{part}" for part in ("returns", "signups", "drop_out", "requested"))

    @property
    def sizes(self) -> tuple[str, ...]:
        return (self.pool.target,)

    @property
    def counted_by_day(self) -> bool:
        return True

    @property
    def day_starts(self) -> tuple[int, ...]:
        return (self.day_starts_us,)

    def people_each(self, values: Values) -> int:
        return max(1, round(values.number(self.pool.target)))

    def paths(self) -> tuple[str, ...]:
        owners = (
            *(self.pool, self.score, self.streak),
            *(*self.states, *self.transitions, *self.patterns, *self.life_events),
        )
        differing = self.heterogeneity
        return (
            *((self.leaves,) if self.leaves else ()),
            *((self.follow_up.share,) if self.follow_up else ()),
            *((differing.day_memory, differing.day_spread, differing.holidays) if differing else ()),
            *(self.enabled, self.away, self.activity, self.seasons, self.weekdays, self.assigned_after),
            *(path for owner in owners for name in _PATHS.get(type(owner), ()) if (path := getattr(owner, name))),
        )

    def require(self, values: Values, world: World) -> None:
        size = world.root(self.root).size
        pools = values.whole(size) if isinstance(size, str) else size
        if self.leaves and values.text(self.leaves) != NOBODY:
            raise BadInput(
                "nobody is there yet who could leave",
                where=f"{world.name}.{self.leaves}",
                given=values.text(self.leaves),
                allowed=NOBODY,
                todo="name them while the population runs",
            )
        if pools > MOST_POOLS:
            raise BadInput(
                "there are too many pools of people",
                where=f"{world.name}.{size if isinstance(size, str) else f'roots.{self.root}'}",
                given=pools,
                allowed=f"at most {MOST_POOLS:,} pools: their numbers are part of the addresses of visits",
            )

    def faults(self, world: World) -> Iterator[PopulaceError]:
        for given, allowed in self._unknown(world.decisions):
            yield unknown_name(world, self.name, given, allowed)
        for misfit in (*self._misfits(), *self._lost(world)):
            yield BadInput(misfit, where=f"{world.name}.flows.{self.name}")

    def _unknown(self, decisions: Sequence[Decision]) -> Iterator[tuple[str, Sequence[str]]]:
        """Names that nothing has, each with those that would do."""
        states, patterns = [s.name for s in self.states], [p.name for p in self.patterns]
        chances = [d.name for d in decisions if isinstance(d, Chance)]
        choices = [d.name for d in decisions if isinstance(d, Choice)]
        measures = [d.name for d in decisions if isinstance(d, Measure)]
        for given, allowed in (
            *((name, states) for t in self.transitions for name in (*t.sources, t.target)),
            *((name, patterns) for t in self.transitions for name in t.patterns),
            *((name, chances) for t in self.transitions for name in t.chance),
            (self.first_pattern, patterns),
            *((name, choices) for name in (*self.assigned, self.segment, self.life_events_weights, self.visits)),
            *((name, measures) for p in self.patterns for name in (p.spell, p.rest)),
            *((event.days, measures) for event in self.life_events),
            (self.score.begins, measures),
            (self.kept, chances),
            *self._differing(chances, choices, measures),
        ):
            if given is not None and given not in allowed:
                yield given, allowed

    def _differing(
        self, chances: Sequence[str], choices: Sequence[str], measures: Sequence[str]
    ) -> Iterator[tuple[str, Sequence[str]]]:
        """The decision points of the heterogeneity, each with those that would do."""
        if self.heterogeneity:
            yield self.heterogeneity.first_visit, chances
            yield from ((name, choices) for name in self.heterogeneity.second)
            yield from ((name, measures) for name in self.heterogeneity.measures)

    def _lost(self, world: World) -> Iterator[str]:
        """What is wrong with what comes after visits, in words."""
        if self.follow_up is None:
            return
        if not 1 <= self.follow_up.days <= MOST_FOLLOWING_DAYS:
            yield f"what comes after a visit comes within 1 to {MOST_FOLLOWING_DAYS} days"
        if any(p.live for p in world.parameters if p.path == self.follow_up.share):
            yield f"whether anything comes after visits is settled at first: {self.follow_up.share} may not be live"
        merged = [table.name for table in world.tables if table.mode == "merge"]
        for table in self.follow_up.tables:
            if table not in self.tables or table not in merged:
                yield f"what comes after a visit changes rows of {table}, which is no merged table of the flow"

    def _misfits(self) -> Iterator[str]:
        """What does not go together, in words."""
        segments = len(self.segments)
        if self.heterogeneity and len(self.heterogeneity.second) != segments:
            yield f"there are {segments} segments, and second patterns for {len(self.heterogeneity.second)}"
        if len(self.assigned) != segments:
            yield f"there are {segments} segments, and patterns are assigned to {len(self.assigned)}"
        for rule in self.transitions:
            if len(rule.chance) not in (0, 1, segments):
                yield f"the chance of becoming {rule.target} is one for all, or one for each of {segments} segments"
        if self.leaves and not any(state.left for state in self.states):
            yield "nobody can leave by name: no state is left"
        if 2 * len(self.patterns) * len(self.states) > MOST_CELLS:
            yield f"patterns and states are too many: twice their product is above {MOST_CELLS}"


_PATHS: Mapping[type, tuple[str, ...]] = {
    Pool: ("target", "schedule", "reading", "low", "high", "per", "unseen_days"),
    Score: ("came", "stayed_away", "broke", "broken_streak", "weight"),
    Streak: ("bonus", "days", "most"),
    State: ("returns_at_least", "factor", "drop_out"),
    Transition: ("tenure", "idle", "idle_below"),
    Pattern: ("returns", "special", "boost"),
    LifeEvent: ("returns",),
}

MOST_FOLLOWING_DAYS = 60
"""So long visits are remembered after which something comes, at most."""

MOST_CELLS = 127
"""Of patterns, in a spell or not, and states: their numbers are kept in one byte."""
