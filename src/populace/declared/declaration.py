"""What a `world.toml` declares, as it is understood: tables, columns, and how people live."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from populace.declared.schema import Column, Schema
from populace.errors import BadInput
from populace.spec.zones import offset_us

REFERENCE, DEFAULT = "reference", "default"
"""Kinds beside those of `kinds/`: a value of another table's row, and what the database gives by itself."""
APP = "app"
"""The source of rows that are not ours: the app ships them."""
HOURS = (2, 1, 1, 1, 1, 2, 4, 8, 14, 20, 22, 21, 19, 20, 21, 20, 19, 18, 17, 17, 16, 13, 9, 5)
WEEKDAYS = (10, 10, 10, 10, 9, 5, 5)
HISTORY_DAYS, LIFE_DAYS = 90, 730
"""These and the hours above are of a file that says nothing of them."""


@dataclass(frozen=True, slots=True)
class DeclaredColumn:
    """kind: of `KINDS`, `reference` or `default`. empty: the share of rows in which it is NULL."""

    kind: str
    empty: float = 0.0
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DeclaredTable:
    """rows: in history; or `each` rows, by turns, for each row of the table `per`. present: the share that is there
    from the beginning; the others come in the course of history, and after it where the table `lives`. fill: False:
    nothing is written here, for the reason `why`. source: `app`: its rows are the app's own, and ours refer to them.
    made_by: the tables of whose rows the app's triggers make those that are here. checks: conditions that rows meet
    beside those of the schema. partitions: how long each of those is that a seed makes where they are missing.
    changes: whether rows change after they came; edits: so many each, by turns, within `edit_days`. hours,
    weekdays: a curve of its own. by: the column that says whose act a row is; rate: how many a person and day, in the
    place of `rows`."""

    name: str
    columns: Mapping[str, DeclaredColumn]
    rows: int = 100
    per: str | None = None
    each: tuple[int, ...] = (1,)
    present: float = 0.3
    lives: bool = True
    fill: bool = True
    why: str = ""
    source: str = ""
    made_by: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    partitions: str = ""
    changes: bool = True
    edits: tuple[int, ...] = ()
    edit_days: int = 14
    hours: tuple[int, ...] = ()
    weekdays: tuple[int, ...] = ()
    by: str = ""
    rate: float = 0.0


@dataclass(frozen=True, slots=True)
class Living:
    """How the people of a world live. signups: so many a day; None: as many as come in history anyway. spread: how
    unlike they are in how often they act, the deviation of a logarithm. zone: the column of their time zone, its own or
    `reference.column` of what it refers to; zones: or these, as often as their weights say."""

    signups: float | None = None
    spread: float = 0.0
    zone: str = ""
    zones: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Declared:
    """A whole file. tables: by full name. hours, weekdays: how much comes then, in the time of a zone. people: the
    table of those who are counted; life: how they live, where they act."""

    name: str
    title: str
    about: str
    people: str
    tables: Mapping[str, DeclaredTable]
    history_days: int = HISTORY_DAYS
    life_days: int = LIFE_DAYS
    hours: tuple[int, ...] = HOURS
    weekdays: tuple[int, ...] = WEEKDAYS
    zone: str = "UTC"
    life: Living | None = None


def short(full_name: str) -> str:
    """How a table is called in the file: without the schema where that is `public`."""
    return full_name.removeprefix("public.")


def full(called: str, schema: Schema) -> str | None:
    """The full name of a table as the file calls it; None where there is none."""
    return next((name for name in (f"public.{called}", called) if name in schema.by_name), None)


def is_zone(name: str) -> bool:
    try:
        offset_us((name,), np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64))
    except BadInput:
        return False
    return True


def needs_value(column: Column) -> bool:
    """Whether a row without a value for a column is refused."""
    return column.not_null and not column.default and not column.computed and not column.identity and not column.serial


def filled(declared: Declared) -> Iterator[DeclaredTable]:
    """The tables that are filled, in the order of the file."""
    return (table for table in declared.tables.values() if table.fill)
