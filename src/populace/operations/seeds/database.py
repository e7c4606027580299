"""A world's people and their history into a database, exactly once."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, replace
from functools import partial
from typing import Any

import psycopg
from psycopg.rows import dict_row

from populace import clock
from populace.database import canaries, compat, effects, given, guard, made, parts, sequences
from populace.database.connection import Connection
from populace.database.introspection import mismatches, tables_present
from populace.database.rehearsal import Rehearsed, rehearse
from populace.database.session import Session
from populace.engine import Snapshots, remembering
from populace.engine.estimate import Estimate, estimate
from populace.errors import BadInput, CheckFailed, Refused
from populace.event import Event, Listener
from populace.operations.integrations import channels
from populace.operations.opening import Opened, session, world_sql
from populace.operations.plans import matching
from populace.operations.plans.making import first_window
from populace.operations.population import left_by_refresh, not_ended
from populace.operations.seeds import workers
from populace.operations.seeds.prepared import Prepared, SeedResult
from populace.operations.seeds.tables import (
    LIVING_SCHEMAS,
    expected_of,
    lacking,
    needed,
    rehearse_sample,
    require_own_rows,
    require_own_tables,
    tables_there,
)
from populace.operations.seeds.texts import texts
from populace.plan import Plan
from populace.runner import avoiding, building, bulk, fitting, lease, ledger, records
from populace.runner.executors import InProcess
from populace.runner.integrations import Integrations
from populace.runner.sample import Sample
from populace.sinks.sink import Tallies
from populace.spec import World

ROWS_WORTH_TWO_SESSIONS = 400_000
"""Keys and indexes of fewer rows are built by one session: a second one takes longer to begin than it saves."""
ROWS_WORTH_A_FILE = 100_000
"""For fewer rows of a root it takes longer to make new files than it saves."""


def fill(prepared: Prepared, opened: Opened, on_event: Listener, stop: threading.Event) -> SeedResult:
    """Seed a database, or go on with a seed that was interrupted, or find that there is nothing to do.

    Raises Refused for a target that is not opened, is being seeded, holds another plan, or what a refresh has left
    that was killed; BadInput when tables in the way do not fit.
    """
    began, plan = clock.monotonic(), prepared.plan
    integrations = channels.integrations(plan, prepared.context.settings)
    with closing(integrations), session(opened, f"seed {plan.world.name}") as connection:
        guard.require_open(connection, opened.shown)
        last = made.latest(connection)
        record = records.read_plan(connection)
        if record is None or record.state != "ready":
            # A finished seed has nothing to write, and may be asked for while the population lives.
            _lead(connection, opened)
            record = records.read_plan(connection)
            _require_no_refresh(connection, prepared, opened, record)
        guess, snapshots = None, remembering(plan)
        if record is None:
            # A mistake in the world's functions is met here, before anything is made.
            connection.commit()
            plan = _given(connection, plan)
            prepared = replace(prepared, plan=plan)
            sample = Sample(plan.world)
            window = first_window(plan, prepared.now_us)
            guess = estimate(plan, window, timed=False, hear=sample.hear, snapshots=snapshots)
            stored = _begin(connection, prepared, sample, integrations)
            record = records.read_plan(connection)
            assert record is not None
        else:
            stored = _same(connection, prepared, record, opened.shown)
        connection.commit()
        unchanged = record.state == "ready"
        wrote = (
            Tallies()
            if unchanged
            else _fill(connection, prepared, opened, stored, record, integrations, guess, snapshots, on_event, stop)
        )
        mark_us = ledger.watermark(connection)
        assert mark_us is not None
        report = world_report(connection, stored.world)
        new = made.since(connection, last)
        rehearsed = _rehearsed(connection, stored.world, on_event, allow_effects=prepared.allow_effects)
        result = SeedResult(stored, mark_us, unchanged, report, wrote, clock.monotonic() - began, new, rehearsed)
    rejected = sum(t.rejected for t in wrote.tables.values())
    if rejected:
        raise CheckFailed(f"{rejected} rows were rejected", where=opened.shown)
    return result


def _given(connection: Connection, plan: Plan) -> Plan:
    """The plan with what its world reads of the app's own rows, from now on for ever; a plan file may have it."""
    if plan.given or not plan.world.reads:
        return plan
    with connection.transaction():
        return plan.with_changes(given=given.read(connection, plan.world.reads, plan.world.name))


def _lead(connection: Connection, opened: Opened) -> None:
    """Take the lease. Raises Refused when another seed or a runner has it."""
    lease.take_now(connection, opened.shown)
    connection.commit()


def _require_no_refresh(
    connection: Connection, prepared: Prepared, opened: Opened, record: records.PlanRecord | None
) -> None:
    """Raise Refused for what a refresh has left that has not ended: the next refresh would take away what was filled
    in, and put the old data back."""
    left = None if prepared.refreshing else left_by_refresh(connection)
    if left is not None:
        state = "its seed is not complete" if record else "nobody lives here now"
        raise not_ended(left, state, prepared.context.registry.called(prepared.plan.world), opened.shown)


def _fill(
    connection: Connection,
    prepared: Prepared,
    opened: Opened,
    plan: Plan,
    record: records.PlanRecord,
    integrations: Integrations,
    guess: Estimate | None,
    snapshots: Snapshots | None,
    on_event: Listener,
    stop: threading.Event,
) -> Tallies:
    """Everything that is missing of a seed: rows, then keys and indexes, then the clock. guess, snapshots: of a new
    one, what was found for its estimate."""
    until_us = record.seeded_to_us
    wrote = Tallies()
    with connection.transaction():
        records.journal(connection, "info", "seed", f"{plan.world.name} {plan.digest} to {clock.iso(until_us)}")
    if record.state == "seeding":
        on_event(Event("tables", "found" if record.in_place else "created", 0, 1, "tables"))
        guess = guess or estimate(plan, first_window(plan, until_us), timed=False)
        rows = guess.rows_by_root
        # A service makes accounts by a connection of its own, and the app's own indexes and triggers are not meant for
        # several sessions that write at the same time.
        alone = record.in_place or integrations.create is not None
        where = workers.executor(
            prepared.context,
            plan,
            sum(rows.values()),
            asked=prepared.workers,
            cluster=prepared.joined,
            alone=alone,
            beside_server=prepared.target.kind == "embedded",
        )
        write: Callable[[ledger.Piece], Tallies] = bulk.SliceWriter(
            connection, plan, until_us, in_place=record.in_place, integrations=integrations,
            renewing=[] if record.in_place else [root for root, many in rows.items() if many >= ROWS_WORTH_A_FILE],
            snapshots=snapshots,
        )  # fmt: skip
        if not isinstance(where, InProcess):
            leader = connection.backend if isinstance(connection, Session) else None
            assert leader is not None
            write = workers.DatabaseTask.of(
                prepared.context, plan, opened, until_us, heard=integrations.heard, leader=leader
            )
        wrote = bulk.load(
            connection,
            plan,
            record,
            executor=where,
            write=write,
            rows_by_root=rows,
            integrations=integrations,
            on_event=on_event,
            stop=stop,
        )
        with connection.transaction():
            records.set_state(connection, "indexing")
    two = wrote.written >= ROWS_WORTH_TWO_SESSIONS and prepared.workers != 1 and not record.in_place
    beside = partial(_beside, connection, opened, plan.world) if two else None
    known = None
    if not record.in_place:
        known = building.build_indexes(connection, plan, on_event, stop, beside)
    bulk.finish(connection, plan, until_us, wall=record.wall, beside=beside, known=known, snapshots=snapshots)
    with connection.transaction():
        records.journal(connection, "info", "seeded", f"{wrote.written} rows", tables=asdict(wrote)["tables"])
    return wrote


@contextmanager
def _beside(connection: Connection, opened: Opened, world: World) -> Iterator[tuple[Connection, Callable[[], None]]]:
    """A second session that works for this one, and what has to be called in each of its transactions."""
    leader = connection.backend if isinstance(connection, Session) else None
    assert leader is not None
    with session(opened, f"seed worker {world.name}") as other:
        yield other, partial(lease.work_for, other, leader)


def _rehearsed(connection: Connection, world: World, on_event: Listener, *, allow_effects: bool) -> Rehearsed:
    """What others have put on the tables of a world, and what it would change when rows of ours go."""
    connection.commit()
    with connection.transaction():
        rehearsed = rehearse(connection, world)
        if allow_effects:
            effects.allow(connection, [effect.table for effect in rehearsed.touched])
    for one in rehearsed.attached:
        on_event(Event("note", f"the app has a {one}"))
    for effect in rehearsed.effects:
        on_event(Event("note", f"when synthetic rows are removed, this changes {effect}"))
    for one_filled in rehearsed.filled:
        on_event(Event("note", f"{one_filled}; {one_filled.todo}"))
    if rehearsed.fault:
        on_event(
            Event("note", f"what it changes when synthetic rows are removed could not be tried: {rehearsed.fault}")
        )
    return rehearsed


def world_report(connection: Connection, world: World) -> Mapping[str, Any]:
    """The world's own report (`report.sql`), counted in the target; empty when the world has none."""
    query = world_sql(world, "report.sql")
    if query is None:
        return {}
    with connection.cursor(row_factory=dict_row) as cursor:
        return dict(cursor.execute(query).fetchone() or {})


def _same(connection: Connection, prepared: Prepared, record: records.PlanRecord, shown: str) -> Plan:
    """The stored plan, when it is this one; Refused with the first differences when it is not."""
    plan = prepared.plan
    _same_world(plan.world, record, shown)
    stored = records.stored_plan(connection, plan.world, record)
    differences = matching.differing(
        plan,
        record.document,
        record.digest,
        epoch_given=prepared.epoch_given,
        login_given=prepared.login_given,
    )
    matching.require_same(differences, "database", shown)
    return stored


def _same_world(world: World, record: records.PlanRecord, shown: str) -> None:
    if record.world != world.name:
        raise Refused(
            "this database holds the population of another world",
            where=shown,
            given=world.name,
            allowed=record.world,
            todo="one plan per database: name another target",
        )


def _begin(connection: Connection, prepared: Prepared, sample: Sample, integrations: Integrations) -> Plan:
    """What the world lacks here, its tables, and the plan's row: all or nothing. sample: rows to try them with. Returns
    the plan as it is kept: without the values that the app's rows have taken."""
    plan, path = prepared.plan, prepared.context.registry.path_of(prepared.plan.world)
    _keep(prepared)
    expected = [expected_of(plan.world, t.name) for t in plan.world.tables if not t.made_by]
    own = {t.full_name for t in plan.world.tables if t.schema not in LIVING_SCHEMAS}
    connection.commit()
    with connection.transaction():
        canaries.verify(connection, partial(_written, plan), prepared.shown)
        there = tables_there(connection, plan.world)
        compat.install(connection, needed(plan.world, in_place=bool(there)))
        present = tables_present(connection, expected)
        faults = mismatches(connection, [t for t in expected if f"{t.schema}.{t.name}" in present])
        faults += [
            f"{one.table}.{one.column}: we may not move {one.name}, which numbers it, past the numbers that we write"
            " (SELECT and UPDATE on it, and USAGE on its schema)"
            for one in sequences.numberings(connection, plan.world.tables)
            if not one.may_move
        ]
        if plan.world.adopted and not there:
            faults.append("none of its tables is there: an adopted world fills the tables that its app has made")
        if there and there != own:
            faults.append(lacking(own - there, len(own)))
        if there and not faults:
            faults = _make_parts(connection, plan)
        if there and not faults:
            faults = fitting.misfits(connection, sample)
            if not faults and (without := avoiding.avoiding(connection, plan)) is not plan:
                plan, sample = without, Sample(plan.world)
                estimate(plan, first_window(plan, prepared.now_us), timed=False, hear=sample.hear)
            faults = faults or fitting.taken(connection, plan, prepared.now_us)
            faults = faults or list(
                rehearse_sample(connection, prepared.context, sample, integrations, bulk=False).faults
            )
        if faults:
            raise BadInput(
                "the tables in the target do not fit this world:\n  - " + "\n  - ".join(faults),
                where=plan.world.name,
                todo="seed an empty database, or bring these tables into line",
            )
        if not there:
            bulk.create_tables(connection, plan.world)
            require_own_tables(connection, plan.world, expected)
            with bulk.rehearsing(connection, plan.world):
                require_own_rows(connection, prepared.context, sample, integrations)
        records.add_plan(
            connection,
            plan,
            in_place=bool(there),
            seeded_to_us=prepared.now_us,
            wall=prepared.wall,
            world_path=None if path is None else str(path),
        )
    return plan


def _make_parts(connection: Connection, plan: Plan) -> list[str]:
    """Make the partitions that the world asks for; a line for each table where that cannot be done."""
    faults = []
    # The rows of the beginning come in the hours before history, table by table.
    first_us = plan.origin_us - (len(plan.world.tables) + 2) * clock.HOUR_US
    for table in plan.world.tables:
        if table.parts is not None:
            until_us = plan.epoch_us + (table.parts.ahead_days + 1) * clock.DAY_US
            try:
                with connection.transaction():
                    parts.make(connection, table, first_us, until_us)
            except psycopg.Error as error:
                said = error.diag.message_primary or str(error)
                faults.append(f"{table.full_name}: a partition that is missing cannot be made: {said}")
    return faults


def _written(plan: Plan) -> str:
    """All texts that may be written."""
    return texts(plan.world) + json.dumps(plan.document(), ensure_ascii=False, default=str)


def _keep(prepared: Prepared) -> None:
    """A copy of the world as it is: what it writes can be taken out by it later, when its author has changed it."""
    try:
        prepared.context.registry.keep(prepared.plan.world)
    except (OSError, BadInput) as error:
        why = error.what if isinstance(error, BadInput) else error.strerror
        said = f"no copy of this world could be kept ({why}): after a change of it, cleaning up needs it as it is now"
        prepared.context.on_note(Event("note", said))
