"""status, activity, validate, logs: what is there, what happens, whether it is right, and what was done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from populace import clock
from populace.checks import accounting, chart, conformance, integrity, timing
from populace.checks.judgement import Judgement
from populace.database import guard
from populace.errors import BadInput
from populace.operations.control import in_force
from populace.operations.integrations import channels
from populace.operations.opening import Connection, Opened, resident, session, world_sql
from populace.operations.seeding import world_report
from populace.plan import Plan
from populace.runner import lease, ledger, records
from populace.runner.records import SQL
from populace.spec import World


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the journal."""

    id: int
    at: str
    level: str
    event: str
    message: str
    detail: Mapping[str, Any]


def status(opened: Opened, world: World) -> Mapping[str, Any]:
    """The state of a target: plan, clock, watermark, settings in force, runner, rows by table, the world's report."""
    with session(opened, "status", looking=True) as connection:
        if not guard.is_open(connection):
            return {"target": opened.shown, "open": False, "state": "not opened"}
        record = records.read_plan(connection)
        out: dict[str, Any] = {"target": opened.shown, "open": True, "runner": lease.leader(connection)}
        if record is None:
            return {**out, "state": "empty"}
        out |= {
            "state": record.state,
            "world": record.world,
            "plan": record.digest,
            "scenario": record.document.get("scenario"),
            "epoch": record.document.get("epoch"),
        }
        mark_us = ledger.watermark(connection)
        now = records.read_clock(connection)
        world = resident(world, record)
        if record.state != "ready" or mark_us is None or now is None or record.world != world.name:
            return out
        plan = records.stored_plan(connection, world, record)
        real_us = clock.now_us()
        behind_us = max(0, now.now_us(real_us) - mark_us) if now.mode == "wall" else 0
        return out | {
            "watermark": clock.iso(mark_us),
            "clock": {"mode": now.mode, "speed": now.speed},
            "behind_seconds": round(behind_us / clock.SECOND_US, 1),
            "settings": in_force(connection, plan),
            "rows": _rows(connection, world),
            "report": dict(world_report(connection, world)),
            **_lately(connection, world),
        }


def _lately(connection: Connection, world: World) -> Mapping[str, Any]:
    """What the world's own `status.sql` says, under `activity`; nothing when it ships none."""
    query = world_sql(world, "status.sql")
    row = connection.execute(query).fetchone() if query else None
    return {"activity": row[0]} if row else {}


def activity(opened: Opened, world: World, hours: int) -> Mapping[str, Any]:
    """What happened in so many simulated hours before now, as the world's own `activity.sql` counts it.

    Raises BadInput for a world that ships none, Refused when there is no finished seed.
    """
    with session(opened, "activity", looking=True) as connection:
        guard.require_open(connection, opened.shown)
        record = records.read_plan(connection)
        world = resident(world, record) if record else world
        records.finished(connection, world)
        query = world_sql(world, "activity.sql")
        if query is None:
            raise BadInput(
                "this world does not say what its activity is",
                where=world.name,
                todo="populace status shows its rows; a world counts its activity in a file activity.sql",
            )
        row = connection.execute(query, {"hours": hours}).fetchone()
    return dict(row[0]) if row and row[0] else {}


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


def validate(opened: Opened, world: World, *, charts: bool = False) -> Judgement:
    """Every check on a target: conformance to the documents, then integrity, then the statistics of every decision,
    then how long the app's queries take. charts: with what a report draws."""
    with session(opened, "validate", looking=True) as connection:
        guard.require_open(connection, opened.shown)
        record = records.finished(connection, world)
        plan = records.stored_plan(connection, world, record)
        tallies = records.read_tallies(connection).tables
        counted = expected(connection, plan)
        statistics = records.read_draw_statistics(connection).document()
        facts = conformance.Facts(
            seconds=record.seconds,
            watermark_us=ledger.watermark(connection) or record.seeded_to_us,
            statistics=statistics,
            removed={name: tally.removed for name, tally in tallies.items() if tally.removed},
        )
        values = conformance.values(plan, facts)
        # Before the planner is told otherwise.
        timings = list(timing.check(connection, world.package, values))
        # Checks read whole tables; how many rows pass a condition on JSON is guessed so low that a join of all with
        # all would look cheap.
        connection.execute("SET LOCAL enable_nestloop = off")
        # So that millions of keys are joined in memory.
        connection.execute("SET LOCAL work_mem = '128MB'")
        return Judgement(
            world=world.title,
            package=world.package,
            target=opened.shown,
            about=_about(plan, facts.watermark_us),
            parts={
                "conformance": list(conformance.check(connection, plan, facts)),
                "integrity": list(integrity.check(connection, world, counted)),
                "accounting": list(accounting.check(plan, statistics)),
                "timings": timings,
            },
            charts=list(chart.read(connection, world.package, values)) if charts else [],
        )


def _about(plan: Plan, watermark_us: int) -> dict[str, str]:
    """What was judged, for a reader."""
    return {
        "scenario": plan.scenario,
        "seed": str(plan.seed),
        "epoch": clock.iso(plan.epoch_us),
        "written up to": clock.iso(watermark_us),
        "plan": plan.digest,
    }


def expected(connection: Connection, plan: Plan) -> dict[str, int]:
    """How many rows with its mark each append table must hold: ours as recorded, and what an endpoint stored itself."""
    tallies = records.read_tallies(connection).tables
    apart = channels.stored_by_peers(plan)
    return {
        t.name: (tallies[t.name].written - tallies[t.name].removed if t.name in tallies else 0)
        + (integrity.count_others(connection, t) if t.name in apart else 0)
        for t in plan.world.tables
        if t.mode == "append"
    }


def logs(opened: Opened, *, most: int, after: int = 0) -> Sequence[Line]:
    """The last lines of the journal, oldest first."""
    with session(opened, "logs", looking=True) as connection:
        guard.require_open(connection, opened.shown)
        rows = connection.execute(SQL["journal"], {"after": after, "most": most}).fetchall()
    return [
        Line(i, clock.iso(clock.from_datetime(at)), level, event, message, detail)
        for i, at, level, event, message, detail in rows
    ]


def lines(found: Sequence[Line]) -> list[dict[str, Any]]:
    """As `logs --json` prints them."""
    return [asdict(line) for line in found]
