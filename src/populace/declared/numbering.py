"""Where the numbers of keys begin, and how many of them conditions take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from populace.declared.declaration import DeclaredColumn
from populace.declared.kinds.cell import REAL, WHOLE
from populace.declared.kinds.keys import first
from populace.declared.schema import Table
from populace.declared.shapes import Read
from populace.declared.world_file import MOST_ROWS


def bases(table: Table, columns: Mapping[str, DeclaredColumn], read: Sequence[Read]) -> dict[str, int]:
    """Where numbers of keys begin: above the app's own, unless a condition forbids it."""
    found = {}
    for name, column in columns.items():
        if column.kind != "key":
            continue
        given = column.options.get("first")
        base = int(given) - 1 if isinstance(given, int) else first(table.column(name).base)
        precision = table.column(name).precision
        if precision is not None and 10 ** (precision - (table.column(name).scale or 0)) <= base + 1_000_000:
            base = 0
        mine = [one for one in read if one.condition.columns == (name,) and table.column(name).base in (*WHOLE, *REAL)]
        constants = (c for one in mine for c in one.condition.constants if isinstance(c, int))
        # Above the app's own numbers where conditions take many there, or else where they take the most.
        lower = (first(wide) for wide in ("int4", "int2") if first(wide) < base)
        wanted = (base, *lower, 0, *(c - more for c in constants for more in (1, 0)))
        fine = [n for n in wanted if takes(mine, name, n + 1)] or [0]
        roomy = (n for n in fine if not mine or room(mine, name, n) >= ROOMY)
        found[name] = next(roomy, max(fine, key=lambda n: room(mine, name, n)))
    return found


ROOMY = 10_000
"""Numbers of a key that are enough for most tables."""


def takes(read: Sequence[Read], name: str, number: int) -> bool:
    return all(one.condition.columns != (name,) or one.condition.holds({name: number}) is not False for one in read)


def room(read: Sequence[Read], name: str, base: int) -> int:
    """How many numbers after a base conditions take, one after another."""
    many = 1
    while many < MOST_ROWS and takes(read, name, base + many * 2):
        many *= 2
    fits, above = many, many * 2
    while above - fits > 1:
        middle = (fits + above) // 2
        fits, above = (middle, above) if takes(read, name, base + middle) else (fits, middle)
    return fits if fits < MOST_ROWS else 1 << 62
