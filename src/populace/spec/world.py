"""A world: everything one app's population is made of, declared, frozen, and checked when built."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from populace.errors import BadInput, PopulaceError, Remedy, nearest, no_such_name, several
from populace.spec.authors import authored
from populace.spec.channel import Channel, Known, channel_faults
from populace.spec.column import Ints, Key
from populace.spec.decision import Beta, Chance, Choice, Decision, LogNormal, RoundedNormal, Uniform
from populace.spec.draw import Draw
from populace.spec.flow import Members, Quota, Sessions, Settings
from populace.spec.given import Avoids, Reads
from populace.spec.health import CachedFunction, function_faults, name_faults
from populace.spec.lifecycle import Lifecycle
from populace.spec.navigation import Navigation
from populace.spec.needs import NEEDS
from populace.spec.parameter import Parameter, Value
from populace.spec.questions import Question
from populace.spec.realism import Realism, realism_faults
from populace.spec.schedule import Calendar, Schedule
from populace.spec.source import Source
from populace.spec.table import Table, table_faults
from populace.spec.values import Values
from populace.spec.volume import Cost, Volume

Flow = Members | Settings | Quota | Sessions | Lifecycle | Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """Members whose rows influence nobody outside their cell, numbered 0 … size − 1 (the ordinal).

    size: path or number. cell: so many neighbours may influence each other (path or number); slices hold whole cells.
    removed: when each member's rows go (µs, `NEVER` for those who stay). key: the keys of members, as the `owner`
    columns hold them; needed with `removed`. joined: when each joins (µs), ascending by ordinal, as a function of the
    ordinal and the plan alone; None: all are there from the beginning. The size is then how many ever join: a flow of
    `Members` writes each of them when they join, and visits pick among those who have joined.
    """

    name: str
    size: str | int
    cell: str | int = 1
    removed: Callable[[Draw, Ints], Ints] | None = None
    key: Callable[[Draw, Ints], Key] | None = None
    joined: Callable[[Draw, Ints], Ints] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Values for some of a world's parameters, under a name."""

    name: str
    about: str
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """An app's domain model.

    version: raised when the same plan would give other rows; a target made by another version is refused. package:
    where `schema/`, `report.sql` and `checks/` are found. history_days: path, of a parameter or of
    what is derived. horizon_us: nothing that begins
    takes longer than this. derive: further values from the parameters. digest: of what the world read from its files
    (catalogue, word lists), or a function that gives it, since only a plan needs it. presets: named values of live
    parameters, for a running population.
    retention: path of the days that are kept (0: for ever); the world ships the rule as `retention.sql`. ages: the
    tables, by name, of which it takes rows, each with an `id` and a `created_at`; it takes those that `populace.ours()`
    says are ours.
    batches: the table, by name, that has one row a plan, `Key(batches, 0)`, which rows of other tables refer to.
    costs: what of a seed is limited, or paid for, outside. channels: where rows leave for somebody else. counted: the
    column of `report.sql` that says how many inhabitants there are; None: they are counted by their rows.
    keys: names that keys have beside those of tables, of what stands in no table (a payment at another service).
    questions: what the wizard asks for a user's own configuration; without any, what decides how many rows there are.
    needs: names of `NEEDS`: what of a Supabase project its schema uses.
    crons: when a scheduler calls that keeps the population active (five fields, UTC).
    reported: names by which the control API says how many rows of a table were made, as the app's own API had them.
    scripts: when its rows are exported as SQL, the tables of each script, by its name, in order; without any, each
    table has one.
    health: names of files in `checks/` that an app must pass to count as healthy, beside having its rows and answering
    in time. functions: of the app, that remember what they were asked. site: what shows the app to visitors on this
    database, `module:function`; None: nothing does. navigation: how people go through its pages, for whoever plays
    visits in a browser; None: nobody can.
    adopted: the app makes its tables itself, and they are there before any population comes. deferred: rows refer to
    later ones of the same transaction. reads: rows of the app's own that it builds on; a plan holds them under
    `given.path_of`. avoids: values that the app's rows may have taken.
    source: of a world that was found by its path, its files; whoever loads it says so, not the world.
    """

    name: str
    title: str
    about: str
    version: int
    package: str
    parameters: tuple[Parameter, ...]
    decisions: tuple[Decision, ...]
    roots: tuple[Root, ...]
    tables: tuple[Table, ...]
    flows: tuple[Flow, ...]
    scenarios: tuple[Scenario, ...]
    history_days: str
    horizon_us: int
    default_scenario: str
    digest: str | Callable[[], str] = ""
    derive: Callable[[Values], Mapping[str, object]] = lambda _values: {}
    people_root: str = "person"
    presets: tuple[Scenario, ...] = ()
    retention: str | None = None
    ages: tuple[str, ...] = ()
    costs: Callable[[Values, Volume], Sequence[Cost]] | None = None
    channels: tuple[Channel, ...] = ()
    counted: str | None = None
    calendars: tuple[Calendar, ...] = ()
    questions: tuple[Question, ...] = ()
    batches: str | None = None
    needs: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    reported: Mapping[str, str] = field(default_factory=dict)
    crons: tuple[str, ...] = ("*/5 * * * *",)
    scripts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    health: tuple[str, ...] = ()
    functions: tuple[CachedFunction, ...] = ()
    site: str | None = None
    navigation: Navigation | None = None
    realism: Realism | None = None
    adopted: bool = False
    deferred: bool = False
    reads: tuple[Reads, ...] = ()
    avoids: tuple[Avoids, ...] = ()
    source: Source = field(default_factory=dict)

    def __post_init__(self) -> None:
        faults = list(self._faults())
        if faults:
            raise several(faults)

    @property
    def words_digest(self) -> str:
        """The digest of what the world read from its files."""
        return self.digest if isinstance(self.digest, str) else self.digest()

    @property
    def built_in(self) -> bool:
        """Whether it is one of Populace's own: its files are not the user's to change."""
        return self.package.startswith(f"{__package__.partition('.')[0]}.")

    def parameter(self, path: str, where: str | None = None) -> Parameter:
        """The parameter at a path; BadInput with the nearest name when there is none."""
        for parameter in self.parameters:
            if parameter.path == path:
                return parameter
        raise BadInput(
            "there is no such parameter",
            where=where or self.name,
            given=path,
            allowed=nearest(path, [p.path for p in self.parameters]),
            todo=Remedy("describe", {"world": self.name}, "see {}"),
        )

    def values(self, settings: Mapping[str, object]) -> Values:
        """All values by path: the parameters as they are set, and what follows from them."""
        return Values({**settings, **self._derived(settings)})

    def table(self, name: str) -> Table:
        """The table of that name; KeyError when there is none."""
        for table in self.tables:
            if table.name == name:
                return table
        raise KeyError(name)

    def channel(self, name: str, where: str = "channel") -> Channel:
        """The channel of that name; BadInput with the nearest name when there is none."""
        for channel in self.channels:
            if channel.name == name:
                return channel
        raise BadInput(
            "there is no such channel",
            where=where,
            given=name,
            allowed=nearest(name, [c.name for c in self.channels]) or f"none: {self.name} declares no channel",
        )

    def root(self, name: str) -> Root:
        """The root of that name; KeyError when there is none."""
        for root in self.roots:
            if root.name == name:
                return root
        raise KeyError(name)

    @property
    def sessions(self) -> tuple[Sessions, ...]:
        """The flows of visits that arrive."""
        return tuple(visits for flow in self.flows for visits in flow.sessions)

    @property
    def answering(self) -> Flow | None:
        """The flow that answers a request for sessions, the first that can; None: nothing can be requested here."""
        return next((flow for flow in self.flows if flow.answers_requests), None)

    @property
    def lifecycles(self) -> tuple[Lifecycle, ...]:
        """The flows of people in pools."""
        return tuple(people for flow in self.flows for people in flow.lifecycles)

    @property
    def switches(self) -> tuple[str, ...]:
        """Paths of the switches that let people come."""
        return tuple(dict.fromkeys(flow.switch for flow in self.flows if flow.switch))

    @property
    def inhabitants(self) -> str:
        """The name of the members that are counted as inhabitants."""
        return "people" if self.people_root == "person" or self.lifecycles else f"{self.people_root}s"

    @property
    def emits_events(self) -> bool:
        """Whether it has events for whoever listens to them."""
        return any(flow.emits_events for flow in self.flows)

    @property
    def day_starts(self) -> tuple[int, ...]:
        """When days begin that are decided as a whole, µs after a UTC midnight; in order."""
        return tuple(sorted({start for flow in self.flows for start in flow.day_starts}))

    @property
    def by_day(self) -> frozenset[str]:
        """The tables whose rows are counted by the day of their `created_at`, as they come and as they go."""
        roots = {flow.root for flow in self.flows if flow.counted_by_day}
        return frozenset(
            t.name
            for t in self.tables
            if t.by_day or (t.root in roots and any(c.name == "created_at" for c in t.columns))
        )

    def counts(self, flow: Flow, table: Table) -> bool:
        """Whether what a flow emits into a table is counted by day: not what it emits of members of another root."""
        return flow.counted_by_day or (table.by_day and table.root == flow.root)

    def calendar(self, name: str) -> Calendar:
        """The calendar of that name; KeyError when there is none."""
        for calendar in self.calendars:
            if calendar.name == name:
                return calendar
        raise KeyError(name)

    def scenario(self, name: str) -> Scenario:
        """The scenario of that name; BadInput with the nearest name when there is none."""
        return self._chosen("scenario", name, self.scenarios)

    def preset(self, name: str) -> Scenario:
        """The preset of that name; BadInput with the nearest name when there is none."""
        return self._chosen("preset", name, self.presets)

    def _chosen(self, kind: str, name: str, among: tuple[Scenario, ...]) -> Scenario:
        for one in among:
            if one.name == name:
                return one
        raise BadInput(
            f"there is no such {kind}",
            where=f"{self.name}.{kind}",
            given=name,
            allowed=nearest(name, [one.name for one in among]),
        )

    def _faults(self) -> Iterator[PopulaceError]:
        """Everything that is wrong with the declaration, each fault with its path."""
        paths = {p.path for p in self.parameters}
        roots, tables = {r.name for r in self.roots}, {t.name for t in self.tables}
        yield from self._doubles()
        known = paths | set(self._derived_paths())
        for path, given, names in (
            ("default_scenario", self.default_scenario, {s.name for s in self.scenarios}),
            ("people_root", self.people_root, roots),
            ("history_days", self.history_days, known),
            ("retention", self.retention, paths),
            ("batches", self.batches, tables),
            *(
                ("ages", name, {t.name for t in self.tables if t.hashed and t.has("id", "created_at")})
                for name in self.ages
            ),
            *((f"roots.{r.name}", number, known) for r in self.roots for number in (r.size, r.cell)),
            *((f"flows.{f.name}", f.root, roots) for f in self.flows),
            *((f"flows.{f.name}", name, tables) for f in self.flows for name in f.tables),
            *((f"flows.{f.name}", path, known) for f in self.flows for path in f.paths()),
            *((f"calendars.{c.name}", path, known) for c in self.calendars for path in _factors_of(c)),
            *(("needs", name, NEEDS) for name in self.needs),
            *((f"reported.{name}", table, tables) for name, table in self.reported.items()),
            *((f"scripts.{name}", table, tables) for name, some in self.scripts.items() for table in some),
            *((f"tables.{t.name}", t.root, roots) for t in self.tables),
            *((f"tables.{t.name}", t.through, tables) for t in self.tables),
            *((f"decisions.{d.name}", number, known) for d in self.decisions for number in _numbers(d)),
        ):
            if isinstance(given, str) and given not in names:
                yield no_such_name(f"{self.name}.{path}", given, names)
        if self.horizon_us <= 0:
            yield BadInput("a horizon is a positive time", where=f"{self.name}.horizon_us", given=self.horizon_us)
        for root in self.roots:
            if root.joined and root.cell != 1:
                yield BadInput("members who join one by one share no cell", where=f"{self.name}.roots.{root.name}")
            if root.removed and not root.key:
                yield BadInput("members that are removed need a key", where=f"{self.name}.roots.{root.name}")
        for scenario in (*self.scenarios, *self.presets):
            yield from self._scenario_faults(scenario, paths)
        if self.realism is not None:
            yield from realism_faults(self.name, self.realism, paths, {s.name for s in self.scenarios})
        for channel in self.channels:
            if channel.has_events and not self.emits_events:
                yield BadInput("no flow has events for a channel", where=f"{self.name}.channels.{channel.name}")
        yield from table_faults(self.name, self.tables)
        yield from function_faults(self.name, self.functions)
        if self.navigation is not None:
            yield from self.navigation.faults(self)
        if self.site is not None:
            yield from name_faults(f"{self.name}.site", self.site, "module:function")
        if "accounts" not in self.needs and any(t.schema == "auth" for t in self.tables):
            yield BadInput(
                "a world with tables in the schema auth needs accounts",
                where=f"{self.name}.needs",
                todo="add 'accounts'",
            )
        yield from channel_faults(
            self.channels,
            Known(
                self.name,
                {p.path: p for p in self.parameters},
                {t.name: t for t in self.tables},
                self._default_values(),
            ),
        )
        for flow in self.flows:
            if not flow.tables:
                yield BadInput("the flow writes no table", where=f"{self.name}.flows.{flow.name}")
            yield from flow.faults(self)
        for decision in self.decisions:
            constant = decision.probability if isinstance(decision, Chance) else 0.0
            if not isinstance(constant, str) and not 0 <= constant <= 1:
                yield BadInput(
                    "this is not a probability",
                    where=f"{self.name}.decisions.{decision.name}",
                    given=constant,
                    allowed="a number from 0 to 1",
                )

    def _doubles(self) -> Iterator[PopulaceError]:
        for kind, names in (
            ("parameters", [p.path for p in self.parameters]),
            ("decisions", [d.name for d in self.decisions]),
            ("roots", [r.name for r in self.roots]),
            ("tables", [t.name for t in self.tables]),
            ("flows", [f.name for f in self.flows]),
            ("calendars", [c.name for c in self.calendars]),
            ("channels", [c.name for c in self.channels]),
            ("functions", [f.name for f in self.functions]),
            ("scenarios", [s.name for s in self.scenarios]),
            ("presets", [p.name for p in self.presets]),
        ):
            for name in sorted(name for name, many in Counter(names).items() if many > 1):
                yield BadInput("the name is used twice", where=f"{self.name}.{kind}.{name}")
        reserved = tuple(name for flow in self.flows for name in flow.streams)
        for decision in self.decisions:
            if decision.name in reserved or decision.name.startswith(tuple(f"{name}." for name in reserved)):
                yield BadInput("the engine's own draws have this name", where=f"{self.name}.decisions.{decision.name}")

    def _scenario_faults(self, scenario: Scenario, paths: set[str]) -> Iterator[PopulaceError]:
        for path, value in scenario.values.items():
            where = f"scenarios.{scenario.name}"
            if path not in paths:
                yield no_such_name(f"{self.name}.{where}", path, paths)
                continue
            try:
                self.parameter(path).check(value, f"{self.name}.{where}")
            except BadInput as error:
                yield error

    def _derived(self, settings: Mapping[str, object]) -> Mapping[str, object]:
        with authored(self.package, f"what {self.name} derives from its values", self.derive):
            return self.derive(Values(settings))

    def _derived_paths(self) -> list[str]:
        return list(self._derived({p.path: p.default for p in self.parameters}))

    def _default_values(self) -> Values:
        return self.values({p.path: p.default for p in self.parameters})


def _factors_of(calendar: Calendar) -> tuple[str, ...]:
    """The paths of values that a calendar refers to."""
    spikes = (calendar.spikes,) if calendar.spikes else ()
    return (calendar.months, calendar.weekdays, calendar.hours, calendar.zone, *spikes)


def _numbers(decision: Decision) -> tuple[object, ...]:
    """Every constant or path a decision point refers to."""
    if isinstance(decision, Choice):
        return (decision.weights,)
    if isinstance(decision, Uniform):
        return (decision.low, decision.high)
    if isinstance(decision, LogNormal):
        return (decision.median, decision.sigma, decision.low, decision.high)
    if isinstance(decision, RoundedNormal):
        return (decision.mean, decision.deviation, decision.low, decision.high)
    if isinstance(decision, Beta):
        return (decision.mean, decision.spread)
    return (decision.probability,)
