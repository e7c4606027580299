"""What a world says of itself to those who judge whether its people look real; the rows are read by `realism/*.sql`.

Metrics are named by their ids, which `populace.checks.realism` knows; it refuses names that it does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from populace.errors import BadInput, PopulaceError, no_such_name
from populace.spec.observed import Observing
from populace.spec.parameter import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Because:
    """Which number of the world's documents makes metrics red, in words. scenarios: in which; none: in all of them."""

    metrics: tuple[str, ...]
    why: str
    scenarios: tuple[str, ...] = ()


def _as_it_is(_values: Mapping[str, Value], _days: int) -> Mapping[str, Value]:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitting:
    """What fitting parameters to aggregates needs to know of a world, beside what drives each metric.

    observing: reads people from rows in memory, as `realism/*.sql` does from a database. sizes: paths of what grows
    with the number of people, which is the first of them; none: people a day follow from what drives them. week: path
    of a parameter that is a week of hours (`kit.rhythm`); None: there is none. weekdays: paths of factors of the
    seven days, Monday first; none: the week says them too. fixed: drivers that are never moved. briefly: of the
    values of a scenario and the fewest days of history, others with which the same is measured sooner, and with less
    chance in it.
    """

    observing: Observing
    sizes: tuple[str, ...] = ()
    week: str | None = None
    weekdays: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()
    briefly: Callable[[Mapping[str, Value], int], Mapping[str, Value]] = _as_it_is

    @property
    def paths(self) -> tuple[str, ...]:
        """All parameters that it names."""
        own = (self.week,) if self.week else ()
        return (*self.sizes, *own, *self.weekdays, *self.fixed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Realism:
    """What the world's people are compared with.

    domain: whose bands count (`media`, `shop`, `saas`, `health`, `mail`). drivers: what moves a metric, by its id:
    paths of parameters; what has a slash is a file of the world, of words or of fixed numbers. left_out: metrics that
    say nothing of such a product, each with the reason. because: what the documents ask for that no real product shows.
    realistic: scenarios that claim to look real, whose red metrics are failures. zones: for its SQL, as a document: by
    its own words for where people live, the time zone there. visit_gap_minutes: a visit is over after so long without
    an action. fitting: how parameters are fitted to aggregates; None: they are not.
    """

    domain: str
    drivers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)
    because: tuple[Because, ...] = ()
    realistic: tuple[str, ...] = ()
    zones: Mapping[str, str] = field(default_factory=dict)
    visit_gap_minutes: int = 30
    fitting: Fitting | None = None

    def reasons(self, metric: str, scenario: str) -> tuple[str, ...]:
        """Why a metric is red in a scenario, as far as the world says."""
        return tuple(
            b.why for b in self.because if metric in b.metrics and (not b.scenarios or scenario in b.scenarios)
        )


def by_metric(groups: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
    """The drivers of each metric. groups: by the metrics that have them in common, with spaces between their ids."""
    return {metric: drivers for metrics, drivers in groups.items() for metric in metrics.split()}


def because(scenarios: tuple[str, ...], whys: Mapping[str, str]) -> tuple[Because, ...]:
    """Why metrics are red in some scenarios, or in all where none is named. whys: by metrics, as in `by_metric`."""
    return tuple(Because(metrics=tuple(m.split()), why=why, scenarios=scenarios) for m, why in whys.items())


def realism_faults(world: str, declared: Realism, paths: set[str], scenarios: set[str]) -> Iterator[PopulaceError]:
    """What of a declaration is nowhere in the world. paths: of its parameters."""
    where = f"{world}.realism"
    for metric, drivers in declared.drivers.items():
        for driver in drivers:
            if driver not in paths and "/" not in driver:
                yield no_such_name(f"{where}.drivers.{metric}", driver, paths)
    for path in declared.fitting.paths if declared.fitting else ():
        if path not in paths:
            yield no_such_name(f"{where}.fitting", path, paths)
    named = {*declared.realistic, *(s for b in declared.because for s in b.scenarios)}
    for scenario in sorted(named - scenarios):
        yield no_such_name(f"{where}.scenarios", scenario, scenarios)
    if declared.visit_gap_minutes <= 0:
        given = declared.visit_gap_minutes
        yield BadInput("a break between visits takes time", where=f"{where}.visit_gap_minutes", given=given)
