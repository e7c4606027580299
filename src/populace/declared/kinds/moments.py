"""Moments: when a row came, when it was changed, days of birth, days ahead; in every type that holds a time."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from populace.clock import DAY_US, HOUR_US, SECOND_US
from populace.declared.kinds.cell import REAL, TEXTS, WHOLE, Cell, Kind, Option, of, whole
from populace.declared.schema import Column
from populace.spec import ColumnValue, Ints, Joined, Number, Stamp, Words

_YEAR_DAYS = 365
MS_US = 1000
_SLOT_NUMBERS = 10
LATER_MINUTES = 60 * 24
"""Within so long something happens later, where nobody says."""


def written(cell: Cell, at: Ints) -> ColumnValue:
    """Moments (µs) as the column's type takes them; whole numbers hold seconds since 1970, or milliseconds where they
    are wide and `unit = "ms"`."""
    base = cell.column.base
    if base == "timestamptz" and not cell.column.domain:
        return at
    if base == "date":
        days = at // DAY_US
        return days if not cell.column.domain else _date(days)
    if base in ("time", "timetz"):
        return Joined((*_clock(at % DAY_US), "+00" if base == "timetz" else ""))
    if base in WHOLE:
        return at // (1000 if cell.options.get("unit") == "ms" else SECOND_US)
    if base in REAL:
        return Joined((Number(at // SECOND_US),))
    if base in TEXTS and cell.room < len("2026-01-01T00:00:00.000Z"):
        return _date(at // DAY_US)
    return Stamp(at)


def _date(days: Ints) -> ColumnValue:
    known, index = np.unique(days, return_inverse=True)
    return Words(index.astype(np.int64), tuple(str(day) for day in known.astype("datetime64[D]")))


def _clock(of_day: Ints) -> tuple[ColumnValue, ...]:
    hour, rest = of_day // HOUR_US, of_day % HOUR_US
    return (Number(hour, 2), ":", Number(rest // (60 * SECOND_US), 2), ":", Number(rest // SECOND_US % 60, 2))


def _came(cell: Cell) -> ColumnValue:
    if cell.distinct and fine(cell.column):
        # Moments ascend with rows, and no thousand rows come in one millisecond.
        return written(cell, (cell.at // MS_US - 1) * MS_US + cell.ordinal % MS_US)
    return written(cell, _distinct(cell, cell.at))


def fine(column: Column) -> bool:
    """Whether a column holds moments to the microsecond."""
    return column.base in ("timestamptz", "timestamp") and "(" not in column.type and not column.domain


def _distinct(cell: Cell, at: Ints) -> Ints:
    """Moments of which no two are the same, where that is asked: by days, seconds or µs, as the type has them
    apart."""
    if not cell.distinct:
        return at
    step = DAY_US if cell.column.base == "date" else SECOND_US
    return cell.draw.origin_us // step * step - cell.ordinal * step


def after_us(cell: Cell) -> Ints:
    """Some moment after a row came, µs."""
    return cell.at + (1 + cell.below(cell.whole("minutes", LATER_MINUTES))) * 60 * SECOND_US


def _after(cell: Cell) -> ColumnValue:
    return written(cell, _distinct(cell, after_us(cell)))


def _ahead(cell: Cell) -> ColumnValue:
    return written(cell, _distinct(cell, cell.at + (1 + cell.below(cell.whole("days", 30))) * DAY_US))


def _birth(cell: Cell) -> ColumnValue:
    year = cell.draw.epoch_us - (18 * _YEAR_DAYS + cell.below(60 * _YEAR_DAYS)) * DAY_US
    return written(cell, _distinct(cell, year))


def _slot(cell: Cell) -> ColumnValue:
    """One after another from the beginning of history on: by the hour, every other day, or tens of numbers."""
    if cell.column.base in WHOLE:
        return cell.ordinal * _SLOT_NUMBERS + (_SLOT_NUMBERS - 1 if cell.options.get("end") else 1)
    if cell.column.base == "date":
        step_us, long_us = 2 * DAY_US, DAY_US
    else:
        long_us = cell.whole("minutes", 45) * 60 * SECOND_US
        step_us = -(-long_us // HOUR_US) * HOUR_US
    begin = cell.draw.origin_us // step_us * step_us + cell.ordinal * step_us
    return written(cell, begin + long_us if cell.options.get("end") else begin)


def within_us(options: Mapping[str, Option]) -> int | None:
    """So long after its row a moment may be, as far as options say."""
    for name, unit_us in (("minutes", 60 * SECOND_US), ("days", DAY_US)):
        if name in options:
            return whole(options, name, 0) * unit_us
    return None


_TIMES = of("timestamptz", "timestamp", "date", "time", "timetz", *WHOLE, *REAL, *TEXTS, least=10)
KINDS = (
    Kind("created", "when the row came", _came, _TIMES, {"unit": str}, distinct=True),
    Kind("updated", "when the row was last changed", _came, _TIMES, {"unit": str}, distinct=True),
    Kind(
        "later",
        "some time after the row came, within `minutes`",
        _after,
        _TIMES,
        {"minutes": int, "unit": str},
        distinct=True,
    ),
    Kind(
        "ahead",
        "a day after the row came, within `days`: a date that is planned",
        _ahead,
        _TIMES,
        {"days": int, "unit": str},
        distinct=True,
    ),
    Kind(
        "slot",
        "a span of the row's own, `minutes` long, that overlaps with none: its beginning; with `end = true` its end",
        _slot,
        of("timestamptz", "timestamp", "date", *WHOLE),
        {"end": bool, "minutes": int},
        distinct=True,
    ),
    Kind("birthday", "a day on which an adult was born", _birth, _TIMES, {"unit": str}, distinct=True),
)
