"""Rows of a declared table, as functions of their numbers: when each came, what it refers to, what it holds.

Nothing is looked up: a child computes its parent's number, and from it the parent's key, as the parent's own row does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from populace.clock import HOUR_US
from populace.declared import avoiding, claims, picking
from populace.declared.acting import People
from populace.declared.arrivals import Act, Steady, kept
from populace.declared.changes import Changes, changes_of
from populace.declared.constants import native
from populace.declared.declaration import short
from populace.declared.kinds import KINDS, Cell
from populace.declared.kinds.cell import TEXTS
from populace.declared.kinds.words import coded, weights
from populace.declared.references import FOLLOW, ONE, PICK, SPREAD, TURN, Reference
from populace.declared.schema import Column
from populace.declared.shaping import missing, shaped, which
from populace.declared.shipped import Shipped
from populace.declared.structure import Arranged
from populace.errors import BadInput, nearest
from populace.spec import Bools, Columns, ColumnValue, Draw, Ints, Number, Rows, TableRows, Values
from populace.spec.authors import Misuse

LIVING = "living"
"""The switch that lets rows come after the epoch."""


@dataclass(frozen=True)
class Filler:
    """What fills a table. others: of every table that is filled, and those that the app fills, by full name.
    arrival: when rows come that follow no others. place: in their order, of so many. located: where a setting of the
    file stands, by its path, for errors."""

    arranged: Arranged
    arrival: Steady | Act
    others: Mapping[str, Filler | Shipped]
    place: int
    many: int
    located: Callable[[Sequence[str]], str] = ".".join

    @property
    def name(self) -> str:
        """The name of its table and its root."""
        return self.arranged.called

    @property
    def path(self) -> str:
        """Of the parameter that says how many rows there are."""
        return f"{self.name}.rows"

    @property
    def paced(self) -> bool:
        """Whether its rows come at a pace that can be changed."""
        return bool(self.arrival.pace) and not self.arranged.followed

    @property
    def ever(self) -> str:
        """The path of how many rows ever come."""
        return f"{self.name}.ever"

    # When rows come.

    def sizes(self, values: Values, known: Mapping[str, int]) -> int:
        """How many rows ever come. known: of its parents, by full name. Raises BadInput where not all can differ."""
        for reference in self.arranged.references:
            self._require_named(reference, values)
        ever = self._ever(values, known)
        if ever > self.arranged.most:
            raise BadInput(
                "there are not so many different values for each of its rows, those after history among them",
                where=self.located(["tables", short(self.arranged.table.full_name)]),
                given=f"{ever:,} rows",
                allowed=f"at most {self.arranged.most:,}",
                todo="ask for fewer rows, or write `lives = false`",
            )
        return ever

    def _require_named(self, reference: Reference, values: Values) -> None:
        """Raise BadInput where weights name a row that the app has not, once its rows are known."""
        if not reference.weights:
            return
        table = short(self.arranged.table.full_name)
        path = self.located(["tables", table, "columns", reference.columns[0], "weights"])
        if not reference.shipped or len(reference.columns) != 1:
            raise BadInput("weights are for rows of the app, by a key of one column", where=path,
                           given=reference.parent, allowed='a table with source = "app"')  # fmt: skip
        named = self._shipped(reference.parent).names(values, reference.keys[0])
        for key, _ in reference.weights:
            if named is not None and key not in named:
                raise BadInput(f"{reference.parent} has no such row", where=path, given=key,
                               allowed=nearest(key, named))  # fmt: skip

    def _ever(self, values: Values, known: Mapping[str, int]) -> int:
        followed = self.arranged.followed
        if not followed:
            return self.arrival.ever(values)
        if followed[0].how == ONE:
            return min(known[r.parent] for r in followed)
        each = self._each(values)
        turns, rest = divmod(known[followed[0].parent], len(each))
        return max(1, turns * sum(each) + sum(each[:rest]))

    def presence(self, values: Values) -> tuple[int, int, int]:
        """How many rows there are when history begins, when it ends, and ever."""
        followed = self.arranged.followed
        if not followed:
            return self.arrival.first(values), self.arrival.rows(values), self.arrival.ever(values)
        above = [self.others[r.parent].presence(values) for r in followed]
        first, rows, ever = (min(some) for some in zip(*above, strict=True))
        each = self._each(values) if followed[0].how == FOLLOW else (1,)
        turns = len(each)
        return first * sum(each) // turns, rows * sum(each) // turns, ever * sum(each) // turns

    def joined(self, draw: Draw, ordinal: Ints) -> Ints:
        """When each row comes, µs, ascending: those of the beginning in the hours before history, table by table."""
        floor = draw.origin_us - HOUR_US * (self.many - self.place + 1)
        followed = self.arranged.followed
        if followed:
            at = np.full(len(ordinal), floor, dtype=np.int64)
            for reference in followed:
                parent = self.others[reference.parent]
                at = np.maximum(at, parent.came(draw, self._parent(draw, reference, ordinal)))
            return at
        return self.arrival.at(draw, ordinal, floor)

    def exists(self, draw: Draw, ordinal: Ints) -> Bools:
        """Which rows ever come: those whose moment lies in no pause, that are not more than the pace lets come, and
        whose own parents come, or who acts."""
        at = draw.joined(self.name)[ordinal]
        fine = draw.holds(LIVING, at)
        if self.arranged.followed:
            for reference in self.arranged.followed:
                parent = self.others[reference.parent]
                fine = fine & parent.exists(draw, self._parent(draw, reference, ordinal))
        elif self.paced:
            fine = fine & kept(draw, self.name, self.arrival.pace, ordinal, at)
            if isinstance(self.arrival, Act) and not fine.all():
                fine[fine] = self._acting.exists(draw, self.arrival.who(draw, ordinal[fine]))
            elif isinstance(self.arrival, Act):
                fine = self._acting.exists(draw, self.arrival.who(draw, ordinal))
        return fine

    @cached_property
    def _acting(self) -> Filler:
        """The people whose acts these rows are."""
        assert isinstance(self.arrival, Act)
        return next(f for f in self._fillers() if f.name == self.arrival.people.name)

    def came(self, draw: Draw, number: Ints) -> Ints:
        """When rows of some numbers come."""
        return draw.joined(self.name)[number]

    def there(self, draw: Draw, at: Ints) -> Ints:
        """How many rows have come by each moment; those of the beginning always have."""
        when = draw.joined(self.name)
        return np.maximum(np.searchsorted(when, at, side="right"), self.initial(draw))

    def initial(self, draw: Draw) -> int:
        """How many rows are there from the beginning: at least one."""
        return max(1, int(np.searchsorted(draw.joined(self.name), draw.origin_us)))

    # What rows refer to.

    def _parent(self, draw: Draw, reference: Reference, ordinal: Ints) -> Ints:
        """The number of the row that each row refers to; −1 for none."""
        found = self._found(draw, reference, ordinal)
        if not reference.differs:
            return found
        other = next(r for r in self.arranged.references if r.columns == reference.differs)
        same = found == self._parent(draw, other, ordinal)
        if not same.any():
            return found
        parent = self.others[reference.parent]
        initial = parent.initial(draw)
        if reference.how == SPREAD:
            # A place of the shuffle that no row of the same parent has.
            spare = np.full(len(ordinal), max(self._each(draw.values)), dtype=np.int64)
            if max(self._each(draw.values)) < initial:
                stream = f"{self.name}.{reference.columns[0]}.who"
                return np.where(same, draw.shuffled(stream, initial, self._turn(draw, ordinal)[0], spare), found)
        elif reference.how == TURN:
            # The next of the same tenant, or the one before.
            many = self._filler(reference.parent)._shared(draw, self._turning(reference))
            there = parent.there(draw, draw.joined(self.name)[ordinal])
            found = np.where(same, np.where(found + many < there, found + many, found - many), found)
            if self._may_be_null(reference) or (found >= 0).all():
                return np.maximum(found, -1)
        elif initial > 1:
            return np.where(same, (found + 1) % initial, found)
        raise Misuse(
            f"two references to {parent.name} are never to the same row", where=self.name,
            given=f"{initial} rows of {parent.name} from the beginning", allowed="more of them",
        )  # fmt: skip

    def _found(self, draw: Draw, reference: Reference, ordinal: Ints) -> Ints:
        arranged, parent = self.arranged, self.others[reference.parent]
        if reference.how == ONE:
            return ordinal
        if reference.how == FOLLOW:
            return self._turn(draw, ordinal)[0]
        if isinstance(self.arrival, Act) and reference.columns == self.arrival.columns:
            return self.arrival.who(draw, ordinal)
        at, stream = draw.joined(self.name)[ordinal], f"{self.name}.{reference.columns[0]}.who"
        if reference.how == SPREAD:
            whose, position = self._turn(draw, ordinal)
            bound = parent.initial(draw)
            if max(self._each(draw.values)) > bound:
                raise Misuse(
                    f"each row of {arranged.followed[0].parent} has up to {max(self._each(draw.values))} rows here, "
                    f"each with another of {parent.name}",
                    where=self.name,
                    given=f"{bound} rows of {parent.name} from the beginning",
                    allowed=f"at least {max(self._each(draw.values))}",
                )
            return draw.shuffled(stream, bound, whose, position)
        if reference.how == TURN:
            return picking.sharing(self, draw, reference, ordinal, at)
        if reference.columns == arranged.claims:
            mine = claims.claimed(self, draw, ordinal)
            return np.where(mine >= 0, mine, picking.picked(self, draw, reference, ordinal, at))
        return picking.picked(self, draw, reference, ordinal, at)

    @cached_property
    def thinned(self) -> bool:
        """Whether more rows are held ready than come."""
        followed = self.arranged.followed
        return any(self.others[r.parent].thinned for r in followed) if followed else self.paced

    def _shared(self, draw: Draw, reference: Reference) -> int:
        """Over how many rows of a parent turns are taken: as many as every table that takes them has from the
        beginning."""
        turning = [
            f for f in self._fillers() if any(r.turns and r.parent == reference.parent for r in f.arranged.references)
        ]
        return min(self.others[reference.parent].initial(draw), *(f.initial(draw) for f in turning), 1 << 40)

    def _fillers(self) -> Iterator[Filler]:
        return (one for one in self.others.values() if isinstance(one, Filler))

    def _filler(self, name: str) -> Filler:
        """What fills a table of ours."""
        found = self.others[name]
        assert isinstance(found, Filler)
        return found

    def _turning(self, reference: Reference) -> Reference:
        """The reference of a parent's rows over which these take turns, of one that shares a column."""
        key = reference.keys[reference.columns.index(reference.shared)]
        return next(r for r in self._filler(reference.parent).arranged.references if r.columns == (key,))

    def _each(self, values: Values) -> tuple[int, ...]:
        """How many rows each row of a followed parent has, by turns: no more than the app has for them to differ in."""
        most = [self._shipped(r.parent).many(values) for r in self.arranged.references if r.how == SPREAD and r.shipped]
        return tuple(min(n, *most) for n in self.arranged.each) if most else self.arranged.each

    def _shipped(self, name: str) -> Shipped:
        found = self.others[name]
        assert isinstance(found, Shipped)
        return found

    def _turn(self, draw: Draw, ordinal: Ints) -> tuple[Ints, Ints]:
        """Of rows that follow a parent: whose each is, and which of theirs."""
        each = np.array(self._each(draw.values), dtype=np.int64)
        ends = np.cumsum(each)
        turn, rest = np.divmod(ordinal, ends[-1])
        which = np.searchsorted(ends, rest, side="right")
        return turn * len(each) + which, rest - (ends - each)[which]

    def _may_be_null(self, reference: Reference) -> bool:
        table = self.arranged.table
        return any(not table.column(c).not_null and c not in self.arranged.key for c in reference.columns)

    # What rows hold.

    @cached_property
    def _deciding(self) -> Mapping[str, Reference]:
        """The reference that gives each column that refers."""
        found: dict[str, Reference] = {}
        for how in (ONE, FOLLOW, PICK, SPREAD, TURN):
            for reference in self.arranged.references:
                if reference.how == how:
                    for column in reference.columns:
                        found.setdefault(column, reference)
        return found

    @cached_property
    def written(self) -> tuple[str, ...]:
        """The columns that are written, in the table's order."""
        return tuple(c.name for c in self.arranged.table.columns if c.name in self.arranged.columns)

    def rows(self, draw: Draw, ordinal: Ints) -> TableRows:
        """The rows of some numbers."""
        fine = self.exists(draw, ordinal)
        ordinal = ordinal if fine.all() else ordinal[fine]
        if not len(ordinal):
            return {}
        if people := self._people:
            people.propensity(draw, ordinal)  # counted where the person's own row is
        columns: Columns = {name: self.value(draw, name, ordinal) for name in self.written}
        if self.changes is not None:
            return {self.name: self.changes.versions(self, draw, ordinal, columns)}
        return {self.name: Rows(ordinal, columns)}

    @cached_property
    def changes(self) -> Changes | None:
        """How rows change after they came; None where none does."""
        return changes_of(self.arranged)

    @cached_property
    def _people(self) -> People | None:
        """Those who act, where these rows are theirs."""
        found = (f.arrival.people for f in self._fillers() if isinstance(f.arrival, Act))
        return next((people for people in found if people.name == self.name), None)

    def seen(self, draw: Draw, by: str, name: str, ordinal: Ints) -> ColumnValue:
        """What rows hold in a column, or, where `by` is a column that refers, what those hold that they refer to."""
        if not by:
            return self.value(draw, name, ordinal)
        reference = self._deciding[by]
        return self._filler(reference.parent).value(draw, name, self._parent(draw, reference, ordinal))

    def value(self, draw: Draw, name: str, ordinal: Ints) -> ColumnValue:
        """What rows hold in a column."""
        arranged = self.arranged
        column, declared = arranged.table.column(name), arranged.columns[name]
        if name in arranged.nulls or declared.kind == "empty":
            return None
        if name == arranged.within:
            return self._within(draw, name, ordinal)
        if (reference := self._deciding.get(name)) is not None:
            value = self._referring(draw, reference, name, ordinal)
        else:
            value = self._own(draw, name, ordinal)
        shape = next((s for s in arranged.shapes if name in s.columns), None)
        if shape is not None:
            return shaped(self, draw, shape, name, ordinal, value, which(self, draw, shape, ordinal))
        empty = declared.empty if reference is None else reference.empty
        if empty and not column.not_null and name not in arranged.distinct and name not in arranged.key:
            # Columns of one reference are NULL together, or the rows above would be another's.
            of = (name,) if reference is None else reference.columns
            stream = next(n for n in of if arranged.columns[n].empty)
            at = draw.joined(self.name)[ordinal]
            return missing(draw.chance(f"{self.name}.{stream}.empty", ordinal, at), value)
        return value

    def _own(self, draw: Draw, name: str, ordinal: Ints) -> ColumnValue:
        return KINDS[self.arranged.columns[name].kind].values(self.cell(draw, name, ordinal))

    def cell(self, draw: Draw, name: str, ordinal: Ints) -> Cell:
        """What the kind of a column is given to make values from."""
        arranged, column = self.arranged, self.arranged.table.column(name)
        declared = arranged.columns[name]
        number = avoiding.number(self, draw, name, ordinal)
        at = draw.joined(self.name)[np.minimum(ordinal, draw.size(self.name) - 1)]
        return Cell(
            draw, f"{self.name}.{name}", self.name, number, at, column, declared.options, name in arranged.distinct,
            arranged.bases.get(name, 0),
        )  # fmt: skip

    def _within(self, draw: Draw, name: str, ordinal: Ints) -> ColumnValue:
        """What counts, or goes through its words, within the rows of one followed parent."""
        position = self._turn(draw, ordinal)[1]
        declared = self.arranged.columns[name]
        if declared.kind == "words":
            words = weights(declared.options)[0]
            return coded(position % len(words), words, self.arranged.table.column(name))
        return position + 1

    def _referring(self, draw: Draw, reference: Reference, name: str, ordinal: Ints) -> ColumnValue:
        """The key of the row that is referred to, computed as that row computes it."""
        parent, number = self.others[reference.parent], self._parent(draw, reference, ordinal)
        key = reference.keys[reference.columns.index(name)]
        none = number < 0
        value = parent.value(draw.unrecorded, key, np.maximum(number, 0))
        value = _as(value, self.arranged.table.column(name))
        if not none.any():
            return value
        # A tenant stays where only the row above is missing.
        keeps = self.arranged.table.column(name).not_null or name in self.arranged.key or any(
            name in r.columns for r in self.arranged.references if r is not reference)  # fmt: skip
        return value if keeps else missing(none, value)


def _as(value: ColumnValue, column: Column) -> ColumnValue:
    """A parent's key in the type of the column that refers to it."""
    if isinstance(value, Number) and native(column) in ("int4", "int8"):
        return value.numbers
    if isinstance(value, np.ndarray) and column.base in TEXTS:
        return Number(value.astype(np.int64))
    return value
