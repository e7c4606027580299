"""What the engine gives to a world's functions: draws by name, and the plan's values. No state, no order.

`entity` is the address of what is decided about (ordinal, visit address …), `counter` distinguishes several draws of
one point for one entity (the step's number), `at` is the moment of the decision in µs, which decides in which window it
is counted. All are arrays of one length, or scalars.
"""

from __future__ import annotations

from typing import Protocol

from populace.spec.column import Bits, Bools, Ints
from populace.spec.values import Values

Address = Ints | Bits
Counter = Ints | int


class Draw(Protocol):
    """Chance and numbers for one span of equal settings."""

    @property
    def origin_us(self) -> int:
        """The beginning of history, µs."""

    @property
    def epoch_us(self) -> int:
        """The end of history, µs."""

    @property
    def unrecorded(self) -> Draw:
        """The same draws without statistics: to compute again what is decided, and counted, elsewhere."""

    @property
    def values(self) -> Values:
        """The parameters, and the values that the world derives from them."""

    def size(self, root: str) -> int:
        """How many members a root has."""

    def joined(self, root: str) -> Ints:
        """When each member of a root joins (µs, ascending), of one that says so."""

    def comers(self, flow: str, stream: str, address: Address, at: Ints) -> Ints:
        """Who would come at each moment, picked as arrivals of a flow of visits are, by a stream of its own: ordinals,
        −1 where nobody would.
        """

    def holds(self, path: str, at: Ints) -> Bools:
        """Whether a switch of the world's was on at each moment."""

    def whole_at(self, path: str, at: Ints) -> Ints:
        """What a value that is a whole number was at each moment."""

    def chance(self, point: str, entity: Address, at: Ints, counter: Counter = 0) -> Bools:
        """Whether each one does: a `Chance` decided."""

    def varied_chance(self, point: str, entity: Address, at: Ints, factor: Ints, counter: Counter = 0) -> Bools:
        """Whether each one does: a `Chance` decided whose odds, p / (1 − p), are multiplied by a factor of each one's
        own (thousandths, from 1 to 100,000). 1,000 changes nothing.
        """

    def stratified_chance(self, point: str, group: Address, entity: Address, at: Ints) -> Bools:
        """Whether each one does, decided within its group: of every group as many as the `Chance` says, or one more.

        group: equal values are adjacent, and all members of a group are given at once. So documented counts hold in
        every population, and not only in the mean of all.
        """

    def choose(self, point: str, entity: Address, at: Ints, counter: Counter = 0) -> Ints:
        """The position each one picks: a `Choice` decided."""

    def measure(self, point: str, entity: Address, at: Ints, counter: Counter = 0) -> Ints:
        """A whole number for each one: a `Measure` decided."""

    def below(self, stream: str, bound: Ints | int, entity: Address, counter: Counter = 0) -> Ints:
        """A whole number in [0, bound), uniform; for what has no declared probability."""

    def shuffled(self, stream: str, bound: int, entity: Address, position: Ints) -> Ints:
        """Place `position` (0 ≤ position < bound) of a shuffle of [0, bound) that belongs to `entity`."""
