"""status: the state of a target, in a database or in files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from populace import clock
from populace.checks import integrity
from populace.database.connection import Connection
from populace.errors import Refused
from populace.operations import files
from populace.operations.context import Context
from populace.operations.integrations import channels
from populace.operations.integrations.outbox import status_of
from populace.operations.opening import world_sql
from populace.operations.population import Place, place
from populace.operations.seeds.database import world_report
from populace.operations.steering import clocks
from populace.operations.steering.settings import in_force
from populace.operations.targets import folder_of
from populace.plan import Plan
from populace.runner import lease, records
from populace.spec import World


@dataclass(frozen=True, slots=True)
class StatusRequest:
    """world: None for the world of the target."""

    world: str | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """The state of a target. known: what else can be said in that state, by name."""

    target: str
    is_open: bool
    state: str
    known: Mapping[str, Any]

    def document(self) -> dict[str, Any]:
        """As `status --json` prints it."""
        return {"target": self.target, "open": self.is_open, "state": self.state, **self.known}


def status(context: Context, request: StatusRequest | None = None) -> Status:
    """Plan, clock, watermark, settings in force, runner, rows by table, the world's report; as far as there are any."""
    request = request or StatusRequest()
    folder = folder_of(context, request.world)
    if folder is not None:
        document = dict(files.status(folder))
        return Status(document.pop("target"), document.pop("open"), document.pop("state"), document)
    with place(context, request.world, "status", looking=True, or_closed=True) as there:
        if not there.is_open:
            return Status(there.shown, False, "not opened", {})
        runner: dict[str, Any] = {"runner": lease.leader(there.connection)}
        if there.difference:
            runner["differs"] = list(there.difference.lines)
        record = there.record
        if record is None:
            return Status(there.shown, True, "empty", runner)
        known = {
            **runner,
            "world": record.world,
            "plan": record.digest,
            "scenario": record.document.get("scenario"),
            "epoch": record.document.get("epoch"),
        }
        if record.state == "ready" and there.is_at_hand:
            try:
                known |= _living(there)
            except Refused as error:
                known["refused"] = f"{error.what} ({error.given})"
        return Status(there.shown, True, record.state, known)


def _living(there: Place) -> dict[str, Any]:
    """What can be said of a finished seed."""
    connection, found = there.connection, there.population()
    now, mark_us = records.read_clock(connection), found.watermark_us
    if now is None:
        return {}
    behind_us = max(0, now.now_us(clock.now_us()) - mark_us) if now.mode == "wall" else 0
    return {
        "watermark": clock.iso(mark_us),
        "clock": {"mode": now.mode, "speed": now.speed},
        "behind_seconds": round(behind_us / clock.SECOND_US, 1),
        "ahead_seconds": round((clocks.ahead_us(mark_us) if now.mode == "wall" else 0) / clock.SECOND_US, 1),
        "settings": in_force(connection, found.plan),
        "rows": _rows(connection, found.world),
        "channels": _channels(there, found.plan),
        "report": dict(world_report(connection, found.world)),
        **_lately(connection, found.world),
    }


def _channels(there: Place, plan: Plan) -> dict[str, dict[str, int]]:
    """What waits in each channel that the plan has a use for, and how much of it for real time to catch up."""
    found = {c.name: status_of(there.connection, c) for c in plan.world.channels if channels.used(plan, c)}
    return {
        name: {"waiting": sum(one.waiting.values()), "ahead_of_real_time": one.ahead} for name, one in found.items()
    }


def _lately(connection: Connection, world: World) -> Mapping[str, Any]:
    """What the world's own `status.sql` says, under `activity`; nothing when it ships none."""
    query = world_sql(world, "status.sql")
    row = connection.execute(query).fetchone() if query else None
    return {"activity": row[0]} if row else {}


def _rows(connection: Connection, world: World) -> dict[str, int]:
    """Rows by table: as recorded where rows never change, else counted (a merged row is written more than once)."""
    tallies = records.read_tallies(connection).tables
    out = {}
    for table in world.tables:
        if table.mode == "append":
            tally = tallies.get(table.name)
            out[table.full_name] = tally.written - tally.removed if tally else 0
        else:
            out[table.full_name] = integrity.count_marked(connection, table)
    return out
