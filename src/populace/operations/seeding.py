"""seed: a world's people and their history into a target, exactly once."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from typing import Any

from psycopg.rows import dict_row

from populace import clock
from populace.database import guard
from populace.database.introspection import ExpectedColumn, ExpectedTable, mismatches, tables_present
from populace.engine.estimate import estimate
from populace.errors import BadInput, CheckFailed, Refused
from populace.operations import sameness
from populace.operations.opening import Connection, Opened, session, world_sql
from populace.operations.planning import first_window
from populace.plan import Plan
from populace.runner import bulk, lease, ledger, records
from populace.runner.integrations import Integrations
from populace.sinks.sink import Tallies
from populace.spec import World

LIVING_SCHEMAS = ("auth",)
"""Schemas whose tables a Supabase project has before any world comes; a world's own files never create them."""


@dataclass(frozen=True, slots=True)
class SeedReport:
    """What is there now, and what this call wrote. report: the document's keys, counted in the target."""

    world: str
    plan: Plan
    watermark_us: int
    unchanged: bool
    report: Mapping[str, Any]
    wrote: Tallies
    seconds: float

    def document(self) -> dict[str, Any]:
        """As `seed --json` prints it."""
        return {
            **self.report,
            "rows_created": self.wrote.written,
            "unchanged": self.unchanged,
            "tables": {
                name: {k: v for k, v in asdict(t).items() if k != "removed"}
                for name, t in sorted(self.wrote.tables.items())
            },
            "world": self.world,
            "scenario": self.plan.scenario,
            "seed": self.plan.seed,
            "epoch": clock.iso(self.plan.epoch_us),
            "watermark": clock.iso(self.watermark_us),
            "plan": self.plan.digest,
            "seconds": round(self.seconds, 3),
        }


def seed(
    opened: Opened,
    plan: Plan,
    now_us: int,
    *,
    wall: bool,
    epoch_given: bool,
    login_given: bool = True,
    outside: Integrations | None = None,
    report: bulk.Report,
    stop: threading.Event,
) -> SeedReport:
    """Seed a target, or go on with a seed that was interrupted, or find that there is nothing to do.

    now_us: where the first window ends; wall: the clock goes on as real time; epoch_given, login_given: otherwise a
    target that has a plan keeps that plan's epoch, and its people's password; outside: who listens to events, and who
    makes accounts; it is closed at the end. Raises Refused for a target that is not opened, is being seeded, or holds
    another plan; BadInput when tables in the way do not fit.
    """
    began, outside = clock.monotonic(), outside or Integrations()
    with closing(outside), session(opened, f"seed {plan.world.name}") as connection:
        guard.require_open(connection, opened.shown)
        record = records.read_plan(connection)
        if record is None or record.state != "ready":
            # A finished seed has nothing to write, and may be asked for while the population lives.
            _lead(connection, opened)
            record = records.read_plan(connection)
        if record is None:
            first_window(plan, now_us)
            _prepare(connection, plan, now_us, wall=wall)
            record = records.read_plan(connection)
            assert record is not None
            stored = plan
        else:
            stored = _same(connection, plan, record, opened.shown, epoch_given=epoch_given, login_given=login_given)
        connection.commit()
        unchanged = record.state == "ready"
        wrote = Tallies() if unchanged else _fill(connection, stored, record, outside, report, stop)
        mark_us = ledger.watermark(connection)
        assert mark_us is not None
        result = SeedReport(
            plan.world.name,
            stored,
            mark_us,
            unchanged,
            world_report(connection, stored.world),
            wrote,
            clock.monotonic() - began,
        )
    rejected = sum(t.rejected for t in wrote.tables.values())
    if rejected:
        raise CheckFailed(f"{rejected} rows were rejected", where=opened.shown)
    return result


def _lead(connection: Connection, opened: Opened) -> None:
    """Take the lease. Raises Refused when another seed or a runner has it."""
    taken = lease.take(connection)
    connection.commit()
    if not taken:
        raise Refused(
            f"{lease.leader(connection) or 'another session'} is at work on this target",
            where=opened.shown,
            todo="wait until it has ended, or stop it",
        )


def _fill(
    connection: Connection,
    plan: Plan,
    record: records.PlanRecord,
    outside: Integrations,
    report: bulk.Report,
    stop: threading.Event,
) -> Tallies:
    """Everything that is missing of a seed: rows, then keys and indexes, then the clock."""
    until_us = record.seeded_to_us
    wrote = Tallies()
    with connection.transaction():
        records.journal(connection, "info", "seed", f"{plan.world.name} {plan.digest} to {clock.iso(until_us)}")
    if record.state == "seeding":
        report(bulk.Progress("tables", 0, 1, "found" if record.in_place else "created"))
        guess = estimate(plan, first_window(plan, until_us), timed=False)
        wrote = bulk.load(
            connection,
            plan,
            until_us,
            in_place=record.in_place,
            outside=outside,
            report=report,
            stop=stop,
            rows_by_root=guess.rows_by_root,
        )
        with connection.transaction():
            records.set_state(connection, "indexing")
    if not record.in_place:
        bulk.build_indexes(connection, plan, report, stop)
    bulk.finish(connection, plan, until_us, wall=record.wall)
    with connection.transaction():
        records.journal(connection, "info", "seeded", f"{wrote.written} rows", tables=asdict(wrote)["tables"])
    return wrote


def lived_in(opened: Opened, world: World) -> SeedReport | None:
    """The population that is here already and finished, whatever its plan; None when a seed has work to do.

    Raises Refused when another world lives here.
    """
    with session(opened, "status") as connection:
        guard.require_open(connection, opened.shown)
        record = records.read_plan(connection)
        if record is None or record.state != "ready":
            return None
        _same_world(world, record, opened.shown)
        mark_us = ledger.watermark(connection)
        assert mark_us is not None
        return SeedReport(
            world.name,
            records.stored_plan(connection, world, record),
            mark_us,
            True,
            world_report(connection, world),
            Tallies(),
            0.0,
        )


def world_report(connection: Connection, world: World) -> Mapping[str, Any]:
    """The world's own report (`report.sql`), counted in the target; empty when the world has none."""
    query = world_sql(world, "report.sql")
    if query is None:
        return {}
    with connection.cursor(row_factory=dict_row) as cursor:
        return dict(cursor.execute(query).fetchone() or {})


def _same(
    connection: Connection,
    plan: Plan,
    record: records.PlanRecord,
    shown: str,
    *,
    epoch_given: bool,
    login_given: bool,
) -> Plan:
    """The stored plan, when it is this one; Refused with the first differences when it is not."""
    _same_world(plan.world, record, shown)
    stored = records.stored_plan(connection, plan.world, record)
    differences = sameness.differing(
        plan, record.document, record.digest, epoch_given=epoch_given, login_given=login_given
    )
    sameness.require_same(differences, "database", shown)
    return stored


def _same_world(world: World, record: records.PlanRecord, shown: str) -> None:
    if record.world != world.name:
        raise Refused(
            "another world lives in this database",
            where=shown,
            given=world.name,
            allowed=record.world,
            todo="one plan per database: name another target",
        )


def _prepare(connection: Connection, plan: Plan, now_us: int, *, wall: bool) -> None:
    """Tables, and the plan's row: both or neither."""
    expected = [_expected(plan.world, t.name) for t in plan.world.tables]
    present = tables_present(connection, expected)
    own = {f"{t.schema}.{t.name}" for t in expected if t.schema not in LIVING_SCHEMAS}
    there = own & present
    faults = mismatches(connection, [t for t in expected if f"{t.schema}.{t.name}" in present])
    if there and there != own:
        faults += [f"{name}: the table is missing, although others of this world are there" for name in own - there]
    if faults:
        raise BadInput(
            "the tables in the target do not fit this world:\n  - " + "\n  - ".join(sorted(faults)),
            where=plan.world.name,
            todo="seed an empty database, or bring these tables into line",
        )
    connection.commit()
    with connection.transaction():
        if not there:
            bulk.create_tables(connection, plan.world)
            bulk.rehearse(connection, plan.world)
        records.add_plan(connection, plan, in_place=bool(there), seeded_to_us=now_us, wall=wall)


def _expected(world: World, name: str) -> ExpectedTable:
    table = world.table(name)
    columns = tuple(ExpectedColumn(c.name, c.enum or c.type, c.nullable) for c in table.columns)
    return ExpectedTable(table.schema, table.name, columns, (table.key,) if table.mode == "merge" else ())
