"""Why a row of a declared world is as it is: when it came and why then, by what rule each column was made, and of which
rows.

Nothing is computed in a second way: the fillers that made the row say it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from populace.declared.arrivals import Act
from populace.declared.declaration import short
from populace.declared.references import FOLLOW, IMPLIED, ONE, PICK, SPREAD, TURN, Reference
from populace.declared.rows import Filler
from populace.spec import Draw, Ints, World

_HOW = {
    FOLLOW: "these rows come with it, so many for each",
    ONE: "there is one row for each",
    SPREAD: "another one for each row of the same",
    TURN: "one that shares {shared}",
    IMPLIED: "as the others have it",
    PICK: "drawn among those that were there",
}


@dataclass(frozen=True, slots=True)
class Made:
    """A column of a row. rule: in words. stream: of its draws, at the row's number. parent, number: the row that it
    refers to, of a table of ours, by the table's name in the world; -1 for none."""

    name: str
    rule: str
    stream: str
    parent: str = ""
    number: int = -1


def fillers(world: World) -> Mapping[str, Filler]:
    """What fills the tables of a declared world, by their names in it; none in another world."""
    found = (getattr(getattr(flow, "emit", None), "__self__", None) for flow in world.flows)
    return {filler.name: filler for filler in found if isinstance(filler, Filler)}


def came(filler: Filler, draw: Draw, number: int) -> str:
    """Why a row came when it did."""
    ordinal, arrival, followed = np.array([number]), filler.arrival, filler.arranged.followed
    if followed:
        above = filler.others[followed[0].parent]
        return f"with {above.name} number {int(filler._parent(draw, followed[0], ordinal)[0])}"
    if number < arrival.first(draw.values):
        return "there from the beginning"
    if isinstance(arrival, Act):
        return f"an act of {arrival.people.name} number {int(arrival.who(draw, ordinal)[0])}, on their own clock"
    return "a sign-up, at its rate" if arrival.sign_ups else "at its table's rate, on its curve"


def columns(filler: Filler, draw: Draw, number: int) -> Iterator[Made]:
    """How each column of a row was made, in the table's order."""
    arranged, ordinal = filler.arranged, np.array([number])
    for name in filler.written:
        stream, declared = f"{filler.name}.{name}", arranged.columns[name]
        reference = filler._deciding.get(name)
        shape = next((s for s in arranged.shapes if name in s.columns), None)
        if name in arranged.nulls:
            yield Made(name, "NULL: what it refers to refers back, or is not filled", stream)
        elif reference is not None and declared.kind != "empty":
            yield _referring(filler, draw, reference, name, ordinal)
        elif shape is not None and len(shape.columns) > 1:
            others = ", ".join(n for n in shape.columns if n != name)
            yield Made(name, f"{_kind(declared.kind, declared.options)}, with {others}, as a check wants", stream)
        else:
            yield Made(name, _kind(declared.kind, declared.options), stream)


def _referring(filler: Filler, draw: Draw, reference: Reference, name: str, ordinal: Ints) -> Made:
    parent = filler.others[reference.parent]
    said = _HOW[reference.how].format(shared=reference.shared)
    if isinstance(filler.arrival, Act) and reference.columns == filler.arrival.columns:
        said = "whose act it is, by their propensity and the hour on their clock"
    elif reference.how == PICK and reference.skew != "even":
        said += f", the first of them more often ({reference.skew})"
    stream = f"{filler.name}.{reference.columns[0]}.who"
    if not isinstance(parent, Filler):
        return Made(name, f"a row of {short(reference.parent)}, which the app ships", stream)
    number = int(filler._parent(draw.unrecorded, reference, ordinal)[0])
    return Made(name, f"a row of {short(reference.parent)}: {said}", stream, parent.name, number)


def _kind(kind: str, options: Mapping[str, Any]) -> str:
    said = "; ".join(f"{name} {_shown(value)}" for name, value in options.items())
    return kind + (f" ({said})" if said else "")


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{k} {v}" for k, v in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def acts(world: World, draw: Draw, person: int, before_us: int) -> Iterator[tuple[str, Ints, Ints]]:
    """The acts of somebody before a moment: their table, numbers and moments (µs)."""
    for name, filler in fillers(world).items():
        if not isinstance(filler.arrival, Act) or filler.arranged.followed:
            continue
        every = np.arange(int(np.searchsorted(draw.joined(name), before_us)), dtype=np.int64)
        mine = every[filler.arrival.who(draw, every) == person]
        mine = mine[filler.exists(draw, mine)]
        yield name, mine, draw.joined(name)[mine]


def is_people(filler: Filler, world: World) -> bool:
    """Whether rows of a table are people who act."""
    return any(isinstance(f.arrival, Act) and f.arrival.people.name == filler.name for f in fillers(world).values())
