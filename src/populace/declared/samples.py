"""Values of a kind as Python has them, for a few rows: what conditions are tried with before anything is planned.

The draws here are not those of a plan. What a few rows cannot show, the target's own checks show before the first row
is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from populace.clock import DAY_US, SECOND_US
from populace.declared.kinds.cell import Cell, Kind
from populace.declared.schema import Column
from populace.spec import Along, Bools, ColumnValue, Ints, Joined, Json, Key, Number, Optional, Stamp, Values, Words
from populace.spec.draw import Address, Counter

MANY = 64
BEGIN_US = 1_767_225_600 * SECOND_US
"""The moment at which samples begin: 2026-01-01, UTC."""


class SampleDraw:
    """Stands in for the draws of a plan: numbers that go through all that they may be."""

    origin_us = BEGIN_US
    epoch_us = BEGIN_US + 90 * DAY_US
    values = Values({})

    @property
    def unrecorded(self) -> SampleDraw:
        """Nothing is recorded anyway."""
        return self

    def size(self, root: str) -> int:
        return MANY

    def joined(self, root: str) -> Ints:
        return np.arange(MANY, dtype=np.int64) * DAY_US + BEGIN_US

    def comers(self, flow: str, stream: str, address: Address, at: Ints) -> Ints:
        return self.below(stream, 1, address)

    def holds(self, path: str, at: Ints) -> Bools:
        return np.ones(len(at), dtype=np.bool_)

    def whole_at(self, path: str, at: Ints) -> Ints:
        return np.full(len(at), 1_000_000, dtype=np.int64)

    def chance(self, point: str, entity: Address, at: Ints, counter: Counter = 0) -> Bools:
        out: Bools = np.asarray(entity, dtype=np.int64) % 2 == 0
        return out

    def varied_chance(self, point: str, entity: Address, at: Ints, factor: Ints, counter: Counter = 0) -> Bools:
        return self.chance(point, entity, at)

    def stratified_chance(self, point: str, group: Address, entity: Address, at: Ints) -> Bools:
        return self.chance(point, entity, at)

    def choose(self, point: str, entity: Address, at: Ints, counter: Counter = 0) -> Ints:
        return np.asarray(entity, dtype=np.int64) % self.choices

    choices = 1

    def measure(self, point: str, entity: Address, at: Ints, counter: Counter = 0) -> Ints:
        return np.asarray(entity, dtype=np.int64)

    def below(self, stream: str, bound: Ints | int, entity: Address, counter: Counter = 0) -> Ints:
        given = np.asarray(entity, dtype=np.int64)
        drawn: Ints = (given * 7919 + len(stream) * 31 + given * given * 13) % np.maximum(bound, 1)
        # The ends are among them.
        return np.where(given == 0, 0, np.where(given == 1, np.maximum(np.asarray(bound) - 1, 0), drawn))

    def shuffled(self, stream: str, bound: int, entity: Address, position: Ints) -> Ints:
        return position % bound


def of(kind: Kind, column: Column, options: dict[str, object], *, distinct: bool, base: int = 0) -> list[Any]:
    """Values of a column of a kind, as conditions compare them: moments are texts."""
    from populace.declared.kinds.words import weights

    draw = SampleDraw()
    draw.choices = max(1, len(weights(options)[0]))
    ordinal = np.arange(MANY, dtype=np.int64)
    cell = Cell(draw, "sample", "sample", ordinal, BEGIN_US + ordinal * DAY_US, column, options, distinct, base)
    return plain(kind.values(cell), column, MANY)


def plain(value: ColumnValue, column: Column, many: int) -> list[Any]:
    """A column's values as Python has them."""
    found = _listed(value, many)
    if column.base == "timestamptz":
        return [iso(v) if isinstance(v, int) else v for v in found]
    if column.base == "date":
        return [iso(v * DAY_US)[:10] if isinstance(v, int) else v for v in found]
    if column.base in ("numeric", "float4", "float8", "int2", "int4", "int8", "money"):
        return [_number(v) for v in found]
    if column.base == "bool":
        return [bool(v) if v is not None else None for v in found]
    if column.base == "bytea":
        return [bytes.fromhex(v[2:]) if isinstance(v, str) and v.startswith("\\x") else v for v in found]
    return found


def iso(at_us: int) -> str:
    """A moment as a text that is compared by its characters."""
    return f"{np.datetime64(at_us // 1000, 'ms')}Z"


def _number(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return float(value) if "." in value else int(value)


def _listed(value: ColumnValue, many: int) -> list[Any]:
    if isinstance(value, np.ndarray):
        return list(value.tolist())
    if isinstance(value, Words):
        return [value.words[int(code)] for code in value.codes]
    if isinstance(value, Number):
        return [str(int(n)).rjust(value.width, "0") for n in value.numbers]
    if isinstance(value, Stamp):
        return [iso(int(at)) for at in value.at]
    if isinstance(value, Key):
        return [f"00000000-0000-8000-8000-{int(n):012x}" for n in value.address]
    if isinstance(value, Joined):
        return ["".join(map(str, parts)) for parts in zip(*(_listed(part, many) for part in value.parts), strict=True)]
    if isinstance(value, Optional):
        return [v if yes else None for v, yes in zip(_listed(value.value, many), value.present, strict=True)]
    if isinstance(value, Along):
        inner = _listed(value.value, many)
        return [inner[int(n)] for n in value.index]
    if isinstance(value, Json):
        return ['{"synthetic": true}'] * many
    return [value] * many


def distinct(values: Sequence[Any]) -> list[Any]:
    """Each value once, in order."""
    return list(dict.fromkeys(values))
