"""What people do, where nobody has said: the tables of their acts, how often each does them, and in whose time.

A table is an act where each row refers to somebody, and nothing else decides to whom.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from populace.declared.declaration import Declared, DeclaredTable, Living
from populace.declared.guessing import Guessed
from populace.declared.references import ONE
from populace.declared.schema import Schema
from populace.declared.structure import Arranged, arrange, deciding

LIFE_DAYS = 365
"""More rows are held ready than come, so that rates can be raised; so life is not proposed to be too long."""
SPREAD = 0.8
_BY = re.compile(
    r"user|author|customer|member|account|person|creat|owner|sender|request|actor|by(_id)?$", re.IGNORECASE
)
_REFERRED = 0.1
"""The share of acts that is there from the beginning, where other rows refer to them."""


def living(guessed: Guessed, schema: Schema) -> Guessed:
    """The same proposal with people who act, where any rows are theirs."""
    declared = guessed.declared
    arranged = {one.table.full_name: one for one in guessed.arranged}
    by = {name: column for name, one in arranged.items() if (column := _by(one, declared))}
    if not by:
        return guessed
    life = Living(_signups(arranged, declared), SPREAD, _zone(arranged, declared))
    declared = replace(declared, life=life, life_days=LIFE_DAYS)
    while True:
        acts = {name: _act(name, column, arranged, declared, guessed) for name, column in by.items()}
        found = replace(declared, tables={**guessed.declared.tables, **acts})
        if not any(_shares(arranged[name], by[name]) for name in by):
            again = [replace(one, declared=found.tables[one.table.full_name], by=_columns(one, by)) for one in
                     guessed.arranged]  # fmt: skip
            break
        again, faults = arrange(schema, found)
        if not faults:
            break
        # What somebody else decides is no act.
        for fault in faults:
            by.pop(fault.table, None)
        if not by:
            return guessed
    return replace(guessed, declared=found, arranged=again)


def _by(one: Arranged, declared: Declared) -> str:
    """The column that says whose act a row is; "" where none does."""
    table = one.declared
    if one.table.full_name == declared.people or one.followed or not table.lives or one.claims:
        return ""
    references = (r for r in one.references if r.parent == declared.people)
    found = [name for r in references for name in r.columns[-1:] if deciding(one.references, name) == r.columns]
    found = [name for name in found if name in one.columns and one.columns[name].kind == "reference"]
    return min(found, key=lambda name: (one.columns[name].empty > 0, not _BY.search(name), found.index(name)),
               default="")  # fmt: skip


def _shares(one: Arranged, by: str) -> bool:
    """Whether another reference of a table has a column of that of whoever acts."""
    mine = next(set(r.columns) for r in one.references if by in r.columns)
    return sum(bool(mine & set(r.columns)) for r in one.references) > 1


def _columns(one: Arranged, by: Mapping[str, str]) -> tuple[str, ...]:
    name = by.get(one.table.full_name)
    return deciding(one.references, name) if name else ()


def _act(
    name: str, by: str, arranged: Mapping[str, Arranged], declared: Declared, guessed: Guessed
) -> DeclaredTable:  # fmt: skip
    table = guessed.declared.tables[name]
    first, rows = _presence(declared.people, arranged, declared)
    days = (first + rows) / 2 * declared.history_days
    referred = any(r.parent == name for one in arranged.values() for r in one.references if one is not arranged[name])
    rate = float(f"{table.rows / max(days, 1):.2g}")
    mine = table.columns[by]
    # How unlike people are says who acts.
    columns = {**table.columns, by: replace(mine, options={k: v for k, v in mine.options.items() if k != "skew"})}
    return replace(table, columns=columns, by=by, rate=rate, present=_REFERRED if referred else 0.0)


def _presence(name: str, arranged: Mapping[str, Arranged], declared: Declared) -> tuple[float, float]:
    """How many rows there are when history begins, and when it ends."""
    one, table = arranged[name], declared.tables[name]
    if one.followed and one.followed[0].parent in arranged:
        first, rows = _presence(one.followed[0].parent, arranged, declared)
        each = sum(one.each) / len(one.each) if one.each else 1
        return first * each, rows * each
    return max(1, table.rows * table.present), table.rows


def _signups(arranged: Mapping[str, Arranged], declared: Declared) -> float | None:
    """How many people sign up in a day; None where their rows follow others."""
    name = declared.people
    while followed := arranged[name].followed:
        if followed[0].how != ONE or followed[0].parent not in arranged:
            return None
        name = followed[0].parent
    table = declared.tables[name]
    return float(f"{table.rows * (1 - table.present) / declared.history_days:.2g}") if table.lives else None


def _zone(arranged: Mapping[str, Arranged], declared: Declared) -> str:
    """The column that says in whose time people live: their own, or that of what they refer to; "" for none."""
    one = arranged[declared.people]
    for reference in (None, *one.references):
        there = one if reference is None else arranged.get(reference.parent)
        if there is None or (reference is not None and reference.empty):
            continue
        columns = declared.tables[there.table.full_name].columns
        name = next((n for n, c in columns.items() if c.kind == "zone" and not c.empty and n not in there.distinct), "")
        if name:
            return name if reference is None else f"{reference.columns[-1]}.{name}"
    return ""


def without(table: DeclaredTable) -> DeclaredTable:
    """A table in a file that does not say how people live."""
    return replace(table, by="", rate=0.0)
