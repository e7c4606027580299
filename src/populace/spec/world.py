"""A world: everything one app's population is made of, declared, frozen, and checked when built."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from populace.errors import BadInput, PopulaceError, nearest, several
from populace.spec.column import Ints, Key
from populace.spec.decision import Choice, Decision, LogNormal, RoundedNormal, Uniform
from populace.spec.draw import Draw
from populace.spec.flow import Flow, Members, Quota, Sessions
from populace.spec.parameter import Parameter, Value, Values
from populace.spec.table import TYPES, Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """Things whose rows influence nobody outside their cell, numbered 0 … size − 1 (the ordinal).

    size: path or number. cell: so many neighbours may influence each other (path or number); slices hold whole cells.
    removed: when each member's rows go (µs, `NEVER` for those who stay). key: the keys of members, as the `owner`
    columns hold them; needed with `removed`.
    """

    name: str
    size: str | int
    cell: str | int = 1
    removed: Callable[[Draw, Ints], Ints] | None = None
    key: Callable[[Draw, Ints], Key] | None = None


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
    where `schema/`, `report.sql` and `checks/` are found. history_days: path. horizon_us: nothing that begins
    takes longer than this. derive: further values from the parameters. settings_table: the app's own singleton table
    that shows live parameters, if it has one. digest: of what the world read from its files (catalogue, word lists).
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
    digest: str = ""
    derive: Callable[[Values], Values] = lambda _values: {}
    people_root: str = "person"
    settings_table: str | None = None

    def __post_init__(self) -> None:
        faults = list(self._faults())
        if faults:
            raise several(faults)

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
            todo=f"see populace describe {self.name}",
        )

    def table(self, name: str) -> Table:
        """The table of that name; KeyError when there is none."""
        for table in self.tables:
            if table.name == name:
                return table
        raise KeyError(name)

    def root(self, name: str) -> Root:
        """The root of that name; KeyError when there is none."""
        for root in self.roots:
            if root.name == name:
                return root
        raise KeyError(name)

    def scenario(self, name: str) -> Scenario:
        """The scenario of that name; BadInput with the nearest name when there is none."""
        for scenario in self.scenarios:
            if scenario.name == name:
                return scenario
        raise BadInput(
            "there is no such scenario",
            where=f"{self.name}.scenario",
            given=name,
            allowed=nearest(name, [s.name for s in self.scenarios]),
        )

    def _faults(self) -> Iterator[PopulaceError]:
        paths = {p.path for p in self.parameters}
        roots = {r.name for r in self.roots}
        tables = {t.name for t in self.tables}

        def fault(what: str, where: str, given: object = None, known: set[str] | None = None) -> PopulaceError:
            allowed = nearest(str(given), known) if known else None
            return BadInput(what, where=f"{self.name}.{where}", given=given, allowed=allowed)

        for kind, names in (
            ("parameters", [p.path for p in self.parameters]),
            ("decisions", [d.name for d in self.decisions]),
            ("roots", [r.name for r in self.roots]),
            ("tables", [t.name for t in self.tables]),
            ("flows", [f.name for f in self.flows]),
            ("scenarios", [s.name for s in self.scenarios]),
        ):
            for name in sorted({n for n in names if names.count(n) > 1}):
                yield fault("the name is used twice", f"{kind}.{name}")
        for scenario in self.scenarios:
            for path in scenario.values:
                if path not in paths:
                    yield fault("there is no such parameter", f"scenarios.{scenario.name}", path, paths)
        if self.default_scenario not in {s.name for s in self.scenarios}:
            yield fault("there is no such scenario", "default_scenario", self.default_scenario)
        for root in self.roots:
            if root.removed and not root.key:
                yield fault("members that go need a key", f"roots.{root.name}")
        if self.people_root not in roots:
            yield fault("there is no such root", "people_root", self.people_root, roots)
        for table in self.tables:
            yield from self._table_faults(table, roots, fault)
        known_values = paths | set(self._derived_paths())
        for decision in self.decisions:
            for number in _numbers(decision):
                if isinstance(number, str) and number not in known_values:
                    yield fault("there is no such value", f"decisions.{decision.name}", number, known_values)
        points = {d.name for d in self.decisions}
        for flow in self.flows:
            where = f"flows.{flow.name}"
            if flow.root not in roots:
                yield fault("there is no such root", where, flow.root, roots)
            for name in flow.tables:
                if name not in tables:
                    yield fault("there is no such table", where, name, tables)
            needed: tuple[str, ...] = ()
            if isinstance(flow, Quota):
                needed = (flow.per,)
            elif isinstance(flow, Sessions):
                a = flow.arrivals
                needed = (a.rate, a.cap, a.enabled, a.process, a.before_epoch_days, a.weights)
                for point in (flow.dwell, flow.think):
                    if point not in points:
                        yield fault("there is no such decision point", where, point, points)
            elif isinstance(flow, Members) and not flow.tables:
                yield fault("the flow writes no table", where)
            for path in needed:
                if path not in known_values:
                    yield fault("there is no such value", where, path, known_values)

    def _table_faults(
        self, table: Table, roots: set[str], fault: Callable[..., PopulaceError]
    ) -> Iterator[PopulaceError]:
        where = f"tables.{table.name}"
        columns = {c.name for c in table.columns}
        if table.root not in roots:
            yield fault("there is no such root", where, table.root, roots)
        for name in (*table.key, *([table.owner] if table.owner else [])):
            if name not in columns:
                yield fault("there is no such column", where, name, columns)
        for column in table.columns:
            if column.type not in TYPES:
                yield fault("there is no such type", f"{where}.{column.name}", column.type, set(TYPES))
            if column.type == "timestamptz" and column.moment is None:
                yield fault("a time column says whether it happened or is planned", f"{where}.{column.name}")

    def _derived_paths(self) -> list[str]:
        return list(self.derive({p.path: p.default for p in self.parameters}))


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
    return (decision.probability,)
