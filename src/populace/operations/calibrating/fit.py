"""One calibration: simulations, the search for parameters, and the week of hours, in turn until nothing gets better.

Each simulation has a seed of its own, and those that judge have others.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from populace import clock
from populace.checks.realism.logs import Floats, Logs
from populace.errors import BadInput, Interrupted
from populace.event import Stage
from populace.operations.calibrating.aggregates import (
    AGGREGATES,
    BY_ID,
    DAYS,
    WEEK,
    Aggregate,
    chance_divergence,
    measured,
)
from populace.operations.calibrating.aggregates_file import Wanted
from populace.operations.calibrating.fitting import FOREIGN, Found, Knob, Search, Spent
from populace.operations.calibrating.outcome import Calibrated
from populace.operations.calibrating.simulating import simulate
from populace.operations.calibrating.verdicts import Goal, Judged, verdicts
from populace.operations.calibrating.weeks import Week
from populace.plan import Plan, resolve
from populace.spec import Value, World

SPARE_DAYS = 7
"""A shorter history has so many days beside those that are looked at."""
ROUNDS = 3
"""Simulations after which a week of hours fits, at first, and searches, at most."""
SIMULATIONS = 9
"""Of so many, about, the mean is known where the search ends: by that much smaller is its error than that of one."""
JUDGES, FEW_EVALUATIONS = 3, 30
"""Seeds by which is judged in the end; one of fewer simulations than that."""
WHO_COMES = frozenset({"retention", "activity", "visits_per_person"})
"""Parts of the file that say who comes when: what moves one of their aggregates moves the others too."""


@dataclass(frozen=True, slots=True)
class Limits:
    """evaluations: simulations, at most. minutes: of real time, at most. people: in each simulation."""

    evaluations: int
    minutes: float
    people: int


class Fit:
    """One calibration: what is wanted, what may move, and the simulations made so far."""

    stage: Stage

    def __init__(
        self, world: World, plan: Plan, wanted: Wanted, held: frozenset[str], limits: Limits, stop: threading.Event,

    ) -> None:  # fmt: skip
        assert world.realism is not None
        assert world.realism.fitting is not None
        self.world, self.plan, self.wanted, self.limits, self.stop = world, plan, wanted, limits, stop
        self.declared, self.fitting, self.held = world.realism, world.realism.fitting, held
        self.made, self.cut_short, self.spent = 0, False, False
        self.began_s, self.longest_s = clock.monotonic(), 0.0
        self.sizes = tuple(path for path in self.fitting.sizes if path not in held)
        self.scaled = bool(self.sizes) and len(self.sizes) == len(self.fitting.sizes)
        self.week: Week | None = None
        self.refused = dict(self._inapplicable())
        self.fits_week = WEEK in wanted.values and WEEK not in self.refused and self.week_moves
        self.compared = [
            one for one in AGGREGATES
            if one.id in wanted.values and one.id not in self.refused and one.id != WEEK
            and not (one.grows and self.scaled)
        ]  # fmt: skip
        by_path = {p.path: p for p in world.parameters}
        self.drivers = {one.id: self._drivers(one) for one in self.compared}
        paths = dict.fromkeys(path for found in self.drivers.values() for path in found)
        self.knobs = [Knob.of(by_path[path], float(plan.settings[path])) for path in paths]
        self.judges = JUDGES if limits.evaluations >= FEW_EVALUATIONS else 1
        self.chance: dict[str, Floats] = {}
        self.errors: dict[str, Floats] = {}
        self.search: Search | None = None

    def run(self) -> Calibrated:
        """All of it."""
        best: Found = {knob.path: knob.outer(knob.inner(knob.start)) for knob in self.knobs}
        logs = self.simulated({})
        before = self.seen(logs)
        self._measure_errors(logs)
        try:
            self._fit_week(best, ROUNDS)
            self.search = self._search()
            for _ in range(ROUNDS if self.knobs else 0):
                found = self.search.run(best)
                moved = any(found[path] != best[path] for path in found)
                best = found
                self._fit_week(best, 2)
                if not moved:
                    break
        except Spent:
            pass
        values = {**best, **(self.week.values(self.fitting) if self.week else {})}
        judged = self._judged(values)
        self.stage.over(self.made)
        size = self._sizes(judged)
        return Calibrated(
            world=self.world.name,
            begins_from=self.plan.scenario,
            seed=self.plan.seed,
            people=self._people(),
            evaluations=self.made,
            values=self._differing({**values, **size}),
            aggregates=list(verdicts(self.goal(), before, self._grown(judged, size), best)),
            cut_short=self.cut_short,
        )

    def _search(self) -> Search:
        many = [len(self.wanted.values[one.id]) for one in self.compared]
        who = {path for one in self.compared if one.section in WHO_COMES for path in self.drivers[one.id]}
        moves = [
            [k.path in self.drivers[one.id] or (one.section in WHO_COMES and k.path in who) for k in self.knobs]
            for one in self.compared
        ]
        drives = np.repeat(np.array(moves, dtype=np.bool_), many, axis=0)
        chance = [
            self.chance[one.id] / self.errors[one.id] / np.sqrt(n) for one, n in zip(self.compared, many, strict=True)
        ]
        return Search(self.knobs, self._residuals, drives, np.concatenate([np.zeros(0), *chance]))

    def _measure_errors(self, logs: Logs) -> None:
        """What differences count in."""
        self.chance = {one.id: one.error(logs, self.wanted.days_of(one.section)) for one in self.compared}
        self.errors = {
            one.id: np.hypot(self.chance[one.id] / np.sqrt(SIMULATIONS), one.near(self.wanted.values[one.id]))
            for one in self.compared
        }

    def simulated(self, changes: Mapping[str, Value]) -> Logs:
        """The logs of one more population. Raises Spent when there have been enough, those being left for the end."""
        spent_s = clock.monotonic() - self.began_s
        if self.made >= self.limits.evaluations - self.judges:
            self.spent = True
            raise Spent
        if self.made and spent_s + (1 + self.judges) * self.longest_s > 60 * self.limits.minutes:
            self.cut_short = self.spent = True
            raise Spent
        # The first seeds are those of whom it is judged by.
        return self._simulate({**self._brief(), **changes}, self.plan.seed + self.judges + self.made)

    def _judged(self, values: Mapping[str, Value]) -> Judged:
        """What is measured of people of other seeds than the fit has seen."""
        held = [self._simulate({**self._brief(), **values}, self.plan.seed + number) for number in range(self.judges)]
        seen = [self.seen(logs) for logs in held]
        ids = [id for id in seen[0] if all(id in each for each in seen)]
        errors = {
            one.id: one.error(held[0], self.wanted.days_of(one.section)) / np.sqrt(self.judges)
            for one in AGGREGATES if one.id in ids and one.id in self.wanted.values and one.id != WEEK
        }  # fmt: skip
        week = np.sum([logs.week for logs in held], axis=0)
        return Judged({id: np.mean([each[id] for each in seen], axis=0) for id in ids}, errors, week,
                      chance_divergence(week, sum(len(logs.visits) for logs in held)))  # fmt: skip

    def _simulate(self, changes: Mapping[str, Value], seed: int) -> Logs:
        if self.stop.is_set():
            raise Interrupted("stopped; nothing was written", where="calibrate")
        self.stage.at(self.made)
        began = clock.monotonic()
        plan = resolve(
            self.world, self.plan.scenario, seed=seed, epoch_us=self.plan.epoch_us,
            overrides={**self.plan.settings, **changes},
        )  # fmt: skip
        logs = simulate(plan, self.fitting, self.declared.visit_gap_minutes * clock.MINUTE_US)
        self.made += 1
        self.longest_s = max(self.longest_s, clock.monotonic() - began)
        return logs

    def _brief(self) -> dict[str, Value]:
        """What a simulation has otherwise than the scenario: a shorter history, another number of people."""
        most = max([DAYS, *self.wanted.days.values()]) + SPARE_DAYS
        brief = self.fitting.briefly(self.plan.settings, most)
        out = {path: value for path, value in brief.items() if path not in self.held}
        if self.scaled:
            out |= self._scaled(self.limits.people / float(self.plan.settings[self.sizes[0]]))
        return out

    def _scaled(self, by: float) -> dict[str, Value]:
        """Sizes times a factor, within their bounds."""
        out: dict[str, Value] = {}
        for path in self.sizes:
            parameter = next(p for p in self.world.parameters if p.path == path)
            value = float(self.plan.settings[path]) * by
            value = min(max(value, parameter.low or 0.0), parameter.high if parameter.high is not None else value)
            out[path] = round(value) if isinstance(parameter.default, int) else value
        return out

    def _people(self) -> int:
        path = self.fitting.sizes[0] if self.fitting.sizes else None
        return round(float({**self.plan.settings, **self._brief()}[path])) if path else self.limits.people

    def _inapplicable(self) -> Iterator[tuple[str, str]]:
        """Aggregates of the file that say nothing here, and why."""
        for id in self.wanted.values:
            one = BY_ID[id]
            reason = self.declared.left_out.get(one.metrics[0])
            if reason and id != "dau":
                yield id, reason

    @property
    def week_moves(self) -> bool:
        return self.fitting.week is not None and not {self.fitting.week, *self.fitting.weekdays} & self.held

    def _drivers(self, one: Aggregate) -> list[str]:
        """What may be moved for an aggregate: numbers within bounds that nobody has set, and that no table settles."""
        kept = {*self.held, *self.fitting.fixed, *self.fitting.sizes, *self.fitting.weekdays}
        by_path = {p.path: p for p in self.world.parameters}
        found = []
        for path in dict.fromkeys(path for metric in one.metrics for path in self.declared.drivers.get(metric, ())):
            parameter = by_path.get(path)
            if parameter is None or path in kept or isinstance(parameter.default, bool | str):
                continue
            if parameter.low is not None and parameter.high is not None:
                found.append(path)
        return found

    def seen(self, logs: Logs) -> dict[str, Floats]:
        seen = measured(logs, self.wanted.days)
        if "dau" in seen:
            seen["dau"] = seen["dau"] * self._growth
        return seen

    @property
    def _growth(self) -> float:
        """How many times as many people the scenario has as a simulation."""
        if not self.scaled:
            return 1.0
        first = self.sizes[0]
        return float(self.plan.settings[first]) / float(self._brief()[first])

    def _residuals(self, found: Found) -> Floats | None:
        """How far one more simulation lies from what is wanted; None for values that do not go together."""
        try:
            logs = self.simulated({**found, **(self.week.values(self.fitting) if self.week else {})})
        except BadInput:
            return None
        return self._off(logs)

    def _off(self, logs: Logs) -> Floats:
        """How far people lie from what is wanted, in errors."""
        seen, out = self.seen(logs), [np.zeros(0)]
        for one in self.compared:
            want = one.compared(self.wanted.values[one.id])
            off = one.compared(seen[one.id]) - want if one.id in seen else FOREIGN * self.errors[one.id]
            out.append(off / self.errors[one.id] / np.sqrt(len(want)))
        found_off: Floats = np.clip(np.concatenate(out), -FOREIGN, FOREIGN)
        return found_off

    def _fit_week(self, found: Found, rounds: int) -> None:
        """Bring the week of hours nearer, so many simulations."""
        if not self.fits_week:
            return
        table = self.wanted.values[WEEK]
        self.week = self.week or Week.wanted(table, self.fitting, self.plan.settings)
        for _ in range(rounds):
            logs = self.simulated({**found, **self.week.values(self.fitting)})
            self.week = self.week.nearer(table, logs.week)
            if self.search:
                self.search.learn(found, self._off(logs))

    def _sizes(self, judged: Judged) -> dict[str, Value]:
        """How many people it takes for as many a day as wanted."""
        if "dau" not in self.wanted.values or not self.scaled:
            return {}
        seen = judged.values.get("dau")
        if seen is None:
            return {}
        return self._scaled(float(self.wanted.values["dau"][0] / seen[0]))

    def _differing(self, values: Mapping[str, Value]) -> dict[str, Value]:
        """Of all values those that the scenario itself has otherwise."""
        base = resolve(self.world, self.plan.scenario, seed=self.plan.seed, epoch_us=self.plan.epoch_us).settings
        mine = {**self.plan.settings, **values}
        secret = {p.path for p in self.world.parameters if p.secret}
        return {path: mine[path] for path in base if mine[path] != base[path] and path not in secret}

    def goal(self) -> Goal:
        """What verdicts are given of."""
        return Goal(
            wanted=self.wanted, declared=self.declared, fitting=self.fitting, held=self.held, refused=self.refused,
            drivers=self.drivers, knobs=self.knobs, week_moves=self.week_moves, spent=self.spent,
        )  # fmt: skip

    def _grown(self, judged: Judged, size: Mapping[str, Value]) -> Judged:
        """What is measured, with as many people as the file says."""
        if not size or "dau" not in judged.values:
            return judged
        first = self.sizes[0]
        dau = judged.values["dau"] * (float(size[first]) / float(self.plan.settings[first]))
        return replace(judged, values={**judged.values, "dau": dau})
