"""Daily counts: how many rows were emitted, by table and day, to be compared with what stands in the target."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from populace.clock import DAY_US
from populace.engine.draws import EngineDraw
from populace.spec import Bools, Ints, Rows, Table, Words

FOUND = ":found"


@dataclass(slots=True)
class DailyCounts:
    """How many rows were emitted, by table and by the day (since 1970) of their moment; and how many of these are
    withheld, since their owner is removed. A table that declares `kinds` is counted by kind (`table:kind`), and rows
    whose moment is the beginning of history, of those who were found there, apart from all others (`table:found`).
    began: visits that began (see `Emission`).
    """

    rows: dict[str, dict[int, list[int]]] = field(default_factory=dict)
    began: int = 0

    def add(self, draw: EngineDraw, table: Table, rows: Rows, inside: Ints, withheld: Bools | None) -> None:
        """Count the rows at some indices; withheld: which of these."""
        at = np.full(len(inside), draw.origin_us) if rows.at is None else rows.at[inside]
        less = np.zeros(len(inside), dtype=np.bool_) if withheld is None else withheld
        for kind, which in _kinds(draw, table, at, rows, inside):
            held = self.rows.setdefault(table.name + kind, {})
            for day, many, few in zip(*_by_day(at[which] // DAY_US, less[which]), strict=True):
                sums = held.setdefault(day, [0, 0])
                sums[0] += many
                sums[1] += few


def _kinds(draw: EngineDraw, table: Table, at: Ints, rows: Rows, inside: Ints) -> Iterator[tuple[str, Bools]]:
    """The kinds of some rows, and which of them are of each; one without a name where the table has none."""
    said = rows.columns.get(table.kinds) if table.kinds else None
    if isinstance(said, Words):
        codes = said.codes[inside]
        for code in np.unique(codes).tolist():
            yield f":{said.words[code]}", codes == code
        return
    found = at == draw.origin_us
    if found.any():
        yield FOUND, found
    if not found.all():
        yield "", ~found


def _by_day(day: Ints, withheld: Bools) -> tuple[list[int], list[int], list[int]]:
    if len(day) == 0:
        return [], [], []
    first = int(day.min())
    many, less = np.bincount(day - first), np.bincount(day - first, weights=withheld)
    known = np.flatnonzero(many)
    return (known + first).tolist(), many[known].tolist(), less[known].astype(np.int64).tolist()
