"""Reads what metrics need from a target, as arrays: by the world's own SQL in `realism/`, a file for each frame.

A file of the name of a frame (`actions`, `people`, `ratings`, `campaigns`, `texts`, `followed`, `sign_ups`) holds one
SELECT with the columns that the frame's own file in `frames/` says; it may use the parameters that `checks/*.sql` may
use. Rows arrive in pieces; of many people a declared part is read, so that memory is bounded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np
from psycopg.types.json import Jsonb
from psycopg.types.numeric import Int8

from populace import clock
from populace.checks.chart import WHOLE_TABLES
from populace.checks.realism.logs import Actions, Campaigns, Followed, Frame, Logs, People, Ratings, SignUps, Written
from populace.checks.shipped import shipped
from populace.database.connection import Connection
from populace.errors import BadInput, nearest
from populace.plan import Plan

MOST_PEOPLE = 20_000
"""Of so many people everything is read; of more, of one in two, in three …"""
MOST_ACTIONS = 2_000_000
"""The same of what they did."""
MOST_TEXTS = 4_000
"""Of each table."""
AT_ONCE = 50_000

FRAMES: Mapping[str, tuple[type[Frame], str]] = {
    "actions": (Actions, "iiiiiif"),
    "people": (People, "ii"),
    "ratings": (Ratings, "iif"),
    "campaigns": (Campaigns, "iii"),
    "texts": (Written, "ioo"),
    "followed": (Followed, "ioii"),
    "sign_ups": (SignUps, "iii"),
}
"""The frames that a world may give, each with the kinds of its columns: whole numbers, numbers, objects."""
_KINDS = {"i": np.int64, "f": np.float64, "o": np.object_}


def read(connection: Connection, plan: Plan, values: Mapping[str, object]) -> Logs:
    """Everything that the world gives, in the caller's transaction. values: what a world's SQL may use.

    Raises BadInput where the folder has a file that is no frame.
    """
    package = plan.world.package
    frames = {frame.name: frame.sql for frame in shipped("populace.checks.realism", "frames")}
    given = {}
    for file in shipped(package, "realism"):
        if file.name not in frames:
            raise BadInput(
                "there is no such frame", where=file.where, given=file.name, allowed=nearest(file.name, frames)
            )
        given[file.name] = file
    connection.execute(WHOLE_TABLES)
    declared = plan.world.realism
    assert declared is not None
    bound: dict[str, object] = {**values, "zones": Jsonb(dict(declared.zones))}
    one_in = max(
        -(-_count(connection, given[name].sql, bound) // most)
        for name, most in (("people", MOST_PEOPLE), ("actions", MOST_ACTIONS))
        if name in given
    )
    bound |= {"one_in": Int8(one_in), "most": Int8(MOST_TEXTS)}
    found: dict[str, Any] = {
        name: _frame(connection, name, frames[name].replace(b":given", file.sql), bound, file.where)
        for name, file in given.items()
    }
    return Logs(
        gap_us=declared.visit_gap_minutes * clock.MINUTE_US,
        sampled=one_in,
        **found,
    )


def _count(connection: Connection, query: bytes, bound: Mapping[str, object]) -> int:
    """How many rows a world's query has; one where it has none."""
    counted = connection.execute(b"SELECT count(*) FROM (" + query + b") AS given", bound).fetchone()
    return max(1, int(counted[0])) if counted else 1


def _frame(connection: Connection, name: str, query: bytes, bound: Mapping[str, object], where: str) -> Frame:
    kind, columns = FRAMES[name]
    parts: list[list[np.ndarray[tuple[int], np.dtype[np.generic]]]] = []
    with connection.cursor(f"realism_{name}", binary=True) as cursor:
        cursor.itersize = AT_ONCE
        cursor.execute(query, bound)
        while rows := cursor.fetchmany(AT_ONCE):
            split = list(zip(*rows, strict=True))
            if lacking := [f.name for f, column in zip(fields(kind), split, strict=True) if None in column]:
                raise BadInput(
                    "some rows have no value", where=where, given=", ".join(lacking), allowed="one in every row"
                )
            parts.append([np.array(column, dtype=_KINDS[k]) for column, k in zip(split, columns, strict=True)])
    if not parts:
        return kind(*(np.zeros(0, dtype=_KINDS[k]) for k in columns))
    return kind(*(np.concatenate(column) for column in zip(*parts, strict=True)))
