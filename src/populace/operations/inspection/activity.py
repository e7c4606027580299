"""activity, logs: what happened lately in a population, and what seeds and runners did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from populace import clock
from populace.errors import BadInput, Remedy
from populace.operations.context import Context
from populace.operations.opening import world_sql
from populace.operations.population import place
from populace.runner.records import SQL

FILE = "activity.sql"


@dataclass(frozen=True, slots=True)
class ActivityRequest:
    """hours: so many simulated ones, before now."""

    hours: int = 24
    world: str | None = None


@dataclass(frozen=True, slots=True)
class Activity:
    """What happened, as the world's own `activity.sql` counts it."""

    counted: Mapping[str, Any]

    def document(self) -> dict[str, Any]:
        """As `activity --json` prints it."""
        return dict(self.counted)


@dataclass(frozen=True, slots=True)
class LogsRequest:
    """most: so many last lines. after: only those with a greater number. event: only those of this one."""

    most: int = 50
    after: int = 0
    world: str | None = None
    event: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the journal."""

    id: int
    at: str
    level: str
    event: str
    message: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Logs:
    """Lines of the journal, oldest first."""

    lines: Sequence[Line]

    def document(self) -> list[dict[str, Any]]:
        """As `logs --json` prints them."""
        return [asdict(line) for line in self.lines]


def activity(context: Context, request: ActivityRequest | None = None) -> Activity:
    """What happened in so many simulated hours before now.

    Raises BadInput for a world that does not count its activity, Refused when there is no finished seed.
    """
    request = request or ActivityRequest()
    with place(context, request.world, "activity", looking=True) as there:
        there.finished()
        query = world_sql(there.world, FILE)
        if query is None:
            raise BadInput(
                "this world does not count its activity",
                where=there.world.name,
                todo=[
                    *(() if there.world.built_in else (f"a world counts its activity in a file {FILE}",)),
                    Remedy("status", text="{} shows its rows"),
                ],
            )
        row = there.connection.execute(query, {"hours": request.hours}).fetchone()
    return Activity(row[0] if row and row[0] else {})


def logs(context: Context, request: LogsRequest | None = None) -> Logs:
    """The last lines of the journal: what seeds and runners did, in real time."""
    request = request or LogsRequest()
    with place(context, request.world, "logs", looking=True) as there:
        bound = {"after": request.after, "most": request.most, "event": request.event}
        rows = there.connection.execute(SQL["journal"], bound).fetchall()
    return Logs([
        Line(i, clock.iso(clock.from_datetime(at)), level, event, message, detail)
        for i, at, level, event, message, detail in rows
    ])  # fmt: skip
