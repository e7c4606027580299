"""What a report draws of a target, declared by a world as `charts/*.sql`; here it is read and run, not drawn.

The first line of a file is `-- chart: KIND · Title · where the numbers come from`, the rest is one SELECT with the
columns of its kind, in the order in which they are drawn. It may use the parameters that `checks/*.sql` may use.
What every world counts in the same way is counted here (`frames/`), and the file says of what.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from populace.checks.shipped import shipped
from populace.database.connection import Connection
from populace.errors import BadInput, nearest

KINDS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "bar": (("label", "value"), ("label", "value", "series")),
    "line": (("label", "value"), ("label", "value", "series")),
    "heatmap": (("x", "y", "value"),),
    "funnel": (("step", "value"),),
}
"""The columns that each kind of chart takes. Bars of several series are stacked."""
FRAMES: Mapping[str, str] = {"active": "line", "hours": "heatmap"}
"""Kinds whose file is the middle of a query: each with the kind that comes of it."""

Cell = str | float | None

WHOLE_TABLES = "SET LOCAL enable_nestloop = off"
"""Whoever reads whole tables does not look their rows up one by one. The planner does, where a mark in JSON lets it
guess that few people carry it: with 100,000 people a chart took minutes, and takes a second."""

_HEAD = re.compile(r"-- chart: *([^·\n]*?) *· *([^·\n]+?) *(?:· *([^\n]*?) *)?(?:\n|$)")


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart with its rows. source: where the numbers come from, in words."""

    name: str
    kind: str
    title: str
    source: str
    columns: Sequence[str]
    rows: Sequence[tuple[Cell, ...]]


def read(connection: Connection, package: str, values: Mapping[str, object]) -> Iterator[Chart]:
    """The charts of a world, in the order of their files' names. In the caller's transaction, which reads nothing else.

    Raises BadInput for a file whose first line or whose columns are not those of a chart.
    """
    connection.execute(WHOLE_TABLES)
    frames = {frame.name: frame.sql for frame in shipped("populace.checks", "frames")}
    bound = {"zone": values.get("timezone", "UTC"), **values}
    for file in shipped(package, "charts"):
        kind, title, source = head(file.text, file.where)
        query = file.sql
        if kind in FRAMES:
            query, kind = frames[kind].replace(b":given", query), FRAMES[kind]
        # As bytes, which psycopg accepts from files: nothing that a user gives is in it.
        cursor = connection.execute(query, bound)
        columns = tuple(c.name for c in cursor.description or ())
        if columns not in KINDS[kind]:
            raise BadInput(
                f"a chart of kind {kind} has other columns",
                where=file.where,
                given=", ".join(columns),
                allowed=" or ".join(", ".join(names) for names in KINDS[kind]),
            )
        rows = [tuple(_cell(value) for value in row) for row in cursor]
        yield Chart(file.name, kind, title, source, columns, rows)


def head(text: str, where: str) -> tuple[str, str, str]:
    """Kind, title and source of a chart, from the first line of its file. where: the file, for errors."""
    found = _HEAD.match(text)
    if found is None:
        raise BadInput(
            "the first line does not say what to draw",
            where=where,
            given=text.partition("\n")[0],
            allowed="-- chart: KIND · Title · where the numbers come from",
        )
    kind, title, source = found.groups()
    if kind not in (known := (*KINDS, *FRAMES)):
        raise BadInput("there is no such kind of chart", where=where, given=kind, allowed=nearest(kind, known))
    return kind, title, source or ""


def _cell(value: object) -> Cell:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        return float(value)
    return value.isoformat() if isinstance(value, (date, datetime)) else str(value)
