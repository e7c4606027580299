"""simulated: the people of a simulation, as an app's control API lists them, from a world's own `simulated.sql`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from populace.errors import BadInput
from populace.operations import inhabitants
from populace.operations.context import Context
from populace.operations.opening import world_sql
from populace.operations.population import place

MOST = 10_000


@dataclass(frozen=True, slots=True)
class SimulatedRequest:
    """most: so many people are listed, at most."""

    most: int = 100
    world: str | None = None


@dataclass(frozen=True, slots=True)
class Simulated:
    """How many people there are, some of them, and whether there is anybody."""

    found: Mapping[str, Any]

    def document(self) -> dict[str, Any]:
        """As the control API shows it."""
        return dict(self.found)


def simulated(context: Context, request: SimulatedRequest | None = None) -> Simulated:
    """The people of a target; nobody where there is no finished seed."""
    request = request or SimulatedRequest()
    if not 0 <= request.most <= MOST:
        raise BadInput("this number is out of bounds", where="limit", given=request.most, allowed=f"0 to {MOST:,}")
    nobody = Simulated({"count": 0, "users": [], "ready": False})
    with place(context, request.world, "people", looking=True) as there:
        if there.record is None or there.record.state != "ready":
            return nobody
        query = world_sql(there.world, "simulated.sql")
        if query is not None:
            row = there.connection.execute(query, {"most": request.most}).fetchone()
            return Simulated(row[0]) if row else nobody
        people = inhabitants.count(there.connection, there.population().plan).here
    return Simulated({"count": people, "users": [], "ready": people > 0})
