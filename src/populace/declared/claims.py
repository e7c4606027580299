"""Partial keys over a reference: of the rows that refer to one, a single one is where the predicate holds.

Rows claim by turns: every so many of them the next row that can be referred to. So which row claims what is known
from its number.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from populace.declared import samples, shapes
from populace.declared.conditions import Condition
from populace.declared.references import Cannot
from populace.declared.shapes import Hold, Read, Shape, against
from populace.spec import Draw, Ints

if TYPE_CHECKING:
    from populace.declared.rows import Filler
    from populace.declared.uniqueness import Keys


def shapes_of(keys: Keys, found: Callable[[Sequence[Read]], list[Shape]]) -> list[Shape]:
    """The shapes of a table, with those inside a claim's predicate apart. found: gives them, with more conditions.
    Where nothing inside is distinguished from the rest, rows are kept out of the key."""
    claim = keys.claim
    if claim is None:
        return found(())
    # A condition that is always met makes a shape of its columns.
    said = claim.read.condition
    forced = Read(claim.read.name, Condition(said.text, said.columns, said.constants, lambda row: True), placed=True)
    try:
        shaped = found((forced,))
        for place, shape in enumerate(shaped):
            if set(said.columns) <= set(shape.columns):
                inside = tuple(n for n, choice in enumerate(shape.choices) if _is_in(claim.read, shape, choice))
                if inside and len(inside) < len(shape.choices):
                    return [*shaped[:place], replace(shape, inside=inside), *shaped[place + 1 :]]
    except Cannot:
        pass
    keys.claim = None
    return found((Read(claim.read.name, against(said)),))


def _is_in(read: Read, shape: Shape, choice: Sequence[Hold]) -> bool:
    return read.condition.holds(dict(zip(shape.columns, map(_held, choice), strict=True))) is True


def _held(hold: Hold) -> Any:
    if hold.how == shapes.OFFSET:
        return samples.iso(samples.BEGIN_US + hold.value)
    return {shapes.NULL: None, shapes.KEEP: "x"}.get(hold.how, hold.value)


def claimed(filler: Filler, draw: Draw, ordinal: Ints) -> Ints:
    """The number of the row that each row claims; -1 for none."""
    columns = filler.arranged.claims
    reference = next(r for r in filler.arranged.references if r.columns == columns)
    parent = filler.others[reference.parent]
    every = max(2, draw.size(filler.name) // max(1, draw.size(parent.name)))
    number = ordinal // every
    mine = (ordinal % every == every - 1) & (number < parent.there(draw, draw.joined(filler.name)[ordinal]))
    number = np.where(mine, number, 0)
    return np.where(mine & parent.exists(draw, number), number, -1)
