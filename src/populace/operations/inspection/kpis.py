"""kpis: the figures that a world's documents want to be watched, each against what is declared for it.

A world ships them in `live/kpis.sql`: one SELECT with the columns title, value, unit (`share`, `times` or nothing),
target (in words; null where nothing is asked), ok (null where nothing can be said) and note. It may use every parameter
that `checks/*.sql` may use. A line `:checks/NAME` stands for the query of that check: what is judged there already is
shown here, and not measured again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from populace.checks import chart
from populace.database.statements import without_comments
from populace.errors import BadInput
from populace.operations.context import Context
from populace.operations.inspection.charts import bound
from populace.operations.opening import world_sql
from populace.operations.population import population
from populace.spec import World

FILE = "live/kpis.sql"
_CHECK = re.compile(r"^:(checks/\w+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class KpisRequest:
    """world: None for the world of the target."""

    world: str | None = None


@dataclass(frozen=True, slots=True)
class Kpi:
    """A figure. unit: share, times, or nothing. target: in words. ok: None where nothing is asked, or can be said."""

    title: str
    value: float
    unit: str
    target: str | None
    ok: bool | None
    note: str

    def document(self) -> dict[str, Any]:
        """As the API shows it."""
        return asdict(self)


def kpis(context: Context, request: KpisRequest | None = None) -> Sequence[Kpi]:
    """The figures of a target's world; none where it ships no such file.

    Raises Refused when there is no finished seed.
    """
    request = request or KpisRequest()
    with population(context, request.world, "kpis", looking=True) as there:
        query = world_sql(there.world, FILE)
        if query is None:
            return ()
        query = _CHECK.sub(lambda found: _check(there.world, f"{found[1]}.sql"), query)
        there.connection.execute(chart.WHOLE_TABLES)
        return [Kpi(*row) for row in there.connection.execute(query, bound(there))]


def _check(world: World, file: str) -> str:
    query = world_sql(world, file)
    if query is None:
        raise BadInput("there is no such check", where=f"{world.name}: {FILE}", given=file)
    return without_comments(query)
