"""A guess made closer by what was counted: rows, shares of NULL, and how often each word comes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from populace.declared.declaration import DeclaredColumn, DeclaredTable
from populace.declared.guessing import Guessed
from populace.declared.kinds.cell import TEXTS
from populace.declared.schema import Schema
from populace.declared.structure import Arranged, arrange
from populace.declared.world_file import MOST_ROWS

_PLAIN = re.compile(
    r"(^|_)(status|state|stage|type|kind|category|priority|severity|level|tier|plan|currency|channel|source|method|unit"
    r"|language|locale|format|mode|visibility|stage|phase)$",
    re.IGNORECASE,
)
"""Names of columns whose words sort rows and say nothing of a person."""


class Counted(Protocol):
    """What was counted of a table."""

    @property
    def rows(self) -> int: ...
    @property
    def empty(self) -> Mapping[str, float]: ...
    @property
    def words(self) -> Mapping[str, Mapping[str, int]]: ...


def worded(guessed: Guessed, schema: Schema) -> dict[str, list[str]]:
    """The columns of which words may be counted, by table: those with a list of words, and those named like one."""
    return {one.table.full_name: list(_worded(one)) for one in guessed.arranged}


def _worded(one: Arranged) -> Iterator[str]:
    for name, column in one.columns.items():
        plain = column.kind in ("word", "title", "code") and _PLAIN.search(name) is not None
        if name not in one.distinct and (column.kind == "words" or (plain and one.table.column(name).base in TEXTS)):
            yield name


def closer(guessed: Guessed, schema: Schema, counted: Mapping[str, Counted]) -> Guessed:
    """The guess with what was counted, table by table: one that cannot be filled so stays as it was guessed."""
    for one in guessed.arranged:
        name = one.table.full_name
        if name not in counted or not counted[name].rows:
            continue
        before = guessed.declared
        table = _closer(before.tables[name], one, counted[name])
        declared = replace(before, tables={**before.tables, name: table})
        arranged, faults = arrange(schema, declared)
        if not faults:
            guessed = replace(guessed, declared=declared, arranged=_with(arranged, declared.tables))
    return guessed


def _with(arranged: Sequence[Arranged], tables: Mapping[str, DeclaredTable]) -> list[Arranged]:
    return [replace(one, declared=tables[one.table.full_name]) for one in arranged]


def _closer(table: DeclaredTable, one: Arranged, counted: Counted) -> DeclaredTable:
    columns: dict[str, DeclaredColumn] = dict(table.columns)
    for name, column in table.columns.items():
        free = not one.table.column(name).not_null and name not in one.key and name not in one.distinct
        if free and column.kind not in ("key", "empty"):
            columns[name] = replace(columns[name], empty=counted.empty.get(name, column.empty))
        words = counted.words.get(name)
        known = column.options.get("words")
        if words and (known is None or words.keys() <= {str(word) for word in known}):
            every = {**dict.fromkeys((str(word) for word in known or ()), 0), **words}
            begins = {"begins": column.options["begins"]} if "begins" in column.options else {}
            columns[name] = replace(columns[name], kind="words", options={"words": every, **begins})
    many = min(counted.rows, MOST_ROWS)
    rows = many if not table.per and (not table.lives or one.most > many * 20) else table.rows
    return replace(table, columns=columns, rows=rows)
