"""The plan: a world and a scenario with every number settled. Frozen, serialisable, with a digest.

`resolve` makes it; it draws nothing and does no I/O. Everything the engine compares a draw with is in its eras:
spans of simulated time with equal settings, one more for every moment at which an intervention takes effect, but for
those that only leave visits to another actor.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import groupby

from populace import clock
from populace.errors import BadInput, PopulaceError, Remedy, several
from populace.plan.intervention import Intervention
from populace.plan.thresholds import (
    Resolved,
    ResolvedChoice,
    capped_poisson,
    fixed_count,
    resolve_decision,
    weight_thresholds,
)
from populace.plan.version import ENGINE_VERSION
from populace.spec import Sessions, Value, Values, World
from populace.spec.given import Given, by_path
from populace.spec.heterogeneity import MOST_OF_A_DAY, WHOLE
from populace.spec.schedule import REQUESTED_BITS, REQUESTED_NUMBER, require_calendar
from populace.spec.source import Source, changes

FORMAT = 1
MOST_A_MINUTE = 1 << 20
"""Arrivals of one minute are distinguished by 20 bits of their address."""
MOST_INTERVENTIONS = REQUESTED_NUMBER >> REQUESTED_BITS
"""The number of an intervention is part of the addresses of what it brings."""
EARLIEST_US = 631_152_000 * clock.SECOND_US
"""1990. Keys count milliseconds from 1970 on, and what people and things were before history lies years before it."""
_BEGINNING = -(1 << 62)


@dataclass(frozen=True, slots=True)
class Era:
    """A span of equal settings. begins_us: its first moment. values: parameters and derived values, by path.

    decisions: every decision point as integers; a session flow has two more, `<flow>.arrivals` and `<flow>.who`
    (or, with a curve of the day, `<flow>.arrivals.00` to `.23` in the place of the first).
    """

    begins_us: int
    values: Values
    decisions: Mapping[str, Resolved]


@dataclass(frozen=True)
class Plan:
    """A population, before it is generated.

    seed: of all chance. epoch_us: the end of history. settings: parameters by path. sizes: members a root.
    cells: members a cell, by root. given: what was read of the app's own rows.
    """

    world: World
    scenario: str
    seed: int
    epoch_us: int
    settings: Mapping[str, Value]
    interventions: tuple[Intervention, ...]
    eras: tuple[Era, ...]
    sizes: Mapping[str, int]
    cells: Mapping[str, int] = field(default_factory=dict)
    given: Given = field(default_factory=dict)

    @cached_property
    def history_us(self) -> int:
        """The length of history."""
        return self.eras[0].values.whole(self.world.history_days) * clock.DAY_US

    @cached_property
    def origin_us(self) -> int:
        """The beginning of history."""
        return self.epoch_us - self.history_us

    @cached_property
    def digest(self) -> str:
        """Sixteen hex digits that differ when the plan, its world or the engine does. Interventions do not count, and
        neither does a secret, such as the people's log-in: it may follow from the target, and the people are the same.
        """
        settings = {p.path: p.default if p.secret else self.settings[p.path] for p in self.world.parameters}
        document = {k: v for k, v in self.document().items() if k != "interventions"}
        return _digest(document | {"settings": settings})

    @property
    def holds_secret(self) -> bool:
        """Whether a setting stands in it that is not for everybody's eyes, such as a password's hash."""
        return any(p.secret and self.settings[p.path] != p.default for p in self.world.parameters)

    @cached_property
    def requests(self) -> tuple[Intervention, ...]:
        """The interventions that bring sessions, in order."""
        return tuple(one for one in self.interventions if one.sessions)

    @cached_property
    def delegations(self) -> Mapping[int, int]:
        """The addresses of visits that another actor plays, and since when (µs) each is theirs."""
        out: dict[int, int] = {}
        for one in self.interventions:
            for address in one.delegated:
                out.setdefault(address, one.at_us)
        return out

    def interventions_digest(self, before_us: int) -> str:
        """A digest of the interventions in effect before a moment."""
        many = bisect_left(self.interventions, before_us, key=lambda i: i.at_us)
        if many not in self._digests:
            self._digests[many] = _digest([i.document() for i in self.interventions[:many]])
        return self._digests[many]

    @cached_property
    def _digests(self) -> dict[int, str]:
        """Digests of the first so many interventions, as far as they were asked for."""
        return {}

    def era_at(self, moment_us: int) -> Era:
        """The settings in effect at a moment."""
        return self.eras[bisect_right(self.eras, moment_us, key=lambda e: e.begins_us) - 1]

    def document(self) -> dict[str, object]:
        """The plan as plain data; `document.from_document` reads it back."""
        own: dict[str, object] = {"source": dict(self.world.source)} if self.world.source else {}
        if self.given:
            own["given"] = {table: dict(cells) for table, cells in self.given.items()}
        return {
            "format": FORMAT,
            "engine": ENGINE_VERSION,
            "world": self.world.name,
            "world_version": self.world.version,
            "words": self.world.words_digest,
            **own,
            "scenario": self.scenario,
            "seed": self.seed,
            "epoch": clock.iso(self.epoch_us),
            "settings": dict(self.settings),
            "interventions": [i.document() for i in self.interventions],
        }

    def with_interventions(self, interventions: Iterable[Intervention]) -> Plan:
        """The same plan under other interventions."""
        ordered = tuple(sorted(interventions, key=lambda i: (i.at_us, i.number)))
        if ordered == self.interventions:
            return self
        return replace(self, interventions=ordered, eras=_eras(self.world, self.settings, ordered, self.given))

    def with_changes(
        self,
        *,
        epoch_us: int | None = None,
        settings: Mapping[str, object] | None = None,
        given: Given | None = None,
    ) -> Plan:
        """The same plan but for another epoch, some settings, or what was read of the app's own rows."""
        return resolve(
            self.world,
            self.scenario,
            seed=self.seed,
            epoch_us=self.epoch_us if epoch_us is None else epoch_us,
            overrides={**self.settings, **(settings or {})},
            interventions=self.interventions,
            given=self.given if given is None else given,
        )

    def latest(self) -> dict[str, Value]:
        """The parameters after the last intervention."""
        current = dict(self.settings)
        for intervention in self.interventions:
            current.update(intervention.values)
        return current

    def check_values(self, values: Mapping[str, Value]) -> None:
        """Raise BadInput when live parameters, changed to these values, would contradict the others."""
        _era(self.world, 0, {**self.latest(), **values}, self.given)

    def differences(self, other: Mapping[str, object]) -> list[str]:
        """Paths at which another plan's document differs, with both values."""
        mine, theirs = _flat(self.document()), _flat(other)
        secret = {f"settings.{p.path}" for p in self.world.parameters if p.secret}
        files = changes(source_of(other), self.world.source)
        return [f"the world's files: {files}"] * bool(files) + [
            f"{path}: another one" if path in secret else f"{path}: {theirs.get(path)!r} there, {mine.get(path)!r} here"
            for path in sorted({*mine, *theirs})
            if not path.startswith(("interventions", "source.")) and mine.get(path) != theirs.get(path)
        ]


def resolve(
    world: World,
    scenario: str,
    *,
    seed: int,
    epoch_us: int,
    overrides: Mapping[str, object] | None = None,
    interventions: Sequence[Intervention] = (),
    given: Given | None = None,
) -> Plan:
    """Settle every number of a world under a scenario.

    overrides: values by path, as a user wrote them. given: what was read of the app's own rows. Raises BadInput for an
    unknown scenario or parameter, for values out of bounds and for values that contradict each other; all faults at
    once.
    """
    if type(seed) is not int or not 0 <= seed < 1 << 63:
        raise BadInput(
            "the seed is out of bounds", where="seed", given=seed, allowed="a whole number from 0 to 2^63 - 1"
        )
    if epoch_us % clock.DAY_US:
        raise BadInput(
            "an epoch is a UTC midnight",
            where="epoch",
            given=clock.iso(epoch_us),
            todo=f"use {clock.iso(clock.midnight_before(epoch_us))}",
        )
    chosen = world.scenario(scenario)
    settings: dict[str, Value] = {p.path: p.default for p in world.parameters}
    faults: list[PopulaceError] = []
    for path, value in {**chosen.values, **(overrides or {})}.items():
        try:
            settings[path] = world.parameter(path).check(value, world.name)
        except BadInput as error:
            faults.append(error)
    if faults:
        raise several(faults)
    ordered = tuple(sorted(interventions, key=lambda i: (i.at_us, i.number)))
    given = given or {}
    eras = _eras(world, settings, ordered, given)
    base = eras[0].values

    for flow in world.flows:
        flow.require(base, world)
    for calendar in world.calendars:
        require_calendar(calendar, base, world.name)

    begins_us = epoch_us - base.whole(world.history_days) * clock.DAY_US
    if begins_us < EARLIEST_US:
        raise BadInput(
            "history would begin too early",
            where="plan.epoch",
            given=clock.iso(begins_us),
            allowed=f"{clock.iso(EARLIEST_US)} or later",
            todo=Remedy("", {"epoch": None}, "take a later {}, or a shorter history"),
        )

    def whole(given: str | int) -> int:
        return base.whole(given) if isinstance(given, str) else given

    return Plan(
        world=world,
        scenario=scenario,
        seed=seed,
        epoch_us=epoch_us,
        settings=settings,
        interventions=ordered,
        eras=eras,
        sizes={r.name: whole(r.size) for r in world.roots},
        cells={r.name: whole(r.cell) for r in world.roots},
        given=given,
    )


def source_of(document: Mapping[str, object]) -> Source:
    """The files of the world that a plan's document was made from; none for an installed world."""
    found = document.get("source", {})
    if not isinstance(found, Mapping):
        raise BadInput("the source of a plan is an object of files and their hashes", where="source", given=found)
    return {str(name): str(said) for name, said in found.items()}


def _eras(
    world: World, settings: Mapping[str, Value], interventions: Sequence[Intervention], given: Given
) -> tuple[Era, ...]:
    """One era from the beginning, and one from each moment of an intervention, which are in the order of their moments.

    Eras of equal settings share what was resolved: it is large, and a population may be asked for visits, or paused,
    thousands of times. Where visits are only left to another actor no settings begin, and no era does.
    """
    eras: list[Era] = []
    current = dict(settings)
    known: dict[tuple[Value, ...], Era] = {}

    def begins(moment: int) -> None:
        same = tuple(current.values())
        if same not in known:
            known[same] = _era(world, moment, current, given)
        eras.append(replace(known[same], begins_us=moment))

    begins(_BEGINNING)
    for moment, together in groupby(interventions, key=lambda i: i.at_us):
        some = [i for i in together if not i.only_delegates]
        for intervention in some:
            current.update(intervention.values)
        if some:
            begins(moment)
    return tuple(eras)


def _era(world: World, begins_us: int, settings: Mapping[str, Value], given: Given) -> Era:
    values = world.values({**settings, **by_path(given)})
    decisions: dict[str, Resolved] = {}
    faults: list[PopulaceError] = []
    for decision in world.decisions:
        try:
            decisions[decision.name] = resolve_decision(decision, values, world.name)
        except BadInput as error:
            faults.append(error)
    if faults:
        raise several(faults)
    for flow in world.sessions:
        decisions.update(_arrivals(world, flow, values))
    return Era(begins_us, values, decisions)


def _arrivals(world: World, flow: Sessions, values: Values) -> Iterator[tuple[str, Resolved]]:
    """How many visits begin in a minute, and who comes: the points of a flow's arrivals, decided by its values."""
    a = flow.arrivals
    rate, cap = values.number(a.rate), values.whole(a.cap)
    if cap >= MOST_A_MINUTE:
        raise BadInput(
            "so many cannot arrive in a minute",
            where=f"{world.name}.{a.cap}",
            given=cap,
            allowed=f"fewer than {MOST_A_MINUTE:,}",
        )
    solve = capped_poisson if values[a.process] == "poisson" else fixed_count
    factors = values.series(a.hours) if a.hours else ()
    points = {f".{hour:02}": factor for hour, factor in enumerate(factors)} or {"": 1.0}
    if a.inclination and values.flag(a.inclination.on):
        # Each day keeps its part of them.
        rate *= MOST_OF_A_DAY / WHOLE
        if rate * max(points.values()) > cap:
            raise BadInput(
                "so many cannot come where people differ: twice as many arrive, of whom each day keeps its part",
                where=f"{world.name}.{a.rate}",
                given=values.number(a.rate),
                allowed=f"at most {cap * WHOLE / MOST_OF_A_DAY / max(points.values()):.3g}, with {a.cap} = {cap}",
                todo=f"take a higher {a.cap}, or a lower {a.rate}",
            )
    for hour, factor in points.items():
        yield f"{flow.name}.arrivals{hour}", solve(rate * factor if values.flag(a.enabled) else 0, cap)
    weights = values.series(a.weights)
    members = values.whole(size) if isinstance(size := world.root(flow.root).size, str) else size
    classes = len(weights)
    counts = [len(range(c, members, classes)) for c in range(classes)]
    by_class = [w * n for w, n in zip(weights, counts, strict=True)]
    yield f"{flow.name}.who", ResolvedChoice(weight_thresholds(by_class, f"{world.name}.{a.weights}"))


def _digest(document: object) -> str:
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _flat(document: Mapping[str, object], prefix: str = "") -> dict[str, object]:
    out: dict[str, object] = {}
    for key, value in document.items():
        if isinstance(value, Mapping):
            out.update(_flat(value, f"{prefix}{key}."))
        else:
            out[f"{prefix}{key}"] = value
    return out
