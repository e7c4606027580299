"""A line of the journal for each finished day of a lifecycle, where the world defines it.

The world has a `day.sql`: one SELECT of named numbers of the day that ended at `ended`, fast enough for a window.
"""

from __future__ import annotations

from importlib.resources import files

from psycopg.rows import dict_row

from populace import clock
from populace.database.connection import Connection
from populace.engine import Window
from populace.plan import Plan
from populace.runner import records

EVENT = "day"


def daily(connection: Connection, plan: Plan, span: Window) -> None:
    """Note, in the connection's open transaction, each day that ended in a window (its end excluded)."""
    source = files(plan.world.package).joinpath("day.sql")
    for start_us in plan.world.day_starts:
        ended_us = -((start_us - span.start_us) // clock.DAY_US) * clock.DAY_US + start_us
        while ended_us < span.end_us:
            if source.is_file():
                _noted(connection, source.read_text(encoding="utf-8"), ended_us)
            ended_us += clock.DAY_US


def _noted(connection: Connection, query: str, ended_us: int) -> None:
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(query.encode(), {"ended": clock.to_datetime(ended_us)}).fetchone()
    if found:
        said = ", ".join(f"{name.replace('_', ' ')} {value:,}" for name, value in found.items())
        records.journal(connection, "info", EVENT, f"the day to {clock.iso(ended_us)}: {said}", **found)
