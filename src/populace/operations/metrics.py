"""metrics: what a population did on each of its days, and what follows from it; as the world's own SQL says it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from populace.database.named import named
from populace.errors import BadInput
from populace.operations import comparing, lives
from populace.operations.opening import Opened, session, world_sql
from populace.spec import World

FILE = "metrics.sql"
"""Queries `days` (one JSON document a day, each with its `date`, newest first) and `kpis` (one document), for the last
`days` days that are over.
"""
DATE = "date"
DAYS_PATH, DAYS = "metrics_days", 90
"""How many days are shown: as the world's parameter of that name has it, else so many (document 002)."""
_ALL = 100_000


@dataclass(frozen=True, slots=True)
class Metrics:
    """Days, newest first, and what follows from them."""

    days: Sequence[Mapping[str, Any]]
    kpis: Mapping[str, Any]
    plan: str


def metrics(opened: Opened, world: World, days: int | None = None, *, everything: bool = False) -> Metrics:
    """The last days of a target that are over; None: as many as the world keeps. everything: all days there are.

    Raises BadInput for a world whose people have no lives, or which does not count its days.
    """
    with session(opened, "metrics", looking=True) as connection:
        lived = lives.read(connection, opened, world)
        if world_sql(world, FILE) is None:
            raise BadInput(
                "this world does not count its days",
                where=world.name,
                todo=f"a world says how in a file {FILE}; populace status and populace activity work without",
            )
        queries = named(world.package, FILE)
        values = lived.plan.eras[-1].values
        kept = values.whole(DAYS_PATH) if DAYS_PATH in values else DAYS
        many = {"days": _ALL if everything else days if days is not None else kept}
        found = [row[0] for row in connection.execute(queries["days"], many)]
        row = connection.execute(queries["kpis"], many).fetchone()
    return Metrics(found, row[0] if row else {}, lived.plan.digest)


def differences(found: Metrics, file: Path) -> tuple[int, list[str]]:
    """How many days a file has, and where they differ; found: with everything, for a file may begin anywhere."""
    theirs = comparing.read(file, DATE)
    dates = [str(one[DATE]) for one in theirs]
    within = [one for one in found.days if dates and min(dates) <= str(one[DATE]) <= max(dates)]
    return len(theirs), list(comparing.differences(within, theirs, DATE))
