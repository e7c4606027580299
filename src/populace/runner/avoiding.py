"""Values that rows of the app's have taken, found before the first row of ours is made, and left out of the plan."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from populace.database import taken
from populace.database.connection import Connection
from populace.engine.draw_statistics import Unheard
from populace.engine.draws import EMPTY, EngineDraw
from populace.engine.tables import Block
from populace.plan import Plan
from populace.spec import Avoids
from populace.spec.given import LEFT_OUT

BLOCK = 32_768
MOST_MEMBERS = 5_000_000
"""Of more members values are not compared: a value that is taken is an error with its name."""


def avoiding(connection: Connection, plan: Plan) -> Plan:
    """The plan with the numbers that it leaves out of columns, because the app's rows have what they would give; the
    same plan where nothing is taken. In the caller's transaction."""
    found = dict(_left_out(connection, plan))
    return plan.with_changes(given={**plan.given, **found}) if found else plan


def _left_out(connection: Connection, plan: Plan) -> Iterator[tuple[str, dict[str, list[str | int | bool]]]]:
    rows: dict[str, int] = {}
    for one in plan.world.avoids:
        if one.table not in rows:
            rows[one.table] = taken.rows_of(connection, one.table)
        if 0 < rows[one.table] <= taken.MOST and plan.sizes[one.root] <= MOST_MEMBERS:
            # As many more as could be left out, since each row takes the next that is free.
            many = min(plan.sizes[one.root] + rows[one.table], one.most)
            if places := taken.places(connection, one.table, one.column, _texts(plan, one, many)):
                yield one.reads.table, {LEFT_OUT: [*places]}


def _texts(plan: Plan, one: Avoids, many: int) -> Iterator[str | None]:
    """The first values of a column, as texts."""
    draw = EngineDraw(plan, plan.eras[0], EMPTY, Unheard())
    for first in range(0, many, BLOCK):
        numbers = np.arange(first, min(first + BLOCK, many), dtype=np.int64)
        value = one.values(draw, numbers)
        array = Block(plan.seed, np.arange(len(numbers), dtype=np.int64)).array(value, one.type)
        if isinstance(array, pa.Scalar):
            array = pa.array([array.as_py()] * len(numbers))
        yield from pc.cast(array, pa.string()).to_pylist()
