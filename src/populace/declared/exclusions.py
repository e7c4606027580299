"""Exclusion constraints: rows that may not overlap do not where each has a span of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping

from populace.declared.declaration import DeclaredColumn
from populace.declared.kinds import KINDS
from populace.declared.schema import Table

_NAME = r'\(?("(?:[^"]|"")+"|\w+)\)?(?:::[\w ]+)?'
_SPAN = re.compile(rf"\b(?:tstzrange|tsrange|daterange|int4range|int8range|numrange)\({_NAME}, {_NAME}[,)]")
SLOT = "slot"


def spans(table: Table) -> list[tuple[str, str]]:
    """The columns between which lie what may not overlap: of each constraint over such a pair."""
    found = []
    for text in table.exclusions:
        for pair in _SPAN.findall(text):
            begin, end = (name.strip('"').replace('""', '"') for name in pair)
            columns = {column.name: column for column in table.columns}
            if begin in columns and end in columns and all(not KINDS[SLOT].takes(columns[n]) for n in (begin, end)):
                found.append((begin, end))
    return found


def slots(table: Table) -> dict[str, DeclaredColumn]:
    """The columns that hold the spans of rows, as they are declared for it."""
    found: dict[str, DeclaredColumn] = {}
    for begin, end in spans(table):
        found |= {begin: DeclaredColumn(SLOT), end: DeclaredColumn(SLOT, 0.0, {"end": True})}
    return found


def unmet(table: Table, columns: Mapping[str, DeclaredColumn]) -> str:
    """The first constraint that nothing in the columns meets; "" for none."""
    apart = {n for n, c in columns.items() if c.kind == "typed" and "range" in table.column(n).base}
    apart |= {begin for begin, end in spans(table) if all(
        n in columns and columns[n].kind == SLOT for n in (begin, end))}  # fmt: skip
    return next((t for t in table.exclusions if not any(re.search(rf"\b{re.escape(n)}\b", t) for n in apart)), "")
