"""In what order tables are filled: parents before children, what goes in a circle cut; and over which columns rows take
turns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from populace.declared.declaration import DeclaredTable
from populace.declared.references import CUT, Fault, Reference
from populace.declared.schema import Schema, Table

Edges = set[tuple[str, tuple[str, ...]]]
"""References, by the table that refers and its columns."""


def may_be_null(table: Table, name: str) -> bool:
    return not table.column(name).not_null and name not in table.primary


def in_order(
    schema: Schema,
    tables: Mapping[str, DeclaredTable],
    references: Mapping[str, Sequence[Reference]],
    faults: list[Fault],
) -> tuple[list[str], Edges, Edges]:
    """Parents before children; the references that are cut for it, and those whose rows are written late."""
    waits = {
        name: {r.parent for r in references[name] if r.how != CUT and r.parent != name and r.parent in tables}
        for name in tables
    }
    order: list[str] = []
    cut: Edges = set()
    late: Edges = set()
    while waits:
        ready = sorted(name for name, parents in waits.items() if not parents)
        if ready:
            for name in ready:
                del waits[name]
            order += ready
            for parents in waits.values():
                parents.difference_update(ready)
            continue
        # In a circle: only edges between tables that wait for each other count.
        circle = _circle(waits)
        waiting = next(
            ((name, r) for name in sorted(circle) for r in references[name] if r.parent in circle & waits[name]
             and all(o.waits for o in references[name] if o.parent == r.parent and o.how != CUT)), None,
        )  # fmt: skip
        if waiting is not None:
            late |= {(waiting[0], r.columns) for r in references[waiting[0]] if r.parent == waiting[1].parent}
            waits[waiting[0]].discard(waiting[1].parent)
            continue
        for name in sorted(circle):
            edge = next(
                (r for r in references[name] if r.parent in circle and r.parent in waits[name] and any(
                    may_be_null(schema.table(name), c) and tables[name].columns[c].kind != "key"
                    for c in r.columns)), None)  # fmt: skip
            if edge is not None:
                cut |= {
                    (name, r.columns) for r in references[name] if r.parent == edge.parent and r.columns == edge.columns
                }
                if not any(r.parent == edge.parent and (name, r.columns) not in cut for r in references[name]):
                    waits[name].discard(edge.parent)
                break
        else:
            why = f"it refers in a circle that takes no NULL: {', '.join(sorted(circle))}"
            faults += [Fault(name, why) for name in sorted(circle)]
            return order, cut, late
    return order, cut, late


def _circle(waits: Mapping[str, set[str]]) -> set[str]:
    """Tables that wait for each other: what is left when nothing leads back is taken off."""
    at = sorted(waits)[0]
    seen: list[str] = []
    while at not in seen:
        seen.append(at)
        at = sorted(p for p in waits[at] if p in waits)[0]
    return set(seen[seen.index(at) :])


def turning(
    tables: Mapping[str, DeclaredTable],
    references: Mapping[str, Sequence[Reference]],
    cut: set[tuple[str, tuple[str, ...]]],
) -> set[tuple[str, str]]:
    """Columns of tables whose rows take turns over what they refer to, since two references of another share it."""
    found: set[tuple[str, str]] = set()
    for name in tables:
        live = [r for r in references[name] if r.how != CUT and (name, r.columns) not in cut]
        for one in live:
            for other in live:
                if one is other or len(one.columns) < 2 or len(other.columns) < 2:
                    continue
                for shared in set(one.columns) & set(other.columns):
                    for r in (one, other):
                        found.add((r.parent, r.keys[r.columns.index(shared)]))
        for one in live:
            if one.parent == name and len(one.columns) > 1:
                own = [c for c, k in zip(one.columns, one.keys, strict=True) if c == k]
                found |= {(name, c) for c in own}
    return found


def called_in_world(schema: Schema, names: Iterable[str]) -> dict[str, str]:
    """What tables are called in the world: their own names; of several with the same one all but that in `public`, or
    the first, have their schema before it."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name in sorted(names, key=lambda n: (not n.startswith("public."), n)):
        table = schema.table(name)
        some = [table.name, f"{table.schema}_{table.name}", *(f"{table.schema}_{table.name}_{n}" for n in range(2, 99))]
        found[name] = next(one for one in some if one not in taken)
        taken.add(found[name])
    return found
