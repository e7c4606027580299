"""What a world says about one person at a time, for people who ask: how they stand, and what they have done so far.

A world that does so has a module `personas` beside its `__init__`, with a `PERSONAS` of this type.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from populace.spec.cohort import Cohort, Walk
from populace.spec.column import Bools, Columns, ColumnValue, Ints
from populace.spec.draw import Draw

PersonaValue = ColumnValue | Columns
"""What is said of each person under one name: a value, or several that belong together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Everybody of some pools at a moment (`who.at`), and who left and is kept. All arrays have one length.

    Moments are µs, −1 for none. last_at: the last moment in the app. state_since, left_at, event_ends. streak: days in
    a row with a visit, today among them once the person came. missed: whole days without one since the last. binging:
    in a spell; spell_day: the number of its day, from 1, 0 for none; rest_until: when the next may begin. sums: by
    name, what the person's visits that are over count, since history began.
    """

    who: Cohort
    last_at: Ints
    state_since: Ints
    left_at: Ints
    event_ends: Ints
    streak: Ints
    missed: Ints
    binging: Bools
    spell_day: Ints
    rest_until: Ints
    sums: Mapping[str, Ints] = field(default_factory=dict)


def _nothing(_walk: Walk, _many: int) -> Mapping[str, Ints]:
    return {}


def _never(_walk: Walk) -> Mapping[str, tuple[Ints, Ints]]:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Personas:
    """How a world describes its people.

    known_by: the name among them that identifies a person; shown: names that a short table has.
    described(draw, people): one value a person for each name, in the order in which they are shown; values are arrays,
    text-like values, `Optional` of these (null where absent), scalars, or mappings of the same.
    counted(walk, how many visits): what each visit adds, beside what walks count; once(walk): by name, for which visit
    and which item (below 2^32) something was done; the same item counts once for a person. Both are part of `sums`.
    """

    known_by: str
    shown: tuple[str, ...]
    described: Callable[[Draw, People], Mapping[str, PersonaValue]]
    counted: Callable[[Walk, int], Mapping[str, Ints]] = _nothing
    once: Callable[[Walk], Mapping[str, tuple[Ints, Ints]]] = _never
