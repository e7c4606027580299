"""The tiny world in an app that numbers rows itself: steps by an identity, visits by a serial. Named by its path."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

import tiny
from populace.spec import Column, Course, Draw, Sessions, TableRows

NUMBERED: Mapping[str, Column] = {"steps": Column("ticket", "int8"), "visits": Column("place", "int8")}


def visit(draw: Draw, course: Course) -> TableRows:
    """Each step has a ticket and each visit a place, by its address; between tickets there is room for the app's."""
    rows, address = tiny.visit(draw, course), course.visits.address.astype(np.int64)
    steps, visits = rows["steps"], rows["visits"]
    assert visits.entity is not None
    tickets = address[course.step_visit] * 128 + course.step_number * 16
    return {
        "visits": replace(visits, columns={**visits.columns, "place": address[visits.entity]}),
        "steps": replace(steps, columns={**steps.columns, "ticket": tickets}),
    }


def _visiting(flow: object) -> object:
    return replace(flow, emit=visit) if isinstance(flow, Sessions) else flow


WORLD = replace(
    tiny.CLUB,
    package="tickets",
    tables=tuple(
        replace(table, columns=(*table.columns, NUMBERED[table.name])) if table.name in NUMBERED else table
        for table in tiny.CLUB.tables
    ),
    flows=tuple(_visiting(flow) for flow in tiny.CLUB.flows),  # type: ignore[misc]
)
