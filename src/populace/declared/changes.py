"""Rows that change after they came: what happens later happens then, a status advances, an edit moves `updated_at`.

Every change is a moment computed from the row's own. A version of a row is what it is at such a moment; of several in
a window the last is written, as of any row that is merged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from populace.clock import DAY_US, SECOND_US
from populace.declared import shapes
from populace.declared.kinds import moments
from populace.declared.kinds.cell import whole
from populace.declared.kinds.words import begins, coded, codes, weights
from populace.declared.shapes import Shape
from populace.declared.shaping import shaped
from populace.declared.shaping import which as which_of
from populace.spec import (
    NEVER,
    Along,
    Bools,
    Columns,
    ColumnValue,
    Draw,
    Ints,
    Joined,
    Json,
    Key,
    Number,
    Optional,
    Rows,
    Stamp,
    Words,
)  # fmt: skip

if TYPE_CHECKING:
    from populace.declared.rows import Filler
    from populace.declared.structure import Arranged

_MINUTE_US = 60 * SECOND_US
_STAGE_MINUTES = 3 * 60 * 24
"""Within so long a row comes to its own word, where nobody says."""


@dataclass(frozen=True, slots=True)
class Settling:
    """A shape whose moments lie after the row came: until then the row has another one. first: which, by the shape that
    it will have (the same where nothing changes); later_us: when it has it, after it came."""

    shape: Shape
    first: tuple[int, ...]
    later_us: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """How rows of a table change. later: columns that are NULL until their moment; stages: words that a row begins
    with another of; updated: moments of the last change; counting: numbers of changes. edits: so many each row, by
    turns, within edit_us. span_us: no row changes so long after it came."""

    later: tuple[str, ...]
    stages: tuple[str, ...]
    settling: tuple[Settling, ...]
    updated: tuple[str, ...]
    counting: tuple[str, ...]
    edits: tuple[int, ...]
    edit_us: int
    span_us: int

    def versions(self, filler: Filler, draw: Draw, ordinal: Ints, columns: Columns) -> Rows:
        """All versions of rows. columns: as they are in the end."""
        came, quiet = draw.joined(filler.name)[ordinal], draw.unrecorded
        events: list[Ints] = [came]
        happened: dict[str, Ints] = {}
        for name in self.later:
            at = moments.after_us(filler.cell(quiet, name, ordinal))
            happened[name] = np.where(_present(columns[name], len(ordinal)), at, NEVER)
            events.append(happened[name])
        settled: list[tuple[Settling, Ints, Ints]] = []
        for one in self.settling:
            which = which_of(filler, quiet, one.shape, ordinal)
            at = np.where(np.array(one.first)[which] == which, came, came + np.array(one.later_us)[which])
            settled.append((one, which, at))
            events.append(np.where(at > came, at, NEVER))
        advanced: dict[str, tuple[Ints, Ints, Ints]] = {}
        for name in self.stages:
            advanced[name] = found = self._advance(filler, quiet, name, ordinal)
            steps, within = found[1], found[2]
            events += [np.where(step <= steps, came - (-within * step // np.maximum(steps, 1)), NEVER)
                       for step in range(1, int(steps.max(initial=0)) + 1)]  # fmt: skip
        many = np.array(self.edits or (0,), dtype=np.int64)[ordinal % max(1, len(self.edits))]
        for turn in range(max(self.edits, default=0)):
            at = came + (1 + quiet.below(f"{filler.name}.edited", self.edit_us // SECOND_US, ordinal, turn)) * SECOND_US
            events.append(np.where(turn < many, at, NEVER))
        every = np.stack(events)
        event, row = np.nonzero(every != NEVER)
        at = every[event, row]
        order = np.lexsort((at, row))
        at, row = at[order], row[order]
        out = {name: along(value, row) for name, value in columns.items()}
        for name, moment in happened.items():
            out[name] = _only(moment[row] <= at, out[name])
        for one, which, when in settled:
            now = np.where(when[row] <= at, which[row], np.array(one.first)[which[row]])
            for name in one.shape.columns:
                out[name] = shaped(filler, quiet, one.shape, name, ordinal[row], out[name], now)
        for name, (code, steps, within) in advanced.items():
            begun = np.minimum((at - came[row]) * steps[row] // np.maximum(within[row], 1), steps[row])
            out[name] = _only(_present(out[name], len(row)), self._step(filler, name, code[row], steps[row], begun))
        for name in self.updated:
            cell = replace(filler.cell(quiet, name, ordinal[row]), at=at)
            out[name] = _only(_present(out[name], len(row)), moments.written(cell, at))
        if self.counting:
            opens = np.r_[True, row[1:] != row[:-1]] if len(row) else np.zeros(0, dtype=np.bool_)
            starts = np.flatnonzero(opens)
            number = np.arange(len(row)) - np.repeat(starts, np.diff(np.r_[starts, len(row)])) + 1
            out.update(dict.fromkeys(self.counting, number.astype(np.int64)))
        return Rows(ordinal[row], out, np.maximum(at, draw.origin_us), ordinal[row])

    def _advance(self, filler: Filler, draw: Draw, name: str, ordinal: Ints) -> tuple[Ints, Ints, Ints]:
        """Of a word that a row comes to: which, by how many steps, and within how long."""
        options = filler.arranged.columns[name].options
        code = codes(filler.cell(draw, name, ordinal))
        first = weights(options)[0].index(begins(options))
        steps = np.abs(code - first) if options.get("through") else (code != first).astype(np.int64)
        minutes = whole(options, "minutes", _STAGE_MINUTES)
        within = (1 + draw.below(f"{filler.name}.{name}.advances", minutes, ordinal)) * _MINUTE_US
        return code, steps, within

    def _step(self, filler: Filler, name: str, code: Ints, steps: Ints, begun: Ints) -> ColumnValue:
        """The word that a row has after so many of its steps."""
        options = filler.arranged.columns[name].options
        words = weights(options)[0]
        first = words.index(begins(options))
        through = bool(options.get("through"))
        now = first + np.sign(code - first) * begun if through else np.where(begun >= steps, code, first)
        return coded(now, words, filler.arranged.table.column(name))


def changes_of(arranged: Arranged) -> Changes | None:
    """How the rows of a table change; None where none does."""
    table, columns, declared = arranged.table, arranged.columns, arranged.declared
    fixed = {*arranged.key, *arranged.distinct, *arranged.nulls, arranged.within}
    fixed |= {c for r in arranged.references for c in r.columns}
    numbered = [n for n in columns if table.column(n).identity == "always" and n not in arranged.key]
    if not declared.changes or not arranged.keyed or numbered:
        return None
    shaped = {name for one in arranged.shapes for name in one.columns}
    free = {name: column.kind for name, column in columns.items() if name not in fixed | shaped}
    later = tuple(n for n, kind in free.items() if kind == "later" and not table.column(n).not_null)
    stages = tuple(n for n, kind in free.items() if kind == "words" and begins(columns[n].options))
    settling = tuple(s for one in arranged.shapes if not set(one.columns) & fixed and (s := _settling(arranged, one)))
    edit_us = declared.edit_days * DAY_US
    spans = [
        *((whole(columns[n].options, "minutes", moments.LATER_MINUTES) + 1) * _MINUTE_US for n in later),
        *((whole(columns[n].options, "minutes", _STAGE_MINUTES) + 1) * _MINUTE_US for n in stages),
        *(max(one.later_us) for one in settling), *([edit_us] if any(declared.edits) else []),
    ]  # fmt: skip
    if not spans:
        return None
    return Changes(
        later, stages, settling, tuple(n for n, kind in free.items() if kind == "updated"),
        tuple(n for n, kind in free.items() if kind == "edition"),
        declared.edits if any(declared.edits) else (), edit_us, max(spans) + DAY_US,
    )  # fmt: skip


def _settling(arranged: Arranged, shape: Shape) -> Settling | None:
    """With what a row begins that will have a shape with moments after it came; None where none has."""
    late = [place for place, name in enumerate(shape.columns) if not arranged.table.column(name).not_null]
    first, later_us = [], []
    for number, choice in enumerate(shape.choices):
        after = [place for place in late if choice[place].how == shapes.OFFSET and choice[place].value > 0]
        before = [
            (sum(a != b for a, b in zip(choice, other, strict=True)), place)
            for place, other in enumerate(shape.choices)
            if after and (place not in shape.inside or number in shape.inside)
            and all(other[p].how == shapes.NULL for p in after) and not any(
                hold.how == shapes.OFFSET and hold.value > 0 for p, hold in enumerate(other) if p in late)
        ]  # fmt: skip
        first.append(min(before)[1] if before else number)
        later_us.append(max((choice[place].value for place in after), default=0))
    return Settling(shape, tuple(first), tuple(later_us)) if first != list(range(len(first))) else None


def _present(value: ColumnValue, many: int) -> Bools:
    if value is None:
        return np.zeros(many, dtype=np.bool_)
    return value.present if isinstance(value, Optional) else np.ones(many, dtype=np.bool_)


def _only(present: Bools, value: ColumnValue) -> ColumnValue:
    """A value only in some rows."""
    if value is None or present.all():
        return value
    return Optional(present & value.present, value.value) if isinstance(value, Optional) else Optional(present, value)


def along(value: ColumnValue, index: Ints) -> ColumnValue:
    """A column of some of its rows, each as often as it is named."""
    if isinstance(value, np.ndarray):
        return value[index]
    if isinstance(value, Words):
        return Words(value.codes[index], value.words)
    if isinstance(value, Key):
        return Key(value.table, value.address[index], None if value.at is None else value.at[index])
    if isinstance(value, Number):
        return Number(value.numbers[index], value.width)
    if isinstance(value, Stamp):
        return Stamp(value.at[index])
    if isinstance(value, Along):
        return Along(value.value, value.index[index])
    if isinstance(value, Optional):
        return Optional(value.present[index], along(value.value, index))
    if isinstance(value, Joined):
        return Joined(tuple(along(part, index) for part in value.parts))
    if isinstance(value, Json):
        members: Mapping[str, ColumnValue] = {name: along(member, index) for name, member in value.members.items()}
        return Json(members)
    return value
