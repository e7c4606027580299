"""What a seed will make in a database, before it makes it: objects by name, and what the whole server would see."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from populace.database import compat, guard
from populace.operations.opening import session
from populace.operations.seeds.prepared import Prepared
from populace.operations.seeds.tables import needed, tables_there
from populace.runner import bulk, records
from populace.spec import World
from populace.spec.needs import NEEDS

_CREATE = re.compile(
    r"(?:--[^\n]*\n|\s)*CREATE\s+(?:OR\s+REPLACE\s+)?"
    r"(TABLE|TYPE|DOMAIN|FUNCTION|PROCEDURE|VIEW|MATERIALIZED\s+VIEW|SCHEMA|SEQUENCE|EXTENSION|PUBLICATION)\s+"
    r"(?:IF\s+NOT\s+EXISTS\s+)?([\w.\"]+)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Making:
    """Something that will be made. kind, name: as PostgreSQL has them. cluster_wide: every database of the server sees
    it. why: what it is for.
    """

    kind: str
    name: str
    cluster_wide: bool
    why: str

    def document(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)


def preview(prepared: Prepared) -> Sequence[Making]:
    """What a seed will make besides rows: what the world needs of Supabase and the database lacks, and where the tables
    are not there yet, what the world's own schema makes. Keys, indexes, triggers and policies go with their tables,
    and are not named. Nothing for files, and for a seed that has begun.

    Raises Refused for a target that is not opened.
    """
    opened, world = prepared.opened, prepared.plan.world
    if opened is None:
        return []
    with session(opened, "preview", looking=True) as connection:
        guard.require_open(connection, opened.shown)
        if records.read_plan(connection) is not None:
            return []
        in_place = bool(tables_there(connection, world))
        lacking = compat.missing(connection, needed(world, in_place=in_place))
    found = [_piece(piece, world) for piece in lacking]
    return found if in_place else [*found, *_own(world)]


def _piece(piece: compat.Piece, world: World) -> Making:
    why = next(NEEDS[need] for need in piece.needs if need in world.needs)
    name = f"{piece.schema}.{piece.name}" if piece.schema else piece.name
    if piece.kind == "privileges":
        return Making("privileges", f"USAGE on the schema {name} for the roles", False, why)
    return Making(piece.kind, name, piece.is_cluster_wide, why)


def _own(world: World) -> Iterator[Making]:
    for file in ("1_tables.sql", "2_constraints.sql"):
        for statement in bulk.script(world, file):
            found = _CREATE.match(statement)
            if found:
                yield Making(" ".join(found[1].lower().split()), found[2], False, f"the schema of {world.title}")
