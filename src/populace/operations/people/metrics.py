"""metrics: the numbers of each finished day, and rates computed from them; by the world's own SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from populace.database.named import named
from populace.errors import BadInput, Remedy
from populace.operations.context import Context
from populace.operations.opening import world_sql
from populace.operations.people import documents
from populace.operations.people.documents import Compared
from populace.operations.people.lived import lived

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

    days: Sequence[Mapping[str, object]]
    kpis: Mapping[str, object]
    plan: str

    def document(self) -> list[dict[str, Any]]:
        """As `metrics --json` prints it."""
        return [dict(day) for day in self.days]


@dataclass(frozen=True, slots=True)
class MetricsRequest:
    """days: so many last ones that are over; None: as many as the world keeps. everything: all days there are."""

    world: str | None = None
    days: int | None = None
    everything: bool = False


def metrics(context: Context, request: MetricsRequest | None = None) -> Metrics:
    """The last days of a target that are over, and what follows from them.

    Raises BadInput for a world whose people have no lives, or which does not count its days.
    """
    request = request or MetricsRequest()
    with lived(context, request.world, "metrics") as (there, people):
        world, connection = there.world, there.connection
        if world_sql(world, FILE) is None:
            raise BadInput(
                "this world does not count its days",
                where=world.name,
                todo=[
                    *(() if world.built_in else (f"a world says how in a file {FILE}",)),
                    Remedy("status", text="{} works without"),
                ],
            )
        queries = named(world.package, FILE)
        values = people.plan.eras[-1].values
        kept = values.whole(DAYS_PATH) if DAYS_PATH in values else DAYS
        days = kept if request.days is None else request.days
        many = {"days": _ALL if request.everything else days}
        found = [row[0] for row in connection.execute(queries["days"], many)]
        row = connection.execute(queries["kpis"], many).fetchone()
    return Metrics(found, row[0] if row else {}, people.plan.digest)


def differences(found: Metrics, file: Path) -> Compared:
    """Where the days of a file differ; found: with everything, for a file may begin anywhere."""
    theirs = documents.read(file, DATE, "metrics.imported")
    dates = [str(one[DATE]) for one in theirs]
    within = [one for one in found.days if dates and min(dates) <= str(one[DATE]) <= max(dates)]
    return Compared(len(theirs), list(documents.differences(within, theirs, DATE)))
