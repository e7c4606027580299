"""Draws by name, for one era of a plan and one window: the `spec.Draw` of a world's functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from populace.engine import streams
from populace.engine.draw_statistics import DrawStatistics, Unheard
from populace.engine.odds import LEAST_ODDS, MICRO, MOST_ODDS, times_odds
from populace.errors import nearest
from populace.plan import Era, Plan
from populace.plan.thresholds import (
    BITS,
    Resolved,
    ResolvedChance,
    ResolvedChoice,
    ResolvedQuantiles,
    ResolvedRange,
    millionths_thresholds,
)
from populace.spec import Bits, Bools, Ints, Values
from populace.spec.authors import Misuse
from populace.spec.draw import Address, Counter

R = TypeVar("R", ResolvedChance, ResolvedChoice)

_KINDS = {
    ResolvedChance: "chance",
    ResolvedChoice: "choice",
    ResolvedQuantiles: "measure",
    ResolvedRange: "measure",
}


@dataclass(frozen=True, slots=True)
class Window:
    """A half-open span of simulated time, µs."""

    start_us: int
    end_us: int

    def holds(self, at: Ints) -> Bools:
        """Which moments lie in the window."""
        return (at >= self.start_us) & (at < self.end_us)

    def meets(self, start_us: int, end_us: int) -> bool:
        """Whether the window and another span have a moment in common."""
        return max(self.start_us, start_us) < min(self.end_us, end_us)


EMPTY = Window(0, 0)


@dataclass(frozen=True, slots=True)
class Graded:
    """Chances that differ from one draw to the next, in cells of equal ones.

    points: names under which draws are accounted; point: which of them, by cell. micro: the chance in millionths, by
    cell; thresholds: the same as a draw is compared with them.
    """

    points: tuple[str, ...]
    point: Ints
    micro: Ints
    thresholds: Bits

    @classmethod
    def of(cls, points: Sequence[str], point: Ints, micro: Ints) -> Graded:
        """The chances of cells."""
        return cls(tuple(points), point, micro, millionths_thresholds(micro))


@dataclass(frozen=True, slots=True)
class EngineDraw:
    """`spec.Draw` for one era; counts those draws whose decision time lies in the window."""

    plan: Plan
    era: Era
    window: Window
    statistics: DrawStatistics

    @property
    def origin_us(self) -> int:
        """The beginning of history, µs."""
        return self.plan.origin_us

    @property
    def epoch_us(self) -> int:
        """The end of history, µs."""
        return self.plan.epoch_us

    @property
    def unrecorded(self) -> EngineDraw:
        """The same draws, not counted."""
        return EngineDraw(self.plan, self.era, EMPTY, Unheard())

    @property
    def quiet(self) -> EngineDraw:
        """The same draws for the same window, not accounted."""
        return replace(self, statistics=Unheard())

    @property
    def values(self) -> Values:
        """The parameters, and the values that the world derives from them."""
        return self.era.values

    def size(self, root: str) -> int:
        """How many members a root has."""
        if root not in self.plan.sizes:
            raise Misuse("there is no such root", given=root, allowed=nearest(root, self.plan.sizes))
        return self.plan.sizes[root]

    def joined(self, root: str) -> Ints:
        """When each member of a root joins."""
        from populace.engine.joining import joined  # it draws by this module

        when = joined(self.plan, root)
        if when is None:
            raise Misuse("members of this root are there from the beginning", given=root)
        return when

    def comers(self, flow: str, stream: str, address: Address, at: Ints) -> Ints:
        """Who would come to visits at each moment."""
        from populace.engine.processes.visits.arrivals import would_come  # it draws by this module

        return would_come(self, flow, stream, np.asarray(address).astype(np.uint64), at)

    def holds(self, path: str, at: Ints) -> Bools:
        """Whether a switch was on at each moment."""
        flags = np.array([era.values.flag(path) for era in self.plan.eras], dtype=np.bool_)
        out: Bools = flags[self._era_of(at)]
        return out

    def whole_at(self, path: str, at: Ints) -> Ints:
        """What a whole number was at each moment."""
        out: Ints = np.array([era.values.whole(path) for era in self.plan.eras], dtype=np.int64)[self._era_of(at)]
        return out

    def _era_of(self, at: Ints) -> Ints:
        """In which era each moment lies."""
        begins = np.array([era.begins_us for era in self.plan.eras[1:]], dtype=np.int64)
        return np.searchsorted(begins, at, side="right")

    def chance(self, point: str, entity: Address, at: Ints, counter: Counter = 0) -> Bools:
        """A `Chance` decided; counted."""
        decision = self._decision(point, ResolvedChance)
        yes = streams.chance(self.seed(point), decision.threshold, entity, counter)
        if self.statistics.heard:
            self.statistics.chance(point, decision.threshold, yes[self._counted(at, yes)])
        return yes

    def graded(
        self, stream: str, chances: Graded, cell: Ints, entity: Address, at_us: int, counter: Counter = 0
    ) -> Bools:
        """Chances of cells decided, all at one moment; accounted. cell: of each draw."""
        yes = streams.chance(self.seed(stream), chances.thresholds.take(cell), entity, counter)
        if self.statistics.heard and self.window.start_us <= at_us < self.window.end_us:
            if self.statistics.notes:
                self.statistics.note(np.full(len(yes), at_us))
            self.statistics.graded(chances.points, chances.point, chances.micro, cell, yes)
        return yes

    def varied_chance(self, point: str, entity: Address, at: Ints, factor: Ints, counter: Counter = 0) -> Bools:
        """A `Chance` decided whose odds differ from one to the next; counted, each with its own chance."""
        decision = self._decision(point, ResolvedChance)
        whole = np.full(len(factor), decision.threshold * MICRO >> BITS)
        micro = times_odds(whole, np.clip(factor, LEAST_ODDS, MOST_ODDS))
        yes = streams.chance(self.seed(point), millionths_thresholds(micro), entity, counter)
        if self.statistics.heard:
            of = np.flatnonzero(self._counted(at, yes))
            self.statistics.graded((point,), np.zeros_like(micro), micro, of, yes[of])
        return yes

    def stratified_chance(self, point: str, group: Address, entity: Address, at: Ints) -> Bools:
        """A `Chance` decided within groups; counted."""
        decision = self._decision(point, ResolvedChance)
        yes = streams.stratified_chance(self.seed(point), decision.threshold, group, entity)
        if self.statistics.heard:
            self.statistics.chance(point, decision.threshold, yes[self._counted(at, yes)])
        return yes

    def choose(self, point: str, entity: Address, at: Ints, counter: Counter = 0) -> Ints:
        """A `Choice` decided; counted."""
        decision = self._decision(point, ResolvedChoice)
        codes = streams.choose(self.seed(point), decision, entity, counter)
        if self.statistics.heard:
            self.statistics.choice(point, decision, codes[self._counted(at, codes)])
        return codes

    def measure(self, point: str, entity: Address, at: Ints, counter: Counter = 0) -> Ints:
        """A `Measure` decided; counted."""
        decision, seed = self._known(point), self.seed(point)
        if isinstance(decision, ResolvedChoice):
            codes = streams.choose(seed, decision, entity, counter)
            if self.statistics.heard:
                self.statistics.choice(point, decision, codes[self._counted(at, codes)])
            return codes + decision.first
        if isinstance(decision, ResolvedQuantiles):
            numbers = streams.quantile(seed, decision, entity, counter)
        elif isinstance(decision, ResolvedRange):
            numbers = streams.within(seed, decision, entity, counter)
        else:
            raise _of_another_kind(point, decision)
        if self.statistics.heard:
            self.statistics.measure(point, numbers[self._counted(at, numbers)])
        return numbers

    def below(self, stream: str, bound: Ints | int, entity: Address, counter: Counter = 0) -> Ints:
        """A whole number in [0, bound)."""
        return streams.below(self.seed(stream), bound, entity, counter)

    def shuffled(self, stream: str, bound: int, entity: Address, position: Ints) -> Ints:
        """Place `position` of the entity's shuffle of [0, bound)."""
        return streams.shuffled(self.seed(stream), bound, entity, position)

    def seed(self, name: str) -> int:
        """The seed of a stream, for the engine's own draws."""
        return streams.stream_seed(self.plan.seed, name)

    def _known(self, point: str) -> Resolved:
        """The decision point of that name."""
        if point not in self.era.decisions:
            raise Misuse("there is no such decision point", given=point, allowed=nearest(point, self.era.decisions))
        return self.era.decisions[point]

    def _decision(self, point: str, kind: type[R]) -> R:
        """The same, which must be of a kind."""
        decision = self._known(point)
        if not isinstance(decision, kind):
            raise _of_another_kind(point, decision)
        return decision

    def _counted(self, at: Ints, drawn: Ints | Bools) -> Bools:
        moments = np.broadcast_to(at, drawn.shape)
        inside = self.window.holds(moments)
        if self.statistics.notes:
            self.statistics.note(moments[inside])
        return inside


def _of_another_kind(point: str, decision: Resolved) -> Misuse:
    return Misuse(f"this decision point is a {_KINDS[type(decision)]}, and is drawn as another kind", given=point)
