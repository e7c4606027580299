"""Which of the rows that are there a row refers to: any of them, or one that shares another reference's row.

More rows may be held ready than come, and none comes in a pause. So a row that does not come is not referred to:
another one is drawn in its place, and at last one of the beginning.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from populace.declared.references import Reference, skewed
from populace.spec import Draw, Ints

if TYPE_CHECKING:
    from populace.declared.rows import Filler

_TURNS = 24
"""So often another row is drawn."""


def picked(filler: Filler, draw: Draw, reference: Reference, ordinal: Ints, at: Ints) -> Ints:
    """One of the rows that are there by then."""
    parent, stream = filler.others[reference.parent], _stream(filler, reference)
    if reference.turns:
        # By turns over those of the beginning, so that others who share it find a row of the same.
        return ordinal % filler._shared(draw, reference)
    if reference.weights:
        return filler._shipped(reference.parent).weighed(draw, stream, reference, ordinal)
    there = ordinal if parent is filler else parent.there(draw, at)

    def one(turn: str, some: Ints) -> Ints:
        return skewed(draw, f"{stream}{turn}", np.maximum(there[some], 1), ordinal[some], reference.skew)

    found, lost = _there(filler, draw, reference, one, len(ordinal))
    if parent is filler:
        lost = np.r_[lost, np.flatnonzero(there == 0)]
        found[lost] = -1 if filler._may_be_null(reference) else ordinal[lost]
    elif len(lost):
        found[lost] = draw.below(f"{stream}.instead", parent.initial(draw), ordinal[lost])
    return found


def sharing(filler: Filler, draw: Draw, reference: Reference, ordinal: Ints, at: Ints) -> Ints:
    """One of a parent's rows that share what another reference of the row has decided."""
    parent, stream = filler._filler(reference.parent), _stream(filler, reference)
    many = parent._shared(draw, filler._turning(reference))
    decided = next(r for r in filler.arranged.references if reference.shared in r.columns and r is not reference)
    mine = filler._parent(draw, decided, ordinal)
    if len(decided.columns) > 1:
        there = filler._filler(decided.parent)
        column = decided.keys[decided.columns.index(reference.shared)]
        mine = there._parent(draw, next(r for r in there.arranged.references if r.columns == (column,)), mine)
    else:
        mine = mine % many
    there_are = ordinal if parent is filler else parent.there(draw, at)
    choices = (there_are - mine + many - 1) // many

    def one(turn: str, some: Ints) -> Ints:
        return mine[some] + many * draw.below(f"{stream}{turn}", np.maximum(choices[some], 1), ordinal[some])

    found, lost = _there(filler, draw, reference, one, len(ordinal))
    if parent is filler:
        lost = np.r_[lost, np.flatnonzero(choices <= 0)]
        found[lost] = -1 if filler._may_be_null(reference) else ordinal[lost]
    else:
        found[lost] = mine[lost]
    return found


def _stream(filler: Filler, reference: Reference) -> str:
    return f"{filler.name}.{reference.columns[0]}.who"


def _there(
    filler: Filler, draw: Draw, reference: Reference, one: Callable[[str, Ints], Ints], many: int
) -> tuple[Ints, Ints]:
    """A row of a parent for each, and for which of them none was found that comes."""
    parent, every = filler.others[reference.parent], np.arange(many, dtype=np.int64)
    found = one("", every)
    lost = np.flatnonzero(~parent.exists(draw, found))
    for turn in range(_TURNS if parent.thinned else 0):
        if not len(lost):
            break
        again = one(f".again{turn}", lost)
        found[lost] = again
        lost = lost[~parent.exists(draw, again)]
    return found, lost
