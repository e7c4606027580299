"""What the parts of a partitioned table ask of a row: as a condition, and, where they are divided by days, as days."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from populace.declared.schema import Table

_FAR = {"MINVALUE": -(1 << 40), "MAXVALUE": 1 << 40}
_LITERAL = r"""'(?:[^']|'')*'|-?[\d.]+|MINVALUE|MAXVALUE|true|false|NULL"""


SPANS = ("day", "week", "month", "year")
"""How long partitions are that are made."""


def divided_by(table: Table) -> str:
    """The column by whose moments a table is divided; "" where it is divided otherwise, or has a part for the rest."""
    match = re.fullmatch(r'RANGE \("?([^",()]+)"?\)', table.partition_key)
    if match is None or any(bound.startswith("DEFAULT") for bound in table.partitions):
        return ""
    column = next((c for c in table.columns if c.name == match[1]), None)
    return match[1] if column and column.base in ("timestamptz", "timestamp", "date") else ""


def opened(table: Table) -> Table:
    """A table as it is when a partition takes each row."""
    return replace(table, partitions=("DEFAULT",), leaves=("",))


def usual(table: Table) -> str:
    """How long the partitions are that are there; months where there is none."""
    widths = sorted(high - low for low, high in spans(table, divided_by(table)) if high - low < 1_000)
    middle = widths[len(widths) // 2] if widths else 30
    return "day" if middle <= 2 else "week" if middle <= 10 else "month" if middle <= 100 else "year"


def bounds(table: Table) -> list[str]:
    """What partitions ask of a row, as a condition: none where any row finds one."""
    if table.kind != "p":
        return []
    if len(table.leaves) != len(table.partitions) or "," in table.partition_key:
        # Parts of parts, or by several columns: what the server prints of those that hold rows.
        return [" OR ".join(f"({one or 'true'})" for one in table.leaves)] if table.leaves else ["false"]
    if any(not b or b.startswith("DEFAULT") or " WITH " in b for b in table.partitions):
        return []
    how, _, rest = table.partition_key.partition(" ")
    column = rest.strip("()").strip('"')
    if not table.partitions:
        return ["false"]
    parts = []
    for bound in table.partitions:
        values = re.findall(_LITERAL, bound.partition("FOR VALUES")[2])
        if how == "LIST":
            parts += [f'("{column}" = {value})' if value != "NULL" else f'("{column}" IS NULL)' for value in values]
        else:
            sides = [(f'("{column}" {operator} {value})') for operator, value in zip((">=", "<"), values, strict=False)
                     if value not in ("MINVALUE", "MAXVALUE")]  # fmt: skip
            parts.append("(" + " AND ".join(sides or ["true"]) + ")")
    return [" OR ".join(parts)]


def spans(table: Table, name: str) -> tuple[tuple[int, int], ...]:
    """Between which days (of 1970) the parts of a table take a row, by the column that they are divided by; none where
    that is not said by days."""
    if table.partition_key not in (f"RANGE ({name})", f'RANGE ("{name}")') or len(table.leaves) != len(
        table.partitions
    ):
        return ()
    found = []
    for bound in table.partitions:
        sides = re.findall(r"'(\d{4}-\d\d-\d\d)(?: 00:00:00(?:\+00)?)?'|(MINVALUE|MAXVALUE)", bound)
        if len(sides) != 2:
            return ()
        low, high = (_FAR[word] if word else int(np.datetime64(day, "D").astype(np.int64)) for day, word in sides)
        found.append((low, high))
    return tuple(found)
