"""How much there is where nobody has said: rows of each table, by what refers to it, and which table is of people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from populace.declared.declaration import DeclaredTable
from populace.declared.naming import PEOPLE
from populace.declared.schema import Schema
from populace.declared.structure import Arranged


def volumes(schema: Schema, tables: Mapping[str, DeclaredTable]) -> dict[str, DeclaredTable]:
    """Few rows where much refers to a table that refers to nothing, more of people, many of what refers to them."""
    children: defaultdict[str, set[str]] = defaultdict(set)
    parents: defaultdict[str, set[str]] = defaultdict(set)
    for name in tables:
        for fk in schema.table(name).foreign_keys:
            if fk.parent in tables and fk.parent != name:
                children[fk.parent].add(name)
                parents[name].add(fk.parent)
    depth: dict[str, int] = {}

    def deep(name: str, above: tuple[str, ...] = ()) -> int:
        if name not in depth and name not in above:
            depth[name] = 1 + max(
                (deep(p, (*above, name)) for p in sorted(parents[name]) if p not in above), default=-1
            )
        return depth.get(name, 0)

    out = {}
    for name, table in tables.items():
        level = deep(name)
        lookup = level == 0 and len(children[name]) > 0 and not PEOPLE.search(schema.table(name).name)
        # What goes from one status to another is something that happens, and not what others are sorted by.
        lookup = lookup and not any("begins" in column.options for column in table.columns.values())
        rows = 24 if lookup else 200 if level == 0 else min(1_200, 200 * 2 ** min(level, 3))
        out[name] = replace(table, rows=rows, present=1.0 if lookup else 0.3, lives=not lookup)
    return out


def people_of(schema: Schema, tables: Mapping[str, DeclaredTable], arranged: Sequence[Arranged]) -> str:
    """The table of people: by its name, or the one that most refer to; the first where nothing is said."""
    named = [n for n in tables if PEOPLE.search(schema.table(n).name.lower())]
    many: defaultdict[str, int] = defaultdict(int)
    for one in arranged:
        for reference in one.references:
            many[reference.parent] += 1
    among = named or list(tables)
    return max(among, key=lambda n: (many[n], n)) if among else ""
